"""The simulated watch: its clock, its sensor's flaws, how late its packets arrive: pure functions of sample numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pskd.performer.curves import mix, normal, uniform
from pskd.performer.performance import Performance
from pskd.types import GRAVITY_MPS2, FloatArray, TimeArray

WHITE_MPS2 = 0.06
BIAS_MPS2 = 0.12
WHITE_DPS = 0.3
BIAS_DPS = 0.8

_LOOK_BACK = 64

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Watch:
    """One watch and its link.

    Sample ``k`` is taken when the watch's own clock shows ``k / rate_hz + offset_s``; that clock runs fast by
    ``drift_ppm``. A packet leaves with the first connection event after its last sample, again and again until it gets
    through, then the host takes a moment, and now and then a long one.

    Attributes:
        seed: everything random follows from it.
        rate_hz: by the watch's own clock.
        drift_ppm: how fast its clock runs: device seconds against host seconds, in millionths.
        offset_s: device clock minus host clock at host time zero.
        packet: samples in a packet.
        interval_s: connection interval.
        resend: probability that a connection event fails.
        jitter_s: mean delay in the host (exponential).
        stalls: probability that the host stalls for 40 to 250 ms.
        loss: probability that a packet never arrives.
        range_g: the sensor's range; beyond it values are clipped.
        flaws: white noise and bias against the usual; 0 is a perfect sensor.
    """

    seed: int = 0
    rate_hz: float = 50.0
    drift_ppm: float = 0.0
    offset_s: float = 0.0
    packet: int = 3
    interval_s: float = 0.015
    resend: float = 0.02
    jitter_s: float = 0.001
    stalls: float = 0.0
    loss: float = 0.0
    range_g: float = 8.0
    flaws: float = 1.0

    def device_s(self, samples: Numbers) -> TimeArray:
        """What the watch's clock shows at samples ``(T,)``."""
        return samples / self.rate_hz + self.offset_s

    def true_s(self, samples: Numbers) -> TimeArray:
        """The host time at which samples ``(T,)`` were really taken."""
        return samples / self.rate_hz / (1.0 + self.drift_ppm * 1e-6)

    def samples(self, packets: Numbers) -> Numbers:
        """The sample numbers of packets: ``(P,)`` to ``(P * packet,)``."""
        return (np.asarray(packets, dtype=np.int64)[:, None] * self.packet + np.arange(self.packet)).ravel()

    def first_packet(self, start_s: float) -> int:
        """The first packet all of whose samples are taken at ``start_s`` or later."""
        first_sample = np.ceil(start_s * (1.0 + self.drift_ppm * 1e-6) * self.rate_hz)
        return int(np.ceil(first_sample / self.packet))

    def lost(self, packets: Numbers) -> NDArray[np.bool_]:
        """Which packets ``(P,)`` never arrive."""
        return uniform(mix(self.seed, 51, np.asarray(packets, dtype=np.int64))) < self.loss

    def arrival_s(self, packets: Numbers) -> TimeArray:
        """When packets (``(P,)``, consecutive) reach the host."""
        packets = np.asarray(packets, dtype=np.int64)
        if not packets.size:
            return np.zeros(0)
        # Packets come in order, so one waits for those before it; further back than this none is waited for.
        numbers = np.arange(packets[0] - _LOOK_BACK, packets[-1] + 1)
        sent = self.true_s((numbers + 1) * self.packet - 1)
        phase = self.interval_s * uniform(mix(self.seed, 52))[0]
        event = np.ceil((sent - phase) / self.interval_s) * self.interval_s + phase
        dice = uniform(mix(self.seed, 53, numbers))
        tries = np.floor(np.log1p(-dice) / np.log(self.resend)) if self.resend > 0 else np.zeros(len(dice))
        late = 0.0006 - self.jitter_s * np.log1p(-uniform(mix(self.seed, 54, numbers)))
        stalled = uniform(mix(self.seed, 55, numbers)) < self.stalls
        late += stalled * (0.04 + 0.21 * uniform(mix(self.seed, 56, numbers)))
        arrival = np.maximum.accumulate(event + tries * self.interval_s + late)
        return arrival[_LOOK_BACK:]

    def measure(self, performance: Performance, samples: Numbers) -> tuple[FloatArray, FloatArray]:
        """What this watch's sensors say, flaws and all.

        Args:
            performance: who wears it.
            samples: ``(T,)`` sample numbers.

        Returns:
            Acceleration ``(T, 3)`` in m/s^2 and angular velocity ``(T, 3)`` in degrees a second, both float32.
        """
        times_s = self.true_s(samples)
        motion = performance.motion(times_s)
        felt = motion.acceleration_mps2 + performance.shocks(times_s)
        felt += self._flaw(samples, 61, WHITE_MPS2, BIAS_MPS2)
        turning = motion.turning_dps + self._flaw(samples, 62, WHITE_DPS, BIAS_DPS)
        limit = self.range_g * GRAVITY_MPS2
        return np.clip(felt, -limit, limit).astype(np.float32), turning.astype(np.float32)

    def _flaw(self, samples: Numbers, which: int, white: float, bias: float) -> TimeArray:
        axes = np.arange(3, dtype=np.int64)[None, :]
        noise = normal(self.seed, which, axes, np.asarray(samples, dtype=np.int64)[:, None])
        steady = 2.0 * uniform(mix(self.seed, which, axes, 9)) - 1.0
        return self.flaws * (white * noise + bias * steady)
