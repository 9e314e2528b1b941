"""Learned maps from the student's feature layer to each teacher's; trained with the student, thrown away after it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from pskd.distill.base import Teaching
from pskd.models.base import EMBEDDING


class FeatureMaps(nn.Module):
    """One linear map a teacher, the identity to begin with (the regressor of Romero et al. 2015, FitNets).

    Args:
        teachers: how many.
    """

    def __init__(self, teachers: int = 1) -> None:
        super().__init__()
        layers = [nn.Linear(EMBEDDING, EMBEDDING, bias=False) for _ in range(teachers)]
        for layer in layers:
            nn.init.eye_(layer.weight)
        self.maps = nn.ModuleList(layers)

    def distances(self, features: Tensor, teachers: Sequence[Teaching]) -> Tensor:
        """Half the mean squared distance from the mapped ``(B, 64)`` features to each teacher's, ``(M, B)``.

        Teachers beyond the number of maps share the last one.
        """
        last = len(self.maps) - 1
        mapped = [self.maps[min(place, last)](features) for place in range(len(teachers))]
        return torch.stack(
            [
                0.5 * (said - teacher.features).square().mean(dim=1)
                for said, teacher in zip(mapped, teachers, strict=True)
            ]
        )
