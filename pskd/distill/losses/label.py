"""The labels alone: how the first rung learns, and the control of every claim about distillation."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from pskd.distill.base import LOSSES, Loss, Teaching
from pskd.models.base import Output


@LOSSES.register("label")
class Label(Loss):
    """Cross-entropy with label smoothing (Szegedy et al. 2016); teachers are not heard."""

    def forward(self, student: Output, targets: Tensor, teachers: Sequence[Teaching]) -> dict[str, Tensor]:
        """One term, ``label``."""
        return {"label": self.label_term(student.logits, targets)}
