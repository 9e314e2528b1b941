"""How fast a source sends, measured from its first samples."""

from __future__ import annotations

from pskd.devices.network.readings import measured_rate
from pskd.devices.protocols.base import Samples
from pskd.types import StreamKind

LEAST_SAMPLES = 8
LEAST_S = 0.9
# Arrivals jitter more than a sender's own clock.
LEAST_ARRIVALS_S = 2.0


class RateMeter:
    """Watches acceleration until its rate is known.

    Args:
        known: the rate need not be measured: the first sample is enough.

    Attributes:
        device_time: the samples carry the sender's clock.
    """

    def __init__(self, *, known: bool = False) -> None:
        self.device_time = False
        self._known = known
        self._times: list[float] = []
        self._arrivals: list[tuple[float, int]] = []

    def add(self, packet: Samples, arrival_s: float) -> None:
        """Look at a packet; only acceleration counts."""
        if packet.kind is not StreamKind.ACCELEROMETER:
            return
        self.device_time = packet.device_s is not None
        self._arrivals.append((arrival_s, len(packet.values)))
        if packet.device_s is not None:
            self._times += packet.device_s.tolist()

    @property
    def ready(self) -> bool:
        """Enough has come."""
        if self._known or not self._arrivals:
            return bool(self._arrivals)
        if self.device_time:
            return len(self._times) >= LEAST_SAMPLES and max(self._times) - min(self._times) >= LEAST_S
        return self._arrivals[-1][0] - self._arrivals[0][0] >= LEAST_ARRIVALS_S

    @property
    def rate_hz(self) -> float:
        """The rate in Hz; 0 where it cannot be told."""
        if self.device_time:
            return measured_rate(sorted(self._times))
        span_s = self._arrivals[-1][0] - self._arrivals[0][0] if self._arrivals else 0.0
        later = sum(count for _, count in self._arrivals[1:])
        return round(later / span_s, 1) if span_s > 0 else 0.0
