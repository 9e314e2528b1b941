"""bleak's own Linux back end against a BlueZ of ours on a private D-Bus: what only that can show."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from heard import Heard, until
from virtual.air import Air
from virtual.sensors import Companion, InfiniTime

from pskd.devices import engine as engine_module
from pskd.devices.ble import link as link_module
from pskd.devices.drivers import ble as driver_module
from pskd.devices.engine import DeviceEngine
from pskd.errors import PskdError
from pskd.types import LinkState

if sys.platform != "linux" or shutil.which("dbus-daemon") is None:
    pytest.skip("needs Linux and dbus-daemon", allow_module_level=True)

from virtual.bluez import Bluez, Refused, at, private_bus


@pytest.fixture
def bus(engine: DeviceEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The bus ends before the engine does: bleak keeps its end open until then."""
    monkeypatch.setattr(engine_module, "BACK_OFF_S", (0.2,))
    monkeypatch.setattr(driver_module, "PATIENCE_S", 0.7)
    monkeypatch.setattr(link_module, "PROBE_S", 0.5)
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    with private_bus(tmp_path) as address, at(address):
        yield address
    time.sleep(0.1)
    logging.getLogger("bumble").setLevel(logging.NOTSET)


def test_a_watch_streams_and_nothing_comes_twice_after_breaks(bus: str, engine: DeviceEngine) -> None:
    sensor = InfiniTime()
    bluez, heard = Bluez(bus, Air(sensor)), Heard()
    handle = engine.open("ble:infinitime", heard.blocks.append, heard.state)
    for _ in range(3):
        heard.more(3)
        bluez.do(sensor.drop())
        until(lambda: heard.last is LinkState.LOST)
    heard.more(3)
    handle.close()
    until(lambda: not any(bluez.subscribers.values()))
    bluez.kill()
    values = np.concatenate([block.values for block in heard.blocks])
    assert (np.abs(np.diff(values, axis=0)).max(axis=1) > 0).all()
    assert len(values) <= len(sensor.sent)
    assert sensor.connections == 4


def test_a_killed_service_is_noticed_named_and_survived(bus: str, engine: DeviceEngine) -> None:
    bluez, heard = Bluez(bus, Air(Companion())), Heard()
    handle = engine.open("ble:companion", heard.blocks.append, heard.state)
    heard.more(3)
    bluez.kill()
    until(lambda: any("Bluetooth service is not running" in text for text in heard.texts))
    again = Bluez(bus, Air(Companion()))
    heard.more(3)
    handle.close()
    again.kill()
    assert handle.state is LinkState.IDLE


def test_an_adapter_that_is_switched_off_and_on(bus: str, engine: DeviceEngine) -> None:
    bluez, heard = Bluez(bus, Air(Companion())), Heard()
    handle = engine.open("ble:companion", heard.blocks.append, heard.state)
    heard.more(3)
    bluez.do(bluez.power(False))
    until(lambda: any("Bluetooth is off" in text for text in heard.texts))
    bluez.do(bluez.power(True))
    heard.more(3)
    handle.close()
    bluez.kill()


def test_no_adapter_and_no_service_are_told_apart(bus: str, engine: DeviceEngine) -> None:
    with pytest.raises(PskdError, match="service is not running"):
        engine.open("ble:companion", print, lambda state, text: None).wait_ready(10)
    bluez = Bluez(bus, Air(), adapter=False)
    with pytest.raises(PskdError, match="no Bluetooth adapter"):
        engine.open("ble:companion", print, lambda state, text: None).wait_ready(10)
    bluez.kill()


_BLUEZ, _DBUS = "org.bluez.Error.", "org.freedesktop.DBus.Error."


