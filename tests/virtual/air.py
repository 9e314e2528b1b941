"""A bleak back end over bumble: bleak's public classes above, real HCI, L2CAP, ATT and GATT packets below, no radio."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakError,
    BleakGATTProtocolError,
)
from bleak.uuids import normalize_uuid_str
from bumble import att
from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData
from bumble.device import Device, DeviceConfiguration, Peer
from bumble.hci import Address
from bumble.link import LocalLink
from bumble.transport.common import Transport

from virtual.sensor import Sensor

HOST = "F0:F1:F2:F3:F4:F5"
_LISTS = (
    AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


class Air:
    """A room with sensors in it and one computer. Everything lives on the loop that first scans.

    Attributes:
        absent: why the computer has no Bluetooth, or None where it has.
        clients: how many connections are open at this moment.
    """

    def __init__(self, *sensors: Sensor, mtu: int = 247) -> None:
        self.sensors = sensors
        self.mtu = mtu
        self.absent: BleakBluetoothNotAvailableReason | None = None
        self.clients = 0
        self.link: LocalLink | None = None
        self._host: Device | None = None
        self._lock: asyncio.Lock | None = None

    async def host(self) -> Device:
        """The computer's end; sensors wake with its first use."""
        if self.absent is not None:
            raise BleakBluetoothNotAvailableError("No Bluetooth in this room", self.absent)
        self._lock = self._lock or asyncio.Lock()
        async with self._lock:
            if self._host is None:
                self.link = LocalLink()
                for sensor in self.sensors:
                    await sensor.wake(self.link)
                controller = Controller("host", link=self.link, public_address=HOST)
                transport = Transport(controller, controller)
                config = DeviceConfiguration(name="host", address=Address(HOST))
                host = Device.from_config_with_hci(config, transport.source, transport.sink)
                await host.power_on()
                self._host = host
        return self._host

    @contextlib.contextmanager
    def around(self) -> Iterator[Air]:
        """Every scanner and client of the process is in this room."""
        scanner = functools.partial(_Scanner, air=self)
        client = functools.partial(_Client, air=self)
        with (
            mock.patch("bleak.get_platform_scanner_backend_type", lambda: (scanner, "virtual")),
            mock.patch("bleak.get_platform_client_backend_type", lambda: (client, "virtual")),
        ):
            yield self


def _unbroken(method: Callable[..., Any]) -> Callable[..., Any]:
    """The controller, like a real one, does not take back a command: who is cancelled waits a little for its end."""

    @functools.wraps(method)
    async def wrapper(*arguments: Any, **named: Any) -> Any:
        task = asyncio.ensure_future(method(*arguments, **named))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task}, timeout=0.3)
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise

    return wrapper


