"""The last seconds of a stream, written by a device's thread and read by the window's."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from pskd.types import SampleBlock

LEAK_S = 1e-4  # how fast the clock's offset may grow again, for each packet


class Ring:
    """Keeps the newest samples with times that run smoothly.

    Args:
        capacity: samples.
        channels: values of each sample.
        rate_hz: nominal rate, for streams whose device has no clock.
    """

    def __init__(self, capacity: int, channels: int, rate_hz: float) -> None:
        self._times = np.zeros(capacity, np.float64)
        self._values = np.zeros((capacity, channels), np.float32)
        self._rate_hz = rate_hz if rate_hz > 0 else 50.0
        self._count = 0
        self._offset_s: float | None = None
        self._lock = threading.Lock()

    def push(self, block: SampleBlock) -> None:
        """Add one packet; a packet of another width starts afresh."""
        values = block.values[-len(self._times) :]
        if not len(values):
            return
        with self._lock:
            if values.shape[1] != self._values.shape[1]:
                self._values = np.zeros((len(self._times), values.shape[1]), np.float32)
                self._count, self._offset_s = 0, None
            places = (self._count + np.arange(len(values))) % len(self._times)
            self._times[places] = self._lay(block)[-len(values) :]
            self._values[places] = np.nan_to_num(values)
            self._count += len(values)

    def read(self) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Times ``(N,)`` on the shared clock and values ``(N, C)``, oldest first; copies."""
        with self._lock:
            size = len(self._times)
            if self._count < size:
                return self._times[: self._count].copy(), self._values[: self._count].copy()
            at = self._count % size
            return np.roll(self._times, -at), np.roll(self._values, -at, axis=0)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._count, self._offset_s = 0, None

    def _lay(self, block: SampleBlock) -> NDArray[np.float64]:
        """Times for drawing: the device's clock laid on ours by its fastest packet, so that jitter does not show."""
        count = len(block.values)
        if block.device_s is not None:
            own = np.asarray(block.device_s, np.float64)
        elif self._count:
            last = self._times[(self._count - 1) % len(self._times)]
            own = last - (self._offset_s or 0.0) + np.arange(1, count + 1) / self._rate_hz
        else:
            own = np.arange(count) / self._rate_hz
        offset = block.arrival_s - float(own[-1])
        if self._offset_s is None or abs(offset - self._offset_s) > 1.0:
            self._offset_s = offset
        self._offset_s = min(self._offset_s + LEAK_S, offset)
        return own + self._offset_s
