"""What comes from watch and student, kept where any thread may write it and the window may read it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.bridge.ring import Ring

if TYPE_CHECKING:
    from pskd.live.agreement import Agreement, Referee
    from pskd.types import Prediction, SampleBlock

UNSURE = "unsure"
KEEP = 600
RING_SAMPLES = 8192
JOIN_S = 1.0
RATE_OVER_S = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """One moment of the live page.

    Attributes:
        times_s: ``(N,)`` of the signal, shared clock.
        values: ``(N, 3)`` m/s^2.
        predictions: oldest first.
        truth: ``(start, label)`` in order, or None where nobody knows what was done.
        rate_hz: of the signal, over the last seconds.
        latency_ms: median of the last predictions, or None.
        agreement: share of predictions that named the truth, and how many were counted; None without truth.
    """

    times_s: NDArray[np.float64]
    values: NDArray[np.float32]
    predictions: tuple[Prediction, ...]
    truth: tuple[tuple[float, str], ...] | None
    rate_hz: float
    latency_ms: float | None
    agreement: tuple[float, int] | None


class LiveFeed:
    """Buffers of one session.

    Args:
        referee: compares with the truth where the watch tells it.
        rate_hz: nominal rate of the watch.
    """

    def __init__(self, referee: Referee | None, rate_hz: float = 50.0) -> None:
        self._lock = threading.Lock()
        self._referee = referee
        self._ring = Ring(RING_SAMPLES, 3, rate_hz)
        self._rate_hz = rate_hz
        self._predictions: deque[Prediction] = deque(maxlen=KEEP)
        self._truth: deque[tuple[float, str]] = deque(maxlen=KEEP)
        self._label: str | None = None
        self._label_begins = False
        self._arrivals: deque[tuple[float, int]] = deque(maxlen=2000)

    def take_block(self, block: SampleBlock) -> None:
        """A packet of the accelerometer."""
        with self._lock:
            if self._label_begins and self._label is not None:
                self._begin(block)
            self._ring.push(block)
            self._arrivals.append((block.arrival_s, len(block.values)))

    def take_label(self, label: str) -> None:
        """What is done from the next packet on."""
        with self._lock:
            self._label, self._label_begins = label, True

    def replay_goes_on(self) -> None:
        """Another clip begins, perhaps with the same label."""
        with self._lock:
            self._label_begins = self._label is not None

    def take_prediction(self, prediction: Prediction) -> None:
        """What the student said."""
        with self._lock:
            self._predictions.append(prediction)
            if self._referee is not None:
                self._referee.judge(prediction)

    def clear(self) -> None:
        """Forget predictions and signal, not what is being done now."""
        with self._lock:
            self._ring.clear()
            self._predictions.clear()
            while len(self._truth) > 1:
                self._truth.popleft()

    def frame(self) -> LiveFrame:
        """How everything stands."""
        with self._lock:
            times, values = self._ring.read()
            recent = [p.latency_ms for p in list(self._predictions)[-25:]]
            return LiveFrame(
                times, values, tuple(self._predictions), tuple(self._truth) if self._label is not None else None,
                self._rate(), float(np.median(recent)) if recent else None, self._agreement(),
            )  # fmt: skip

    def agreement(self) -> Agreement | None:
        """What was compared with the truth so far."""
        with self._lock:
            return self._referee.result() if self._referee is not None else None

    def _begin(self, block: SampleBlock) -> None:
        assert self._label is not None
        self._label_begins = False
        first = block.arrival_s - (len(block.values) - 1) / max(self._rate_hz, 1.0)
        self._truth.append((first, self._label))
        if self._referee is not None:
            own = block.arrival_s if block.device_s is None or not len(block.device_s) else float(block.device_s[0])
            self._referee.label(self._label, own)

    def _rate(self) -> float:
        if len(self._arrivals) < 3:
            return 0.0
        newest = self._arrivals[-1][0]
        recent = [(t, n) for t, n in self._arrivals if t > newest - RATE_OVER_S]
        span = recent[-1][0] - recent[0][0]
        return sum(n for _, n in recent[1:]) / span if span > 0 else 0.0

    def _agreement(self) -> tuple[float, int] | None:
        found = self._referee.result() if self._referee is not None and self._label is not None else None
        return (found.share, found.counted) if found is not None and found.share is not None else None


def bands(predictions: Sequence[Prediction], hop_s: float) -> list[tuple[float, float, str]]:
    """Runs of the same answer as ``(start, end, label)``; a silence of a second parts two runs."""
    found: list[tuple[float, float, str]] = []
    for prediction in predictions:
        start = prediction.t_s - hop_s
        if found and found[-1][2] == prediction.label and start - found[-1][1] < JOIN_S:
            found[-1] = (found[-1][0], prediction.t_s, prediction.label)
            continue
        if found and 0 < start - found[-1][1] < JOIN_S:
            start = found[-1][1]
        found.append((start, prediction.t_s, prediction.label))
    return found


def truth_bands(truth: Sequence[tuple[float, str]], now_s: float) -> list[tuple[float, float, str]]:
    """What was done as ``(start, end, label)``; stretches that nobody labelled are left out."""
    edges = [start for start, _ in truth] + [now_s]
    return [(start, edges[number + 1], label) for number, (start, label) in enumerate(truth) if label]
