"""Adaptive-Confidence Semantic loss: the surer a teacher is of the right class, the more a clip hears it.

The idea and the name are from Ni, Ngu, Yan 2022 (arXiv 2208.08090): the student chooses, clip by clip, which teacher
*or the label* to mimic. The paper's equations are not available to us; **these are our reconstruction**, and each of
its three parts can be switched off to measure what it is worth.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from pskd.distill.base import LOSSES, Loss, Teaching, divergence, option, stack_logits
from pskd.distill.maps import FeatureMaps
from pskd.models.base import Output

SURE = 100.0
"""A sharpness at which the shares of two teachers of 0.9 and 0.8 are as 100 000 to 1."""


@LOSSES.register("acs")
class AdaptiveConfidenceSemantic(Loss):
    """For clip i with label y, student logits s, teachers' logits z_k.

    Candidates are the teachers whose most likely class is y. A candidate's share p_k of the clip is proportional to its
    confidence ``softmax(z_k / T)[y]`` to the power ``sharpness``. With candidates, ``CE(s, y) + weight T^2 sum_k p_k
    KL(z_k || s) + b sum_k p_k D(f_s, f_k)`` is minimised; without, the label is mimicked: ``CE(s, y) + b D(f_s,
    prototype of y)``. Of a clip that nobody labelled all teachers are candidates, each as confident as it is of its own
    most likely class, and there is no CE. D is half the mean squared distance, after a learned linear map of the
    student's features, one for each teacher; a prototype is the first teacher's mean feature of a class.

    Args:
        temperature: T.
        weight: of the mimicked teachers.
        semantic: b for clips that nobody labelled.
        semantic_labelled: b for labelled clips; 0 in the presets (docs/method.md, "Tried on the training subjects").
        sharpness: 0 hears all candidates alike, :data:`SURE` practically the most confident one alone.
        fallback: only teachers that are right are candidates; off, as in the presets, all are, and the label is never
            fallen back on.
        smoothing: of the labels.
    """

    def __init__(
        self,
        *,
        temperature: float = 2.0,
        weight: float = 1.0,
        semantic: float = 1.0,
        semantic_labelled: float = 0.0,
        sharpness: float = 1.0,
        fallback: bool = True,
        smoothing: float = 0.1,
    ) -> None:
        super().__init__(smoothing=smoothing)
        self.temperature = option("temperature", temperature, 0.1, 100.0)
        self.weight = option("weight", weight, 0.0, 100.0)
        self.semantic = option("semantic", semantic, 0.0, 100.0)
        self.semantic_labelled = option("semantic_labelled", semantic_labelled, 0.0, 100.0)
        self.sharpness = option("sharpness", sharpness, 0.0, SURE)
        self.fallback = bool(fallback)
        self.maps = FeatureMaps()
        self.prototypes: Tensor | None = None

    def prepare(self, prototypes: Sequence[Tensor]) -> None:
        """Make one map a teacher, and keep the first teacher's class means."""
        self.maps = FeatureMaps(max(len(prototypes), 1))
        self.prototypes = prototypes[0] if prototypes else None

    def forward(self, student: Output, targets: Tensor, teachers: Sequence[Teaching]) -> dict[str, Tensor]:
        """Terms ``label``, ``mimic`` and ``semantic``."""
        logits, present = stack_logits(teachers)
        share = self.shares(logits, present, targets)
        each = torch.stack([divergence(student.logits, z, self.temperature) for z in logits])
        terms = {
            "label": self.label_term(student.logits, targets),
            "mimic": self.weight * (share * each).sum(dim=0).mean(),
        }
        wanted = torch.where(targets.sum(dim=1) > 0, self.semantic_labelled, self.semantic)
        if wanted.any():
            apart = (share * self.maps.distances(student.features, teachers)).sum(dim=0)
            terms["semantic"] = (wanted * (apart + self._from_prototype(student.features, share, targets))).mean()
        return terms

    def shares(self, logits: Tensor, present: Tensor, targets: Tensor) -> Tensor:
        """How much of each teacher each clip hears, ``(M, B)``; a column of zeros where the label is mimicked."""
        labelled = targets.sum(dim=1) > 0
        top = targets.argmax(dim=1)
        log_p = F.log_softmax(logits / self.temperature, dim=2)
        of_label = log_p.gather(2, top[None, :, None].expand(len(logits), -1, 1)).squeeze(2)
        confidence = torch.where(labelled, of_label, log_p.amax(dim=2))
        right = (logits.argmax(dim=2) == top) | ~labelled
        candidates = present & right if self.fallback else present
        strength = (self.sharpness * confidence).masked_fill(~candidates, -torch.inf)
        heard = candidates.any(dim=0)
        return torch.softmax(strength.masked_fill(~heard, 0.0), dim=0) * heard

    def _from_prototype(self, features: Tensor, share: Tensor, targets: Tensor) -> Tensor:
        """``(B,)``: how far labelled clips that no teacher has right are from their class; nought for all others."""
        alone = (share.sum(dim=0) == 0) & (targets.sum(dim=1) > 0) & self.fallback
        if self.prototypes is None or not alone.any():
            return torch.zeros_like(share[0])
        own = self.prototypes[targets.argmax(dim=1)]
        return alone * 0.5 * (self.maps(features, 1)[0] - own).square().mean(dim=1)
