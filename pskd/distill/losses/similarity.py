"""Similarity-preserving distillation: Tung, Mori 2019."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

from pskd.distill.base import LOSSES, Loss, Teaching, option, stack_logits
from pskd.models.base import Output


@LOSSES.register("similarity")
class SimilarityPreserving(Loss):
    """Clips that a teacher finds alike are alike to the student: batch-wise similarities are compared.

    Args:
        weight: of the comparison (the paper's 3000 is for the mean over a batch's pairs, as here).
        smoothing: of the labels.
    """

    def __init__(self, *, weight: float = 1000.0, smoothing: float = 0.1) -> None:
        super().__init__(smoothing=smoothing)
        self.weight = option("weight", weight, 0.0, 100_000.0)

    def forward(self, student: Output, targets: Tensor, teachers: Sequence[Teaching]) -> dict[str, Tensor]:
        """Terms ``label`` and ``alike``."""
        stack_logits(teachers)
        total = student.features.new_zeros(())
        for teacher in teachers:
            seen = teacher.present[:, None] * teacher.features
            said = teacher.present[:, None] * student.features
            total = total + (similarities(said) - similarities(seen)).square().mean()
        return {
            "label": self.label_term(student.logits, targets),
            "alike": self.weight * total / len(teachers),
        }


def similarities(features: Tensor) -> Tensor:
    """Inner products of all pairs of ``(B, E)`` rows, ``(B, B)``, each row of length one."""
    return F.normalize(features @ features.T, dim=1, eps=1e-6)
