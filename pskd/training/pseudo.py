"""Pseudo-labels: what teachers are sure to see in a clip that nobody labelled (Lee 2013, "Pseudo-Label")."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from pskd.training.data import Index, TrainingData
from pskd.training.labels import NOBODY
from pskd.training.loop import Teacher, answers


def pseudo_labels(teachers: Sequence[Teacher], data: TrainingData, rows: Index, sure: float) -> Index:
    """Classes of whole clips by the mean answer of the teachers that can see them.

    Args:
        teachers: climbed rungs, at least one.
        data: all clips.
        rows: ``(B,)`` clip numbers.
        sure: probability from which the mean answer counts.

    Returns:
        ``(B,)`` class numbers, :data:`~pskd.training.labels.NOBODY` where none sees the clip or is sure.
    """
    total = torch.zeros(len(rows), len(data.classes))
    speakers = torch.zeros(len(rows), 1)
    for teacher in teachers:
        sees = data.has_pose[rows] if "pose" in teacher.model.inputs else np.ones(len(rows), dtype=np.bool_)
        if sees.any():
            logits, _ = answers(teacher.model, data, rows[sees])
            total[torch.from_numpy(sees)] += torch.softmax(logits, dim=1)
            speakers[torch.from_numpy(sees)] += 1
    confidence, said = (total / speakers.clamp(min=1)).max(dim=1)
    told = (speakers[:, 0] > 0) & (confidence >= sure)
    return np.where(told.numpy(), said.numpy(), NOBODY)
