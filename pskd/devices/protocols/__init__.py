"""What Bluetooth sensors say, one file a device: pure bytes to samples, no radio; a new one is one class."""

from __future__ import annotations

from pskd.devices.protocols.base import Protocol
from pskd.registry import Registry

PROTOCOLS: Registry[type[Protocol]] = Registry("Bluetooth driver", "pskd.devices.protocols")


def best_match(name: str, services: tuple[str, ...]) -> tuple[str, int]:
    """The driver that fits an advertisement best and its score from 1 to 100; an empty name and 0 where none does."""
    scores = [(PROTOCOLS.get(driver).match(name, services), driver) for driver in PROTOCOLS]
    score, driver = max(scores, key=lambda pair: (pair[0], pair[1]))
    return (driver, score) if score > 0 else ("", 0)
