"""Nordic Thingy:52: the motion service's raw data."""

from __future__ import annotations

import struct
from typing import ClassVar

import numpy as np

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import (
    Protocol,
    Read,
    Samples,
    Steps,
    Write,
    check_length,
    from_g,
    integers,
    unusable,
)
from pskd.types import StreamKind

SERVICE, CONFIG, RAW = (f"ef68{part}-9b35-4933-9b10-52ffa9740042" for part in ("0400", "0401", "0406"))
LOWEST_HZ, HIGHEST_HZ = 5.0, 200.0
_RATE_AT = 6
PER_G, PER_DPS = 1024.0, 32.0


@PROTOCOLS.register("thingy52")
class Thingy(Protocol):
    """Any whole rate from 5 to 200 Hz, set in the motion service's configuration; the rest of that is left as it is."""

    title: ClassVar[str] = "Nordic Thingy:52"
    source: ClassVar[str] = "Nordic-Thingy52-FW: ble_tms.h, m_motion.c"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (RAW,)
    names: ClassVar[tuple[str, ...]] = ("Thingy",)
    rates_hz: ClassVar[tuple[float, ...]] = (50.0, 5.0, 10.0, 20.0, 100.0, 200.0)
    gyroscope: ClassVar[bool] = True

    def choose_rate(self) -> float:
        """Any whole number from 5 to 200."""
        wish = self.wish.rate_hz
        if wish and LOWEST_HZ <= wish <= HIGHEST_HZ and wish == round(wish):
            return wish
        return super().choose_rate()

    def setup(self, room: int) -> Steps:
        """The rate."""
        config = yield Read(CONFIG)
        if len(config) < _RATE_AT + 2:
            raise unusable("The Thingy's motion configuration is not known here.", "Update its firmware.")
        rate = struct.pack("<H", round(self.rate_hz))
        yield Write(CONFIG, config[:_RATE_AT] + rate + config[_RATE_AT + 2 :])

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Acceleration with 10 fraction bits, turning with 5, compass (left out)."""
        check_length(packet, 18)
        columns = integers(packet, "<i2", 9)
        turning = (columns[:, 3:6] / PER_DPS).astype(np.float32)
        return [Samples(from_g(columns[:, :3], PER_G)), Samples(turning, StreamKind.GYROSCOPE)]
