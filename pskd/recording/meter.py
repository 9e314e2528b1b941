"""How a stream fares while it arrives: rate, count, age, gaps. Cheap enough to be asked many times a second."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from pskd.types import PoseFrame, SampleBlock, StreamInfo

RATE_WINDOW_S = 3.0
GAP_S = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter shows.

    Attributes:
        count: samples since the meter was reset.
        rate_hz: measured over the last seconds; 0 before there is enough to measure.
        last_s: arrival of the newest sample; None before the first.
        gaps: interruptions of half a second more than a packet's own length (a phone may send a second's samples at
            once), and packets that the device counted but never arrived.
        missing_s: length of all interruptions together.
        resumed_s: arrival of the first sample since the newest interruption, or at all; None before it.
    """

    count: int
    rate_hz: float
    last_s: float | None
    gaps: int
    missing_s: float = 0.0
    resumed_s: float | None = None


class Meter:
    """Counts one stream; fed by the thread that brings its data, read by any."""

    def __init__(self, info: StreamInfo) -> None:
        self.info = info
        self._lock = threading.Lock()
        self._recent: deque[tuple[float, int]] = deque()
        self._gap_s = max(GAP_S, 4.0 / info.rate_hz) if info.rate_hz > 0 else GAP_S
        self._period_s = 1.0 / info.rate_hz if info.rate_hz > 0 else 0.0
        self._sequence: int | None = None
        self._last_s: float | None = None
        self._count = self._gaps = 0
        self._missing_s = 0.0
        self._resumed_s: float | None = None

    def reset(self) -> None:
        """Begin anew, as a take does: what came before proves nothing about it."""
        with self._lock:
            self._recent.clear()
            self._sequence = self._last_s = self._resumed_s = None
            self._count = self._gaps = 0
            self._missing_s = 0.0

    def add_block(self, block: SampleBlock) -> None:
        """One packet."""
        missed = self._sequence is not None and block.sequence is not None and block.sequence > self._sequence + 1
        self._sequence = block.sequence
        self._add(block.arrival_s, len(block.values), missed)

    def add_frame(self, frame: PoseFrame, arrival_s: float) -> None:
        """One camera frame."""
        self._add(arrival_s, 1, False)

    def read(self, now_s: float) -> Reading:
        """How it stands at ``now_s``."""
        with self._lock:
            while self._recent and self._recent[0][0] < now_s - RATE_WINDOW_S:
                self._recent.popleft()
            rate_hz = self._rate(now_s)
            return Reading(self._count, rate_hz, self._last_s, self._gaps, self._missing_s, self._resumed_s)

    def _add(self, arrival_s: float, count: int, missed: bool) -> None:
        with self._lock:
            late = self._last_s is not None and arrival_s - self._last_s > self._gap_s + count * self._period_s
            if late or self._last_s is None:
                self._resumed_s = arrival_s
            if late and self._last_s is not None:
                self._missing_s += arrival_s - self._last_s
            self._gaps += int(late or missed)
            self._count += count
            self._last_s = arrival_s
            self._recent.append((arrival_s, count))
            if len(self._recent) > 4096:
                self._recent.popleft()

    def _rate(self, now_s: float) -> float:
        if len(self._recent) < 2:
            return 0.0
        first_s = self._recent[0][0]
        # While data arrive the span ends with the newest packet; once they stop, it goes on, and the rate falls.
        last_s = self._recent[-1][0]
        span = (last_s if now_s - last_s < self._gap_s else now_s) - first_s
        return (sum(count for _, count in self._recent) - self._recent[0][1]) / span if span > 0 else 0.0
