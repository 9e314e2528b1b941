"""Feature hints: Romero et al. 2015 (FitNets), on the feature layer before the classifier."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pskd.distill.base import LOSSES, Teaching, divergence, mean_over, stack_logits
from pskd.distill.maps import FeatureLoss
from pskd.models.base import Output


@LOSSES.register("hints")
class FeatureHints(FeatureLoss):
    """Plain distillation, and the student's features, linearly mapped, come near the teachers'.

    The paper trains the lower half on hints first and distils after; here both terms act together, as later
    comparisons of losses do it, and the hint is the pooled layer that all networks share.

    Options: those of :class:`pskd.distill.maps.FeatureLoss`.
    """

    def forward(self, student: Output, targets: Tensor, teachers: Sequence[Teaching]) -> dict[str, Tensor]:
        """Terms ``label``, ``mimic`` and ``features``."""
        logits, present = stack_logits(teachers)
        shares = present.float() / present.sum(dim=0).clamp(min=1)
        each = torch.stack([divergence(student.logits, z, self.temperature) for z in logits])
        distance = self.maps.distances(student.features, teachers)
        heard = present.any(dim=0)
        return {
            "label": (1 - self.weight) * self.label_term(student.logits, targets),
            "mimic": self.weight * mean_over((shares * each).sum(dim=0), heard),
            "features": self.features * mean_over((shares * distance).sum(dim=0), heard),
        }
