"""The student ``small``: a residual network over the accelerometer window."""

from __future__ import annotations

from torch import Tensor, nn

from pskd.models.base import MODELS, Model, Shapes
from pskd.models.blocks import Residual, conv, pool


@MODELS.register("small")
class Small(Model):
    """At most 150 k weights; about 6 million multiplications a window."""

    role = "student"
    max_weights = 150_000

    def __init__(self, shapes: Shapes) -> None:
        super().__init__(shapes, width=192, dropout=0.2)
        self.net = nn.Sequential(
            conv(shapes.sensor[0], 32, 7, 2),
            nn.ReLU(),
            Residual(32, 32, 5),
            Residual(32, 64, 5, 2),
            Residual(64, 96, 5, 2, drop=0.1),
        )

    def encode(self, *inputs: Tensor) -> Tensor:
        """``(B, C, T)`` to ``(B, 192)``."""
        return pool(self.net(inputs[0]))
