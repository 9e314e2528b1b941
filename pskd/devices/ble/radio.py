"""The one scanner of a loop, shared by all who look for something, and who holds which device."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pskd.clock import now_s
from pskd.devices.base import readable
from pskd.devices.ble.trouble import explain
from pskd.devices.protocols import best_match
from pskd.devices.protocols.base import BATTERY_SERVICE

if TYPE_CHECKING:
    from bleak import BleakScanner
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

log = logging.getLogger(__name__)

START_S = 10.0
# A scan that outlives the system's Bluetooth service never ends by itself; starting anew finds out.
SLICE_S = 20.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A device as its advertisements show it.

    Attributes:
        device: what bleak connects to.
        address: its address (on macOS a UUID of this computer's own).
        name: advertised name; may be empty.
        services: advertised service UUIDs.
        rssi: signal in dBm, as last heard.
        battery: percent, where it is advertised.
        driver: the driver that fits best; empty where none does.
        score: how well it fits, 0 to 100.
    """

    device: BLEDevice
    address: str
    name: str
    services: tuple[str, ...]
    rssi: int
    battery: int | None
    driver: str
    score: int


OnSeen = Callable[[Seen], None]


class Radio:
    """Scanning and holding, for one event loop; get it with :func:`radio`.

    Attributes:
        held: addresses that a link of this program holds.
    """

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.connecting = asyncio.Lock()
        self._scanner: BleakScanner | None = None
        self._started_s = 0.0
        self._listeners: list[OnSeen] = []
        self._lock = asyncio.Lock()
        self._known: dict[str, Seen] = {}

    @contextlib.asynccontextmanager
    async def scanning(self, on_seen: OnSeen) -> AsyncIterator[None]:
        """Scan as long as this lasts; ``on_seen`` gets each advertisement.

        Raises:
            PskdError: Bluetooth cannot be used, with what to do.
        """
        self._listeners.append(on_seen)
        try:
            async with self._lock:
                await self._start()
            yield
        finally:
            self._listeners.remove(on_seen)
            if not self._listeners:
                await self._stop()

    async def find(self, fits: Callable[[Seen], bool], timeout_s: float) -> Seen | None:
        """The first device that fits; None where none did in ``timeout_s``, which may be infinite.

        Raises:
            PskdError: Bluetooth cannot be used.
        """
        loop = asyncio.get_running_loop()
        end_s = loop.time() + timeout_s
        while (left_s := end_s - loop.time()) > 0:
            found: asyncio.Future[Seen] = loop.create_future()

            def look(seen: Seen, found: asyncio.Future[Seen] = found) -> None:
                if not found.done() and fits(seen):
                    found.set_result(seen)

            async with self.scanning(look):
                await asyncio.wait({found}, timeout=min(left_s, SLICE_S))
            if found.done():
                return found.result()
        return None

    async def _start(self) -> None:
        """Have a scanner that is at work; one that is old may have outlived the system's service."""
        if self._scanner is not None:
            if now_s() - self._started_s < SLICE_S:
                return
            await self._end()
        try:
            from bleak import BleakScanner

            scanner = BleakScanner(self._advertised)
            async with asyncio.timeout(START_S):
                await scanner.start()
        except Exception as error:
            raise explain(error, "the adapter") from error
        self._known.clear()
        self._scanner, self._started_s = scanner, now_s()

    async def _stop(self) -> None:
        async with self._lock:
            if not self._listeners:
                await self._end()

    async def _end(self) -> None:
        scanner, self._scanner = self._scanner, None
        if scanner is None:
            return
        try:
            async with asyncio.timeout(START_S):
                await scanner.stop()
        except Exception as error:
            log.warning("scanning did not stop cleanly: %s", error)

    def _advertised(self, device: BLEDevice, data: AdvertisementData) -> None:
        seen = self._merge(device, data)
        self._known[seen.address] = seen
        for listener in list(self._listeners):
            listener(seen)

    def _merge(self, device: BLEDevice, data: AdvertisementData) -> Seen:
        """What is known of a device: its name often comes apart from its services."""
        before = self._known.get(device.address)
        name = readable(data.local_name or "") or (before.name if before else "")
        services = tuple(uuid.lower() for uuid in data.service_uuids) or (before.services if before else ())
        charge = data.service_data.get(BATTERY_SERVICE, b"")
        battery = charge[0] if charge and charge[0] <= 100 else before.battery if before else None
        if before and (before.name, before.services) == (name, services):
            return replace(before, device=device, rssi=data.rssi, battery=battery)
        driver, score = best_match(name, services)
        return Seen(device, device.address, name, services, data.rssi, battery, driver, score)


_RADIOS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Radio] = weakref.WeakKeyDictionary()


def radio() -> Radio:
    """The running loop's radio."""
    return _RADIOS.setdefault(asyncio.get_running_loop(), Radio())
