"""Counters that wrap, and time stamps of packets spread over their samples."""

from __future__ import annotations

import numpy as np

from pskd.types import TimeArray


class Unwrapped:
    """A counter of ``bits`` bits that starts again at zero, as one that does not."""

    def __init__(self, bits: int) -> None:
        self._full = 1 << bits
        self.value: int | None = None

    def step(self, raw: int) -> int:
        """How far ``raw`` is from the last accepted one: positive ahead, else an old one. The first is 1 ahead."""
        if self.value is None:
            return 1
        half = self._full // 2
        return (raw - self.value + half) % self._full - half

    def near(self, raw: int) -> int:
        """``raw`` unwrapped to what is nearest to the last accepted one, and nothing remembered."""
        return raw if self.value is None else self.value + self.step(raw)

    def accept(self, raw: int) -> int:
        """Take ``raw`` as the newest and return it unwrapped."""
        self.value = self.near(raw)
        return self.value


class Timeline:
    """Times of single samples from one time stamp a packet.

    The distance between samples is the nominal one, until two packets in a row have shown the real one.

    Args:
        rate_hz: nominal rate.
    """

    def __init__(self, rate_hz: float) -> None:
        self._nominal_s = 1.0 / rate_hz
        self._period_s = self._nominal_s
        self._stamp_s = -np.inf
        self._count = 0
        self._last_s = -np.inf
        self.missing = 0

    def ending(self, stamp_s: float, count: int) -> TimeArray | None:
        """Times of ``count`` samples of which the last was taken at ``stamp_s``; None where that is not new."""
        return self._place(stamp_s, count, count, np.arange(1 - count, 1, dtype=np.float64))

    def starting(self, stamp_s: float, count: int) -> TimeArray | None:
        """Times of ``count`` samples of which the first was taken at ``stamp_s``; None where that is not new."""
        return self._place(stamp_s, count, self._count, np.arange(count, dtype=np.float64))

    def _place(self, stamp_s: float, count: int, between: int, steps: TimeArray) -> TimeArray | None:
        """``between`` samples were taken from the former stamp to this one, if none is missing."""
        if stamp_s <= self._stamp_s:
            return None
        passed_s = stamp_s - self._stamp_s
        period_s = passed_s / between if between else np.inf
        missing = 0
        if np.isfinite(passed_s) and between:
            if 0.5 < period_s / self._nominal_s < 1.5:
                self._period_s = period_s
            else:
                missing = max(round(passed_s / self._nominal_s) - between, 0)
        times = stamp_s + steps * min(self._period_s, period_s)
        if times[0] <= self._last_s or not (np.diff(times) > 0).all():
            return None
        self.missing += missing
        self._stamp_s, self._count, self._last_s = stamp_s, count, float(times[-1])
        return times
