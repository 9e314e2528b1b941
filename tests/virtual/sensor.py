"""What all virtual sensors share: a body that advertises, a wrist of the performer, and faults on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address
from bumble.link import LocalLink
from bumble.transport.common import Transport

from pskd.clock import now_s
from pskd.performer import Performance, Watch
from pskd.types import GRAVITY_MPS2

READ = Characteristic.Properties.READ
NOTIFY = Characteristic.Properties.NOTIFY
INDICATE = Characteristic.Properties.INDICATE
WRITE = Characteristic.Properties.WRITE
COMMAND = Characteristic.Properties.WRITE_WITHOUT_RESPONSE
BATTERY = 0x2A19
ADVERTISING_MS = 30


class Sensor:
    """One device. A subclass tells its services, how it is set up, and how a packet looks.

    Attributes:
        sent: acceleration ``(T, 3)`` in m/s^2 of each packet that was sent to a subscriber.
        turned: angular velocity ``(T, 3)`` in deg/s of the same packets.
        writes: what was written to it, in order.
        silent: it is connected and sends nothing.
        deaf: it answers no read any more.
        streaming: it was told to stream (or needs no telling).
    """

    name: ClassVar[str]
    service: ClassVar[str]
    data: ClassVar[str]
    advertise: ClassVar[str] = ""
    rate_hz: ClassVar[float] = 50.0
    packet: ClassVar[int] = 1
    started: ClassVar[bool] = True

    def __init__(self, address: str = "F0:CA:FE:00:00:01", activity: str = "walk", drift_ppm: float = 0.0) -> None:
        self.address = address
        self.performance = Performance(activity, {"seed": "4"})
        self.watch = Watch(seed=4, rate_hz=self.rate_hz, packet=self.packet, drift_ppm=drift_ppm)
        self.sent: list[np.ndarray] = []
        self.turned: list[np.ndarray] = []
        self.writes: list[bytes] = []
        self.silent = self.deaf = self.subscribed = False
        self.near = True
        self.streaming = self.started
        self.connection: Any = None
        self.connections = 0
        self.values: dict[str, Characteristic] = {}
        self._tasks: set[asyncio.Task] = set()

    def characteristics(self) -> list[Characteristic]:
        """Those of the service."""
        return [self.value(self.data, READ | NOTIFY, lambda: self.encode(*self.newest()))]

    def more_services(self) -> list[Service]:
        """Those beside its own and the battery's."""
        return []

    def encode(self, number: int, acceleration: np.ndarray, turning: np.ndarray, device_s: np.ndarray) -> bytes:
        """One packet: its number, ``(T, 3)`` m/s^2, ``(T, 3)`` deg/s, ``(T,)`` s."""
        raise LookupError(type(self).__name__)

    def written(self, uuid: str, value: bytes) -> None:
        """Somebody wrote ``value``."""

    async def wake(self, link: LocalLink) -> None:
        """Advertise and, once somebody listens, stream."""
        controller = Controller(self.name, link=link, public_address=self.address)
        transport = Transport(controller, controller)
        config = DeviceConfiguration(
            name=self.name,
            address=Address(self.address),
            advertising_interval_min=ADVERTISING_MS,
            advertising_interval_max=ADVERTISING_MS,
        )
        self.device = Device.from_config_with_hci(config, transport.source, transport.sink)
        battery = self.value(BATTERY, READ | NOTIFY, lambda: bytes([77]))
        own = Service(UUID(self.service), self.characteristics())
        self.device.add_services([own, *self.more_services(), Service(UUID(0x180F), [battery])])
        self.device.on("connection", self._connected)
        kinds = AdvertisingData.Type
        content = [(kinds.FLAGS, b"\x06")]
        if self.advertise:
            content.append((kinds.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(UUID(self.advertise))))
        else:
            content.append((kinds.COMPLETE_LOCAL_NAME, self.name.encode()))
        self.device.advertising_data = bytes(AdvertisingData(content))
        assert len(self.device.advertising_data) <= 31
        await self.device.power_on()
        await self.device.start_advertising()
        self.spawn(self._stream())

    def value(self, uuid: str | int, properties: Any, read: Callable[[], bytes] | None = None) -> Characteristic:
        """A characteristic; reading calls ``read``, writing is kept in ``writes`` and told to ``written``."""

        async def on_read(connection: Any) -> bytes:
            if self.deaf:
                await asyncio.Event().wait()
            return read() if read else b""

        def on_write(connection: Any, value: bytes) -> None:
            self.writes.append(bytes(value))
            self.written(str(uuid), bytes(value))

        made = Characteristic(
            UUID(uuid),
            properties,
            Characteristic.READABLE | Characteristic.WRITEABLE,
            CharacteristicValue(read=on_read, write=on_write),
        )
        if uuid == self.data:
            made.on("subscription", self._subscription)
        self.values[str(uuid)] = made
        return made

    def spawn(self, work: Any) -> None:
        """Do something beside; it ends with the loop."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def say(self, uuid: str, packet: bytes) -> None:
        """Indicate an answer."""
        self.spawn(self.device.indicate_subscriber(self.connection, self.values[uuid], packet))

    async def notify(self, packet: bytes) -> None:
        """One packet to whoever subscribed."""
        await self.device.notify_subscriber(self.connection, self.values[self.data], packet)

    async def drop(self) -> None:
        """The link breaks; the device advertises again."""
        if self.connection is not None:
            await self.connection.disconnect()

    async def leave(self) -> None:
        """Out of range: the link breaks and nobody hears it."""
        self.near = False
        if self.connection is None:
            await self._fall_silent()
        await self.drop()

    async def _fall_silent(self) -> None:
        """Advertise no more; where it is just about to begin, that is waited for."""
        for _ in range(20):
            try:
                await self.device.stop_advertising()
            except KeyError:
                await asyncio.sleep(0.05)
            else:
                return

    async def come_back(self) -> None:
        """Near again."""
        self.near = True
        await self.device.start_advertising()

    def newest(self) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
        """The packet before the one that is being taken."""
        return self._measure(self.watch.first_packet(now_s()) - 1)

    def _measure(self, number: int) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
        samples = self.watch.samples(np.array([number]))
        return number, *self.watch.measure(self.performance, samples), self.watch.device_s(samples)

    async def _stream(self) -> None:
        number = self.watch.first_packet(now_s())
        while True:
            samples = self.watch.samples(np.array([number]))
            await asyncio.sleep(max(self.watch.true_s(samples)[-1] - now_s(), 0))
            if self.connection is not None and self.streaming and not self.silent and self.subscribed:
                packet = self._measure(number)
                for part in self.parts(self.encode(*packet)):
                    if self.connection is not None:
                        await self.notify(part)
                other = self.also(*packet)
                if other is not None and self.connection is not None:
                    await self.device.notify_subscriber(self.connection, self.values[other[0]], other[1])
                self.sent.append(packet[1])
                self.turned.append(packet[2])
            number += 1

    def also(
        self, number: int, acceleration: np.ndarray, turning: np.ndarray, device_s: np.ndarray
    ) -> tuple[str, bytes] | None:
        """A packet of the gyroscope beside it, and its characteristic; None where there is none, or not asked for."""
        return None

    def parts(self, packet: bytes) -> list[bytes]:
        """How a packet is cut into notifications."""
        return [packet]

    def _subscription(self, bearer: Any, notify: bool, indicate: bool) -> None:
        self.subscribed = notify

    def _connected(self, connection: Any) -> None:
        self.connection = connection
        self.connections += 1
        connection.on("disconnection", self._disconnected)

    def _disconnected(self, reason: int) -> None:
        self.connection = None
        self.streaming, self.subscribed = self.started, False
        if self.near:
            self.spawn(self.device.start_advertising())


def counts(values_mps2: np.ndarray, per_g: float, low: int = -32768, high: int = 32767) -> np.ndarray:
    """Acceleration as a sensor counts it."""
    return np.clip(np.round(values_mps2 / GRAVITY_MPS2 * per_g), low, high)


def int16(*columns: np.ndarray) -> bytes:
    """Columns side by side, little endian."""
    return np.hstack(columns).astype("<i2").tobytes()
