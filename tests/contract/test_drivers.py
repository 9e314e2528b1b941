"""Every watch driver through one suite. A new driver adds a line to ``PLACES`` and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import numpy as np
import pytest
from virtual.air import Air
from virtual.lsl_sender import LslSender
from virtual.phones import SensorServerPhone, free_port, logger_phone, udp_phone
from virtual.sensors import Companion

from pskd.clock import now_s
from pskd.devices.drivers import DRIVERS
from pskd.devices.engine import DeviceEngine, DeviceHandle
from pskd.errors import PskdError, WrongUse
from pskd.performer import perform_take
from pskd.types import LinkState, SampleBlock, StreamKind

UNITS = {StreamKind.ACCELEROMETER: "m/s^2", StreamKind.GYROSCOPE: "deg/s"}
RUN_S = 2.5

# Given a folder, and what to call for whatever must run meanwhile, the URI of a device that nobody has opened yet.
Place = Callable[[Path, Callable[[AbstractContextManager], object]], str]


def _resting_table(folder: Path, runs: Callable[[AbstractContextManager], object]) -> str:
    take = perform_take([("rest", 6.0)])
    rows = np.column_stack([take.device_s, take.acceleration_mps2])
    np.savetxt(folder / "rest.csv", rows, delimiter=",", header="time,x,y,z", comments="")
    return f"replay:{folder / 'rest.csv'}"


def _phone_that_serves(folder: Path, runs: Callable[[AbstractContextManager], object]) -> str:
    phone = SensorServerPhone()
    runs(phone)
    return f"ws:127.0.0.1:{phone.port}?gyroscope=1&rate=50"


def _phone_that_pushes(folder: Path, runs: Callable[[AbstractContextManager], object]) -> str:
    port = free_port()
    runs(logger_phone(port))
    return f"http:{port}?gyroscope=1"


def _phone_that_sends_lines(folder: Path, runs: Callable[[AbstractContextManager], object]) -> str:
    port = free_port()
    runs(udp_phone(port))
    return f"udp:{port}?rate=50"


def _other_program(folder: Path, runs: Callable[[AbstractContextManager], object]) -> str:
    sender = LslSender()
    runs(sender)
    return f"lsl:{sender.name}"


# For each driver a URI of somebody who rests for at least four seconds.
# Bluetooth devices are virtual: two of them, and each opening gets one that nobody has yet.
PLACES: dict[str, Place] = {
    "sim": lambda folder, runs: "sim:rest?seed=4",
    "replay": _resting_table,
    "ble": lambda folder, runs: "ble:companion",
    "ws": _phone_that_serves,
    "http": _phone_that_pushes,
    "udp": _phone_that_sends_lines,
    "lsl": _other_program,
}


class Listener:
    """Keeps all that a device says."""

    def __init__(self) -> None:
        self.blocks: list[SampleBlock] = []
        self.states: list[LinkState] = []
        self.texts: list[str] = []
        self.threads: set[str] = set()

    def block(self, block: SampleBlock) -> None:
        self.threads.add(threading.current_thread().name)
        self.blocks.append(block)

    def state(self, state: LinkState, text: str) -> None:
        self.threads.add(threading.current_thread().name)
        self.states.append(state)
        self.texts.append(text)

    def of(self, stream: str) -> list[SampleBlock]:
        return [block for block in self.blocks if block.stream == stream]


@pytest.fixture(params=list(DRIVERS))
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Gives the URI of one more device."""
    assert request.param in PLACES, f"tell tests/contract/test_drivers.py how to open a {request.param} device"
    watches = [Companion(f"F0:CA:FE:00:00:0{number}", "rest") for number in (1, 2)]
    with Air(*watches).around(), ExitStack() as running:
        yield lambda: PLACES[request.param](tmp_path, running.enter_context)


def _open(engine: DeviceEngine, uri: str) -> tuple[DeviceHandle, Listener]:
    listener = Listener()
    return engine.open(uri, listener.block, listener.state), listener


def _until(true: Callable[[], object], seconds: float = 30.0) -> None:
    end_s = now_s() + seconds
    while not true() and now_s() < end_s:
        time.sleep(0.01)
    assert true()


