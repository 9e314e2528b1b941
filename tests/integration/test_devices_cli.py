"""``pskd devices`` as a person runs it, with and without Bluetooth."""

from __future__ import annotations

import json

import pytest
from bleak.exc import BleakBluetoothNotAvailableReason
from click.testing import CliRunner, Result
from virtual.air import Air
from virtual.sensors import SENSORS, Companion, MicroBit

from pskd.cli.devices import command
from pskd.errors import PskdError, WrongUse
from pskd.performer import perform_take


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), prog_name="pskd devices")


def test_the_list_holds_what_is_near_and_what_is_always_there() -> None:
    with Air(MicroBit("F0:CA:FE:00:00:01"), Companion("F0:CA:FE:00:00:02"), SENSORS["generic"][0]()).around():
        done = run("--seconds", "0.5", "--json")
    entries = json.loads(done.stdout)
    assert done.exit_code == 0
    assert [entry["uri"] for entry in entries] == [
        "ble:companion/F0:CA:FE:00:00:02",
        "ble:microbit/F0:CA:FE:00:00:01",
        "sim:medley",
        "replay:PATH",
        "ws:ADDRESS",
        "http:PORT",
        "udp:PORT",
        "ble:",
    ]
    assert all(entry.keys() >= {"uri", "name", "driver", "rssi", "battery"} for entry in entries)
    assert entries[1]["name"] == "BBC micro:bit [zavug]"
    assert entries[1]["rssi"] == -60
    assert entries[-1]["ble"] == {"available": True, "reason": "", "code": ""}


def test_the_list_is_readable() -> None:
    with Air(MicroBit()).around():
        done = run("--seconds", "0.4")
    assert "ble:microbit/F0:CA:FE:00:00:01" in done.stdout
    assert "-60 dBm" in done.stdout
    with Air().around():
        assert "No watch was heard in 0.2 s" in run("--seconds", "0.2").stdout


def test_without_bluetooth_it_says_why_and_what_else_there_is() -> None:
    air = Air()
    air.absent = BleakBluetoothNotAvailableReason.NO_BLUETOOTH
    with air.around():
        told = run("--seconds", "0.2")
        entries = json.loads(run("--seconds", "0.2", "--json").stdout)
    assert told.exit_code == 0
    assert "This computer has no Bluetooth adapter." in told.stdout
    assert "sim:medley" in told.stdout
    assert not any(entry["uri"].startswith("ble:") and len(entry["uri"]) > 4 for entry in entries)
    assert entries[-1]["ble"]["available"] is False
    assert entries[-1]["ble"]["code"] == "ble.no-bluetooth"


def test_unknown_devices_are_listed_when_asked_for() -> None:
    with Air(SENSORS["generic"][0]()).around():
        done = run("--all", "--seconds", "0.4")
    assert "my sketch" in done.stdout


def test_all_drivers_are_listed() -> None:
    entries = json.loads(run("--drivers", "--json").stdout)
    assert {entry["driver"] for entry in entries} == set(SENSORS)
    assert "PineTime" in run("--drivers").stdout


def test_streaming_a_virtual_watch_counts_its_samples() -> None:
    sensor = Companion()
    with Air(sensor).around():
        done = run("stream", f"ble:companion/{sensor.address}", "--seconds", "1.5", "--json")
    facts = json.loads(done.stdout)
    assert done.exit_code == 0
    assert facts["gaps"] == 0
    sent = sum(len(packet) for packet in sensor.sent)
    assert 0 < facts["samples"] <= sent  # how many, and how fast, a busy machine decides: it may stop late
    assert sent - facts["samples"] < 50
    assert 25 < facts["rate_hz"] < 100
    assert facts["battery"] == 77
    assert facts["streams"]["watch"]["unit"] == "m/s^2"
    assert facts["states"] == ["scanning", "connecting", "streaming", "idle"]


def test_streaming_a_simulated_watch_that_loses_packets_shows_gaps() -> None:
    facts = json.loads(run("stream", "sim:walk?loss=0.3&seed=1", "--seconds", "2", "--json").stdout)
    assert facts["gaps"] > 0
    assert facts["longest_gap_s"] > 0.05
    assert facts["streams"]["watch-gyroscope"]["simulated"]


def test_a_replayed_recording_ends_by_itself(tmp_path) -> None:
    take = perform_take([("wave", 3.0)])
    rows = "\n".join(f"{t},{x},{y},{z}" for t, (x, y, z) in zip(take.device_s, take.acceleration_mps2, strict=True))
    (tmp_path / "wave.csv").write_text(f"time,x,y,z\n{rows}\n")
    done = run("stream", f"replay:{tmp_path / 'wave.csv'}?speed=max", "--json")
    facts = json.loads(done.stdout)
    assert facts["samples"] == len(take.device_s)
    assert facts["gaps"] == 0
    told = run("stream", f"replay:{tmp_path / 'wave.csv'}?speed=max")
    assert f"{len(take.device_s)} samples" in told.stdout


def test_what_cannot_be_opened_is_said() -> None:
    with Air().around():
        away = run("stream", "ble:polar?find_s=0.2", "--seconds", "1")
    assert isinstance(away.exception, PskdError)
    assert "was not found" in str(away.exception)
    assert isinstance(run("stream", "nokia:3310").exception, WrongUse)


@pytest.mark.parametrize("arguments", [["--seconds", "0"], ["stream"], ["stream", "sim:", "--seconds", "0"]])
def test_wrong_use_is_exit_code_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2
