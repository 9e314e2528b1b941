"""Bangle.js and Puck.js: our own few lines of JavaScript, sent over the Nordic UART, that print samples as text."""

from __future__ import annotations

import base64
import binascii
import struct
from abc import abstractmethod
from typing import ClassVar

import numpy as np

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import Malformed, Protocol, Samples, Steps, Wish, Write, from_g, integers
from pskd.devices.protocols.counters import Timeline, Unwrapped
from pskd.types import StreamKind

UART = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
TO_DEVICE = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
FROM_DEVICE = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
XON, XOFF = 0x11, 0x13
RESET = b"\x03\x10reset();\n"
PACKET = 4
MAX_LINE = 256
# A line is "A" and base64 of: u16 number, u32 milliseconds of the last sample, four triplets of int16, then, where
# there is a gyroscope, four more of its own.
HEAD = struct.Struct("<HI")
TRIPLETS = PACKET * 6
COUNTS_A_DPS = 134.0  # what the maker divides by
_SEND = (
    "if(++i==4){i=0;h.setUint16(0,s++&65535,1);h.setUint32(2,Date.now()%4294967296,1);"
    "Bluetooth.println('A'+btoa(String.fromCharCode.apply(0,new Uint8Array(b))));}"
)


def _open(size: int) -> str:
    return f"var b=new ArrayBuffer({size}),h=new DataView(b),i=0,s=0,p=(o,v)=>h.setInt16(o,E.clip(v,-32767,32767),1);"


class Espruino(Protocol):
    """The common part: upload in pieces with flow control, lines back, and a reset at the end."""

    source: ClassVar[str] = "Espruino: jswrap_bangle.c, jswrap_puck.c, Nordic UART; the script is ours"
    service: ClassVar[str] = UART
    notify: ClassVar[tuple[str, ...]] = (FROM_DEVICE,)
    clock: ClassVar[str] = "ms, last sample"
    loss: ClassVar[str] = "by packet number"
    per_g: ClassVar[float]

    def __init__(self, wish: Wish | None = None) -> None:
        super().__init__(wish)
        self._text = b""
        self._number = Unwrapped(16)
        self._clock_ms = Unwrapped(32)
        self._timeline = Timeline(self.rate_hz)

    @classmethod
    def match(cls, name: str, services: tuple[str, ...]) -> int:
        """By name alone: many devices have this UART."""
        return 95 if any(name.startswith(start) for start in cls.names) else 0

    @abstractmethod
    def script(self) -> str:
        """One line of JavaScript that sends samples at ``rate_hz``."""

    def setup(self, room: int) -> Steps:
        """Upload the script in pieces that fit one packet."""
        line = b"\x03\x10" + self.script().encode("ascii") + b"\n"
        for place in range(0, len(line), room):
            yield Write(TO_DEVICE, line[place : place + room])

    def teardown(self) -> tuple[Write, ...]:
        """Forget the script; what was saved on the device stays."""
        return (Write(TO_DEVICE, RESET),)

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Text in pieces; whole lines become samples, what is not ours is left alone."""
        for byte in packet:
            if byte in (XON, XOFF):
                self.held = byte == XOFF
        lines = (self._text + packet.translate(None, bytes((XON, XOFF)))).split(b"\n")
        self._text = lines.pop()
        if len(self._text) > MAX_LINE:
            self._text = b""
            self.malformed += 1
        found = []
        for line in lines:
            if line.startswith(b"A"):
                found += self._line(line.strip()[1:])
        return found

    def _line(self, text: bytes) -> list[Samples]:
        try:
            content = base64.b64decode(text, validate=True)
            number, stamp_ms = HEAD.unpack_from(content)
            counts = integers(content[HEAD.size :], "<i2")
            if len(counts) not in (PACKET, 2 * PACKET):
                raise Malformed(f"{len(counts)} triplets")
        except (binascii.Error, struct.error, ValueError, Malformed):
            self.malformed += 1
            return []
        ahead = self._number.step(number)
        if ahead <= 0 or self._clock_ms.step(stamp_ms) <= 0:
            self.repeated += 1
            return []
        times = self._timeline.ending(self._clock_ms.accept(stamp_ms) * 1e-3, PACKET)
        if times is None:
            self.repeated += 1
            return []
        self.lost += ahead - 1
        number = self._number.accept(number)
        found = [Samples(from_g(counts[:PACKET], self.per_g), device_s=times, sequence=number)]
        if len(counts) > PACKET:
            turning = (counts[PACKET:] / COUNTS_A_DPS).astype(np.float32)
            found.append(Samples(turning, StreamKind.GYROSCOPE, times, number))
        return found


@PROTOCOLS.register("bangle")
class Bangle(Espruino):
    """Bangle.js 1 and 2: 12.5, 25 or 100 Hz (100 at 8 g)."""

    title: ClassVar[str] = "Bangle.js"
    names: ClassVar[tuple[str, ...]] = ("Bangle.js",)
    rates_hz: ClassVar[tuple[float, ...]] = (25.0, 12.5, 100.0)
    per_g: ClassVar[float] = 4000.0
    hint: ClassVar[str] = "On the watch: Settings, Bluetooth, Programmable must be on, and no phone connected."

    def script(self) -> str:
        """The rate is a register of the sensor and the interval at which the watch asks it."""
        registers = {
            12.5: "Bangle.setPollInterval(80);",
            25.0: "Bangle.accelWr(0x1B,0x41);Bangle.setPollInterval(40);",
            100.0: "Bangle.accelWr(0x18,0x74);Bangle.accelWr(0x1B,0x43);Bangle.accelWr(0x18,0xF4);"
            "Bangle.setPollInterval(10);",
        }[self.rate_hz]
        # At 100 Hz the sensor is set to 8 g behind the firmware's back, so what it calls 1 is 2.
        scale = 8000 if self.rate_hz == 100.0 else 4000
        return (
            f"(function(){{{_open(HEAD.size + TRIPLETS)}Bangle.setOptions({{powerSave:false}});"
            f"NRF.setConnectionInterval({{minInterval:7.5,maxInterval:20}});{registers}Bangle.on('accel',a=>{{"
            f"var o=6+6*i;p(o,a.x*{scale});p(o+2,a.y*{scale});p(o+4,a.z*{scale});{_SEND}}});}})()"
        )


@PROTOCOLS.register("puck")
class Puck(Espruino):
    """Puck.js 2: its accelerometer at 4 g and its gyroscope at 245 deg/s."""

    title: ClassVar[str] = "Puck.js"
    names: ClassVar[tuple[str, ...]] = ("Puck.js",)
    rates_hz: ClassVar[tuple[float, ...]] = (52.0, 12.5, 26.0, 104.0, 208.0)
    per_g: ClassVar[float] = 8192.0
    gyroscope: ClassVar[bool] = True
    hint: ClassVar[str] = "Only Puck.js 2 has an accelerometer; disconnect the Espruino IDE from it."

    def script(self) -> str:
        """Raw counts of the sensor; without the gyroscope the lines are half as long."""
        size = HEAD.size + TRIPLETS * (1 + self.turns)
        turning = f"a=d.gyro;o+={TRIPLETS};p(o,a.x);p(o+2,a.y);p(o+4,a.z);" if self.turns else ""
        return (
            f"(function(){{{_open(size)}NRF.setConnectionInterval({{minInterval:7.5,maxInterval:20}});"
            f"Puck.accelOn({self.rate_hz:g});Puck.on('accel',d=>{{var o=6+6*i,a=d.acc;p(o,a.x);p(o+2,a.y);"
            f"p(o+4,a.z);{turning}{_SEND}}});}})()"
        )
