"""The student ``nano``: for watches with little memory."""

from __future__ import annotations

from torch import Tensor, nn

from pskd.models.base import MODELS, Model, Shapes
from pskd.models.blocks import Inception, conv, pool


@MODELS.register("nano")
class Nano(Model):
    """At most 25 k weights."""

    role = "student"
    max_weights = 25_000

    def __init__(self, shapes: Shapes) -> None:
        super().__init__(shapes, width=96, dropout=0.1)
        first = Inception(16, 10, (3, 9, 17))
        second = Inception(first.outside, 12, (3, 7, 13), 2)
        self.net = nn.Sequential(conv(shapes.sensor[0], 16, 7, 2), nn.ReLU(), first, second)

    def encode(self, *inputs: Tensor) -> Tensor:
        """``(B, C, T)`` to ``(B, 96)``."""
        return pool(self.net(inputs[0]))
