"""MetaWear boards (MMR, MMS, MetaMotion): the accelerometer and gyroscope modules."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

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
from pskd.types import StreamKind

SERVICE, COMMAND, DATA = (f"{part}-85cb-9195-d9dd-464cfbbae75a" for part in ("326a9000", "326a9001", "326a9006"))
ACCELEROMETER, GYROSCOPE = 0x03, 0x13
WHICH, WHICH_GYROSCOPE = bytes((ACCELEROMETER, 0x80)), bytes((GYROSCOPE, 0x80))
BMI160, BMI270 = 1, 4
RANGE_G = 8.0
COUNTS_A_DPS = 16.4  # over the range of 2000 deg/s
# Register of the samples: one triplet a packet, or three.
PLAIN = {(ACCELEROMETER, BMI160): 0x04, (ACCELEROMETER, BMI270): 0x04, (GYROSCOPE, BMI160): 5, (GYROSCOPE, BMI270): 4}
PACKED = {(ACCELEROMETER, BMI160): 0x1C, (ACCELEROMETER, BMI270): 5, (GYROSCOPE, BMI160): 7, (GYROSCOPE, BMI270): 5}
_SHAPES = {(module, register, 2 + 6) for (module, _), register in PLAIN.items()}
_SHAPES |= {(module, register, 2 + 18) for (module, _), register in PACKED.items()}
_RANGE = {BMI160: 0x08, BMI270: 0x02}
_RATE = {BMI160: 0x20, BMI270: 0xA0}
_GYROSCOPE_RATE, _GYROSCOPE_RANGE = 0x20, 0x00
_RATE_BITS = {25.0: 6, 50.0: 7, 100.0: 8, 200.0: 9}
PACKED_FROM_HZ = 100.0


@PROTOCOLS.register("metawear")
class MetaWear(Protocol):
    """Asks which chip it has, then plain packets below 100 Hz and three samples a packet from 100 Hz on."""

    title: ClassVar[str] = "MetaWear"
    source: ClassVar[str] = (
        "MetaWear-SDK-Cpp: test_accelerometer_bmi160.py, test_accelerometer_bmi270.py, test_gyro_bmi160.py"
    )
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (DATA,)
    names: ClassVar[tuple[str, ...]] = ("MetaWear",)
    rates_hz: ClassVar[tuple[float, ...]] = tuple(sorted(_RATE_BITS, key=lambda hz: abs(hz - 50.0)))
    gyroscope: ClassVar[bool] = True

    def __init__(self, wish: Wish | None = None) -> None:
        super().__init__(wish)
        self.chip = BMI160

    def facts(self) -> Steps:
        """Which chip, and whether there is a gyroscope."""
        answer = yield Ask(COMMAND, WHICH, DATA, WHICH)
        self.chip = answer[2] if len(answer) > 2 else 0
        if (ACCELEROMETER, self.chip) not in PACKED:
            raise unusable("This MetaWear board has an accelerometer that is not known here.", "Use another sensor.")
        if self.turns:
            answer = yield Ask(COMMAND, WHICH_GYROSCOPE, DATA, WHICH_GYROSCOPE)
            self.turns = len(answer) > 2  # a module that is not there answers with its header alone

    def setup(self, room: int) -> Steps:
        """Configure, subscribe, enable, start; the accelerometer first."""
        bits = _RATE_BITS[self.rate_hz]
        yield _write(ACCELEROMETER, 0x03, _RATE[self.chip] | bits, _RANGE[self.chip])
        yield from self._start(ACCELEROMETER)
        if self.turns:
            yield _write(GYROSCOPE, 0x03, _GYROSCOPE_RATE | bits, _GYROSCOPE_RANGE)
            yield from self._start(GYROSCOPE)

    def teardown(self) -> tuple[Write, ...]:
        """Stop, disable, unsubscribe; only the last waits for its answer, which comes after all of them were done."""
        modules = (GYROSCOPE, ACCELEROMETER) if self.turns else (ACCELEROMETER,)
        writes = [write for module in modules for write in self._stop(module)]
        return (*(replace(write, response=False) for write in writes[:-1]), writes[-1])

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """One or three triplets of int16 over 8 g or 2000 deg/s; answers carry none."""
        if len(packet) < 2:
            raise Malformed("no header")
        if packet[:2] in (WHICH, WHICH_GYROSCOPE):
            return []
        if (packet[0], packet[1], len(packet)) not in _SHAPES:
            raise Malformed("not a packet of these modules")
        values = integers(packet[2:], "<i2")
        if packet[0] == GYROSCOPE:
            return [Samples((values / COUNTS_A_DPS).astype(np.float32), StreamKind.GYROSCOPE)]
        return [Samples(from_g(values, 32768.0 / RANGE_G))]

    def _start(self, module: int) -> Steps:
        yield _write(module, self._register(module), 0x01)
        yield _write(module, 0x02, 0x01, 0x00)
        yield _write(module, 0x01, 0x01)

    def _stop(self, module: int) -> tuple[Write, ...]:
        return (
            _write(module, 0x01, 0x00),
            _write(module, 0x02, 0x00, 0x01),
            _write(module, self._register(module), 0x00),
        )

    def _register(self, module: int) -> int:
        return (PACKED if self.rate_hz >= PACKED_FROM_HZ else PLAIN)[module, self.chip]


def _write(*content: int) -> Write:
    return Write(COMMAND, bytes(content))
