"""Polar's Measurement Data service (PMD): Verity Sense, OH1, H10, 360 and watches."""

from __future__ import annotations

import math
import struct
from collections.abc import Generator
from typing import ClassVar

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import (
    Ask,
    Malformed,
    Protocol,
    Read,
    Samples,
    Step,
    Steps,
    Wish,
    Write,
    from_g,
    unusable,
)
from pskd.devices.protocols.counters import Timeline
from pskd.devices.protocols.polar_frames import raw_or_delta

SERVICE, CONTROL, DATA = (f"fb005c8{n}-02e7-f387-1cad-8acd2d8df0c8" for n in "012")
ACC = 2
SDK_MODE = 9
RATE, RESOLUTION, RANGE, RANGE_MILLI, CHANNELS, FACTOR, SECURITY = range(7)
WIDTHS = {RATE: 2, RESOLUTION: 2, RANGE: 2, RANGE_MILLI: 4, CHANNELS: 1, FACTOR: 4, SECURITY: 16}
RANGE_G = 8
GET_SETTINGS, START, STOP = 1, 2, 3
ALREADY_STREAMING = 6
_PACKET_TOO_SMALL = (
    "the connection's packets are too small",
    "Turn Bluetooth off and on; on Linux use BlueZ 5.62 or newer.",
)
_REFUSALS = {
    10: _PACKET_TOO_SMALL,
    12: ("it is busy with something else", "End the recording or training on the sensor."),
    13: ("it lies in its charger", "Take it out of the charger."),
}


@PROTOCOLS.register("polar")
class Polar(Protocol):
    """Asks what it can do, starts the rate nearest to 52 Hz (or the one asked for) at 8 g, and reads its frames.

    Each frame carries the nanoseconds of its last sample on the sensor's own free-running clock, so gaps show.
    Rates outside what it offers are tried in the sensor's SDK mode.
    """

    title: ClassVar[str] = "Polar sensor"
    source: ClassVar[str] = "polar-ble-sdk: BlePMDClient, PmdDataFrame, AccData and its tests"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (CONTROL, DATA)
    names: ClassVar[tuple[str, ...]] = ("Polar",)
    rates_hz: ClassVar[tuple[float, ...]] = (52.0, 25, 26, 50, 100, 104, 200, 208, 400, 416)
    clock: ClassVar[str] = "ns, last sample"
    loss: ClassVar[str] = "by its clock"
    hint: ClassVar[str] = "Switch it on, wear it, and pair it in the system's Bluetooth settings if it asks."

    def __init__(self, wish: Wish | None = None) -> None:
        super().__init__(wish)
        self.factor = 1.0
        self._settings: dict[int, int] = {}
        self._timeline = Timeline(self.rate_hz)

    def facts(self) -> Steps:
        """What it offers; decides rate, resolution and range."""
        features = yield Read(CONTROL)
        bits = int.from_bytes(features[1:], "little") if features[:1] == b"\x0f" else 0
        if not bits >> ACC & 1:
            raise unusable("This Polar sensor does not offer its accelerometer.", "Update it in Polar Flow.")
        yield from self._choose()

    def setup(self, room: int) -> Steps:
        """Start; stop first where it still streams from an earlier time."""
        answer = yield self._ask(self.start_command())
        if _status(answer, START) == ALREADY_STREAMING:
            yield self._ask(bytes((STOP, ACC)))
            answer = yield self._ask(self.start_command())
        self._check(answer, START)
        factor = self._fields(answer[5:]).get(FACTOR)
        if factor:
            self.factor = struct.unpack("<f", struct.pack("<I", factor[0]))[0]
        if not (math.isfinite(self.factor) and 0 < self.factor < 1000):
            raise unusable("The Polar sensor gave no scale for its samples.", "Switch it off and on.")

    def teardown(self) -> tuple[Write, ...]:
        """Stop, else the sensor streams until its battery is empty."""
        return (Write(CONTROL, bytes((STOP, ACC))),)

    def start_command(self) -> bytes:
        """The start, with exactly the settings that the sensor offered."""
        command = bytes((START, ACC))
        for kind, value in self._settings.items():
            command += bytes((kind, 1)) + value.to_bytes(WIDTHS[kind], "little")
        return command

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """A data frame, or the sensor's word that it stopped."""
        if characteristic == CONTROL:
            if packet[:1] == b"\x01" and ACC in packet[1:]:
                self.ended = "The Polar sensor stopped its stream."
            return []
        if len(packet) < 10 or packet[0] & 0x3F != ACC:
            raise Malformed("not an acceleration frame")
        stamp_s = int.from_bytes(packet[1:9], "little") * 1e-9
        counts, per_g = raw_or_delta(packet[9], packet[10:], self.factor)
        times = self._timeline.ending(stamp_s, len(counts))
        if times is None:
            self.repeated += 1
            return []
        self.lost = self._timeline.missing
        return [Samples(from_g(counts, per_g), device_s=times)]

    def _choose(self) -> Steps:
        offered = yield from self._offer()
        if self.wish.rate_hz and self.wish.rate_hz not in offered[RATE]:
            yield self._ask(bytes((START, SDK_MODE)))
            offered = yield from self._offer()
            if self.wish.rate_hz not in offered[RATE]:
                raise self.no_rate(tuple(offered[RATE]))
        rate = min(offered[RATE], key=lambda hz: abs(hz - self.rate_hz))
        self.rate_hz = float(rate)
        self._timeline = Timeline(self.rate_hz)
        self._settings = {RATE: rate}
        for kind in sorted(offered.keys() - {RATE, FACTOR, SECURITY}):
            limit = RANGE_G if kind == RANGE else max(offered[kind])
            fitting = [value for value in offered[kind] if value <= limit] or offered[kind][:1]
            self._settings[kind] = max(fitting)

    def _offer(self) -> Generator[Step, bytes, dict[int, list[int]]]:
        answer = yield self._ask(bytes((GET_SETTINGS, ACC)))
        self._check(answer, GET_SETTINGS)
        fields = self._fields(answer[5:])
        if not any(fields.get(RATE, [])):
            raise unusable("The Polar sensor did not say which rates it has.", "Switch it off and on.")
        fields[RATE] = [rate for rate in fields[RATE] if rate]
        return fields

    def _ask(self, command: bytes) -> Ask:
        return Ask(CONTROL, command, CONTROL, bytes((0xF0, command[0])))

    def _check(self, answer: bytes, command: int) -> None:
        status = _status(answer, command)
        if status:
            why, hint = _REFUSALS.get(status, (f"status {status}", "Switch it off and on."))
            raise unusable(f"The Polar sensor refused to start: {why}.", hint)

    @staticmethod
    def _fields(content: bytes) -> dict[int, list[int]]:
        fields: dict[int, list[int]] = {}
        place = 0
        while place + 2 <= len(content) and content[place] in WIDTHS:
            kind, count = content[place], content[place + 1]
            width = WIDTHS[kind]
            end = place + 2 + count * width
            if end > len(content):
                break
            values = [content[at : at + width] for at in range(place + 2, end, width)]
            fields[kind] = [int.from_bytes(value, "little") for value in values]
            place = end
        return {kind: values for kind, values in fields.items() if values}


def _status(answer: bytes, command: int) -> int:
    return answer[3] if len(answer) > 3 and answer[1] == command else 255
