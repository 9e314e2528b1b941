"""Relational distillation: Park, Kim, Lu, Cho 2019, "Relational Knowledge Distillation"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch.nn.functional as F
from torch import Tensor

from pskd.distill.base import LOSSES, Loss, Teaching, option, stack_logits
from pskd.models.base import Output

Relation = Callable[[Tensor], Tensor]


@LOSSES.register("rkd")
class RelationalKD(Loss):
    """Clips lie to one another in the student's feature layer as they do in the teachers'.

    Compared with Huber's loss are the distances of all pairs of a batch, divided by their mean, and the cosines of the
    angles of all triples. Several teachers count alike. No label is needed.

    Args:
        distance: weight of the distances (the paper's 25).
        angle: weight of the angles (the paper's 50).
        smoothing: of the labels.
    """

    def __init__(self, *, distance: float = 25.0, angle: float = 50.0, smoothing: float = 0.1) -> None:
        super().__init__(smoothing=smoothing)
        self.distance = option("distance", distance, 0.0, 1000.0)
        self.angle = option("angle", angle, 0.0, 1000.0)

    def forward(self, student: Output, targets: Tensor, teachers: Sequence[Teaching]) -> dict[str, Tensor]:
        """Terms ``label``, ``distance`` and ``angle``."""
        stack_logits(teachers)
        return {
            "label": self.label_term(student.logits, targets),
            "distance": self.distance * _compared(distances, student.features, teachers),
            "angle": self.angle * _compared(angles, student.features, teachers),
        }


def distances(features: Tensor) -> Tensor:
    """Distances of all pairs of ``(B, E)`` rows, ``(B, B)``, divided by the mean of those that are not nought."""
    squared = (features[:, None] - features[None]).square().sum(dim=2)
    # the root of nought has no slope; the diagonal is left without one
    found = squared.clamp(min=1e-12).sqrt() * (squared > 1e-12)
    return found / found.sum().clamp(min=1e-12) * (squared > 1e-12).sum()


def angles(features: Tensor) -> Tensor:
    """Cosine of the angle at each row between each two others, ``(B, B, B)``."""
    apart = F.normalize(features[None] - features[:, None], dim=2, eps=1e-6)
    return apart @ apart.transpose(1, 2)


def _compared(relation: Relation, features: Tensor, teachers: Sequence[Teaching]) -> Tensor:
    """Mean over the teachers, each over the clips that it sees."""
    total = features.new_zeros(())
    for teacher in teachers:
        rows = teacher.present
        if rows.sum() > 2:
            share = rows.float().mean()
            total = total + share * F.smooth_l1_loss(relation(features[rows]), relation(teacher.features[rows]))
    return total / len(teachers)
