"""Times for the samples of a packet while they arrive: the device's clock where it has one, else a steady count."""

from __future__ import annotations

import numpy as np

from pskd.types import TimeArray

# How strongly one packet's arrival pulls the count towards it: slow, because arrivals jitter and the watch does not.
_PULL = 0.05
_LATE_S = 0.5
_UNKNOWN_RATE_HZ = 50.0


class BlockClock:
    """Gives each sample a time on a steady clock.

    A packet's arrival is late by a changing amount. Where the device sends its own clock, that is used as it is: the
    windows need only distances in time. Else samples are counted on at the nominal rate, the count follows the arrivals
    slowly, and an arrival far behind the count is taken as a gap.

    Args:
        rate_hz: nominal rate of the stream; 0 where it is irregular.
    """

    def __init__(self, rate_hz: float) -> None:
        self._step_s = 1.0 / (rate_hz or _UNKNOWN_RATE_HZ)
        self._regular = rate_hz > 0
        self._end_s: float | None = None

    def reset(self) -> None:
        """Begin anew with the next packet."""
        self._end_s = None

    def times(self, count: int, arrival_s: float, device_s: TimeArray | None = None) -> TimeArray:
        """``(count,)`` times of a packet's samples, in seconds.

        Args:
            count: samples in the packet.
            arrival_s: when it arrived.
            device_s: ``(count,)`` the device's clock, or None.
        """
        if device_s is not None and np.isfinite(device_s).all():
            return np.asarray(device_s, dtype=np.float64)
        begin_s, end_s = self._span(count, arrival_s)
        self._end_s = end_s
        return np.linspace(begin_s, end_s, count + 1)[1:]

    def _span(self, count: int, arrival_s: float) -> tuple[float, float]:
        """From the sample before the packet to its last sample."""
        length_s = count * self._step_s
        if self._end_s is None:
            return arrival_s - length_s, arrival_s
        late_s = arrival_s - (self._end_s + length_s)
        if late_s > _LATE_S:
            return arrival_s - length_s, arrival_s
        if not self._regular:
            return self._end_s, max(arrival_s, self._end_s + 1e-3 * count)
        return self._end_s, self._end_s + max(length_s + _PULL * late_s, 0.2 * length_s)
