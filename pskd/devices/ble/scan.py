"""Which Bluetooth watches are near."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from pskd.devices.ble.radio import Seen, radio


class Found(msgspec.Struct, frozen=True):
    """One device in the list that a person chooses from.

    Attributes:
        uri: what to open it with; empty where no driver fits.
        name: advertised name; may be empty.
        driver: the driver that fits best; may be empty.
        rssi: signal in dBm.
        battery: percent, where it is advertised.
        address: its Bluetooth address.
        score: how well the driver fits, 0 to 100.
    """

    uri: str
    name: str
    driver: str
    rssi: int
    battery: int | None
    address: str
    score: int


async def scan(
    seconds: float = 5.0, on_found: Callable[[Found], None] | None = None, *, unknown: bool = False
) -> list[Found]:
    """Listen for ``seconds``; the best and nearest first. To be run on the engine's loop (``DeviceEngine.submit``).

    Args:
        seconds: how long.
        on_found: told of each advertisement of a listed device, as it comes.
        unknown: list devices that no driver fits, too.

    Raises:
        PskdError: Bluetooth cannot be used, with what to do.
    """
    found: dict[str, Found] = {}

    def listen(seen: Seen) -> None:
        if seen.score or unknown:
            found[seen.address] = _found(seen)
            if on_found is not None:
                on_found(found[seen.address])

    async with radio().scanning(listen):
        await asyncio.sleep(seconds)
    return sorted(found.values(), key=lambda one: (-one.score, -one.rssi, one.address))


def _found(seen: Seen) -> Found:
    uri = f"ble:{seen.driver}/{seen.address}" if seen.driver else ""
    return Found(uri, seen.name, seen.driver, seen.rssi, seen.battery, seen.address, seen.score)
