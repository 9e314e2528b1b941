"""Samples as plain text, as logger apps send them by UDP: one line a sample, or one JSON object.

- ``TIME,x,y,z`` or ``TIME,x,y,z,gx,gy,gz`` (HyperIMU's order; more columns are left out), or ``x,y,z`` without a time;
- ``TIME,3,x,y,z,4,gx,gy,gz,...`` (Wireless IMU: 3 is the accelerometer, 4 the gyroscope, others are left out);
- ``{"time": TIME, "x": ..., "y": ..., "z": ...}``, or ``"accelerometer"`` and ``"gyroscope"`` as lists of three.

A first line ``token=TOKEN``, or ``"token"`` in the object, says that the sender may. Turning is in rad/s. A time is in
seconds, or in milli-, micro- or nanoseconds since 1970 where it is too large for that; a clock that does not count
from 1970 needs its unit said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec

from pskd.devices.network.readings import DEG_PER_RAD, Row, read_json, samples
from pskd.devices.protocols.base import Malformed, Samples
from pskd.types import StreamKind

MAX_TEXT = 1 << 16
MAX_COLUMNS = 64
_TOKEN = "token="
# Seconds since 1970 have ten digits; each further thousand is a smaller unit.
_LARGEST_S = 1e11
_WIRELESS_IMU = {"1", "2", "3", "4", "5", "6", "7", "8", "81", "82", "83", "84", "85", "86"}
_ACCELEROMETER, _GYROSCOPE = "3", "4"


class _Object(msgspec.Struct):
    time: float = math.nan
    token: str = ""
    x: float = math.nan
    y: float = math.nan
    z: float = math.nan
    accelerometer: tuple[float, float, float] | None = None
    gyroscope: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One datagram.

    Attributes:
        token: what the sender gave; empty where nothing.
        acceleration: rows in the sender's unit.
        turning: rows in rad/s.
    """

    token: str
    acceleration: list[Row]
    turning: list[Row]

    def samples(self, unit_mps2: float, *, gyroscope: bool) -> list[Samples]:
        """The rows as samples.

        Raises:
            Malformed: a value is not plausible.
        """
        found = []
        if self.acceleration:
            found.append(samples(StreamKind.ACCELEROMETER, self.acceleration, unit_mps2))
        if gyroscope and self.turning:
            found.append(samples(StreamKind.GYROSCOPE, self.turning, DEG_PER_RAD))
        return found


def read(datagram: bytes, tick_s: float = 0.0) -> Text:
    """What a datagram says.

    Args:
        datagram: its bytes.
        tick_s: seconds in one count of the sender's clock; 0 to tell it by size.

    Raises:
        Malformed: never anything else, whatever the bytes are.
    """
    if len(datagram) > MAX_TEXT:
        raise Malformed(f"{len(datagram)} bytes")
    try:
        text = datagram.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise Malformed("not text") from error
    return _read_object(text, tick_s) if text.startswith("{") else _read_lines(text, tick_s)


def _read_object(text: str, tick_s: float) -> Text:
    content = read_json(text, _Object)
    time_s = _seconds(content.time, tick_s)
    xyz = content.accelerometer or (content.x, content.y, content.z)
    turning = [(time_s, *content.gyroscope)] if content.gyroscope else []
    return Text(content.token, [] if math.isnan(xyz[0]) and turning else [(time_s, *xyz)], turning)


def _read_lines(text: str, tick_s: float) -> Text:
    found = Text("", [], [])
    for line in text.splitlines():
        if line.startswith(_TOKEN):
            found = Text(line[len(_TOKEN) :].strip(), found.acceleration, found.turning)
        elif line.strip():
            _read_line(line, found, tick_s)
    return found


def _read_line(line: str, found: Text, tick_s: float) -> None:
    cells = [cell.strip() for cell in line.split(",", MAX_COLUMNS)]
    numbers = [_number(cell) for cell in cells]
    if len(numbers) >= 5 and len(numbers) % 4 == 1 and _WIRELESS_IMU.issuperset(cells[1::4]):
        time_s = _seconds(numbers[0], tick_s)
        for start in range(1, len(numbers), 4):
            rows = {_ACCELEROMETER: found.acceleration, _GYROSCOPE: found.turning}.get(cells[start])
            if rows is not None:
                rows.append(_row(time_s, numbers[start + 1 : start + 4]))
        return
    if len(numbers) == 3:
        numbers.insert(0, math.nan)
    if len(numbers) < 4:
        raise Malformed(f"{len(numbers)} columns")
    time_s = _seconds(numbers[0], tick_s)
    found.acceleration.append(_row(time_s, numbers[1:4]))
    if len(numbers) >= 7:
        found.turning.append(_row(time_s, numbers[4:7]))


def _row(time_s: float, xyz: list[float]) -> Row:
    x, y, z = xyz
    return time_s, x, y, z


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError as error:
        raise Malformed("a column is not a number") from error


def _seconds(time: float, tick_s: float) -> float:
    if not math.isnan(time) and not 0 <= time < _LARGEST_S * 1e9:
        raise Malformed("no plausible time")
    if tick_s:
        return time * tick_s
    while time >= _LARGEST_S:
        time /= 1000.0
    return time
