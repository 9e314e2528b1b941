"""The open companion service: what an app on a watch can offer to any program (docs/companion.md)."""

from __future__ import annotations

import struct
from typing import ClassVar

import numpy as np

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import (
    Ask,
    Malformed,
    Protocol,
    Read,
    Samples,
    Steps,
    Wish,
    Write,
    from_g,
    integers,
    unusable,
)
from pskd.devices.protocols.counters import Unwrapped
from pskd.types import StreamKind

SERVICE, INFO, SAMPLE, CONTROL = (f"5ff6{number:04x}-b1e9-4b34-99d7-987499f5c42f" for number in range(4))
VERSION = 1
THREE_AXES, SIX_AXES = 1, 2
COUNTS_A_DPS = 16.0
INFO_HEAD = struct.Struct("<BBHHBB")
HEAD = struct.Struct("<BBHIH")
START, STOP, PING = 1, 2, 0x10
PONG = struct.Struct("<BIQ")
PING_S = 2.0
CLIPPED, DROPPED, TURNING = 1, 2, 4


@PROTOCOLS.register("companion")
class Companion(Protocol):
    """Sequence number and microseconds of the last sample in every packet, so every loss and every gap is seen.

    Attributes:
        clipped: packets in which the sensor met its range.
        wrist: ``left``, ``right`` or empty, as the watch says.
    """

    title: ClassVar[str] = "Companion app on a watch"
    source: ClassVar[str] = "docs/companion.md (ours)"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (SAMPLE,)
    rates_hz: ClassVar[tuple[float, ...]] = (50.0, 25.0, 100.0)
    gyroscope: ClassVar[bool] = True
    clock: ClassVar[str] = "us, last sample"
    loss: ClassVar[str] = "by packet number"
    probe: ClassVar[str] = INFO
    hint: ClassVar[str] = "Open the companion app on the watch."

    def __init__(self, wish: Wish | None = None) -> None:
        super().__init__(wish)
        self.clipped = 0
        self.wrist = ""
        self._number = Unwrapped(16)
        self._clock_us = Unwrapped(32)
        self._last_s = -np.inf

    def choose_rate(self) -> float:
        """Any from 1 to 650 Hz."""
        return self.wish.rate_hz if 1 <= self.wish.rate_hz <= 650 else super().choose_rate()

    def facts(self) -> Steps:
        """Format, rate and wrist."""
        info = yield Read(INFO)
        if len(info) < INFO_HEAD.size or info[0] != VERSION or info[1] not in (THREE_AXES, SIX_AXES):
            raise unusable("The watch's companion app speaks another version.", "Update the app, or PSKD Studio.")
        _, form, rate, _, wrist, _ = INFO_HEAD.unpack_from(info)
        self.turns = self.turns and form == SIX_AXES
        self.wrist = {1: "left", 2: "right"}.get(wrist, "")
        if rate and not self.wish.rate_hz:
            self.rate_hz = rate / 100.0

    def setup(self, room: int) -> Steps:
        """Start, at the rate that was asked for."""
        yield Write(CONTROL, struct.pack("<BH", START, round(self.rate_hz * 100)))

    def teardown(self) -> tuple[Write, ...]:
        """Stop."""
        return (Write(CONTROL, bytes((STOP,))),)

    def ping(self, token: int) -> Ask:
        """The watch answers with its clock."""
        question = struct.pack("<BI", PING, token)
        return Ask(CONTROL, question, CONTROL, question, PING_S)

    def pong(self, answer: bytes) -> float | None:
        """The watch's clock, brought onto the line of the packets' 32 bits; None before the first of them."""
        if len(answer) != PONG.size:
            raise Malformed("not an answer to a ping")
        clock_us: int = PONG.unpack(answer)[2]
        return None if self._clock_us.value is None else self._clock_us.near(clock_us % (1 << 32)) * 1e-6

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """A head of ten bytes and triplets of int16 milli-g, each followed by one of turning where the head says so."""
        if characteristic == CONTROL:
            return []  # an answer to a ping that nobody waits for any more
        if len(packet) <= HEAD.size or packet[0] != VERSION:
            raise Malformed("not a sample packet")
        _, flags, number, stamp_us, step_us = HEAD.unpack_from(packet)
        columns = integers(packet[HEAD.size :], "<i2", 6 if flags & TURNING else 3)
        values = from_g(columns[:, :3], 1000.0)
        ahead, later = self._number.step(number), self._clock_us.step(stamp_us)
        if not step_us and len(values) > 1:
            raise Malformed("no time between samples")
        if ahead <= 0 or later <= 0:
            self.repeated += 1
            return []
        steps = np.arange(1 - len(values), 1) * (step_us * 1e-6)
        start_us = stamp_us if self._clock_us.value is None else self._clock_us.value + later
        times = start_us * 1e-6 + steps
        if times[0] <= self._last_s:
            raise Malformed("older than the packet before")
        self._clock_us.accept(stamp_us)
        self._last_s = float(times[-1])
        self.lost += ahead - 1
        self.clipped += flags & CLIPPED
        found = [Samples(values, device_s=times, sequence=self._number.accept(number))]
        if flags & TURNING:
            turning = (columns[:, 3:] / COUNTS_A_DPS).astype(np.float32)
            found.append(Samples(turning, StreamKind.GYROSCOPE, times, found[0].sequence))
        return found
