"""The teacher ``accelerometer``: the student's modality in a larger net, the last step before the student."""

from __future__ import annotations

from torch import Tensor, nn

from pskd.models.base import MODELS, Model, Shapes
from pskd.models.blocks import Residual, conv, pool


@MODELS.register("accelerometer")
class Accelerometer(Model):
    """A residual network over the accelerometer window, about 400 k weights."""

    max_weights = 500_000

    def __init__(self, shapes: Shapes) -> None:
        super().__init__(shapes, width=288, dropout=0.3)
        self.net = nn.Sequential(
            conv(shapes.sensor[0], 48, 9, 2),
            nn.ReLU(),
            Residual(48, 48, 7),
            Residual(48, 96, 7, 2, drop=0.1),
            Residual(96, 144, 5, 2, drop=0.1),
        )

    def encode(self, *inputs: Tensor) -> Tensor:
        """``(B, C, T)`` to ``(B, 288)``."""
        return pool(self.net(inputs[0]))
