"""The device engine: watchdog, reconnection, bounded shutdown, nothing vanishes."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from pskd.clock import now_s
from pskd.devices import engine as engine_module
from pskd.devices.base import Capabilities, Driver, Sink
from pskd.devices.drivers import DRIVERS
from pskd.devices.engine import DeviceEngine
from pskd.errors import PskdError
from pskd.types import LinkState, SampleBlock, StreamInfo, StreamKind

INFO = StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", 50.0)


class Awkward(Driver):
    """A device that misbehaves as its path says; no hardware, but the real engine around it."""

    tries = 0

    async def prepare(self) -> Capabilities:
        type(self).tries += 1
        if self.uri.path == "missing":
            raise PskdError("The watch was not found.", code="device.missing", hint="Wake it.")
        if self.uri.path == "slow":
            await asyncio.sleep(60)
        return Capabilities((INFO,), ends=self.uri.path == "ends")

    async def run(self, sink: Sink, stop: asyncio.Event) -> None:
        sink.state(LinkState.CONNECTING, "Connecting.")
        sink.state(LinkState.STREAMING, "Streaming.")
        sink.block(SampleBlock("watch", now_s(), np.ones((1, 3), np.float32)))
        if self.uri.path in ("breaks", "ends"):
            raise ValueError("unexpected bytes")
        if self.uri.path == "stuck":
            await asyncio.sleep(60)
        if self.uri.path == "returns" and self.tries == 1:
            return
        await stop.wait()
        if self.uri.path == "breaks late":
            raise ValueError("could not say goodbye")
        sink.state(LinkState.IDLE, "Bye.")

    def command(self, name: str, **arguments: object) -> None:
        if name == "fail":
            raise PskdError("It cannot do that.", code="device.command")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeviceEngine]:
    DRIVERS.names()
    monkeypatch.setitem(DRIVERS._entries, "awkward", Awkward)
    monkeypatch.setattr(Awkward, "tries", 0)
    monkeypatch.setattr(engine_module, "BACK_OFF_S", (0.05, 0.1))
    with DeviceEngine() as engine:
        yield engine


class Heard:
    def __init__(self) -> None:
        self.states: list[tuple[LinkState, str]] = []
        self.blocks: list[SampleBlock] = []
        self.labels: list[str] = []
        self.battery: list[int] = []

    def count(self, state: LinkState) -> int:
        return sum(s is state for s, _ in self.states)


def _open(engine: DeviceEngine, uri: str) -> tuple[engine_module.DeviceHandle, Heard]:
    heard = Heard()
    handle = engine.open(
        uri, heard.blocks.append, lambda s, t: heard.states.append((s, t)), heard.battery.append, heard.labels.append
    )
    return handle, heard


def _until(true: Callable[[], object], seconds: float = 8.0) -> None:
    end_s = now_s() + seconds
    while not true() and now_s() < end_s:
        time.sleep(0.01)
    assert true()


def test_a_device_that_is_not_there_is_lost_with_its_reason(engine: DeviceEngine) -> None:
    handle, heard = _open(engine, "awkward:missing")
    with pytest.raises(PskdError, match="not found"):
        _ = handle.capabilities
    assert handle.wait_end(2.0)
    assert heard.states[-1] == (LinkState.LOST, "The watch was not found. Wake it.")
    assert handle.error is not None


def test_a_driver_that_breaks_is_lost_told_and_tried_again(engine: DeviceEngine) -> None:
    handle, heard = _open(engine, "awkward:breaks")
    _until(lambda: Awkward.tries >= 3)
    lost = [text for state, text in heard.states if state is LinkState.LOST]
    assert "unexpected bytes" in lost[0]
    assert "Trying again" in lost[0]
    before_s = now_s()
    handle.close()
    assert now_s() - before_s < 1.0
    assert handle.state is LinkState.IDLE


def test_a_link_that_simply_ends_is_made_again(engine: DeviceEngine) -> None:
    handle, heard = _open(engine, "awkward:returns")
    _until(lambda: heard.count(LinkState.STREAMING) == 2)
    assert heard.count(LinkState.LOST) == 1
    handle.close()


def test_a_recording_that_breaks_is_not_tried_again(engine: DeviceEngine) -> None:
    handle, _ = _open(engine, "awkward:ends")
    assert handle.wait_end(3.0)
    assert Awkward.tries == 1
    assert handle.state is LinkState.LOST
    assert "unexpected bytes" in handle.state_text


def test_silence_is_a_stall_and_data_ends_it(engine: DeviceEngine) -> None:
    _, heard = _open(engine, "sim:walk?stall_at=0.3&stall_s=2.6&gyroscope=0")
    _until(lambda: heard.count(LinkState.STALLED) == 1)
    assert "No data" in heard.states[-1][1]
    _until(lambda: heard.states[-1] == (LinkState.STREAMING, "Data is coming again."))


def test_a_dropped_link_comes_back_without_a_sample_twice(engine: DeviceEngine) -> None:
    handle, heard = _open(engine, "sim:walk?drop_at=0.3&gyroscope=0")
    _until(lambda: heard.count(LinkState.STREAMING) >= 3)
    handle.close()
    numbers = [block.sequence for block in heard.blocks]
    assert len(numbers) == len(set(numbers))
    assert numbers == sorted(numbers)


def test_a_driver_that_does_not_stop_is_cut_off(engine: DeviceEngine) -> None:
    handle, heard = _open(engine, "awkward:stuck")
    _until(lambda: heard.blocks)
    before_s = now_s()
    handle.close(3.0)
    assert now_s() - before_s < 4.0
    assert heard.states[-1][0] is LinkState.IDLE


def test_a_device_that_is_still_looked_for_can_be_closed(engine: DeviceEngine) -> None:
    handle, _ = _open(engine, "awkward:slow")
    with pytest.raises(PskdError, match="did not answer"):
        handle.wait_ready(0.1)
    before_s = now_s()
    handle.close()
    assert now_s() - before_s < 1.0
    with pytest.raises(PskdError, match="closed before"):
        handle.wait_ready(1.0)


def test_a_failure_while_stopping_is_told(engine: DeviceEngine) -> None:
    handle, heard = _open(engine, "awkward:breaks late")
    _until(lambda: heard.blocks)
    handle.close()
    assert handle.state is LinkState.IDLE
    assert "could not say goodbye" in handle.state_text


def test_a_callback_that_fails_stops_the_device_and_says_so(engine: DeviceEngine) -> None:
    def refuse(block: SampleBlock) -> None:
        raise RuntimeError("no room left")

    states: list[tuple[LinkState, str]] = []
    handle = engine.open("sim:rest", refuse, lambda s, t: states.append((s, t)))
    assert handle.wait_end(5.0)
    assert states[-1][0] is LinkState.LOST
    assert "no room left" in states[-1][1]
    assert handle.error is not None


def test_a_command_that_fails_is_raised_to_the_caller(engine: DeviceEngine) -> None:
    handle, _ = _open(engine, "awkward:fine")
    with pytest.raises(PskdError, match="cannot do that"):
        handle.command("fail")


def test_battery_and_truth_are_passed_on_when_they_change(engine: DeviceEngine) -> None:
    handle, heard = _open(engine, "sim:rest?battery=41")
    _until(lambda: heard.blocks)
    handle.command("perform", label="squat", t_s=now_s())
    _until(lambda: heard.labels == ["rest", "squat"])
    assert handle.label == "squat"
    assert heard.battery == [41]
    assert handle.battery == 41


def test_the_engine_closes_everything_in_time_and_leaves_no_thread(engine: DeviceEngine) -> None:
    handles = [_open(engine, uri)[0] for uri in ("sim:walk", "sim:rest?seed=2", "awkward:stuck", "awkward:slow")]
    time.sleep(0.2)
    before_s = now_s()
    engine.close()
    assert now_s() - before_s < 8.0
    assert all(handle.wait_end(0) for handle in handles)
    assert "ble" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(PskdError, match="closed"):
        engine.open("sim:", lambda block: None, lambda state, text: None)


def test_a_busy_thread_cannot_keep_the_engine_from_stamping_for_long(engine: DeviceEngine) -> None:
    assert sys.getswitchinterval() <= engine_module.SWITCH_S * 1.01
