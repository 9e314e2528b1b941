"""MetaWear boards (MMR, MMS, MetaMotion): the accelerometer module."""

from __future__ import annotations

from typing import ClassVar

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import (
    Ask,
    Malformed,
    Protocol,
    Samples,
    Steps,
    Wish,
    Write,
    from_g,
    integers,
    unusable,
)

SERVICE, COMMAND, DATA = (f"{part}-85cb-9195-d9dd-464cfbbae75a" for part in ("326a9000", "326a9001", "326a9006"))
ACCELEROMETER = 3
WHICH = bytes((ACCELEROMETER, 0x80))
BMI160, BMI270 = 1, 4
RANGE_G = 8.0
PLAIN = 0x04
PACKED = {BMI160: 0x1C, BMI270: 0x05}
_RANGE = {BMI160: 0x08, BMI270: 0x02}
_RATE = {BMI160: 0x20, BMI270: 0xA0}
_RATE_BITS = {25.0: 6, 50.0: 7, 100.0: 8, 200.0: 9}
PACKED_FROM_HZ = 100.0


@PROTOCOLS.register("metawear")
class MetaWear(Protocol):
    """Asks which chip it has, then plain packets below 100 Hz and three samples a packet from 100 Hz on."""

    title: ClassVar[str] = "MetaWear"
    source: ClassVar[str] = "MetaWear-SDK-Cpp: test_accelerometer_bmi160.py, test_accelerometer_bmi270.py"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (DATA,)
    names: ClassVar[tuple[str, ...]] = ("MetaWear",)
    rates_hz: ClassVar[tuple[float, ...]] = tuple(sorted(_RATE_BITS, key=lambda hz: abs(hz - 50.0)))

    def __init__(self, wish: Wish | None = None) -> None:
        super().__init__(wish)
        self.chip = BMI160

    def facts(self) -> Steps:
        """Which chip."""
        answer = yield Ask(COMMAND, WHICH, DATA, WHICH)
        self.chip = answer[2] if len(answer) > 2 else 0
        if self.chip not in PACKED:
            raise unusable("This MetaWear board has an accelerometer that is not known here.", "Use another sensor.")

    def setup(self, room: int) -> Steps:
        """Configure, subscribe, enable, start."""
        rate = _RATE[self.chip] | _RATE_BITS[self.rate_hz]
        yield self._write(0x03, rate, _RANGE[self.chip])
        yield self._write(self._packet(), 0x01)
        yield self._write(0x02, 0x01, 0x00)
        yield self._write(0x01, 0x01)

    def teardown(self) -> tuple[Write, ...]:
        """Stop, disable, unsubscribe."""
        return (self._write(0x01, 0x00), self._write(0x02, 0x00, 0x01), self._write(self._packet(), 0x00))

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """One or three triplets of int16 over the range of 8 g; other modules' packets carry none."""
        if len(packet) < 2:
            raise Malformed("no header")
        if packet[:2] == WHICH:
            return []
        counts = {PLAIN: 1, **dict.fromkeys(PACKED.values(), 3)}.get(packet[1] if packet[0] == ACCELEROMETER else 0)
        if counts is None or len(packet) != 2 + 6 * counts:
            raise Malformed("not a packet of the accelerometer")
        return [Samples(from_g(integers(packet[2:], "<i2"), 32768.0 / RANGE_G))]

    def _packet(self) -> int:
        return PACKED[self.chip] if self.rate_hz >= PACKED_FROM_HZ else PLAIN

    @staticmethod
    def _write(*content: int) -> Write:
        return Write(COMMAND, bytes((ACCELEROMETER, *content)))
