"""Watches over a virtual Bluetooth controller, through bleak's public classes: connect, stream, break, come back."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from bleak.exc import BleakBluetoothNotAvailableReason
from heard import until
from virtual.air import Air
from virtual.sensor import Sensor
from virtual.sensors import SENSORS, Companion, InfiniTime, MicroBit, Osd, Polar, PolarH10

from pskd.clock import now_s
from pskd.devices import engine as engine_module
from pskd.devices.ble import link as link_module
from pskd.devices.ble.scan import scan
from pskd.devices.drivers import ble as driver_module
from pskd.devices.engine import DeviceEngine, DeviceHandle
from pskd.devices.protocols import PROTOCOLS
from pskd.errors import PskdError, WrongUse
from pskd.recording.clock_report import fit_clocks
from pskd.recording.pings import pings_of
from pskd.recording.reader import read_take
from pskd.recording.recorder import Recorder
from pskd.recording.walker import read_xdf
from pskd.recording.writer import RAW_FILE
from pskd.sync.clockfit import Ping, fit_clock
from pskd.types import LinkState, SampleBlock

# How far a value may be from what was sent: the sensor's own step, and its range where that is small.
TOLERANCE_MPS2 = {"sensortag2541": 0.08}
TOLERANCE_DPS = 0.07
RECONNECTED = ["infinitime", "polar", "bangle", "microbit", "companion"]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sensors, controller and engine share one loop here, which a busy machine makes slow."""
    monkeypatch.setattr(engine_module, "STOP_S", 20.0)
    monkeypatch.setattr(link_module, "TEARDOWN_S", 5.0)


@pytest.fixture(autouse=True)
def quiet_controller() -> Iterator[None]:
    """The virtual controller complains aloud where a link breaks under a packet."""
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("bumble").setLevel(logging.NOTSET)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience in tenths of seconds, so that silence and breaks are found soon."""
    monkeypatch.setattr(engine_module, "BACK_OFF_S", (0.1,))
    monkeypatch.setattr(engine_module, "STALL_S", 0.6)
    monkeypatch.setattr(driver_module, "PATIENCE_S", 0.7)
    monkeypatch.setattr(link_module, "PROBE_S", 0.4)


class Watched:
    """An opened device, and all that it said."""

    def __init__(self, engine: DeviceEngine, sensor: Sensor, driver: str, options: str = "") -> None:
        self.engine, self.sensor = engine, sensor
        self.blocks: list[SampleBlock] = []
        self.states: list[LinkState] = []
        self.texts: list[str] = []
        self.pings: list[Ping] = []
        self.driver = driver
        uri = f"ble:{driver}/{sensor.address}" + (f"?{options}" if options else "")
        self.handle: DeviceHandle = engine.open(uri, self.blocks.append, self._state, on_ping=self.pings.append)

    def _state(self, state: LinkState, text: str) -> None:
        self.states.append(state)
        self.texts.append(text)

    @property
    def last(self) -> LinkState:
        return self.states[-1] if self.states else LinkState.IDLE

    @property
    def acceleration(self) -> list[SampleBlock]:
        return [block for block in self.blocks if block.stream == "watch"]

    @property
    def protocol(self):
        return self.handle._driver.protocol

    def more(self, count: int, seconds: float = 8.0) -> None:
        """Wait for more packets."""
        wanted = len(self.acceleration) + count
        until(lambda: len(self.acceleration) >= wanted, seconds)

    def do(self, work: object) -> None:
        """Let the sensor do something, on its loop."""
        self.engine.submit(work).result(5)

    def numbers(self) -> list[int]:
        """Which of the sensor's packets came, by their content; every one must be found."""
        limit = TOLERANCE_MPS2.get(self.driver, 0.006)
        sent = list(self.sensor.sent)
        found = []
        for block in self.acceleration:
            for start in range(0, len(block.values), len(sent[0])):
                part = block.values[start : start + len(sent[0])]
                errors = [np.abs(np.clip(values, -19.6, 19.6) - np.clip(part, -19.6, 19.6)).max() for values in sent]
                place = int(np.argmin(errors))
                assert errors[place] < limit
                found.append(place)
        return found

    def check_turning(self, range_dps: float) -> None:
        """Each packet of the gyroscope is one that was sent, and none came twice."""
        sent = [np.clip(values, -range_dps, range_dps) for values in self.sensor.turned]
        found = []
        for block in self.blocks:
            if block.stream == "watch-gyroscope":
                for start in range(0, len(block.values), len(sent[0])):
                    part = block.values[start : start + len(sent[0])]
                    errors = [np.abs(values - part).max() for values in sent]
                    found.append(int(np.argmin(errors)))
                    assert errors[found[-1]] < TOLERANCE_DPS
        assert len(found) >= 3
        assert (np.diff(found) == 1).all()


