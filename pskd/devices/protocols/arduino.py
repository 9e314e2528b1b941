"""Sketches: Arduino Science Journal and Adafruit's Bluefruit Playground (CLUE, Circuit Playground)."""

from __future__ import annotations

import math
import struct
from typing import ClassVar

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import PLAUSIBLE_DPS, Has, Protocol, Samples, Steps, Write, check_length, floats
from pskd.types import GRAVITY_MPS2, StreamKind

JOURNAL, JOURNAL_ACCELERATION, JOURNAL_TURNING = (
    f"555a0002-{part}-467a-9538-01f0652c74e8" for part in ("0000", "0011", "0012")
)
ADAFRUIT, ADAFRUIT_DATA, ADAFRUIT_PERIOD, ADAFRUIT_GYROSCOPE, ADAFRUIT_TURNING = (
    f"adaf{part}-c332-42a8-93bd-25e905756cb8" for part in ("0200", "0201", "0001", "0400", "0401")
)


@PROTOCOLS.register("arduino")
class ScienceJournal(Protocol):
    """Nano 33 BLE Sense and the like with the Science Journal sketch, which decides the rate; ``rate`` tells it."""

    title: ClassVar[str] = "Arduino Science Journal"
    source: ClassVar[str] = "Arduino Science Journal firmware: its .ino sketch"
    service: ClassVar[str] = JOURNAL
    notify: ClassVar[tuple[str, ...]] = (JOURNAL_ACCELERATION,)
    turning: ClassVar[str] = JOURNAL_TURNING
    names: ClassVar[tuple[str, ...]] = ("BLESense", "Arduino Science")
    rates_hz: ClassVar[tuple[float, ...]] = (0.0,)
    gyroscope: ClassVar[bool] = True

    def choose_rate(self) -> float:
        """What the person says that the sketch does; 0 where unknown."""
        return self.wish.rate_hz

    def facts(self) -> Steps:
        """Whether the sketch has the gyroscope."""
        self.turns = self.turns and bool((yield Has(self.turning)))

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Three float32, in g or deg/s."""
        check_length(packet, 12)
        if characteristic == self.turning:
            return [Samples(floats(packet, 1.0, PLAUSIBLE_DPS), StreamKind.GYROSCOPE)]
        return [Samples(floats(packet, GRAVITY_MPS2))]


@PROTOCOLS.register("adafruit")
class Adafruit(Protocol):
    """The accelerometer and gyroscope services of Bluefruit Playground; any period in whole milliseconds."""

    title: ClassVar[str] = "Adafruit Bluefruit (CLUE)"
    source: ClassVar[str] = "Adafruit BLE services: accelerometer, gyroscope"
    service: ClassVar[str] = ADAFRUIT
    notify: ClassVar[tuple[str, ...]] = (ADAFRUIT_DATA,)
    turning: ClassVar[str] = ADAFRUIT_TURNING
    names: ClassVar[tuple[str, ...]] = ("CLUE", "Bluefruit")
    rates_hz: ClassVar[tuple[float, ...]] = (50.0, 10.0, 20.0, 25.0, 100.0)
    probe: ClassVar[str] = ADAFRUIT_DATA
    gyroscope: ClassVar[bool] = True

    def facts(self) -> Steps:
        """Whether the board has a gyroscope: a CLUE has, a Circuit Playground has not."""
        self.turns = self.turns and bool((yield Has(self.turning)))

    def setup(self, room: int) -> Steps:
        """The period in milliseconds; each service has its own, with the same UUID."""
        period = struct.pack("<i", round(1000 / self.rate_hz))
        yield Write(ADAFRUIT_PERIOD, period, service=ADAFRUIT)
        if self.turns:
            yield Write(ADAFRUIT_PERIOD, period, service=ADAFRUIT_GYROSCOPE)

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Three float32, in m/s^2 or radians a second."""
        check_length(packet, 12)
        if characteristic == self.turning:
            return [Samples(floats(packet, math.degrees(1.0), PLAUSIBLE_DPS), StreamKind.GYROSCOPE)]
        return [Samples(floats(packet, 1.0))]
