"""Polar's Measurement Data service (PMD): Verity Sense, OH1, H10, 360 and watches."""

from __future__ import annotations

import logging
import math
import struct
from collections.abc import Generator
from dataclasses import dataclass, field
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
from pskd.devices.protocols.polar_frames import raw_or_delta, turning
from pskd.errors import PskdError
from pskd.types import StreamKind

log = logging.getLogger(__name__)

SERVICE, CONTROL, DATA = (f"fb005c8{n}-02e7-f387-1cad-8acd2d8df0c8" for n in "012")
ACC, GYRO = 2, 5
SDK_MODE = 9
RATE, RESOLUTION, RANGE, RANGE_MILLI, CHANNELS, FACTOR, SECURITY = range(7)
WIDTHS = {RATE: 2, RESOLUTION: 2, RANGE: 2, RANGE_MILLI: 4, CHANNELS: 1, FACTOR: 4, SECURITY: 16}
MOST = {ACC: 8, GYRO: 2000}  # range asked for, in g and deg/s
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


@dataclass
class _Stream:
    """One measurement: what was agreed with the sensor, and its clock."""

    timeline: Timeline
    settings: dict[int, int] = field(default_factory=dict)
    factor: float = 1.0


@PROTOCOLS.register("polar")
class Polar(Protocol):
    """Asks what it can do, starts the rate nearest to 52 Hz (or the one asked for) at 8 g, and reads its frames.

    A gyroscope is started beside it at the nearest rate, where the sensor offers one (Verity Sense, 360). Each frame
    carries the nanoseconds of its last sample on the sensor's own free-running clock, so gaps show. Rates outside what
    it offers are tried in the sensor's SDK mode.
    """

    title: ClassVar[str] = "Polar sensor"
    source: ClassVar[str] = "polar-ble-sdk: BlePMDClient, PmdDataFrame, AccData, GyrData and their tests"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (CONTROL, DATA)
    names: ClassVar[tuple[str, ...]] = ("Polar",)
    rates_hz: ClassVar[tuple[float, ...]] = (52.0, 25, 26, 50, 100, 104, 200, 208, 400, 416)
    gyroscope: ClassVar[bool] = True
    clock: ClassVar[str] = "ns, last sample"
    loss: ClassVar[str] = "by its clock"
    hint: ClassVar[str] = "Switch it on, wear it, and pair it in the system's Bluetooth settings if it asks."

    def __init__(self, wish: Wish | None = None) -> None:
        super().__init__(wish)
        self._streams = {kind: _Stream(Timeline(self.rate_hz)) for kind in (ACC, GYRO)}

    @property
    def turning_hz(self) -> float:
        """The gyroscope's own rate."""
        return float(self._streams[GYRO].settings.get(RATE, self.rate_hz))

    def facts(self) -> Steps:
        """What it offers; decides rate, resolution and range."""
        features = yield Read(CONTROL)
        bits = int.from_bytes(features[1:], "little") if features[:1] == b"\x0f" else 0
        if not bits >> ACC & 1:
            raise unusable("This Polar sensor does not offer its accelerometer.", "Update it in Polar Flow.")
        self.rate_hz = self._agree(ACC, (yield from self._wanted()))
        self.turns = self.turns and bool(bits >> GYRO & 1)
        if self.turns:
            yield from self._agree_turning()

    def setup(self, room: int) -> Steps:
        """Start; a gyroscope that refuses leaves the accelerometer alone."""
        yield from self._start(ACC)
        if self.turns:
            try:
                yield from self._start(GYRO)
            except PskdError as error:
                log.warning("the gyroscope of a Polar sensor did not start: %s", error)
                self.turns = False

    def teardown(self) -> tuple[Write, ...]:
        """Stop, else the sensor streams until its battery is empty."""
        return tuple(Write(CONTROL, bytes((STOP, kind))) for kind in ((ACC, GYRO) if self.turns else (ACC,)))

    def start_command(self, kind: int = ACC) -> bytes:
        """The start, with exactly the settings that the sensor offered."""
        command = bytes((START, kind))
        for setting, value in self._streams[kind].settings.items():
            command += bytes((setting, 1)) + value.to_bytes(WIDTHS[setting], "little")
        return command

    @property
    def factor(self) -> float:
        """The scale that the sensor gave for its accelerometer's compressed frames; 1 before it has started."""
        return self._streams[ACC].factor

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """A data frame, or the sensor's word that it stopped."""
        if characteristic == CONTROL:
            if packet[:1] == b"\x01" and ACC in packet[1:]:
                self.ended = "The Polar sensor stopped its stream."
            return []
        if len(packet) < 10 or packet[0] & 0x3F not in self._streams:
            raise Malformed("not a frame of these measurements")
        kind = packet[0] & 0x3F
        stream = self._streams[kind]
        if kind == ACC:
            counts, per_g = raw_or_delta(packet[9], packet[10:], stream.factor)
            values, what = from_g(counts, per_g), StreamKind.ACCELEROMETER
        else:
            values, what = turning(packet[9], packet[10:], stream.factor), StreamKind.GYROSCOPE
        times = stream.timeline.ending(int.from_bytes(packet[1:9], "little") * 1e-9, len(values))
        if times is None:
            self.repeated += 1
            return []
        self.lost = sum(each.timeline.missing for each in self._streams.values())
        return [Samples(values, what, device_s=times)]

    def _start(self, kind: int) -> Steps:
        """Start one measurement; stop it first where it still streams from an earlier time."""
        answer = yield self._ask(self.start_command(kind))
        if _status(answer, START) == ALREADY_STREAMING:
            yield self._ask(bytes((STOP, kind)))
            answer = yield self._ask(self.start_command(kind))
        self._check(answer, START)
        told = self._fields(answer[5:]).get(FACTOR)
        factor = struct.unpack("<f", struct.pack("<I", told[0]))[0] if told else 1.0
        if not (math.isfinite(factor) and 0 < factor < 1000):
            raise unusable("The Polar sensor gave no scale for its samples.", "Switch it off and on.")
        self._streams[kind].factor = factor

    def _wanted(self) -> Generator[Step, bytes, dict[int, list[int]]]:
        """What the accelerometer offers; in SDK mode where the rate asked for is not among it."""
        offered = yield from self._offer(ACC)
        if self.wish.rate_hz and self.wish.rate_hz not in offered[RATE]:
            yield self._ask(bytes((START, SDK_MODE)))
            offered = yield from self._offer(ACC)
            if self.wish.rate_hz not in offered[RATE]:
                raise self.no_rate(tuple(offered[RATE]))
        return offered

    def _agree_turning(self) -> Steps:
        try:
            self._agree(GYRO, (yield from self._offer(GYRO)))
        except PskdError as error:
            log.info("this Polar sensor does not offer its gyroscope now: %s", error)
            self.turns = False

    def _agree(self, kind: int, offered: dict[int, list[int]]) -> float:
        """Choose among the settings; the rate."""
        rate = min(offered[RATE], key=lambda hz: abs(hz - self.rate_hz))
        settings = {RATE: rate}
        for setting in sorted(offered.keys() - {RATE, FACTOR, SECURITY}):
            limit = MOST[kind] if setting == RANGE else max(offered[setting])
            fitting = [value for value in offered[setting] if value <= limit] or offered[setting][:1]
            settings[setting] = max(fitting)
        self._streams[kind] = _Stream(Timeline(float(rate)), settings)
        return float(rate)

    def _offer(self, kind: int) -> Generator[Step, bytes, dict[int, list[int]]]:
        answer = yield self._ask(bytes((GET_SETTINGS, kind)))
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