@pytest.mark.parametrize("driver", list(PROTOCOLS))
def test_every_driver_streams_exactly_what_its_device_sends(engine: DeviceEngine, driver: str) -> None:
    kind, options = SENSORS[driver]
    sensor = kind()
    with Air(sensor).around() as air:
        watched = Watched(engine, sensor, driver, options)
        capabilities = watched.handle.capabilities
        watched.more(5)
        watched.handle.close(20.0)
        until(lambda: air.clients == 0)
    assert watched.states == [LinkState.SCANNING, LinkState.CONNECTING, LinkState.STREAMING, LinkState.IDLE]
    assert not capabilities.simulated
    assert capabilities.streams[0].rate_hz == kind.rate_hz
    assert capabilities.device_time == all(block.device_s is not None for block in watched.acceleration)
    assert {block.stream for block in watched.blocks} == {stream.name for stream in capabilities.streams}
    numbers = watched.numbers()
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert watched.protocol.turns == watched.protocol.gyroscope == (len(capabilities.streams) == 2)
    if watched.protocol.turns:
        watched.check_turning({"puck": 244.0, "sensortag": 249.9}.get(driver, np.inf))
    assert watched.protocol.malformed == watched.protocol.repeated == watched.protocol.lost == 0
    for write in watched.protocol.teardown():
        assert write.data in sensor.writes or sensor.writes == []


@pytest.mark.parametrize("driver", [name for name in PROTOCOLS if PROTOCOLS.get(name).gyroscope])
def test_a_gyroscope_that_is_not_wanted_is_left_out(engine: DeviceEngine, driver: str) -> None:
    kind, options = SENSORS[driver]
    sensor = kind()
    with Air(sensor).around():
        watched = Watched(engine, sensor, driver, f"{options}&gyroscope=0".lstrip("&"))
        watched.more(2)
        capabilities = watched.handle.capabilities
        watched.handle.close(20.0)
    assert [stream.name for stream in capabilities.streams] == ["watch"]
    assert {block.stream for block in watched.blocks} == {"watch"}
    assert watched.protocol.malformed == 0


def test_a_watch_that_answers_pings_has_its_clock_compared(
    engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_module, "PING_S", 0.05)
    sensor = Companion()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "companion")
        until(lambda: len(watched.pings) > 5)
        watched.more(5)
        watched.handle.close(20.0)
    device_s = np.concatenate([block.device_s for block in watched.acceleration])
    arrival_s = np.repeat([block.arrival_s for block in watched.acceleration], 5)
    fit = fit_clock(device_s, arrival_s, pings=watched.pings)
    error_s = fit.to_host(device_s) - (device_s + np.round((arrival_s - device_s) / 2**32 * 1e6) * 2**32 * 1e-6)
    assert fit.segments[0].bound_ms is not None
    assert np.abs(error_s).max() * 1e3 < fit.segments[0].bound_ms + 0.5
    assert watched.protocol.malformed == 0


def test_pings_of_a_recorded_watch_lie_in_the_take(
    engine: DeviceEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_module, "PING_S", 0.05)
    sensor = Companion()
    uri = f"ble:companion/{sensor.address}"
    with Air(sensor).around(), Recorder(lambda label: tmp_path / "take", "01", "a", [uri], engine=engine) as recorder:
        recorder.start()
        until(lambda: (path := tmp_path / "take" / RAW_FILE).exists() and _pings_in(path) > 5)
        more = recorder.status().streams[0].count
        until(lambda: recorder.status().streams[0].count > more + 10)
        recorder.stop()
    fit = fit_clocks(tmp_path / "take")["watch"]
    assert fit is not None
    assert fit.segments[0].bound_ms is not None
    take = read_take(tmp_path / "take")
    assert set(take.streams) == {"watch", "watch-gyroscope"}
    assert not [problem for problem in take.manifest.problems if "fit" in problem.text]


