"""OpenSeizureDetector's "BLE2" watches: Bangle.js and PineTime with its app."""

from __future__ import annotations

from typing import ClassVar

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import Protocol, Read, Samples, Steps, from_g, integers, unusable

_UUID = "000085e9-{:04x}-1000-8000-00805f9b34fb"
SERVICE, ACCELERATION, BATTERY, _, _, FORMAT = (_UUID.format(number) for number in range(6))
AXES = 3


@PROTOCOLS.register("osd")
class OpenSeizureDetector(Protocol):
    """25 Hz, usually three samples in a packet. Formats with the magnitude alone have no axes and are refused."""

    title: ClassVar[str] = "OpenSeizureDetector watch"
    source: ClassVar[str] = "OpenSeizureDetector: doc/BLE_Datasource_Specification.md"
    service: ClassVar[str] = SERVICE
    notify: ClassVar[tuple[str, ...]] = (ACCELERATION,)
    rates_hz: ClassVar[tuple[float, ...]] = (25.0,)
    battery: ClassVar[str] = BATTERY
    probe: ClassVar[str] = BATTERY

    def facts(self) -> Steps:
        """The format of its packets."""
        form = yield Read(FORMAT, optional=True)
        if form and form[0] != AXES:
            raise unusable(
                "The watch sends only how strong the acceleration is, not its three axes.",
                "Choose the 3D format in the watch's OpenSeizureDetector app.",
            )

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Triplets of int16 milli-g."""
        return [Samples(from_g(integers(packet, "<i2"), 1000.0))]
