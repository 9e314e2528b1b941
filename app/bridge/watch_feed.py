"""What one watch sends: its newest samples for drawing, and its packets' times to judge its clock by."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.bridge.ring import Ring
from pskd.types import SampleBlock

if TYPE_CHECKING:
    from pskd.sync.clockfit import Ping

RING_SAMPLES = 8192
KEPT_PACKETS = 6000
KEPT_PINGS = 600


class WatchFeed:
    """Written by the device's thread, read by others."""

    def __init__(self) -> None:
        self._ring = Ring(RING_SAMPLES, 3, 50.0)
        self._packets: deque[tuple[float, float]] = deque(maxlen=KEPT_PACKETS)
        self._connected: deque[float] = deque(maxlen=KEPT_PACKETS)
        self._pings: deque[Ping] = deque(maxlen=KEPT_PINGS)
        self._lock = threading.Lock()

    def push(self, block: SampleBlock) -> None:
        """One packet of the accelerometer."""
        self._ring.push(block)
        if not len(block.values):
            return
        with self._lock:
            own_s = float(block.device_s[-1]) if block.device_s is not None else float("nan")
            self._packets.append((own_s, block.arrival_s))

    def connected(self, at_s: float) -> None:
        """The link stands (again): from here on the device's clock may have started anew."""
        with self._lock:
            self._connected.append(at_s)

    def ping(self, ping: Ping) -> None:
        """A comparison of the watch's clock with this computer's."""
        with self._lock:
            self._pings.append(ping)

    def signal(self) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """The newest samples: times ``(N,)`` on the shared clock and ``(N, 3)`` m/s^2."""
        return self._ring.read()

    def clock_verdict(self) -> str:
        """How well the watch's clock is known by now, in the words that a take's review uses; takes milliseconds."""
        from pskd.recording import timing
        from pskd.recording.clock_report import clock_sentence

        with self._lock:
            packets = np.array(self._packets, np.float64).reshape(-1, 2)
            link = timing.Link(tuple(self._connected), tuple(self._pings))
        if not len(packets):
            return "Nothing has come yet."
        said = clock_sentence("", timing.fit(packets[:, 0], packets[:, 1], link))
        said = said.removeprefix(": ").removeprefix("clock ")
        return said[:1].upper() + said[1:]
