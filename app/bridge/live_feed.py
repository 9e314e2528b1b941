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
    from pskd.live.agreement import Referee
    from pskd.types import Prediction, SampleBlock

UNSURE = "unsure"
KEEP = 600
RING_SAMPLES = 8192
JOIN_S = 1.0
RATE_OVER_S = 3.0
LATENCY_OF = 25  # predictions
LATENCY_OVER_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """One moment of the live page.

    Attributes:
        times_s: ``(N,)`` of the signal, shared clock.
        values: ``(N, 3)`` m/s^2.
        predictions: oldest first.
        truth: ``(start, label)`` in order, or None where nobody knows what was done.
        rate_hz: of the signal, over the last seconds; 0 while nothing comes.
        latency_ms: median of the last predictions; None while there are none.
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
        rate_hz: nominal rate of the watch.

    Attributes:
        referee: compares with the truth where the watch tells it; set it before anything comes.
    """

    def __init__(self, rate_hz: float = 50.0) -> None:
        self.referee: Referee | None = None
        self._lock = threading.Lock()
        self._ring = Ring(RING_SAMPLES, 3, rate_hz)
        self._rate_hz = rate_hz
        self._predictions: deque[Prediction] = deque(maxlen=KEEP)
        self._truth: deque[tuple[float, str]] = deque(maxlen=KEEP)
        self._told = False
        self._arrivals: deque[tuple[float, int]] = deque(maxlen=2000)

    def take_block(self, block: SampleBlock) -> None:
        """A packet of the accelerometer."""
        with self._lock:
            self._ring.push(block)
            self._arrivals.append((block.arrival_s, len(block.values)))

    def take_truth(self, label: str, block: SampleBlock) -> None:
        """What is done from this packet on; empty where nobody knows."""
        from pskd.live.agreement import first_s

        with self._lock:
            self._told = True
            self._truth.append((block.arrival_s - (len(block.values) - 1) / self._rate_hz, label))
            if self.referee is not None:
                self.referee.label(label, first_s(block))

    def take_prediction(self, prediction: Prediction) -> None:
        """What the student said."""
        with self._lock:
            self._predictions.append(prediction)
            if self.referee is not None:
                self.referee.judge(prediction)

    def clear(self) -> None:
        """Forget signal, predictions and what was compared, not what is being done now."""
        with self._lock:
            self._ring.clear()
            self._predictions.clear()
            if self.referee is not None:
                self.referee.forget()
            while len(self._truth) > 1:
                self._truth.popleft()

    def frame(self, now_s: float) -> LiveFrame:
        """How everything stands at ``now_s``."""
        with self._lock:
            times, values = self._ring.read()
            recent = [p.latency_ms for p in list(self._predictions)[-LATENCY_OF:] if p.t_s > now_s - LATENCY_OVER_S]
            return LiveFrame(
                times, values, tuple(self._predictions), tuple(self._truth) if self._told else None,
                self._rate(now_s), float(np.median(recent)) if recent else None,
                self.referee.share() if self.referee is not None else None,
            )  # fmt: skip

    def _rate(self, now_s: float) -> float:
        recent = [(t, n) for t, n in self._arrivals if t > now_s - RATE_OVER_S]
        span = recent[-1][0] - recent[0][0] if recent else 0.0
        return sum(n for _, n in recent[1:]) / span if span > 0 else 0.0


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
