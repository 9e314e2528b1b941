"""The HTTP Push of the app Sensor Logger (iOS, Android; with Apple Watch or Wear OS): JSON bodies to samples.

Format from its documentation (github.com/tszheichoi/awesome-sensor-logger): ``{"messageId", "sessionId", "deviceId",
"payload": [{"name": sensor, "time": ns since 1970, "values": {...}}, ...]}``. The wrist's motion comes as
``acceleration`` and ``gravity`` apart, in g with Apple's signs unless "Standardise Units & Frames" is on; then in m/s^2
with Android's signs, which are the ones used here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from pskd.devices.network.readings import DEG_PER_RAD, UNITS_MPS2, Row, read_json, samples
from pskd.devices.protocols.base import Malformed, Samples
from pskd.errors import WrongUse
from pskd.types import GRAVITY_MPS2, StreamKind

MAX_READINGS = 100_000
# What a body may hold, the best for a wrist first: what the option calls it, and the app's own name.
SENSORS = {
    "wrist": "wristmotion",
    "total": "totalacceleration",
    "uncalibrated": "accelerometeruncalibrated",
    "accelerometer": "accelerometer",
}
# Gravity has this length in g, and 9.8 times more in m/s^2; four is far from both.
_BETWEEN_UNITS = 4.0

Values = dict[str, object] | list[float]


class _Reading(msgspec.Struct):
    name: str
    time: float
    values: Values = msgspec.field(default_factory=dict)


class _Body(msgspec.Struct):
    payload: list[_Reading] = msgspec.field(default_factory=list)
    device: str = msgspec.field(default="", name="deviceId")


class SensorLogger:
    """Decodes the bodies of one phone.

    Args:
        sensor: one of :data:`SENSORS`, or ``auto`` for the best that comes first.
        unit: ``g`` or ``m/s2`` of the acceleration; empty to tell it by gravity.
        gyroscope: give turning too.

    Raises:
        WrongUse: an unknown sensor or unit.
    """

    def __init__(self, sensor: str = "auto", unit: str = "", *, gyroscope: bool = False) -> None:
        if sensor not in (*SENSORS, "auto"):
            raise WrongUse(
                f"There is no sensor {sensor!r}.", code="device.option", hint=f"Known: auto, {', '.join(SENSORS)}."
            )
        self._name = SENSORS.get(sensor, "")
        self._unit = unit_option(unit)
        self._gyroscope = gyroscope
        self.device = ""

    def decode(self, body: bytes) -> list[Samples]:
        """One body to samples: acceleration, then turning where it is wanted; nothing where it holds neither.

        Raises:
            Malformed: never anything else, whatever the bytes are.
        """
        content = read_json(body, _Body)
        if len(content.payload) > MAX_READINGS:
            raise Malformed(f"{len(content.payload)} readings")
        sensors: dict[str, list[_Reading]] = {}
        for reading in content.payload:
            sensors.setdefault(_plain(reading.name), []).append(reading)
        self.device = content.device
        self._name = self._name or next((name for name in SENSORS.values() if name in sensors), "")
        found = []
        if self._name in sensors:
            found.append(self._acceleration(sensors))
        if self._gyroscope and (turning := self._turning(sensors)):
            found.append(samples(StreamKind.GYROSCOPE, turning, DEG_PER_RAD))
        return found

    def _acceleration(self, sensors: Mapping[str, Sequence[_Reading]]) -> Samples:
        readings = sensors[self._name]
        if self._name == SENSORS["wrist"]:
            rows = [_sum(_row(one, "acceleration"), _row(one, "gravity")) for one in readings]
            lengths = [_length(_row(one, "gravity")) for one in readings]
        elif self._name == SENSORS["accelerometer"]:  # without gravity, which the app sends as a sensor of its own
            gravity = {one.time: _row(one) for one in sensors.get("gravity", ())}
            rows = [_sum(_row(one), gravity.get(one.time, _NONE)) for one in readings]
            lengths = [GRAVITY_MPS2]
        else:
            rows = [_row(one) for one in readings]
            lengths = [_length(row) for row in rows]
        return samples(StreamKind.ACCELEROMETER, rows, self._worth(sorted(lengths)[len(lengths) // 2]))

    def _worth(self, length: float) -> float:
        """What a count is worth in m/s^2, told once by the usual length of the first body's vectors.

        What comes in g comes with Apple's signs, all three against Android's.
        """
        self._unit = self._unit or ("g" if length < _BETWEEN_UNITS else "m/s2")
        return -GRAVITY_MPS2 if self._unit == "g" else 1.0

    def _turning(self, sensors: Mapping[str, Sequence[_Reading]]) -> list[Row]:
        if self._name == SENSORS["wrist"]:
            return [_row(one, "rotationRate") for one in sensors.get(self._name, ())]
        return [_row(one) for one in sensors.get("gyroscope", ())]


def unit_option(unit: str) -> str:
    """A unit of acceleration, or empty where it is not said.

    Raises:
        WrongUse: an unknown one.
    """
    if unit and unit not in UNITS_MPS2:
        raise WrongUse(f"There is no unit {unit!r}.", code="device.option", hint=f"Known: {', '.join(UNITS_MPS2)}.")
    return unit


_NONE: Row = (0.0, 0.0, 0.0, 0.0)


def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("_", "")


def _row(reading: _Reading, prefix: str = "") -> Row:
    """Time and the three values ``x y z``, or ``accelerationX`` and so on."""
    values = reading.values
    if isinstance(values, list):
        found: list[object] = list(values)
    else:
        found = [values.get(f"{prefix}{axis.upper()}" if prefix else axis) for axis in "xyz"]
    if len(found) != 3:
        raise Malformed(f"{reading.name} has {len(found)} values")
    x, y, z = (_number(value) for value in found)
    return reading.time * 1e-9, x, y, z


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed("a value is not a number")
    try:
        return float(value)
    except OverflowError as error:
        raise Malformed("a value is beyond all bounds") from error


def _sum(one: Row, other: Row) -> Row:
    return one[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def _length(row: Row) -> float:
    return math.sqrt(sum(min(abs(value), 1e9) ** 2 for value in row[1:]))
