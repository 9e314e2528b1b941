"""Adaptive-Confidence Semantic loss: for each clip the student mimics the most confident teacher that is right.

The idea and the name are from Ni, Ngu, Yan 2022 (arXiv 2208.08090): the student chooses, clip by clip, which teacher
*or the label* to mimic. The paper's equations are not available to us; **these are our reconstruction**, and each of
its three parts can be switched off to measure what it is worth.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pskd.distill.base import LOSSES, Loss, Teaching, divergence, mean_over, option, stack_logits
from pskd.models.base import EMBEDDING, Output


@LOSSES.register("acs")
class AdaptiveConfidenceSemantic(Loss):
    """For clip i with label y, student logits s, teachers' logits z_k.

    Candidates are the teachers whose most likely class is y. With candidates, the most confident one, k (by
    ``softmax(z_k / T)[y]``), is mimicked: ``CE(s, y) + weight T^2 KL(z_k || s) + semantic D(f_s, f_k)``. Without, the
    label is: ``CE(s, y) + semantic D(f_s, prototype of y)``. A clip that nobody labelled is learned from the teacher
    that is most confident of anything. D is one minus the cosine, after a learned linear map of the student's features;
    a prototype is the first teacher's mean feature of a class.

    Args:
        temperature: T.
        weight: of the mimicked teacher.
        semantic: weight of the feature term; 0 switches it off.
        choose: mimic the most confident candidate; off, the candidates' mean.
        fallback: only teachers that are right are candidates; off, all are, and the label is never fallen back on.
        smoothing: of the labels.
    """

    def __init__(
        self,
        *,
        temperature: float = 2.0,
        weight: float = 0.5,
        semantic: float = 0.2,
        choose: bool = True,
        fallback: bool = True,
        smoothing: float = 0.1,
    ) -> None:
        super().__init__(smoothing=smoothing)
        self.temperature = option("temperature", temperature, 0.1, 100.0)
        self.weight = option("weight", weight, 0.0, 100.0)
        self.semantic = option("semantic", semantic, 0.0, 100.0)
        self.choose, self.fallback = bool(choose), bool(fallback)
        self.map = nn.Linear(EMBEDDING, EMBEDDING, bias=False)
        nn.init.eye_(self.map.weight)
        self.prototypes: Tensor | None = None

    def prepare(self, prototypes: Sequence[Tensor]) -> None:
        """Keep the first teacher's class means."""
        self.prototypes = prototypes[0] if prototypes else None

    def forward(self, student: Output, targets: Tensor, teachers: Sequence[Teaching]) -> dict[str, Tensor]:
        """Terms ``label``, ``mimic`` and ``semantic``."""
        logits, present = stack_logits(teachers)
        share = self.shares(logits, present, targets)
        each = torch.stack([divergence(student.logits, z, self.temperature) for z in logits])
        heard = share.sum(dim=0) > 0
        terms = {
            "label": self.label_term(student.logits, targets),
            "mimic": self.weight * mean_over((share * each).sum(dim=0), heard),
        }
        if self.semantic:
            features = torch.stack([teacher.features for teacher in teachers])
            terms["semantic"] = self.semantic * self._semantic(student.features, features, share, targets)
        return terms

    def shares(self, logits: Tensor, present: Tensor, targets: Tensor) -> Tensor:
        """How much of each teacher each clip hears, ``(M, B)``; a column of zeros where the label is mimicked."""
        labelled = targets.sum(dim=1) > 0
        top = targets.argmax(dim=1)
        softened = torch.softmax(logits / self.temperature, dim=2)
        of_label = softened.gather(2, top[None, :, None].expand(len(logits), -1, 1)).squeeze(2)
        confidence = torch.where(labelled, of_label, softened.amax(dim=2))
        right = (logits.argmax(dim=2) == top) | ~labelled
        candidates = present & right if self.fallback else present
        if not self.choose:
            return candidates.float() / candidates.sum(dim=0).clamp(min=1)
        best = confidence.masked_fill(~candidates, -1.0).argmax(dim=0)
        return F.one_hot(best, len(logits)).T.float() * candidates

    def _semantic(self, features: Tensor, teachers: Tensor, share: Tensor, targets: Tensor) -> Tensor:
        mapped = self.map(features)
        distance = 1 - F.cosine_similarity(mapped[None], teachers, dim=2)
        total = (share * distance).sum(dim=0)
        if self.prototypes is not None and self.fallback:
            alone = (share.sum(dim=0) == 0) & (targets.sum(dim=1) > 0)
            own = self.prototypes[targets.argmax(dim=1)]
            total = total + alone * (1 - F.cosine_similarity(mapped, own, dim=1))
        return total.mean()