def _pings_in(path: Path) -> int:
    return len(pings_of("watch", read_xdf(path)))


@pytest.mark.parametrize("driver", RECONNECTED)
def test_after_a_break_it_streams_again_and_nothing_comes_twice(engine: DeviceEngine, hasty: None, driver: str) -> None:
    sensor = SENSORS[driver][0]()
    with Air(sensor).around() as air:
        watched = Watched(engine, sensor, driver)
        for _ in range(2):
            watched.more(2)
            watched.do(sensor.drop())
            until(lambda: watched.last is not LinkState.STREAMING)
        watched.more(3)
        assert air.clients == 1
        watched.handle.close(20.0)
        until(lambda: air.clients == 0)
    numbers = watched.numbers()
    assert (np.diff(numbers) > 0).all()
    assert sensor.connections == 3
    assert watched.states.count(LinkState.LOST) == 2
    assert all(
        "Trying again" in text for state, text in zip(watched.states, watched.texts, strict=True) if state == "lost"
    )


def test_a_break_in_any_moment_of_connecting_is_survived(engine: DeviceEngine, hasty: None) -> None:
    sensor = Companion()
    with Air(sensor).around() as air:
        watched = Watched(engine, sensor, "companion")
        for moment_s in np.linspace(0.0, 0.12, 13):
            count = sensor.connections
            until(lambda count=count: sensor.connections > count or sensor.connection is not None)
            time.sleep(float(moment_s))
            watched.do(sensor.drop())
            watched.more(1)
        assert not watched.handle.wait_end(0)
        watched.handle.close(20.0)
        until(lambda: air.clients == 0)
    assert (np.diff(watched.numbers()) > 0).all()


def test_it_looks_for_a_watch_that_walked_away_until_it_is_back(engine: DeviceEngine, hasty: None) -> None:
    sensor = Companion()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "companion")
        watched.more(3)
        watched.do(sensor.leave())
        until(lambda: watched.last is LinkState.SCANNING)
        time.sleep(1.0)
        assert watched.last is LinkState.SCANNING
        watched.do(sensor.come_back())
        before_s = now_s()
        watched.more(1)
        assert now_s() - before_s < 3.0
        watched.handle.close(20.0)
    assert (np.diff(watched.numbers()) > 0).all()


def test_a_watch_that_comes_near_again_is_not_kept_waiting(
    engine: DeviceEngine, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BACK_OFF_S", (20.0,))
    monkeypatch.setattr(driver_module, "AWAY_S", 0.3)
    sensor = Companion()
    with Air(sensor).around() as air:
        watched = Watched(engine, sensor, "companion")
        watched.more(3)
        watched.do(sensor.leave())
        until(lambda: watched.last is LinkState.LOST)
        assert "Trying again in 20 s" in watched.handle.state_text
        time.sleep(0.6)
        watched.do(sensor.come_back())
        before_s = now_s()
        watched.more(1)
        assert now_s() - before_s < 5.0
        watched.do(sensor.leave())
        until(lambda: watched.last is LinkState.LOST)
        before_s = now_s()
        watched.handle.close()
        assert now_s() - before_s < 2.0
        until(lambda: air.clients == 0)
    assert (np.diff(watched.numbers()) > 0).all()


def test_closing_while_the_watch_is_away_is_quick(engine: DeviceEngine, hasty: None) -> None:
    sensor = Companion()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "companion")
        watched.more(1)
        watched.do(sensor.leave())
        until(lambda: watched.last is LinkState.SCANNING)
        before_s = now_s()
        watched.handle.close()
        assert now_s() - before_s < 2.0
        assert watched.handle.state is LinkState.IDLE


