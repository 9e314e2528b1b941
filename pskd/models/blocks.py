"""Parts that several networks share."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def conv(inside: int, outside: int, size: int, stride: int = 1) -> nn.Sequential:
    """Convolution over time with batch normalisation, ``(B, C, T)``; the length is kept or divided by ``stride``."""
    return nn.Sequential(
        nn.Conv1d(inside, outside, size, stride, padding=size // 2, bias=False), nn.BatchNorm1d(outside)
    )


class Residual(nn.Module):
    """Two convolutions over time beside a short cut (He et al. 2016; Wang et al. 2017 for time series)."""

    def __init__(self, inside: int, outside: int, size: int, stride: int = 1, drop: float = 0.0) -> None:
        super().__init__()
        self.first = conv(inside, outside, size, stride)
        self.second = conv(outside, outside, size)
        self.drop = nn.Dropout1d(drop)
        same = inside == outside and stride == 1
        self.short = nn.Identity() if same else conv(inside, outside, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, T)`` to ``(B, C', T / stride)``."""
        return torch.relu(self.second(self.drop(torch.relu(self.first(x)))) + self.short(x))


class Inception(nn.Module):
    """Convolutions of three lengths and a maximum beside each other (Ismail Fawaz et al. 2020), with a short cut."""

    def __init__(self, inside: int, branch: int, sizes: tuple[int, ...], stride: int = 1) -> None:
        super().__init__()
        self.squeeze = nn.Conv1d(inside, branch, 1, bias=False)
        self.branches = nn.ModuleList(
            nn.Conv1d(branch, branch, size, stride, padding=size // 2, bias=False) for size in sizes
        )
        self.peak = nn.Sequential(nn.MaxPool1d(3, stride, 1), nn.Conv1d(inside, branch, 1, bias=False))
        self.outside = branch * (len(sizes) + 1)
        self.norm = nn.BatchNorm1d(self.outside)
        self.short = conv(inside, self.outside, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, T)`` to ``(B, C', T / stride)``."""
        squeezed = self.squeeze(x)
        joined = torch.cat([*(branch(squeezed) for branch in self.branches), self.peak(x)], dim=1)
        return torch.relu(self.norm(joined) + self.short(x))


def pool(x: Tensor) -> Tensor:
    """Mean and maximum over time: ``(B, C, T)`` to ``(B, 2 C)``."""
    return torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1)
