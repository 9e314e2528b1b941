"""The teacher ``fused``: body and accelerometer together."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pskd.models.base import MODELS, Model, Shapes
from pskd.models.blocks import Residual, conv, pool
from pskd.models.skeleton import SkeletonEncoder


@MODELS.register("fused")
class Fused(Model):
    """Two encoders, joined before the embedding."""

    inputs = ("sensor", "pose")
    max_weights = 800_000

    def __init__(self, shapes: Shapes) -> None:
        super().__init__(shapes, width=320, dropout=0.3)
        self.pose = SkeletonEncoder(shapes, 64)
        self.sensor = nn.Sequential(
            conv(shapes.sensor[0], 32, 7, 2),
            nn.ReLU(),
            Residual(32, 32, 5),
            Residual(32, 64, 5, 2),
            Residual(64, 96, 5, 2, drop=0.1),
        )

    def encode(self, *inputs: Tensor) -> Tensor:
        """``(B, C, T)`` and ``(B, C, T, V)`` to ``(B, 320)``."""
        sensor, pose = inputs
        return torch.cat([pool(self.sensor(sensor)), pool(self.pose(pose))], dim=1)