@pytest.mark.parametrize("driver", ["companion", "microbit"])
def test_a_pause_is_a_stall_that_ends_by_itself(
    engine: DeviceEngine, hasty: None, monkeypatch: pytest.MonkeyPatch, driver: str
) -> None:
    monkeypatch.setattr(driver_module, "PATIENCE_S", 5.0)
    sensor = SENSORS[driver][0]()
    with Air(sensor).around():
        watched = Watched(engine, sensor, driver)
        watched.more(3)
        sensor.silent = True
        until(lambda: watched.last is LinkState.STALLED)
        sensor.silent = False
        until(lambda: watched.last is LinkState.STREAMING)
        watched.handle.close(20.0)
    assert sensor.connections == 1


@pytest.mark.parametrize("driver", ["infinitime", "bangle"])
def test_a_link_that_is_dead_without_a_word_is_found_and_made_anew(
    engine: DeviceEngine, hasty: None, driver: str
) -> None:
    sensor = SENSORS[driver][0]()
    with Air(sensor).around():
        watched = Watched(engine, sensor, driver)
        watched.more(3)
        sensor.silent = sensor.deaf = True
        until(lambda: watched.last is LinkState.LOST)
        assert any("stopped answering" in text for text in watched.texts)
        sensor.silent = sensor.deaf = False
        watched.more(3)
        watched.handle.close(20.0)
    assert (np.diff(watched.numbers()) > 0).all()


def test_a_watch_that_speaks_again_is_not_dead_because_one_answer_was_late(engine: DeviceEngine, hasty: None) -> None:
    sensor = Companion()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "companion")
        watched.more(3)
        sensor.silent = sensor.deaf = True
        until(lambda: watched.last is LinkState.STALLED)
        time.sleep(0.2)
        sensor.silent = False
        watched.more(10)
        watched.handle.close(20.0)
    assert sensor.connections == 1
    assert LinkState.LOST not in watched.states


def test_a_watch_that_answers_but_sends_nothing_is_set_up_again(engine: DeviceEngine, hasty: None) -> None:
    sensor = MicroBit()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "microbit")
        watched.more(3)
        sensor.silent = True
        until(lambda: watched.last is LinkState.LOST)
        assert "sends nothing" in watched.handle.state_text
        sensor.silent = False
        watched.more(3)
        watched.handle.close(20.0)


def test_a_watch_lying_still_that_sends_only_changes_is_asked_and_not_called_stalled(engine: DeviceEngine) -> None:
    sensor = InfiniTime(activity="rest")
    with Air(sensor).around():
        watched = Watched(engine, sensor, "infinitime")
        watched.more(2)
        sensor.silent = True
        watched.more(2)
        watched.handle.close(20.0)
    assert LinkState.STALLED not in watched.states
    assert all(abs(np.linalg.norm(block.values[0]) - 9.8) < 0.5 for block in watched.acceleration)


@pytest.mark.parametrize("driver", list(PROTOCOLS))
def test_packets_of_the_wrong_length_are_counted_and_the_stream_goes_on(engine: DeviceEngine, driver: str) -> None:
    kind, options = SENSORS[driver]
    sensor = kind()
    with Air(sensor).around():
        watched = Watched(engine, sensor, driver, options)
        watched.more(1)
        broken = b"A!\r\n" if driver in ("bangle", "puck") else b"\x07\x07\x07\x07\x07"
        watched.do(sensor.notify(broken))
        watched.more(2)
        watched.handle.close(20.0)
    assert watched.protocol.malformed == 1
    assert (np.diff(watched.numbers()) > 0).all()


@pytest.mark.parametrize("reason", list(BleakBluetoothNotAvailableReason))
def test_every_reason_for_having_no_bluetooth_is_explained(
    engine: DeviceEngine, reason: BleakBluetoothNotAvailableReason
) -> None:
    sensor = MicroBit()
    air = Air(sensor)
    air.absent = reason
    with air.around():
        watched = Watched(engine, sensor, "microbit")
        with pytest.raises(PskdError) as caught:
            watched.handle.wait_ready(5)
    assert caught.value.hint
    assert "luetooth" in caught.value.message
    assert watched.states == [LinkState.SCANNING, LinkState.LOST]


