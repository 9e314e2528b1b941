"""Texas Instruments SensorTag: CC2650 (movement service) and the older CC2541."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import Protocol, Samples, Steps, Write, check_length, from_g, integers
from pskd.types import StreamKind

_UUID = "f000{}-0451-4000-b000-000000000000"
SERVICE, DATA, CONFIG, PERIOD = (_UUID.format(part) for part in ("aa80", "aa81", "aa82", "aa83"))
OLD_SERVICE, OLD_DATA, OLD_CONFIG, OLD_PERIOD = (_UUID.format(part) for part in ("aa10", "aa11", "aa12", "aa13"))
# gyroscope x y z, accelerometer x y z, and 8 g in bits 8 and 9
AXES_8_G = b"\x3f\x02"
RANGE_G = 8.0
RANGE_DPS = 250.0
TENTH_S = b"\x0a"


@PROTOCOLS.register("sensortag")
class SensorTag(Protocol):
    """CC2650: at most 10 Hz; gyroscope at 250 deg/s, accelerometer at 8 g."""

    title: ClassVar[str] = "TI SensorTag CC2650"
    source: ClassVar[str] = "TI CC2650 SensorTag user's guide, movement sensor"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (DATA,)
    names: ClassVar[tuple[str, ...]] = ("CC2650 SensorTag", "SensorTag 2.0")
    rates_hz: ClassVar[tuple[float, ...]] = (10.0,)
    probe: ClassVar[str] = DATA
    gyroscope: ClassVar[bool] = True
    hint: ClassVar[str] = "Press its button: its light blinks while it can be found."

    def setup(self, room: int) -> Steps:
        """Period, then which axes."""
        yield Write(PERIOD, TENTH_S)
        yield Write(CONFIG, AXES_8_G)

    def teardown(self) -> tuple[Write, ...]:
        """All axes off."""
        return (Write(CONFIG, b"\0\0"),)

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Nine int16: gyroscope, accelerometer, magnetometer (left out)."""
        check_length(packet, 18)
        columns = integers(packet, "<i2", 9)
        turning = (columns[:, :3] * (RANGE_DPS / 32768.0)).astype(np.float32)
        return [Samples(from_g(columns[:, 3:6], 32768.0 / RANGE_G)), Samples(turning, StreamKind.GYROSCOPE)]


@PROTOCOLS.register("sensortag2541")
class OldSensorTag(Protocol):
    """CC2541: three bytes at 2 g, 10 Hz."""

    title: ClassVar[str] = "TI SensorTag CC2541"
    source: ClassVar[str] = "TI SensorTag user guide, accelerometer"
    service: ClassVar[str] = OLD_SERVICE
    notify: ClassVar[tuple[str, ...]] = (OLD_DATA,)
    names: ClassVar[tuple[str, ...]] = ("TI BLE Sensor Tag", "SensorTag")
    rates_hz: ClassVar[tuple[float, ...]] = (10.0,)
    probe: ClassVar[str] = OLD_DATA
    hint: ClassVar[str] = "Press its button: its light blinks while it can be found."

    def setup(self, room: int) -> Steps:
        """Period, then on."""
        yield Write(OLD_PERIOD, TENTH_S)
        yield Write(OLD_CONFIG, b"\x01")

    def teardown(self) -> tuple[Write, ...]:
        """Off."""
        return (Write(OLD_CONFIG, b"\0"),)

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Three int8, 64 a g."""
        check_length(packet, 3)
        return [Samples(from_g(integers(packet, "<i1"), 64.0))]
