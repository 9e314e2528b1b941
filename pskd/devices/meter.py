"""What a stream really does: how many samples came, how fast, when the last one, and where something is missing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from pskd.types import FloatArray, SampleBlock, StreamInfo

WINDOW_S = 5.0
KEPT_S = 10.0
# Without a clock in the device only silence shows: so many packets long, and at least so many seconds.
SILENT_PACKETS = 5
SILENT_S = 0.5
JUMP = 1.5
LEAST_S = 1e-6


@dataclass(frozen=True, slots=True)
class Reading:
    """One stream at one moment.

    Attributes:
        samples: how many came.
        rate_hz: over the whole time, by arrival; 0 before the second packet.
        recent_hz: over the last five seconds.
        nominal_hz: what the device promises; 0 where it promises nothing.
        gaps: places where samples are missing: by the device's clock where it has one, else silence.
        longest_gap_s: the longest of them.
        age_s: since the newest packet; None before the first.
    """

    samples: int
    rate_hz: float
    recent_hz: float
    nominal_hz: float
    gaps: int
    longest_gap_s: float
    age_s: float | None


class StreamMeter:
    """Counts one stream's blocks; give it every block of the stream, in order.

    Args:
        info: the stream.
        keep: how many of the newest samples are kept for showing.
    """

    def __init__(self, info: StreamInfo, keep: int = 0) -> None:
        self.info = info
        self._period_s = 1.0 / info.rate_hz if info.rate_hz > 0 else 0.0
        self._arrivals: deque[tuple[float, int]] = deque()
        self._kept: deque[FloatArray] = deque(maxlen=max(keep, 1))
        self._keep = keep
        self._first: tuple[float, int] | None = None
        self._last_s = self._last_device_s = float("nan")
        self._samples = self._gaps = 0
        self._longest_s = 0.0

    def add(self, block: SampleBlock) -> None:
        """Count one packet; an empty one is nothing."""
        count = len(block.values)
        if not count:
            return
        self._find_gaps(block)
        self._samples += count
        self._first = self._first or (block.arrival_s, count)
        self._last_s = block.arrival_s
        self._arrivals.append((block.arrival_s, count))
        while self._arrivals[0][0] < block.arrival_s - KEPT_S:
            self._arrivals.popleft()
        if self._keep:
            self._kept.extend(block.values[-self._keep :])

    def newest(self) -> FloatArray:
        """The newest samples, ``(T, 3)``, at most ``keep``."""
        return np.array(self._kept, np.float32).reshape(-1, len(self.info.channels))

    def read(self, now_s: float) -> Reading:
        """The state at ``now_s`` (monotonic clock)."""
        rate_hz = 0.0
        if self._first is not None and self._samples > self._first[1]:
            rate_hz = (self._samples - self._first[1]) / max(self._last_s - self._first[0], LEAST_S)
        age_s = None if self._first is None else max(now_s - self._last_s, 0.0)
        return Reading(
            self._samples,
            rate_hz,
            self._recent_hz(now_s),
            self.info.rate_hz,
            self._gaps,
            self._longest_s,
            age_s,
        )

    def _recent_hz(self, now_s: float) -> float:
        recent = [(arrival_s, count) for arrival_s, count in self._arrivals if arrival_s >= now_s - WINDOW_S]
        if len(recent) < 2:
            return 0.0
        return sum(count for _, count in recent[1:]) / max(recent[-1][0] - recent[0][0], LEAST_S)

    def _find_gaps(self, block: SampleBlock) -> None:
        if block.device_s is not None and self._period_s:
            steps = np.diff(np.append(self._last_device_s, block.device_s))
            missing = steps[(steps > JUMP * self._period_s) & np.isfinite(steps)] - self._period_s
            self._last_device_s = float(block.device_s[-1])
        else:
            silence_s = block.arrival_s - self._last_s
            packet_s = len(block.values) * self._period_s
            long = silence_s > max(SILENT_S, SILENT_PACKETS * packet_s)
            missing = np.array([silence_s - packet_s]) if long else np.zeros(0)
        if len(missing):
            self._gaps += len(missing)
            self._longest_s = max(self._longest_s, float(missing.max()))