def test_bluetooth_switched_off_and_on_while_streaming(engine: DeviceEngine, hasty: None) -> None:
    sensor = MicroBit()
    with Air(sensor).around() as air:
        watched = Watched(engine, sensor, "microbit")
        watched.more(3)
        air.absent = BleakBluetoothNotAvailableReason.POWERED_OFF
        watched.do(sensor.drop())
        until(lambda: any("Bluetooth is off" in text for text in watched.texts))
        air.absent = None
        watched.more(3)
        watched.handle.close(20.0)


def test_a_watch_that_is_not_there(engine: DeviceEngine) -> None:
    with Air(MicroBit()).around():
        handle = engine.open("ble:polar/AA:BB:CC:DD:EE:FF?find_s=0.5", print, lambda state, text: None)
        with pytest.raises(PskdError, match=r"was not found.*close the phone app"):
            handle.wait_ready(5)


def test_the_driver_is_found_by_what_the_device_advertises(engine: DeviceEngine) -> None:
    sensor = MicroBit()
    with Air(sensor).around():
        blocks: list[SampleBlock] = []
        handle = engine.open(f"ble:{sensor.address.lower()}", blocks.append, lambda state, text: None)
        until(lambda: blocks)
        handle.close()


def test_a_device_that_says_nothing_of_itself_needs_a_driver(engine: DeviceEngine) -> None:
    sensor = SENSORS["generic"][0]()
    with Air(sensor).around():
        handle = engine.open(f"ble:{sensor.address}?find_s=0.5", print, lambda state, text: None)
        with pytest.raises(PskdError, match="Name its driver"):
            handle.wait_ready(5)


def test_the_wrong_driver_says_that_there_is_no_motion_service(engine: DeviceEngine) -> None:
    sensor = MicroBit()
    with Air(sensor).around() as air:
        handle = engine.open(f"ble:polar/{sensor.address}", print, lambda state, text: None)
        with pytest.raises(PskdError, match="no motion service"):
            handle.wait_ready(5)
        until(lambda: air.clients == 0)


def test_both_wrists_by_the_same_address_without_number(engine: DeviceEngine) -> None:
    left, right = Companion("F0:CA:FE:00:00:01"), Companion("F0:CA:FE:00:00:02", drift_ppm=50)
    with Air(left, right).around() as air:
        blocks: tuple[list[SampleBlock], list[SampleBlock]] = ([], [])
        handles = [engine.open("ble:companion", mine.append, lambda state, text: None) for mine in blocks]
        until(lambda: all(len(mine) > 3 for mine in blocks))
        assert left.connections == right.connections == 1
        for handle in handles:
            handle.close()
        until(lambda: air.clients == 0)


def test_the_same_watch_is_not_opened_twice(engine: DeviceEngine) -> None:
    sensor = Companion()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "companion")
        watched.more(1)
        second = engine.open(f"ble:companion/{sensor.address}?find_s=0.3", print, lambda state, text: None)
        with pytest.raises(PskdError, match="already in use"):
            second.wait_ready(5)
        watched.handle.close(20.0)


def test_a_polar_sensor_with_too_small_packets_says_so(engine: DeviceEngine, hasty: None) -> None:
    sensor = Polar()
    with Air(sensor, mtu=100).around():
        watched = Watched(engine, sensor, "polar")
        until(lambda: watched.last is LinkState.LOST)
        assert "packets are too small" in watched.handle.state_text
        watched.handle.close(20.0)


def test_raw_frames_of_a_chest_strap_at_its_own_rate(engine: DeviceEngine) -> None:
    sensor = PolarH10()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "polar")
        assert watched.handle.capabilities.streams[0].rate_hz == 50
        watched.more(2)
        watched.handle.close(20.0)
    assert (np.diff(watched.numbers()) == 1).all()


def test_a_watch_without_axes_is_refused_with_what_to_do(engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Osd, "form", 1)
    sensor = Osd()
    with Air(sensor).around() as air:
        watched = Watched(engine, sensor, "osd")
        with pytest.raises(PskdError, match="3D format"):
            watched.handle.wait_ready(5)
        until(lambda: air.clients == 0)


