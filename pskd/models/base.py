"""What every network here is: it says which modalities it takes, checks their shapes, and gives logits and features."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from pskd.errors import WrongUse
from pskd.registry import Registry

EMBEDDING = 64
"""Width of the feature layer before the classifier: the same in all networks, so that one can match another's."""


class Output(NamedTuple):
    """What a network says of a batch.

    Attributes:
        logits: ``(B, K)``.
        features: ``(B, 64)``, the layer before the classifier.
    """

    logits: Tensor
    features: Tensor


@dataclass(frozen=True, slots=True)
class Shapes:
    """Sizes that a network is built for.

    Attributes:
        classes: K.
        sensor: ``(C, T)`` of the accelerometer window.
        pose: ``(C, T, V)`` of the pose window.
    """

    classes: int
    sensor: tuple[int, int] = (7, 128)
    pose: tuple[int, int, int] = (10, 40, 15)


class Model(nn.Module, ABC):
    """A student or a teacher.

    Attributes:
        inputs: the modalities that :meth:`forward` takes, in order: ``sensor`` ``(B, C, T)``, ``pose``
            ``(B, C, T, V)``.
        role: ``student`` (small, sensor only, exported) or ``teacher``.
        max_weights: how many weights it may have with 27 classes; the contract suite holds it to that.
    """

    inputs: ClassVar[tuple[str, ...]] = ("sensor",)
    role: ClassVar[str] = "teacher"
    max_weights: ClassVar[int] = 1_000_000

    def __init__(self, shapes: Shapes, width: int, dropout: float) -> None:
        super().__init__()
        if shapes.classes < 2:
            raise WrongUse(f"classes: at least 2 are needed to learn, got {shapes.classes}.", code="model.classes")
        self.shapes = shapes
        self.embedding = nn.Linear(width, EMBEDDING)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(EMBEDDING, shapes.classes)

    def forward(self, *inputs: Tensor) -> Output:
        """Logits and features of a batch.

        Args:
            inputs: the tensors named in :attr:`inputs`, in that order.

        Raises:
            WrongUse: one has another shape than the network was built for; the message names it.
        """
        self._check(inputs)
        features = self.embedding(self.encode(*inputs))
        return Output(self.classifier(self.dropout(torch.relu(features))), features)

    @abstractmethod
    def encode(self, *inputs: Tensor) -> Tensor:
        """``(B, width)``: what the embedding is made of."""

    def _check(self, inputs: tuple[Tensor, ...]) -> None:
        if len(inputs) != len(self.inputs):
            raise WrongUse(
                f"{_name(self)} takes {', '.join(self.inputs)}; got {len(inputs)} inputs.", code="model.shape"
            )
        for name, tensor in zip(self.inputs, inputs, strict=True):
            expected = getattr(self.shapes, name)
            if tuple(tensor.shape[1:]) != tuple(expected):
                raise WrongUse(
                    f"{name}: {_name(self)} expects (B, {', '.join(map(str, expected))}), got {tuple(tensor.shape)}.",
                    code="model.shape",
                )


MODELS: Registry[type[Model]] = Registry("model", "pskd.models")


def build(name: str, shapes: Shapes) -> Model:
    """A new network with fresh weights.

    Raises:
        WrongUse: there is no model of this name, or fewer than two classes.
    """
    kind = MODELS.get(name)
    return kind(shapes)  # type: ignore[call-arg]  # each model's own constructor takes only the shapes


def parameters(model: nn.Module) -> int:
    """How many weights are learned."""
    return sum(weights.numel() for weights in model.parameters() if weights.requires_grad)


def _name(model: Model) -> str:
    return type(model).__name__
