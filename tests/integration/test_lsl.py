"""Lab Streaming Layer for real: other programs' streams in, ours out, across processes of this computer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from heard import until, watch
from virtual.lsl_sender import LslSender

from pskd.cli import devices, record
from pskd.cli.lsl import Sent
from pskd.clock import now_s
from pskd.devices import engine as engine_room
from pskd.devices.engine import DeviceEngine
from pskd.devices.lsl import library
from pskd.devices.lsl.streams import find
from pskd.errors import PskdError, WrongUse
from pskd.recording.reader import read_take
from pskd.types import LinkState

try:
    import pylsl  # noqa: F401
except (ImportError, RuntimeError, OSError) as error:
    pytest.skip(f"LSL cannot be loaded here: {error}", allow_module_level=True)

# Reads one stream in a process of its own until it ends or the time is up, and prints what came.
READER = """
import json, os, sys, time
import pylsl
lines = ["[ports]", "IPv6 = disable", "[multicast]", "ResolveScope = machine", "ListenAddress = 127.0.0.1", "[lab]"]
lines += ["SessionID = " + os.environ["PSKD_LSL_SESSION"], "[log]", "level = -3", ""]
pylsl.set_config_content(chr(10).join(lines))
name, seconds = sys.argv[1], float(sys.argv[2])
found = pylsl.resolve_byprop("name", name, 1, 15)
inlet = pylsl.StreamInlet(found[0], recover=False)
inlet.open_stream(5)
info = inlet.info(5)
print("open", flush=True)
samples, times, end = [], [], time.time() + seconds
try:
    while time.time() < end:
        more, at = inlet.pull_chunk(0.2, 512, min_samples=1)
        samples += more; times += list(at)
except RuntimeError:
    pass
print(json.dumps({"samples": samples, "times": times, "labels": info.get_channel_labels(), "type": info.type(),
                  "units": info.get_channel_units(), "rate": info.nominal_srate(), "clock": pylsl.local_clock(),
                  "simulated": info.desc().child_value("simulated")}))
