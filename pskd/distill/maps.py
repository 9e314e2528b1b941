"""What losses on feature layers share: learned maps from the student's layer to each teacher's."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from pskd.distill.base import Loss, Teaching, option
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

    def forward(self, features: Tensor, teachers: int) -> Tensor:
        """The student's ``(B, 64)`` features as each teacher's map sees them, ``(M, B, 64)``.

        Teachers beyond the number of maps share the last one.
        """
        last = len(self.maps) - 1
        return torch.stack([self.maps[min(place, last)](features) for place in range(teachers)])

    def distances(self, features: Tensor, teachers: Sequence[Teaching]) -> Tensor:
        """Half the mean squared distance from the mapped ``(B, 64)`` features to each teacher's, ``(M, B)``."""
        wanted = torch.stack([teacher.features for teacher in teachers])
        return 0.5 * (self(features, len(teachers)) - wanted).square().mean(dim=2)


class FeatureLoss(Loss):
    """A loss on answers and features, with one map a teacher, trained with the student and thrown away after it.

    Args:
        temperature: T.
        weight: of the teachers' answers, 0 to 1; the label has the rest.
        features: weight of the feature term; 0 switches it off.
        smoothing: of the labels.
    """

    def __init__(
        self, *, temperature: float = 4.0, weight: float = 0.5, features: float = 1.0, smoothing: float = 0.1
    ) -> None:
        super().__init__(smoothing=smoothing)
        self.temperature = option("temperature", temperature, 0.1, 100.0)
        self.weight = option("weight", weight, 0.0, 1.0)
        self.features = option("features", features, 0.0, 100.0)
        self.maps = FeatureMaps()

    def prepare(self, prototypes: Sequence[Tensor]) -> None:
        """Make one map a teacher."""
        self.maps = FeatureMaps(max(len(prototypes), 1))