def _text(uuid: UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-" if len(uuid.uuid_bytes) == 16 else "").lower())


class _Scanner(BaseBleakScanner):
    def __init__(
        self, detection_callback: Any, service_uuids: Any, scanning_mode: str, *, air: Air, **rest: Any
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._air = air
        self._host: Device | None = None

    @_unbroken
    async def start(self) -> None:
        self.seen_devices = {}
        self._host = await self._air.host()
        self._host.on("advertisement", self._heard)
        if not self._host.is_scanning:
            await self._host.start_scanning(active=True)

    @_unbroken
    async def stop(self) -> None:
        host, self._host = self._host, None
        if host is None:
            return
        host.remove_listener("advertisement", self._heard)
        if host.is_scanning and not host.listeners("advertisement"):
            await host.stop_scanning()

    def _heard(self, advertisement: Any) -> None:
        content = advertisement.data
        uuids = [_text(uuid) for kind in _LISTS for uuid in (content.get(kind) or [])]
        data = AdvertisementData(
            local_name=content.get(AdvertisingData.Type.COMPLETE_LOCAL_NAME),
            manufacturer_data={},
            service_data={},
            service_uuids=uuids,
            tx_power=None,
            rssi=-60,
            platform_data=(advertisement,),
        )
        address = advertisement.address.to_string(False)
        device = self.create_or_update_device(address, address, data.local_name, advertisement.address, data)
        self.call_detection_callbacks(device, data)


def _connected(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    async def wrapper(self: _Client, *arguments: Any, **named: Any) -> Any:
        if not self.is_connected:
            raise BleakError("Not connected")
        try:
            return await method(self, *arguments, **named)
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error

    return wrapper


class _Client(BaseBleakClient):
    def __init__(self, device: Any, *, air: Air, disconnected_callback: Any, timeout: float, **rest: Any) -> None:
        super().__init__(device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._air, self._target, self._connection = air, device.details, None
        self._callbacks: dict[int, Any] = {}

    @property
    def name(self) -> str:
        return self.address

    @property
    def mtu_size(self) -> int:
        return self._connection.att_mtu if self._connection else 23

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    @_unbroken
    async def connect(self, pair: bool, **rest: Any) -> None:
        host = await self._air.host()
        if self._air.link.find_le_controller(self._target) is None:  # it left since the scan
            await asyncio.sleep(self._timeout)
            raise TimeoutError
        self._connection = await host.connect(self._target, timeout=self._timeout)
        self._air.clients += 1
        self._connection.on("disconnection", self._gone)
        peer = Peer(self._connection)
        await peer.request_mtu(self._air.mtu)
        await peer.discover_services()
        self.services = await self._discover(peer)

    async def _discover(self, peer: Peer) -> BleakGATTServiceCollection:
        found = BleakGATTServiceCollection()
        for service in peer.services:
            shown = BleakGATTService(service, service.handle, _text(service.uuid))
            found.add_service(shown)
            for one in await service.discover_characteristics():
                properties = list(gatt_char_props_to_strs(one.properties))
                room = lambda: self.mtu_size - 3  # noqa: E731
                found.add_characteristic(
                    BleakGATTCharacteristic(one, one.handle, _text(one.uuid), properties, room, shown)
                )
                await one.discover_descriptors()
        return found

    def _gone(self, reason: int) -> None:
        self._connection, self.services, self._callbacks = None, None, {}
        self._air.clients -= 1
        if self._disconnected_callback:
            self._disconnected_callback()

    @_unbroken
    async def disconnect(self) -> None:
        if self._connection is not None:
            gone = asyncio.Event()
            self._connection.on("disconnection", lambda reason: gone.set())
            await self._connection.disconnect()
            await asyncio.wait_for(gone.wait(), 10)

    async def pair(self, *arguments: Any, **named: Any) -> None:
        await self._connection.pair()

    async def unpair(self) -> None:
        raise BleakError("cannot unpair")

    @_unbroken
    @_connected
    async def read_gatt_char(self, characteristic: Any, **rest: Any) -> bytearray:
        return bytearray(await characteristic.obj.read_value())

    @_unbroken
    @_connected
    async def read_gatt_descriptor(self, descriptor: Any, **rest: Any) -> bytearray:
        return bytearray(await descriptor.obj.read_value())

    @_unbroken
    @_connected
    async def write_gatt_char(self, characteristic: Any, data: Any, response: bool) -> None:
        await characteristic.obj.write_value(bytes(data), with_response=response)

    @_unbroken
    @_connected
    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None:
        await descriptor.obj.write_value(bytes(data), with_response=True)

    @_unbroken
    @_connected
    async def start_notify(self, characteristic: Any, callback: Any, **rest: Any) -> None:
        def heard(value: bytes) -> None:
            callback(bytearray(value))

        self._callbacks[characteristic.handle] = heard
        await characteristic.obj.subscribe(heard)

    @_unbroken
    @_connected
    async def stop_notify(self, characteristic: Any) -> None:
        await characteristic.obj.unsubscribe(self._callbacks.pop(characteristic.handle, None))
