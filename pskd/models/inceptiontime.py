"""The peer ``inceptiontime``: one network of Ismail Fawaz et al. 2020, "InceptionTime"."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pskd.models.base import MODELS, Model, Shapes
from pskd.models.blocks import conv

_FILTERS = 32
_WIDTH = 4 * _FILTERS
_DEPTH = 6
_SIZES = (39, 19, 9)


class _Module(nn.Module):
    """Bottleneck, convolutions of three lengths and a maximum beside each other."""

    def __init__(self, inside: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv1d(inside, _FILTERS, 1, bias=False)
        self.branches = nn.ModuleList(
            nn.Conv1d(_FILTERS, _FILTERS, size, padding=size // 2, bias=False) for size in _SIZES
        )
        self.peak = nn.Sequential(nn.MaxPool1d(3, 1, 1), nn.Conv1d(inside, _FILTERS, 1, bias=False))
        self.norm = nn.BatchNorm1d(_WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, T)`` to ``(B, 128, T)``."""
        squeezed = self.squeeze(x)
        branches = [branch(squeezed) for branch in self.branches]
        return torch.relu(self.norm(torch.cat([*branches, self.peak(x)], dim=1)))


@MODELS.register("inceptiontime")
class InceptionTime(Model):
    """Six modules with a short cut past every third, then the mean over time.

    The paper's classifier is the mean of five such networks; this is one, so that it has the budget of one student. The
    kernels are one sample shorter than the paper's 40, 20 and 10, to be symmetric.
    """

    role = "peer"

    def __init__(self, shapes: Shapes) -> None:
        super().__init__(shapes, width=_WIDTH, dropout=0.0)
        channels = shapes.sensor[0]
        self.modules_ = nn.ModuleList(_Module(channels if number == 0 else _WIDTH) for number in range(_DEPTH))
        self.shorts = nn.ModuleList(conv(inside, _WIDTH, 1) for inside in (channels, _WIDTH))

    def encode(self, *inputs: Tensor) -> Tensor:
        """``(B, C, T)`` to ``(B, 128)``."""
        x = before = inputs[0]
        for number, module in enumerate(self.modules_):
            x = module(x)
            if number % 3 == 2:
                x = before = torch.relu(x + self.shorts[number // 3](before))
        return x.mean(dim=2)
