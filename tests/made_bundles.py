"""Students, bundles and reports that tests make for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from pskd.evaluation.calibration import Calibration
from pskd.evaluation.metrics import score
from pskd.evaluation.report import CurvePoint, Report, SplitFacts
from pskd.export.write import write_bundle
from pskd.signals.sensor import SensorPreprocessing
from pskd.types import GRAVITY_MPS2

CLASSES = ["x up", "y up", "z up"]
SENSOR = SensorPreprocessing(rate_hz=50.0, window_samples=100, stride_samples=25)


class GravityStudent(nn.Module):
    """Says along which axis gravity lies: no training needed, and its right answer is known.

    With more classes than axes the others are never likely; with two the third axis is left out.
    """

    def __init__(self, classes: int = len(CLASSES)) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.tensor(6.0))
        self._classes = classes

    def forward(self, signal: Tensor) -> Tensor:
        return nn.functional.pad(self.strength * signal[:, :3].mean(dim=-1), (0, self._classes - 3))


def gravity_bundle(
    folder: Path, *, calibration: Calibration | None = None, classes: Sequence[str] = tuple(CLASSES)
) -> Path:
    """A bundle of :class:`GravityStudent`."""
    write_bundle(
        folder,
        student=GravityStudent(len(classes)),
        sensor=SENSOR,
        classes=list(classes),
        calibration=calibration or Calibration(temperature=1.2, unsure_below=0.7),
        report=made_report(),
    )
    return folder


def lying(axis: int, count: int, rate_hz: float = 50.0, start_s: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Samples of a sensor at rest with gravity along one axis: values ``(count, 3)`` and times ``(count,)``."""
    values = np.zeros((count, 3), dtype=np.float32)
    values[:, axis] = GRAVITY_MPS2
    return values, start_s + np.arange(count) / rate_hz


def made_report(*, seed: int = 0, clips: int = 60) -> Report:
    """A report over three classes and two test subjects."""
    random = np.random.default_rng(seed)
    labels = np.arange(clips) % len(CLASSES)

    def logits(strength: float) -> np.ndarray:
        return random.normal(size=(clips, len(CLASSES))) + strength * np.eye(len(CLASSES))[labels]

    return Report(
        protocol="cross-subject",
        seed=seed,
        preset="quick",
        classes=list(CLASSES),
        split=SplitFacts(train_clips=70, test_clips=clips, train_subjects=["01", "03"], test_subjects=["02", "04"]),
        student=score(labels, logits(2), CLASSES, parameters=1, subjects=["02", "04"] * (clips // 2)),
        teachers={"skeleton": score(labels, logits(1), CLASSES), "fused": score(labels, logits(4), CLASSES)},
        curves={"skeleton": [CurvePoint(1, 1.1, 0.4), CurvePoint(2, 0.7, 0.8)], "student": [CurvePoint(1, 1.0)]},
        timing={"skeleton": 61.0, "student": 2.5},
        dataset={"name": "made <here>", "takes": 130, "placement": ["wrist", "thigh"]},
        notes=["Made by a test & nothing else."],
        name="made run",
    )
