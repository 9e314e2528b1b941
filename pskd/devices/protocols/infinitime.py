"""PineTime with InfiniTime 1.16 and later: the motion service."""

from __future__ import annotations

from typing import ClassVar

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import Protocol, Samples, check_length, from_g, integers

MOTION = "00030000-78fc-48fe-8e23-433b3a1942d0"
ACCELERATION = "00030002-78fc-48fe-8e23-433b3a1942d0"
PER_G = 1024.0


@PROTOCOLS.register("infinitime")
class InfiniTime(Protocol):
    """Looked at ten times a second, sent only when changed; found by its name, as the service is not advertised.

    Silence may mean stillness, so in silence the value is read: that is a sample like any other.
    """

    title: ClassVar[str] = "PineTime (InfiniTime)"
    source: ClassVar[str] = "InfiniTime 1.16: doc/MotionService.md, MotionService.cpp, Bma421.cpp"
    service: ClassVar[str] = MOTION
    notify: ClassVar[tuple[str, ...]] = (ACCELERATION,)
    names: ClassVar[tuple[str, ...]] = ("InfiniTime", "PineTime")
    rates_hz: ClassVar[tuple[float, ...]] = (10.0,)
    probe: ClassVar[str] = ACCELERATION
    changes_only: ClassVar[bool] = True
    hint: ClassVar[str] = "Wake it with its button, and close Gadgetbridge on the phone: it takes one connection only."

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Three int16, 1024 a g."""
        check_length(packet, 6)
        return [Samples(from_g(integers(packet, "<i2"), PER_G))]
