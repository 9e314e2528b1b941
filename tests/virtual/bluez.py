"""The part of BlueZ that bleak's Linux back end talks to, on a private D-Bus, over the virtual controller."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import textwrap
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from bumble.device import Peer
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from virtual.air import _LISTS, AdvertisingData, Air, _text

OBJECTS, PROPERTIES = "org.freedesktop.DBus.ObjectManager", "org.freedesktop.DBus.Properties"
ADAPTER, DEVICE, SERVICE, CHARACTERISTIC = (
    f"org.bluez.{name}1" for name in ("Adapter", "Device", "GattService", "GattCharacteristic")
)
HCI = "/org/bluez/hci0"
FLAGS = ("broadcast", "read", "write-without-response", "write", "notify", "indicate")
_BUS = """\
    <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
     "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
    <busconfig><type>system</type><keep_umask/><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
    <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
    <allow own="*"/></policy></busconfig>
"""


@contextlib.contextmanager
def private_bus(folder: Path) -> Iterator[str]:
    """A system bus of our own; its address."""
    config = folder / "bus.conf"
    config.write_text(textwrap.dedent(_BUS.format(path=folder / "bus")))
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


class _Patient:
    """A socket that waits where the bus does not read for a while; dbus-fast would hang up."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, data: Any) -> int:
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class Refused(Exception):
    """An error reply: D-Bus name and text."""


