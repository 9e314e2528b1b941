"""The newest seconds of a stream, always in one piece of memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pskd.types import FloatArray, TimeArray


class SampleRing:
    """Keeps the last ``capacity`` samples.

    Twice the room is set aside, so that the kept samples always lie side by side: a window is a slice, never a copy
    of two ends.

    Args:
        capacity: samples to keep, at least 1.
        channels: values of one sample.
    """

    def __init__(self, capacity: int, channels: int = 3) -> None:
        if capacity < 1:
            raise ValueError(f"capacity: must be at least 1, got {capacity}")
        self._capacity = capacity
        self._values = np.zeros((2 * capacity, channels), dtype=np.float32)
        self._times = np.zeros(2 * capacity, dtype=np.float64)
        self._start = 0
        self._end = 0

    def __len__(self) -> int:
        return self._end - self._start

    @property
    def newest_s(self) -> float | None:
        """Time of the newest sample, or None where there is none."""
        return float(self._times[self._end - 1]) if len(self) else None

    @property
    def oldest_s(self) -> float | None:
        """Time of the oldest sample that is kept, or None where there is none."""
        return float(self._times[self._start]) if len(self) else None

    def clear(self) -> None:
        """Forget everything."""
        self._start = self._end = 0

    def append(self, values: NDArray[np.floating], times_s: TimeArray) -> None:
        """Add samples.

        Args:
            values: ``(T, C)``.
            times_s: ``(T,)`` increasing, after those already there.

        Raises:
            ValueError: the shapes do not match.
        """
        if values.ndim != 2 or values.shape[1] != self._values.shape[1] or times_s.shape != values.shape[:1]:
            raise ValueError(f"values, times_s: got {values.shape} and {times_s.shape}")
        values, times_s = values[-self._capacity :], times_s[-self._capacity :]
        count = len(times_s)
        if self._end + count > len(self._times):
            self._compact(self._capacity - count)
        self._values[self._end : self._end + count] = values
        self._times[self._end : self._end + count] = times_s
        self._end += count
        self._start = max(self._start, self._end - self._capacity)

    def since(self, start_s: float) -> tuple[FloatArray, TimeArray]:
        """The samples from ``start_s`` on, and the one before it, as views that the next append may overwrite.

        Returns:
            Values ``(T, C)`` and times ``(T,)``.
        """
        times = self._times[self._start : self._end]
        first = max(int(np.searchsorted(times, start_s)) - 1, 0)
        return self._values[self._start + first : self._end], times[first:]

    def _compact(self, keep: int) -> None:
        keep = min(keep, len(self))
        self._values[:keep] = self._values[self._end - keep : self._end]
        self._times[:keep] = self._times[self._end - keep : self._end]
        self._start, self._end = 0, keep
