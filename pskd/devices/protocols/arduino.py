"""Sketches: Arduino Science Journal and Adafruit's Bluefruit Playground (CLUE, Circuit Playground)."""

from __future__ import annotations

import struct
from typing import ClassVar

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import Protocol, Samples, Steps, Write, check_length, floats
from pskd.types import GRAVITY_MPS2

JOURNAL, JOURNAL_ACCELERATION = (f"555a{part}-0000-467a-9538-01f0652c74e8" for part in ("0002", "0011"))
ADAFRUIT, ADAFRUIT_DATA, ADAFRUIT_PERIOD = (
    f"adaf{part}-c332-42a8-93bd-25e905756cb8" for part in ("0200", "0201", "0001")
)


@PROTOCOLS.register("arduino")
class ScienceJournal(Protocol):
    """Nano 33 BLE Sense and the like with the Science Journal sketch, which decides the rate; ``rate`` tells it."""

    title: ClassVar[str] = "Arduino Science Journal"
    source: ClassVar[str] = "Arduino Science Journal firmware: its .ino sketch"
    service: ClassVar[str] = JOURNAL
    notify: ClassVar[tuple[str, ...]] = (JOURNAL_ACCELERATION,)
    names: ClassVar[tuple[str, ...]] = ("BLESense", "Arduino Science")
    rates_hz: ClassVar[tuple[float, ...]] = (0.0,)

    def choose_rate(self) -> float:
        """What the person says that the sketch does; 0 where unknown."""
        return self.wish.rate_hz

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Three float32 in g."""
        check_length(packet, 12)
        return [Samples(floats(packet, GRAVITY_MPS2))]


@PROTOCOLS.register("adafruit")
class Adafruit(Protocol):
    """The accelerometer service of Bluefruit Playground; any period in whole milliseconds."""

    title: ClassVar[str] = "Adafruit Bluefruit (CLUE)"
    source: ClassVar[str] = "Adafruit BLE services: accelerometer"
    service: ClassVar[str] = ADAFRUIT
    notify: ClassVar[tuple[str, ...]] = (ADAFRUIT_DATA,)
    names: ClassVar[tuple[str, ...]] = ("CLUE", "Bluefruit")
    rates_hz: ClassVar[tuple[float, ...]] = (50.0, 10.0, 20.0, 25.0, 100.0)
    probe: ClassVar[str] = ADAFRUIT_DATA

    def setup(self, room: int) -> Steps:
        """The period in milliseconds."""
        yield Write(ADAFRUIT_PERIOD, struct.pack("<i", round(1000 / self.rate_hz)))

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Three float32 in m/s^2."""
        check_length(packet, 12)
        return [Samples(floats(packet, 1.0))]
