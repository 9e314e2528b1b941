"""Movesense sensors with the GATT SensorData protocol (GSP)."""

from __future__ import annotations

import struct
from typing import ClassVar

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import PLAUSIBLE_DPS, Malformed, Protocol, Samples, Steps, Wish, Write, floats
from pskd.devices.protocols.counters import Timeline, Unwrapped
from pskd.types import StreamKind

SERVICE, COMMAND, DATA = (f"{part}-7185-4d5d-b431-630e7050e8f0" for part in ("34802252", "34800001", "34800002"))
SUBSCRIBE, UNSUBSCRIBE = 1, 2
RESULT, SAMPLES = 1, 2
RESULT_OK = range(200, 300)
ACCELERATION, TURNING = 99, 100


@PROTOCOLS.register("movesense")
class Movesense(Protocol):
    """Subscribes to ``/Meas/Acc/RATE`` and ``/Meas/Gyro/RATE``; packets carry milliseconds of their first sample."""

    title: ClassVar[str] = "Movesense"
    source: ClassVar[str] = "Movesense: GATT SensorData example of movesense-device-lib"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (DATA,)
    names: ClassVar[tuple[str, ...]] = ("Movesense",)
    rates_hz: ClassVar[tuple[float, ...]] = (52.0, 13.0, 26.0, 104.0, 208.0)
    gyroscope: ClassVar[bool] = True
    clock: ClassVar[str] = "ms, first sample"
    loss: ClassVar[str] = "by its clock"
    hint: ClassVar[str] = "Wear it on its stud or strap: it sleeps otherwise."

    def __init__(self, wish: Wish | None = None) -> None:
        super().__init__(wish)
        self._clock_ms = Unwrapped(32)
        self._lines = {reference: Timeline(self.rate_hz) for reference in (ACCELERATION, TURNING)}

    def setup(self, room: int) -> Steps:
        """Subscribe to the accelerometer, then to the gyroscope."""
        yield self._subscribe(ACCELERATION, "Acc")
        if self.turns:
            yield self._subscribe(TURNING, "Gyro")

    def teardown(self) -> tuple[Write, ...]:
        """Unsubscribe, so that it can sleep."""
        references = (ACCELERATION, TURNING) if self.turns else (ACCELERATION,)
        return tuple(Write(COMMAND, bytes((UNSUBSCRIBE, reference))) for reference in references)

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Float32 triplets in m/s^2 or deg/s; answers to commands carry none."""
        if packet[:1] == bytes((RESULT,)):
            self._result(packet)
            return []
        if len(packet) < 6 or packet[0] != SAMPLES or packet[1] not in self._lines:
            raise Malformed("not a packet of these subscriptions")
        turning = packet[1] == TURNING
        values = floats(packet[6:], 1.0, PLAUSIBLE_DPS) if turning else floats(packet[6:], 1.0)
        stamp_ms = struct.unpack_from("<I", packet, 2)[0]
        times = self._lines[packet[1]].starting(self._clock_ms.near(stamp_ms) * 1e-3, len(values))
        if times is None:
            self.repeated += 1
            return []
        if self._clock_ms.step(stamp_ms) > 0:  # the two streams take turns, so the other may be a little older
            self._clock_ms.accept(stamp_ms)
        self.lost = sum(line.missing for line in self._lines.values())
        kind = StreamKind.GYROSCOPE if turning else StreamKind.ACCELEROMETER
        return [Samples(values, kind, device_s=times)]

    def _subscribe(self, reference: int, what: str) -> Write:
        return Write(COMMAND, bytes((SUBSCRIBE, reference)) + f"/Meas/{what}/{self.rate_hz:g}".encode() + b"\0")

    def _result(self, packet: bytes) -> None:
        """A refused accelerometer ends the stream; a refused gyroscope leaves the accelerometer alone."""
        if len(packet) >= 4 and packet[1] == ACCELERATION:
            status = int.from_bytes(packet[2:4], "little")
            if status not in RESULT_OK:
                self.ended = f"The Movesense sensor refused its accelerometer (status {status})."