class Bluez:
    """A daemon in a thread of its own. ``do`` runs something on its loop; ``kill`` ends it without a word.

    Attributes:
        refuses: methods that answer with an error, by name.
        ignores: methods that never answer.
    """

    def __init__(self, bus_address: str, air: Air, *, adapter: bool = True) -> None:
        self.air = air
        self.objects: dict[str, dict[str, dict[str, Variant]]] = {}
        self.subscribers: dict[str, set[str]] = {}
        self.refuses: dict[str, Refused] = {}
        self.ignores: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task] = set()
        self._addresses: dict[str, Any] = {}
        self._connections: dict[str, Any] = {}
        self._gatt: dict[str, Any] = {}
        self._heard: dict[str, Any] = {}
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.do(self._begin(bus_address, adapter))

    def do(self, work: Coroutine) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def kill(self) -> None:
        """The daemon is gone, and with it its name on the bus."""
        if not self._thread.is_alive():
            return
        self.do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.run_until_complete(self._clear())
        self._loop.close()

    def _spawn(self, work: Coroutine) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def power(self, on: bool) -> None:
        """The adapter is switched off or on."""
        if not on:
            for connection in list(self._connections.values()):
                await connection.disconnect()
            if self._host.is_scanning:
                await self._host.stop_scanning()
        self._set(HCI, ADAPTER, Powered=Variant("b", on), Discovering=Variant("b", False))

    async def unplug(self) -> None:
        """The adapter is pulled out."""
        for connection in list(self._connections.values()):
            await connection.disconnect()
        if self._host.is_scanning:
            await self._host.stop_scanning()
        await asyncio.sleep(0.05)  # what is left to be said of connections
        for path in [path for path in self.objects if path.startswith(HCI)]:
            self._remove(path)

    async def forget(self) -> None:
        """All devices are forgotten, as a person does with bluetoothctl."""
        for path in [path for path in self.objects if path.startswith(f"{HCI}/dev_")]:
            self._remove(path)

    def _remove(self, path: str) -> None:
        kinds = list(self.objects.pop(path))
        self._signal("/", OBJECTS, "InterfacesRemoved", "oas", [path, kinds])

    async def _begin(self, bus_address: str, adapter: bool) -> None:
        self._bus = await MessageBus(bus_address=bus_address).connect()
        self._bus._writer.sock = _Patient(self._bus._writer.sock)
        self._bus.add_message_handler(self._message)
        match = Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="AddMatch",
            signature="s",
            body=["type='signal',member='NameOwnerChanged'"],
        )
        await self._bus.call(match)
        if adapter:
            await self.plug_in()
        await self._bus.request_name("org.bluez")

    async def plug_in(self) -> None:
        """There is an adapter."""
        if HCI not in self.objects:
            host = await self.air.host()
            if not hasattr(self, "_host"):
                host.on("advertisement", self._advertised)
            self._host = host
            facts = {"Address": "F0:F1:F2:F3:F4:F5", "Name": "bench", "Alias": "bench"}
            texts = {key: Variant("s", value) for key, value in facts.items()}
            switches = {"Powered": Variant("b", True), "Discovering": Variant("b", False)}
            lists = {"UUIDs": Variant("as", []), "Roles": Variant("as", ["central"])}
            self._add(HCI, ADAPTER, {**texts, **switches, **lists})

    async def _clear(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _end(self) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list) -> None:
        if not self._bus.connected:
            return
        self._bus.send(
            Message(
                message_type=MessageType.SIGNAL,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=body,
            )
        )

    def _add(self, path: str, interface: str, properties: dict[str, Variant]) -> None:
        if path not in self.objects:
            self.objects[path] = {interface: properties}
            self._signal("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [path, self.objects[path]])

    def _set(self, path: str, interface: str, **properties: Variant) -> None:
        if path in self.objects:
            self.objects[path][interface].update(properties)
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, properties, []])

    def _message(self, message: Message) -> bool | None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged" and not message.body[2]:
            for senders in self.subscribers.values():  # a program went away, and its subscriptions with it
                senders.discard(message.body[0])
            return None
        if message.message_type is not MessageType.METHOD_CALL or message.interface == "org.freedesktop.DBus.Peer":
            return None
        self._spawn(self._answer(message))
        return True

    async def _answer(self, message: Message) -> None:
        try:
            signature, body = await self._call(message) or ("", [])
            reply = Message.new_method_return(message, signature, body)
        except Refused as error:
            reply = Message.new_error(message, error.args[0], error.args[1])
        except Exception as error:
            reply = Message.new_error(message, "org.bluez.Error.Failed", f"{type(error).__name__}: {error}")
        if self._bus.connected:
            await self._bus.send(reply)

    async def _call(self, message: Message) -> tuple[str, list] | None:
        if message.interface == OBJECTS:
            return "a{oa{sa{sv}}}", [self.objects]
        if message.path not in self.objects:
            raise Refused("org.freedesktop.DBus.Error.UnknownObject", f"no {message.path}")
        if message.interface == PROPERTIES:
            found = self.objects[message.path][message.body[0]]
            return ("v", [found[message.body[1]]]) if message.member == "Get" else ("a{sv}", [found])
        if message.member in self.ignores:
            await asyncio.Event().wait()
        if message.member in self.refuses:
            raise self.refuses[message.member]
        method = getattr(self, f"_{message.member}", None)
        if method is None:
            raise Refused("org.freedesktop.DBus.Error.UnknownMethod", str(message.member))
        return await method(message)

    def _powered(self) -> None:
        if not self.objects[HCI][ADAPTER]["Powered"].value:
            raise Refused("org.bluez.Error.NotReady", "Resource Not Ready")

    async def _SetDiscoveryFilter(self, message: Message) -> None:
        pass

    async def _StartDiscovery(self, message: Message) -> None:
        self._powered()
        if not self._host.is_scanning:
            await self._host.start_scanning()
        self._set(HCI, ADAPTER, Discovering=Variant("b", True))

    async def _StopDiscovery(self, message: Message) -> None:
        self._powered()
        if self._host.is_scanning:
            await self._host.stop_scanning()
        self._set(HCI, ADAPTER, Discovering=Variant("b", False))

    def _advertised(self, advertisement: Any) -> None:
        if HCI not in self.objects:
            return
        address = advertisement.address.to_string(False)
        path = f"{HCI}/dev_{address.replace(':', '_')}"
        content = advertisement.data
        uuids = [_text(uuid) for kind in _LISTS for uuid in (content.get(kind) or [])]
        name = content.get(AdvertisingData.Type.COMPLETE_LOCAL_NAME)
        news = {"RSSI": Variant("n", -55), "UUIDs": Variant("as", uuids)}
        if name:
            news["Name"] = Variant("s", name)
        self._addresses[path] = advertisement.address
        if path in self.objects:
            self._set(path, DEVICE, **news)
            return
        switches = ("Paired", "Trusted", "Blocked", "Connected", "LegacyPairing", "ServicesResolved")
        facts = {
            "Adapter": Variant("o", HCI),
            "Address": Variant("s", address),
            "AddressType": Variant("s", "random"),
            "Alias": Variant("s", name or address.replace(":", "-")),
        }
        self._add(path, DEVICE, {**facts, **{switch: Variant("b", False) for switch in switches}, **news})

    async def _Connect(self, message: Message) -> None:
        path = message.path
        connection = await self._host_connects(path)
        self._connections[path] = connection
        connection.on("disconnection", lambda reason: self._gone(path))
        self._set(path, DEVICE, Connected=Variant("b", True))
        self._spawn(self._resolve(path, connection))

    async def _host_connects(self, path: str) -> Any:
        """Connect; as in the real daemon, discovery pauses meanwhile and goes on afterwards."""
        if self._host.is_scanning:
            await self._host.stop_scanning()
        try:
            return await self._host.connect(self._addresses[path], timeout=5)
        finally:
            if self.objects[HCI][ADAPTER]["Discovering"].value and not self._host.is_scanning:
                await self._host.start_scanning()

    async def _resolve(self, path: str, connection: Any) -> None:
        peer = Peer(connection)
        await peer.request_mtu(247)
        await peer.discover_services()
        for service in peer.services:
            place = f"{path}/service{service.handle:04x}"
            facts = {"UUID": Variant("s", _text(service.uuid)), "Primary": Variant("b", True)}
            more = {"Device": Variant("o", path), "Includes": Variant("ao", []), "Handle": Variant("q", service.handle)}
            self._add(place, SERVICE, {**facts, **more})
            for one in await service.discover_characteristics():
                await self._offer(f"{place}/char{one.handle:04x}", place, one, connection.att_mtu)
        self._set(path, DEVICE, ServicesResolved=Variant("b", True))

    async def _offer(self, path: str, service: str, one: Any, mtu: int) -> None:
        await one.discover_descriptors()
        self._gatt[path] = one
        facts = {
            "UUID": Variant("s", _text(one.uuid)),
            "Service": Variant("o", service),
            "Value": Variant("ay", b""),
            "Flags": Variant("as", [flag for bit, flag in enumerate(FLAGS) if one.properties & 1 << bit]),
            "MTU": Variant("q", mtu),
            "Handle": Variant("q", one.handle),
            "Notifying": Variant("b", False),
        }
        self._add(path, CHARACTERISTIC, facts)
        if self.subscribers.get(path):  # subscriptions outlive the link, as in the real daemon
            await self._listen(path)

    def _gone(self, path: str) -> None:
        self._connections.pop(path, None)
        for one in [one for one in self._heard if one.startswith(path)]:
            del self._heard[one]
        self._set(path, DEVICE, ServicesResolved=Variant("b", False))
        self._set(path, DEVICE, Connected=Variant("b", False))

    async def _Disconnect(self, message: Message) -> None:
        if message.path not in self._connections:
            raise Refused("org.bluez.Error.NotConnected", "Not Connected")
        await self._connections[message.path].disconnect()

    async def _ReadValue(self, message: Message) -> tuple[str, list]:
        return "ay", [bytes(await self._gatt[message.path].read_value())]

    async def _WriteValue(self, message: Message) -> None:
        answered = message.body[1].get("type", Variant("s", "request")).value != "command"
        await self._gatt[message.path].write_value(bytes(message.body[0]), with_response=answered)

    async def _StartNotify(self, message: Message) -> None:
        senders = self.subscribers.setdefault(message.path, set())
        if message.sender in senders:
            raise Refused("org.bluez.Error.InProgress", "In Progress")
        senders.add(message.sender)
        await self._listen(message.path)
        self._set(message.path, CHARACTERISTIC, Notifying=Variant("b", True))

    async def _StopNotify(self, message: Message) -> None:
        self.subscribers.get(message.path, set()).discard(message.sender)

    async def _listen(self, path: str) -> None:
        if path in self._heard:
            return

        def heard(value: bytes) -> None:
            for _ in list(self.subscribers.get(path, ())):  # one signal for each program that subscribed
                self._set(path, CHARACTERISTIC, Value=Variant("ay", bytes(value)))

        self._heard[path] = heard
        await self._gatt[path].subscribe(heard)


@contextlib.contextmanager
def at(address: str) -> Iterator[None]:
    """Programs take this bus for the system's."""
    before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = address
    try:
        yield
    finally:
        os.environ.pop("DBUS_SYSTEM_BUS_ADDRESS")
        if before is not None:
            os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = before