def test_a_device_streams_what_it_announced_and_stops(engine: DeviceEngine, fresh: Callable[[], str]) -> None:
    handle, heard = _open(engine, fresh())
    capabilities = handle.capabilities
    _until(lambda: heard.blocks)
    time.sleep(RUN_S)
    before_s = now_s()
    handle.close()
    assert now_s() - before_s < 2.0
    count = len(heard.blocks)
    time.sleep(0.2)
    assert len(heard.blocks) == count
    _check_states(heard)
    _check_blocks(capabilities.streams, heard)
    _check_speed(capabilities.streams, heard)
    assert heard.threads == {"ble"}


def _check_states(heard: Listener) -> None:
    changes = [state for state, before in zip(heard.states, [None, *heard.states], strict=False) if state != before]
    assert changes == [LinkState.SCANNING, LinkState.CONNECTING, LinkState.STREAMING, LinkState.IDLE]
    assert all(text.endswith(".") for text in heard.texts)


def _check_blocks(streams: tuple, heard: Listener) -> None:
    assert {block.stream for block in heard.blocks} == {info.name for info in streams}
    assert streams[0].kind is StreamKind.ACCELEROMETER
    for info in streams:
        blocks = heard.of(info.name)
        assert info.channels == ("x", "y", "z")
        assert info.unit == UNITS[info.kind]
        for block in blocks:
            assert block.values.dtype == np.float32
            assert block.values.ndim == 2
            assert block.values.shape[1] == len(info.channels)
            assert np.isfinite(block.values).all()
            if block.device_s is not None:
                assert block.device_s.dtype == np.float64
                assert block.device_s.shape == (len(block.values),)
        arrivals = [block.arrival_s for block in blocks]
        assert arrivals == sorted(arrivals)
        device = [block.device_s for block in blocks if block.device_s is not None]
        assert not device or (np.diff(np.concatenate(device)) > 0).all()
    length = np.linalg.norm(np.concatenate([b.values for b in heard.of(streams[0].name)]), axis=1)
    assert abs(np.median(length) - 9.8) < 0.4


def _check_speed(streams: tuple, heard: Listener) -> None:
    for info in streams:
        blocks = heard.of(info.name)
        samples = sum(len(block.values) for block in blocks[1:])
        rate_hz = samples / (blocks[-1].arrival_s - blocks[0].arrival_s)
        assert abs(rate_hz / info.rate_hz - 1.0) < 0.3  # a busy computer is late
        if blocks[0].device_s is not None and blocks[-1].device_s is not None:
            rate_hz = samples / (blocks[-1].device_s[-1] - blocks[0].device_s[-1])
            assert abs(rate_hz / info.rate_hz - 1.0) < 0.05


def test_two_devices_at_once_do_not_mix(engine: DeviceEngine, fresh: Callable[[], str]) -> None:
    first, heard_first = _open(engine, fresh())
    second, heard_second = _open(engine, fresh())
    _until(lambda: heard_first.blocks and heard_second.blocks)
    first.close()
    count = len(heard_second.blocks)
    _until(lambda: len(heard_second.blocks) > count + 3)
    second.close()
    assert heard_first.states[-1] is heard_second.states[-1] is LinkState.IDLE


def test_closing_at_once_is_harmless(engine: DeviceEngine, fresh: Callable[[], str]) -> None:
    uri = fresh()
    for _ in range(5):
        handle, _ = _open(engine, uri)
        handle.close()
        handle.close()
        assert handle.state is LinkState.IDLE


def test_hints_that_a_driver_does_not_know_are_ignored(engine: DeviceEngine, fresh: Callable[[], str]) -> None:
    handle, heard = _open(engine, fresh())
    handle.command("perform", label="wave", t_s=now_s())
    handle.command("no such hint", a=1)
    _until(lambda: heard.blocks)
    handle.close()


@pytest.mark.parametrize("scheme", list(DRIVERS))
def test_an_unknown_option_is_named(engine: DeviceEngine, scheme: str) -> None:
    with pytest.raises(WrongUse, match="sped"):
        _open(engine, f"{scheme}:?sped=3")


@pytest.mark.parametrize("uri", ["", "sim", "nope:x", "C:\\takes\\one"])
def test_what_is_no_device_is_refused_at_once(engine: DeviceEngine, uri: str) -> None:
    with pytest.raises(PskdError):
        _open(engine, uri)
