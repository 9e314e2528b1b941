"""WitMotion BWT901BLE5.0, WT9011DCL and the like: a stream of 20-byte frames."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import Malformed, Protocol, Samples, Steps, Wish, Write, from_g, integers
from pskd.types import StreamKind

SERVICE, DATA, COMMAND = (f"0000{part}-0000-1000-8000-00805f9a34fb" for part in ("ffe5", "ffe4", "ffe9"))
FRAME = 20
MOTION, REGISTER = b"\x55\x61", b"\x55\x71"
UNLOCK = bytes.fromhex("ff aa 69 88 b5")
_CODES = {10.0: 0x06, 20.0: 0x07, 50.0: 0x08, 100.0: 0x09, 200.0: 0x0B}
COUNTS = 32768.0
RANGE_G, RANGE_DPS = 16.0, 2000.0


@PROTOCOLS.register("witmotion")
class WitMotion(Protocol):
    """Frames may be cut anywhere and several may share a packet; there is no checksum, a frame is known by its head."""

    title: ClassVar[str] = "WitMotion sensor"
    source: ClassVar[str] = "WT901BLECL manual (Bluetooth 5.0 protocol)"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (DATA,)
    names: ClassVar[tuple[str, ...]] = ("WT9", "WTSDCL", "BWT9")
    rates_hz: ClassVar[tuple[float, ...]] = (50.0, 10.0, 20.0, 100.0, 200.0)
    gyroscope: ClassVar[bool] = True

    def __init__(self, wish: Wish | None = None) -> None:
        super().__init__(wish)
        self._text = b""

    def setup(self, room: int) -> Steps:
        """Unlock, then the rate; it is not stored in the sensor."""
        yield Write(COMMAND, UNLOCK, response=False)
        yield Write(COMMAND, bytes((0xFF, 0xAA, 0x03, _CODES[self.rate_hz], 0x00)), response=False)

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Acceleration over 16 g and turning over 2000 deg/s; bytes between frames are skipped and counted once."""
        frames, skipped = self._frames(packet)
        if skipped and not frames:
            raise Malformed("bytes that begin no frame")
        self.malformed += bool(skipped)
        if not frames:
            return []
        columns = integers(b"".join(frame[2:] for frame in frames), "<i2", 9)
        turning = (columns[:, 3:6] * (RANGE_DPS / COUNTS)).astype(np.float32)
        return [Samples(from_g(columns[:, :3], COUNTS / RANGE_G)), Samples(turning, StreamKind.GYROSCOPE)]

    def _frames(self, packet: bytes) -> tuple[list[bytes], int]:
        """Whole motion frames, and how many bytes belong to none; what may still become one is kept."""
        text, self._text = self._text + packet, b""
        frames, skipped, place = [], 0, 0
        while place < len(text):
            head = text[place : place + 2]
            if head in (MOTION, REGISTER) or head == MOTION[:1]:
                if place + FRAME > len(text):
                    self._text = text[place:]
                    break
                if head == MOTION:
                    frames.append(text[place : place + FRAME])
                place += FRAME
            else:
                skipped += 1
                place += 1
        return frames, skipped
