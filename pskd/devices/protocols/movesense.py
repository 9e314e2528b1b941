"""Movesense sensors with the GATT SensorData protocol (GSP)."""

from __future__ import annotations

import struct
from typing import ClassVar

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import Malformed, Protocol, Samples, Steps, Wish, Write, floats
from pskd.devices.protocols.counters import Timeline, Unwrapped

SERVICE, COMMAND, DATA = (f"{part}-7185-4d5d-b431-630e7050e8f0" for part in ("34802252", "34800001", "34800002"))
SUBSCRIBE, UNSUBSCRIBE = 1, 2
RESULT, SAMPLES = 1, 2
REFERENCE = 99


@PROTOCOLS.register("movesense")
class Movesense(Protocol):
    """Subscribes to ``/Meas/Acc/RATE``; each packet carries milliseconds of its first sample."""

    title: ClassVar[str] = "Movesense"
    source: ClassVar[str] = "Movesense: GATT SensorData example of movesense-device-lib"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (DATA,)
    names: ClassVar[tuple[str, ...]] = ("Movesense",)
    rates_hz: ClassVar[tuple[float, ...]] = (52.0, 13.0, 26.0, 104.0, 208.0)
    clock: ClassVar[str] = "ms, first sample"
    loss: ClassVar[str] = "by its clock"
    hint: ClassVar[str] = "Wear it on its stud or strap: it sleeps otherwise."

    def __init__(self, wish: Wish | None = None) -> None:
        super().__init__(wish)
        self._clock_ms = Unwrapped(32)
        self._timeline = Timeline(self.rate_hz)

    def setup(self, room: int) -> Steps:
        """Subscribe to the accelerometer."""
        yield Write(COMMAND, bytes((SUBSCRIBE, REFERENCE)) + f"/Meas/Acc/{self.rate_hz:g}".encode() + b"\0")

    def teardown(self) -> tuple[Write, ...]:
        """Unsubscribe, so that it can sleep."""
        return (Write(COMMAND, bytes((UNSUBSCRIBE, REFERENCE))),)

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Float32 triplets in m/s^2; answers to commands carry none."""
        if packet[:1] == bytes((RESULT,)):
            return []
        if len(packet) < 6 or packet[0] != SAMPLES or packet[1] != REFERENCE:
            raise Malformed("not a packet of this subscription")
        values = floats(packet[6:], 1.0)
        stamp_ms = struct.unpack_from("<I", packet, 2)[0]
        new = self._clock_ms.step(stamp_ms) > 0
        times = self._timeline.starting(self._clock_ms.accept(stamp_ms) * 1e-3, len(values)) if new else None
        if times is None:
            self.repeated += 1
            return []
        self.lost = self._timeline.missing
        return [Samples(values, device_s=times)]
