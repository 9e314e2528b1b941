"""Plain distillation: Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network"."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pskd.distill.base import LOSSES, Loss, Teaching, divergence, mean_over, option, stack_logits
from pskd.models.base import Output


@LOSSES.register("kd")
class PlainKD(Loss):
    """``(1 - weight) label + weight T^2 KL``; several teachers speak with the mean of their softened answers.

    Args:
        temperature: T.
        weight: of the teachers, 0 to 1.
        smoothing: of the labels.
    """

    def __init__(self, *, temperature: float = 2.0, weight: float = 0.5, smoothing: float = 0.1) -> None:
        super().__init__(smoothing=smoothing)
        self.temperature = option("temperature", temperature, 0.1, 100.0)
        self.weight = option("weight", weight, 0.0, 1.0)

    def forward(self, student: Output, targets: Tensor, teachers: Sequence[Teaching]) -> dict[str, Tensor]:
        """Terms ``label`` and ``mimic``."""
        logits, present = stack_logits(teachers)
        shares = present.float() / present.sum(dim=0).clamp(min=1)
        softened = (torch.softmax(logits / self.temperature, dim=2) * shares[:, :, None]).sum(dim=0)
        spoken = torch.log(softened.clamp(min=1e-12)) * self.temperature
        mimic = divergence(student.logits, spoken, self.temperature)
        return {
            "label": (1 - self.weight) * self.label_term(student.logits, targets),
            "mimic": self.weight * mean_over(mimic, present.any(dim=0)),
        }