def test_packets_are_kept_as_they_came(engine: DeviceEngine, tmp_path: Path) -> None:
    sensor = MicroBit()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "microbit", f"raw={tmp_path / 'raw.jsonl'}")
        watched.more(5)
        watched.handle.close(20.0)
    lines = [json.loads(line) for line in (tmp_path / "raw.jsonl").read_text().splitlines()]
    again = PROTOCOLS.get("microbit")()
    packets = [(line["t_s"], again.receive(line["characteristic"], bytes.fromhex(line["hex"]))) for line in lines]
    kept = {arrival_s: found[0].values for arrival_s, found in packets}
    for block in watched.acceleration:
        np.testing.assert_array_equal(kept[block.arrival_s], block.values)


def test_a_packet_that_comes_before_the_next_connection_is_set_up_is_only_read(
    engine: DeviceEngine, tmp_path: Path
) -> None:
    sensor = MicroBit()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "microbit", f"raw={tmp_path / 'raw.jsonl'}")
        watched.more(2)
        watched.handle.close(20.0)
    first = json.loads((tmp_path / "raw.jsonl").read_text().splitlines()[0])
    count, packet = len(watched.blocks), bytes.fromhex(first["hex"])
    watched.handle._driver._on_packet(first["characteristic"], packet, now_s())
    assert len(watched.blocks) == count


def test_a_file_for_packets_that_cannot_be_written_is_named(engine: DeviceEngine, tmp_path: Path) -> None:
    sensor = MicroBit()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "microbit", f"raw={tmp_path / 'no' / 'raw.jsonl'}")
        until(lambda: watched.last is LinkState.LOST)
        assert "Cannot write packets" in watched.handle.state_text
        watched.handle.close(20.0)


def test_the_scan_lists_what_is_near(engine: DeviceEngine) -> None:
    sketch = SENSORS["generic"][0]("F0:CA:FE:00:00:03")
    with Air(MicroBit("F0:CA:FE:00:00:01"), Companion("F0:CA:FE:00:00:02"), sketch).around():
        heard: list[str] = []
        found = engine.submit(scan(0.5, lambda one: heard.append(one.uri))).result(5)
        everything = engine.submit(scan(0.5, unknown=True)).result(5)
    assert [one.uri for one in found] == ["ble:companion/F0:CA:FE:00:00:02", "ble:microbit/F0:CA:FE:00:00:01"]
    assert set(heard) == {one.uri for one in found}
    assert found[1].name == "BBC micro:bit [zavug]"
    assert len(everything) == 3
    assert everything[-1].uri == ""


def test_closing_in_any_moment_leaves_nothing_behind(engine: DeviceEngine) -> None:
    sensor = Companion()
    with Air(sensor).around() as air:
        for moment_s in np.linspace(0.0, 0.35, 12):
            watched = Watched(engine, sensor, "companion")
            time.sleep(float(moment_s))
            watched.handle.close(20.0)
            assert watched.handle.state is LinkState.IDLE
            until(lambda: air.clients == 0)


def test_an_address_without_a_watch_is_wrong_use(engine: DeviceEngine) -> None:
    for uri in ("ble:", "ble:nokia/AA", "ble:polar?rate=7.7", "ble:polar?layout=int16", "ble:generic/AA"):
        with pytest.raises(WrongUse):
            engine.open(uri, print, lambda state, text: None)


def test_closing_while_a_dead_link_is_asked_is_quick(engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_module, "STILL_S", 0.2)
    sensor = InfiniTime()
    with Air(sensor).around():
        watched = Watched(engine, sensor, "infinitime")
        watched.more(1)
        sensor.silent = sensor.deaf = True
        time.sleep(0.6)
        before_s = now_s()
        watched.handle.close()
        assert now_s() - before_s < 2.0
    assert watched.handle.state is LinkState.IDLE


def test_a_name_that_strangers_chose_fits_on_one_line(engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MicroBit, "name", "BBC micro:bit\n\x1b[31mred")
    with Air(MicroBit()).around():
        found = engine.submit(scan(0.4)).result(5)
    assert found[0].name == "BBC micro:bit[31mred"