"""


class Reader:
    """Another program that reads one stream, for ``seconds`` or until it ends."""

    def __init__(self, name: str, seconds: float) -> None:
        command = [sys.executable, "-c", READER, name, str(seconds)]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *exception: object) -> None:
        self.child.kill()
        self.child.communicate()

    def facts(self) -> dict:
        out, _ = self.child.communicate(timeout=60)
        return json.loads(out.splitlines()[-1])


def test_device_time_is_on_this_computers_clock(engine: DeviceEngine) -> None:
    with LslSender(rate_hz=100.0, chunk=1) as sender:
        handle, heard = watch(engine, f"lsl:{sender.name}")
        until(lambda: len(heard.blocks) > 50)
        handle.close()
    device_s = np.concatenate([block.device_s for block in heard.blocks if block.device_s is not None])
    lag_s = np.array([block.arrival_s - block.device_s[-1] for block in heard.blocks if block.device_s is not None])
    assert (np.diff(device_s) > 0).all()
    np.testing.assert_allclose(np.median(np.diff(device_s)), 0.01, atol=1e-3)
    assert -1e-3 < np.min(lag_s) < 0.01


def test_a_program_that_ends_and_starts_again_streams_again(
    engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_room, "BACK_OFF_S", (0.1,))
    with LslSender() as sender:
        handle, heard = watch(engine, f"lsl:{sender.name}")
        until(lambda: heard.blocks)
    until(lambda: LinkState.LOST in heard.links)
    count = len(heard.blocks)
    with LslSender(name=sender.name):
        until(lambda: len(heard.blocks) > count + 3)
        handle.close()


def test_channels_that_say_what_they_are_are_found(engine: DeviceEngine) -> None:
    labels = ("EEG1", "ACC_X", "ACC_Y", "ACC_Z", "GYR_X", "GYR_Y", "GYR_Z")
    units = ("uV", "g", "g", "g", "rad/s", "rad/s", "rad/s")
    with LslSender(labels=labels, units=units, channels=7) as sender:
        handle, heard = watch(engine, f"lsl:{sender.name}?gyroscope=1")
        assert [info.unit for info in handle.capabilities.streams] == ["m/s^2", "deg/s"]
        until(lambda: len({block.stream for block in heard.blocks}) == 2)
        handle.close()
    first = next(block for block in heard.blocks if block.stream == "watch")
    np.testing.assert_allclose(first.values[0], np.array([-0.97, 9.74, 0.31]) * 9.80665, rtol=1e-5)


def test_no_stream_and_a_stream_of_text_are_said_plainly(engine: DeviceEngine) -> None:
    handle, _ = watch(engine, "lsl:nobody?find_s=0.3")
    with pytest.raises(PskdError, match="There is no LSL stream nobody on this computer"):
        handle.wait_ready(20)
    with LslSender(text=True, units=()) as sender:
        assert sender.name not in [one.name for one in find()]
        handle, _ = watch(engine, f"lsl:{sender.name}")
        with pytest.raises(PskdError, match="carries no samples"):
            handle.wait_ready(20)


@pytest.mark.parametrize("uri", ["lsl:", "lsl:a'b", "lsl:a?scope=galaxy", "lsl:a?source=b'"])
def test_what_names_no_stream_is_refused(engine: DeviceEngine, uri: str) -> None:
    with pytest.raises(WrongUse):
        watch(engine, uri)


def test_one_process_has_one_scope() -> None:
    library.load()
    with pytest.raises(WrongUse, match="opened LSL for the machine already"):
        library.load(library.NETWORK)


def test_without_the_extra_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_opened", None)
    monkeypatch.setitem(sys.modules, "pylsl", None)
    with pytest.raises(PskdError, match=r"not installed. Run: .* -m pip install \"pylsl"):
        library.load()


def test_the_list_names_the_streams_of_numbers() -> None:
    with LslSender() as sender:
        entries = json.loads(CliRunner().invoke(devices.command, ["--seconds", "0.5", "--json"]).stdout)
    entry = next(entry for entry in entries if entry["name"] == sender.name)
    assert entry["uri"] == f"lsl:{sender.name}"
    assert entry["driver"] == "lsl"
    assert entry["note"].startswith("LSL Mocap, 3 channels, 50 Hz, on ")


def test_a_watch_that_is_shown_can_be_read_by_another_program(capsys: pytest.CaptureFixture[str]) -> None:
    before_s = now_s()
    shown = devices.Watching("sim:rest", Sent(True, False))
    with Reader("pskd-watch", 1.0) as reader:
        shown.start()
        facts = reader.facts()
    shown.stop()
    assert "LSL: pskd-watch, pskd-watch-gyroscope" in capsys.readouterr().err
    values = np.array(facts["samples"])
    assert facts["labels"] == ["x", "y", "z", "device_s", "arrival_s"]
    assert facts["units"][:3] == ["m/s^2"] * 3
    assert (facts["type"], facts["rate"], facts["simulated"]) == ("Accelerometer", 50.0, "true")
    assert abs(np.median(np.linalg.norm(values[:, :3], axis=1)) - 9.8) < 0.4
    assert (np.diff(values[:, 3]) > 0).all()
    assert (values[:, 4] > before_s).all()  # the same clock in every process of this computer


def test_a_take_and_what_another_program_reads_of_it_are_the_same(tmp_path: Path) -> None:
    arguments = ["--library", str(tmp_path / "lib"), "--camera", "none", "--watch", "sim:walk?gyroscope=0", "--json"]
    sending = ["--seconds", "2", "--label", "walk", "--lsl", "--lsl-wait", "20"]
    with Reader("pskd-watch", 60.0) as watch_reader, Reader("pskd-markers", 60.0) as marker_reader:
        done = CliRunner().invoke(record.command, [*arguments, *sending])
        assert done.exit_code == 0, done.output
        sent, markers = np.array(watch_reader.facts()["samples"]), marker_reader.facts()["samples"]
    kept = read_take(Path(json.loads(done.stdout)["folder"])).streams["watch"]
    assert kept.device_s is not None
    common = np.isin(sent[:, 3], kept.device_s)
    assert common.sum() > 50
    places = np.searchsorted(kept.device_s, sent[common, 3])
    np.testing.assert_allclose(kept.values[places], sent[common, :3], rtol=1e-6)
    assert ["key/walk/start/0"] in markers
