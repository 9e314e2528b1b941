"""BBC micro:bit with the Bluetooth accelerometer service."""

from __future__ import annotations

import struct
from typing import ClassVar

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import Protocol, Samples, Steps, Write, check_length, from_g, integers

SERVICE, DATA, PERIOD = (f"e95d{part}-251d-470a-a062-fa1922dfa9a8" for part in ("0753", "ca4b", "fb24"))


@PROTOCOLS.register("microbit")
class MicroBit(Protocol):
    """Its program must start the accelerometer service; the period can be 1, 2, 5, 10, 20, 80, 160 or 640 ms."""

    title: ClassVar[str] = "BBC micro:bit"
    source: ClassVar[str] = "micro:bit runtime: MicroBitAccelerometerService.cpp"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (DATA,)
    names: ClassVar[tuple[str, ...]] = ("BBC micro:bit",)
    rates_hz: ClassVar[tuple[float, ...]] = (50.0, 12.5, 100.0, 200.0)
    probe: ClassVar[str] = DATA
    hint: ClassVar[str] = "Its program must start the Bluetooth accelerometer service; pair it first if it asks."

    def setup(self, room: int) -> Steps:
        """The period in milliseconds."""
        yield Write(PERIOD, struct.pack("<H", round(1000 / self.rate_hz)))

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Three int16 milli-g."""
        check_length(packet, 6)
        return [Samples(from_g(integers(packet, "<i2"), 1000.0))]
