"""Calm answers: probabilities averaged over the recent past, and a label that does not flicker."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pskd.types import FloatArray

UNSURE = "unsure"


class Smoother:
    """Averages probabilities exponentially, holds the label against small changes, and rejects weak answers.

    It looks only backwards. An average of calibrated probabilities is again a distribution over the classes.

    Args:
        classes: K names.
        time_s: what is older than this weighs less than 1/e; 0 turns averaging off.
        margin: another class takes over once it leads the shown one by this much.
        unsure_below: an answer with less confidence is ``unsure``.
    """

    def __init__(self, classes: list[str], *, time_s: float, margin: float, unsure_below: float) -> None:
        self._classes = classes
        self._time_s = time_s
        self._margin = margin
        self._unsure_below = unsure_below
        self._mean: NDArray[np.float64] | None = None
        self._shown = -1

    def reset(self) -> None:
        """Forget the past."""
        self._mean = None
        self._shown = -1

    def update(self, probabilities: NDArray[np.floating], step_s: float) -> tuple[str, float, FloatArray]:
        """Take in the newest window.

        Args:
            probabilities: ``(K,)`` calibrated.
            step_s: seconds since the window before.

        Returns:
            Label or ``unsure``, confidence (the largest averaged probability), averaged probabilities ``(K,)``.
        """
        newest = np.asarray(probabilities, dtype=np.float64)
        if self._mean is None or self._time_s <= 0:
            self._mean = newest
        else:
            share = 1.0 - math.exp(-max(step_s, 0.0) / self._time_s)
            self._mean = self._mean + share * (newest - self._mean)
        top = int(self._mean.argmax())
        if self._shown < 0 or self._mean[top] > self._mean[self._shown] + self._margin:
            self._shown = top
        confidence = float(self._mean[top])
        label = UNSURE if confidence < self._unsure_below else self._classes[self._shown]
        return label, confidence, self._mean.astype(np.float32)
