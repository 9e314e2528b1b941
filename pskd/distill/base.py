"""What a loss is: it hears student, labels and teachers, and gives named terms whose sum is minimised."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pskd.errors import WrongUse
from pskd.models.base import Output
from pskd.registry import Registry


class Teaching(NamedTuple):
    """What one teacher says of the batch; no gradient flows into it.

    Attributes:
        logits: ``(B, K)``.
        features: ``(B, E)``.
        present: ``(B,)`` bool, False for clips that this teacher cannot see (no camera ran).
    """

    logits: Tensor
    features: Tensor
    present: Tensor


class Loss(nn.Module, ABC):
    """One way to learn from labels and teachers.

    Args:
        smoothing: share of the label's weight that is spread over all classes.

    A subclass takes further options by keyword, and nothing else. Its learned parts, if any, are trained with the
    student and thrown away with the loss.
    """

    def __init__(self, *, smoothing: float = 0.1) -> None:
        super().__init__()
        self.smoothing = option("smoothing", smoothing, 0.0, 0.9)

    @abstractmethod
    def forward(self, student: Output, targets: Tensor, teachers: Sequence[Teaching]) -> dict[str, Tensor]:
        """Named terms, each a scalar; their sum is minimised.

        Args:
            student: of ``B`` clips.
            targets: ``(B, K)`` label probabilities (mixed clips have two); a row of zeros where nobody labelled.
            teachers: in the order of the rung's ``learns_from``.
        """

    def prepare(self, prototypes: Sequence[Tensor]) -> None:
        """Hear each teacher's mean feature of every class, ``(K, E)``, before training; most losses ignore it."""

    def label_term(self, logits: Tensor, targets: Tensor, weight: Tensor | None = None) -> Tensor:
        """Cross-entropy with label smoothing over the labelled clips, ``(B, K)`` both; ``weight`` is ``(B,)``."""
        known = targets.sum(dim=1)
        wanted = targets * (1 - self.smoothing) + known[:, None] * (self.smoothing / targets.shape[1])
        each = -(wanted * F.log_softmax(logits, dim=1)).sum(dim=1)
        return (each if weight is None else each * weight).sum() / known.sum().clamp(min=1.0)


LOSSES: Registry[type[Loss]] = Registry("loss", "pskd.distill.losses")


def build(name: str, options: Mapping[str, float | bool] | None = None) -> Loss:
    """A loss with its options.

    Raises:
        WrongUse: no such loss, or an option that it does not have or that is out of range.
    """
    kind = LOSSES.get(name)
    try:
        return kind(**(options or {}))
    except TypeError as error:
        raise WrongUse(f"The loss {name!r} does not take these options: {error}.", code="loss.option") from error


def divergence(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """``T^2 KL(teacher / T || student / T)`` of ``(B, K)`` logits, ``(B,)`` (Hinton et al. 2015)."""
    wanted = F.log_softmax(teacher / temperature, dim=1)
    said = F.log_softmax(student / temperature, dim=1)
    return (wanted.exp() * (wanted - said)).sum(dim=1) * temperature**2


def mean_over(values: Tensor, chosen: Tensor) -> Tensor:
    """Sum of ``(B,)`` values over the chosen rows, divided by the batch: absent rows weaken a term, not blow it up."""
    return (values * chosen).sum() / max(len(values), 1)


def option(name: str, value: float, low: float, high: float) -> float:
    """Check an option of a loss.

    Raises:
        WrongUse: not a number from ``low`` to ``high``.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise WrongUse(f"{name}: must be from {low:g} to {high:g}, got {value!r}.", code="loss.option")
    return float(value)


def stack_logits(teachers: Sequence[Teaching]) -> tuple[Tensor, Tensor]:
    """All teachers' logits ``(M, B, K)`` and presence ``(M, B)``.

    Raises:
        WrongUse: there is no teacher.
    """
    if not teachers:
        raise WrongUse(
            "This loss needs a teacher.", code="loss.no-teacher", hint="Give the rung something to learn from."
        )
    return torch.stack([t.logits for t in teachers]), torch.stack([t.present for t in teachers])
