"""Predictions against what was truly done, where the source knows it (a replayed take, the simulated performer)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.live.smoothing import UNSURE
from pskd.types import Prediction, SampleBlock

_SLACK_S = 0.05  # the first prediction comes after half a window, less a sample


class Agreement(msgspec.Struct, kw_only=True):
    """What was counted and how it came out.

    Attributes:
        counted: predictions whose window lay at least half in the labelled segment that its end fell into.
        agreed: of these, the ones that named the segment's class.
        unsure: of these, the ones that named none.
        skipped: predictions that were not counted (too early in a segment, no label, no class of the student).
        segments: labelled segments with a counted prediction.
        segments_agreed: of these, the ones where the mean of the counted probabilities was largest for the class.
        segments_skipped: labelled segments without one (shorter than half a window, or of an unknown class).
        rule: the above in words.
    """

    counted: int
    agreed: int
    unsure: int
    skipped: int
    segments: int
    segments_agreed: int
    segments_skipped: int
    rule: str = (
        "A prediction counts where at least half of its window lies in the labelled segment that its end falls into; "
        "a segment counts by the mean of its counted probabilities."
    )

    @property
    def share(self) -> float | None:
        """Agreement of predictions, 0 to 1; None where nothing was counted."""
        return self.agreed / self.counted if self.counted else None


def first_s(block: SampleBlock) -> float:
    """When a block's first sample was taken, on the clock on which predictions are timed too."""
    return block.arrival_s if block.device_s is None or not len(block.device_s) else float(block.device_s[0])


@dataclass(slots=True)
class _Segment:
    label: str
    start_s: float
    total: NDArray[np.float64] | None = None


@dataclass(slots=True)
class Referee:
    """Hears labels and predictions in the order in which they come; all times are the stream's own.

    Attributes:
        classes: the student's.
        window_s: duration of its window.
    """

    classes: list[str]
    window_s: float
    _segments: list[_Segment] = field(default_factory=list)
    _tally: Counter[str] = field(default_factory=Counter)

    def label(self, text: str, t_s: float) -> None:
        """A segment begins: from ``t_s`` on this is done; empty where nobody knows."""
        self._segments.append(_Segment(text, t_s))

    def forget(self) -> None:
        """Count anew; what is being done now stays known."""
        self._segments = [_Segment(segment.label, segment.start_s) for segment in self._segments[-1:]]
        self._tally.clear()

    def truth_at(self, t_s: float) -> str:
        """The class at a moment; empty where nobody knows."""
        segment = self._segment_at(t_s)
        return segment.label if segment else ""

    def judge(self, prediction: Prediction) -> None:
        """Count one prediction."""
        segment = self._segment_at(prediction.signal_s)
        if (
            segment is None
            or segment.label not in self.classes
            or prediction.signal_s - segment.start_s < self.window_s / 2 - _SLACK_S
        ):
            self._tally["skipped"] += 1
            return
        self._tally["counted"] += 1
        self._tally["agreed"] += prediction.label == segment.label
        self._tally["unsure"] += prediction.label == UNSURE
        newest = prediction.probabilities.astype(np.float64)
        segment.total = newest if segment.total is None else segment.total + newest

    def share(self) -> tuple[float, int] | None:
        """Agreement of predictions, 0 to 1, and how many were counted; None where none was. Cheap."""
        counted = self._tally["counted"]
        return (self._tally["agreed"] / counted, counted) if counted else None

    def result(self) -> Agreement | None:
        """The count; None where the source never named a class."""
        named = [segment for segment in self._segments if segment.label]
        if not named:
            return None
        judged = [s for s in named if s.total is not None]
        right = sum(self.classes[int(np.argmax(s.total))] == s.label for s in judged if s.total is not None)
        tally = self._tally
        return Agreement(
            counted=tally["counted"],
            agreed=tally["agreed"],
            unsure=tally["unsure"],
            skipped=tally["skipped"],
            segments=len(judged),
            segments_agreed=right,
            segments_skipped=len(named) - len(judged),
        )

    def _segment_at(self, t_s: float) -> _Segment | None:
        return next((segment for segment in reversed(self._segments) if segment.start_s <= t_s), None)