@pytest.mark.parametrize(
    ("method", "error", "text"),
    [
        ("StartDiscovery", (_DBUS + "AccessDenied", "Rejected send message"), "may not use Bluetooth"),
        ("StartDiscovery", (_BLUEZ + "NotReady", "Resource Not Ready"), "Bluetooth is off"),
        ("StartDiscovery", (_BLUEZ + "InProgress", "Operation already in progress"), "Another program"),
        ("StartDiscovery", (_BLUEZ + "Odd", "something new"), "something new"),
        ("Connect", (_BLUEZ + "Failed", "le-connection-abort-by-local"), "Could not connect"),
        ("Connect", (_BLUEZ + "InProgress", "In Progress"), "Another program"),
        ("Connect", (_BLUEZ + "NotReady", "Resource Not Ready"), "Bluetooth is off"),
        ("ReadValue", (_BLUEZ + "NotPermitted", "Not paired"), "must be paired first"),
        ("ReadValue", (_BLUEZ + "NotAuthorized", "Not Authorized"), "must be paired first"),
        ("ReadValue", (_BLUEZ + "Failed", "Operation failed with ATT error: 0x05"), "must be paired first"),
        ("StartNotify", (_BLUEZ + "Failed", "Operation failed with ATT error: 0x0f"), "must be paired first"),
        ("StartNotify", (_BLUEZ + "NotPermitted", "Not paired"), "must be paired first"),
        ("StartNotify", (_BLUEZ + "InProgress", "In Progress"), "Another program"),
        ("WriteValue", (_BLUEZ + "NotAuthorized", "Not Authorized"), "must be paired first"),
        ("WriteValue", (_BLUEZ + "NotPermitted", "Write not permitted"), "it answered write not permitted"),
    ],
)
def test_what_the_daemon_refuses_is_said_with_what_to_do(
    bus: str, engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch, method: str, error: tuple[str, str], text: str
) -> None:
    monkeypatch.setattr(driver_module, "CONNECT_S", 1.0)  # bleak tries an aborted connection again until then
    bluez, heard = Bluez(bus, Air(Companion())), Heard()
    bluez.refuses[method] = Refused(*error)
    handle = engine.open("ble:companion?find_s=3", heard.blocks.append, heard.state)
    until(lambda: heard.last is LinkState.LOST)
    assert text in heard.texts[-1]
    assert heard.texts[-1].count(".") >= 2  # what happened, and what to do
    if handle.error is None:  # it was known before, so it is tried again
        bluez.refuses.clear()
        heard.more(2)
    handle.close()
    bluez.kill()


def test_a_connection_that_is_never_answered_is_given_up_in_time(
    bus: str, engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_module, "CONNECT_S", 0.5)
    bluez, heard = Bluez(bus, Air(Companion())), Heard()
    bluez.ignores.add("Connect")
    engine.open("ble:companion", heard.blocks.append, heard.state)
    until(lambda: heard.last is LinkState.LOST)
    assert "Could not connect" in heard.texts[-1]
    bluez.kill()


def test_a_sensor_without_the_characteristic_says_so(bus: str, engine: DeviceEngine) -> None:
    sensor = Companion()
    bluez, heard = Bluez(bus, Air(sensor)), Heard()
    uri = f"ble:generic/{sensor.address}?service={sensor.service}&characteristic=2c1e"
    handle = engine.open(uri, heard.blocks.append, heard.state)
    until(lambda: heard.last is LinkState.LOST)
    assert "has no motion service" in heard.texts[-1]
    handle.close()
    bluez.kill()


def test_a_watch_that_the_system_forgot_is_found_again(bus: str, engine: DeviceEngine) -> None:
    sensor = Companion()
    bluez, heard = Bluez(bus, Air(sensor)), Heard()
    handle = engine.open("ble:companion", heard.blocks.append, heard.state)
    heard.more(3)
    bluez.do(sensor.leave())
    bluez.do(bluez.forget())
    until(lambda: heard.last is not LinkState.STREAMING)
    bluez.do(sensor.come_back())
    heard.more(3)
    handle.close()
    bluez.kill()


def test_an_adapter_that_is_pulled_out_and_put_back(bus: str, engine: DeviceEngine) -> None:
    bluez, heard = Bluez(bus, Air(Companion())), Heard()
    handle = engine.open("ble:companion", heard.blocks.append, heard.state)
    heard.more(3)
    bluez.do(bluez.unplug())
    until(lambda: any("no Bluetooth adapter" in text for text in heard.texts))
    bluez.do(bluez.plug_in())
    heard.more(3)
    handle.close()
    bluez.kill()


def test_two_clients_that_are_not_let_go_would_hear_everything_twice(bus: str) -> None:
    """The fault that the engine avoids is there to be avoided: else the tests above would prove nothing."""
    from bleak import BleakClient, BleakScanner

    sensor, heard = Companion(), []

    async def connect(keep: list[BleakClient]) -> None:
        device = await BleakScanner.find_device_by_filter(lambda one, data: sensor.service in data.service_uuids, 5)
        keep.append(BleakClient(device))
        await keep[-1].connect()
        await keep[-1].start_notify(sensor.data, lambda _, packet: heard.append(bytes(packet)))
        await keep[-1].write_gatt_char("5ff60003-b1e9-4b34-99d7-987499f5c42f", b"\x01\x88\x13")
        await asyncio.sleep(0.5)

    async def both() -> None:
        keep: list[BleakClient] = []
        await connect(keep)
        await asyncio.to_thread(bluez.do, sensor.drop())
        await asyncio.sleep(0.3)
        heard.clear()
        await connect(keep)
        for client in keep:
            await client.disconnect()

    bluez = Bluez(bus, Air(sensor))
    asyncio.run(both())
    bluez.kill()
    assert len(heard) > len(set(heard)) > 0


def test_without_a_bus_it_is_said(engine: DeviceEngine, tmp_path: Path) -> None:
    with at(f"unix:path={tmp_path / 'nothing'}"), pytest.raises(PskdError, match="no D-Bus system bus"):
        engine.open("ble:companion", print, lambda state, text: None).wait_ready(10)
