"""Confidence-aware multi-teacher distillation: Zhang, Chen, Wang 2022 (CA-MKD), arXiv 2201.00007."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from pskd.distill.base import LOSSES, Teaching, divergence, stack_logits
from pskd.distill.maps import FeatureLoss
from pskd.models.base import Output


@LOSSES.register("camkd")
class ConfidenceAwareKD(FeatureLoss):
    """Each clip hears all teachers; the nearer a teacher's answer to the label, the more it counts.

    Of M teachers, teacher k's share is ``(1 - softmax over teachers of CE(z_k, y)) / (M - 1)``. The same shares weigh
    the squared distance between feature layers. Two things differ from the paper: it finds the shares of the features
    by passing the student's features through each teacher's classifier, which a loss does not see here; and it knows
    no clips without a label: for those the entropy of a teacher's answer stands for its cross-entropy.

    Options: those of :class:`pskd.distill.maps.FeatureLoss`.
    """

    def forward(self, student: Output, targets: Tensor, teachers: Sequence[Teaching]) -> dict[str, Tensor]:
        """Terms ``label``, ``mimic`` and ``features``."""
        logits, present = stack_logits(teachers)
        share = self.shares(logits, present, targets)
        each = torch.stack([divergence(student.logits, z, self.temperature) for z in logits])
        terms = {
            "label": (1 - self.weight) * self.label_term(student.logits, targets),
            "mimic": self.weight * (share * each).sum(dim=0).mean(),
        }
        if self.features:
            distance = self.maps.distances(student.features, teachers)
            terms["features"] = self.features * (share * distance).sum(dim=0).mean()
        return terms

    def shares(self, logits: Tensor, present: Tensor, targets: Tensor) -> Tensor:
        """How much of each teacher each clip hears, ``(M, B)``; columns sum to one, or nought where none is present."""
        log_p = F.log_softmax(logits, dim=2)
        labelled = targets.sum(dim=1) > 0
        wanted = torch.where(labelled[None, :, None], targets[None], log_p.exp())
        doubt = -(wanted * log_p).sum(dim=2).masked_fill(~present, -torch.inf)
        several = present.sum(dim=0) > 1
        doubtful = torch.softmax(doubt.masked_fill(~several, 0.0), dim=0)
        share = (1 - doubtful) / (present.sum(dim=0) - 1).clamp(min=1)
        return torch.where(several, share, torch.ones_like(share)) * present
