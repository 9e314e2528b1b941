"""bleak's own Linux back end against a BlueZ of ours on a private D-Bus: what only that can show."""

from __future__ import annotations

import logging
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from virtual.air import Air
from virtual.sensors import Companion, InfiniTime

from pskd.clock import now_s
from pskd.devices import engine as engine_module
from pskd.devices.ble import link as link_module
from pskd.devices.drivers import ble as driver_module
from pskd.devices.engine import DeviceEngine
from pskd.errors import PskdError
from pskd.types import LinkState, SampleBlock

if sys.platform != "linux" or shutil.which("dbus-daemon") is None:
    pytest.skip("needs Linux and dbus-daemon", allow_module_level=True)

from virtual.bluez import Bluez, at, private_bus


@pytest.fixture
def engine() -> Iterator[DeviceEngine]:
    with DeviceEngine() as engine:
        yield engine


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


class Heard:
    def __init__(self) -> None:
        self.blocks: list[SampleBlock] = []
        self.texts: list[str] = []
        self.last = LinkState.IDLE

    def state(self, state: LinkState, text: str) -> None:
        self.last = state
        self.texts.append(text)

    def more(self, count: int) -> None:
        wanted = len(self.blocks) + count
        until(lambda: len(self.blocks) >= wanted)


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    end_s = now_s() + seconds
    while not true() and now_s() < end_s:
        time.sleep(0.01)
    assert true()


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


def test_without_a_bus_it_is_said(engine: DeviceEngine, tmp_path: Path) -> None:
    with at(f"unix:path={tmp_path / 'nothing'}"), pytest.raises(PskdError, match="no D-Bus system bus"):
        engine.open("ble:companion", print, lambda state, text: None).wait_ready(10)
