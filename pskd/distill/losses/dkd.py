"""Decoupled distillation: Zhao et al. 2022, "Decoupled Knowledge Distillation"."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from pskd.distill.base import LOSSES, Loss, Teaching, mean_over, option, stack_logits
from pskd.models.base import Output


@LOSSES.register("dkd")
class DecoupledKD(Loss):
    """The target class against the rest (``target``), and the rest among themselves (``others``), weighed apart.

    Args:
        temperature: T.
        target: weight of the first term (alpha in the paper).
        others: weight of the second term (beta in the paper).
        weight: of the labels' cross-entropy is 1; both terms are multiplied by this.
        smoothing: of the labels.

    Several teachers are averaged. Where a clip has no label, the teachers' most likely class is the target.
    """

    def __init__(
        self,
        *,
        temperature: float = 2.0,
        target: float = 1.0,
        others: float = 2.0,
        weight: float = 0.5,
        smoothing: float = 0.1,
    ) -> None:
        super().__init__(smoothing=smoothing)
        self.temperature = option("temperature", temperature, 0.1, 100.0)
        self.target = option("target", target, 0.0, 100.0)
        self.others = option("others", others, 0.0, 100.0)
        self.weight = option("weight", weight, 0.0, 100.0)

    def forward(self, student: Output, targets: Tensor, teachers: Sequence[Teaching]) -> dict[str, Tensor]:
        """Terms ``label``, ``target`` and ``others``."""
        logits, present = stack_logits(teachers)
        shares = present.float() / present.sum(dim=0).clamp(min=1)
        teacher = (logits * shares[:, :, None]).sum(dim=0) / self.temperature
        said = student.logits / self.temperature
        labelled = targets.sum(dim=1) > 0
        top = torch.where(labelled, targets.argmax(dim=1), teacher.argmax(dim=1))
        heard = present.any(dim=0)
        scale = self.weight * self.temperature**2
        return {
            "label": self.label_term(student.logits, targets),
            "target": scale * self.target * mean_over(_target_term(said, teacher, top), heard),
            "others": scale * self.others * mean_over(_others_term(said, teacher, top), heard),
        }


def _target_term(said: Tensor, wanted: Tensor, top: Tensor) -> Tensor:
    """KL between (target, not target) of both, ``(B,)``."""
    log_said, log_wanted = (torch.stack(_two(logits, top), dim=1) for logits in (said, wanted))
    return (log_wanted.exp() * (log_wanted - log_said)).sum(dim=1)


def _others_term(said: Tensor, wanted: Tensor, top: Tensor) -> Tensor:
    """KL among the classes that are not the target, ``(B,)``."""
    hidden = F.one_hot(top, said.shape[1]).bool()
    log_said = F.log_softmax(said.masked_fill(hidden, -1e4), dim=1)
    log_wanted = F.log_softmax(wanted.masked_fill(hidden, -1e4), dim=1)
    return (log_wanted.exp() * (log_wanted - log_said)).masked_fill(hidden, 0.0).sum(dim=1)


def _two(logits: Tensor, top: Tensor) -> list[Tensor]:
    """Log probabilities of the target class and of all others together, each ``(B,)``."""
    log_p = F.log_softmax(logits, dim=1)
    target = log_p.gather(1, top[:, None]).squeeze(1)
    hidden = F.one_hot(top, logits.shape[1]).bool()
    return [target, torch.logsumexp(log_p.masked_fill(hidden, -1e4), dim=1)]
