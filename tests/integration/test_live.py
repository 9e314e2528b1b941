"""The live process for real: a child, a watch stream, and the command line over both."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_bundles import CLASSES, gravity_bundle, lying, made_report

from pskd.cli.live import LiveSession
from pskd.clock import WallAnchor, now_s
from pskd.evaluation.report import write_report
from pskd.live.client import LiveClient
from pskd.live.wire import pack_block
from pskd.recording.take import TakeManifest, TakeState
from pskd.recording.writer import TakeWriter
from pskd.types import LinkState, Prediction, SampleBlock, Segment, StreamInfo, StreamKind
from pskd.workers.parent import Child

PATIENCE_S = 60.0


class Ears:
    """Hears a client and lets a test wait for what it needs."""

    def __init__(self) -> None:
        self.predictions: list[Prediction] = []
        self.states: list[tuple[LinkState, str, dict[str, Any]]] = []
        self._changed = threading.Condition()

    def prediction(self, found: Prediction) -> None:
        with self._changed:
            self.predictions.append(found)
            self._changed.notify_all()

    def state(self, state: LinkState, text: str, facts: dict[str, Any]) -> None:
        with self._changed:
            self.states.append((state, text, facts))
            self._changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE_S), self.states

    def loaded(self) -> bool:
        return bool(self.states) and "classes" in self.states[-1][2] and self.states[-1][0] is LinkState.STALLED


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gravity_bundle(tmp_path_factory.mktemp("bundles") / "made")


@pytest.fixture
def live() -> Iterator[tuple[LiveClient, Ears]]:
    ears = Ears()
    client = LiveClient(ears.prediction, ears.state)
    yield client, ears
    client.close()
    assert ears.states[-1][0] is LinkState.IDLE


def feed(client: LiveClient, axis: int, count: int, start_s: float = 0.0, device: bool = True) -> None:
    values, times = lying(axis, count, start_s=start_s)
    for first in range(0, count, 10):
        part = slice(first, first + 10)
        arrival_s = now_s() if device else times[part][-1]
        client.push(SampleBlock("watch", arrival_s, values[part], times[part] if device else None), wait=True)


@pytest.mark.parametrize("device", [True, False])
def test_blocks_go_in_and_predictions_come_out(bundle: Path, live: tuple[LiveClient, Ears], device: bool) -> None:
    client, ears = live
    client.open(bundle, rate_hz=50.0)
    ears.wait(ears.loaded)
    assert ears.states[-1][2]["classes"] == CLASSES
    feed(client, 0, 250, device=device)
    assert client.drain(PATIENCE_S)
    assert {p.label for p in ears.predictions} == {CLASSES[0]}
    assert len(ears.predictions) == 20 and ears.states[-1][0] is LinkState.STREAMING
    client.reset(rate_hz=50.0)
    feed(client, 2, 150, start_s=5.0, device=device)
    assert client.drain(PATIENCE_S)
    assert {p.label for p in ears.predictions[20:]} == {CLASSES[2]}
    assert any(state is LinkState.STALLED for state, _, _ in ears.states[-4:])
    assert client.dropped == 0


def test_a_killed_process_comes_back_and_predicts_again(bundle: Path, live: tuple[LiveClient, Ears]) -> None:
    client, ears = live
    client.open(bundle)
    ears.wait(ears.loaded)
    first = client.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    ears.wait(lambda: any(state is LinkState.LOST for state, _, _ in ears.states))
    ears.wait(ears.loaded)
    assert client.pid not in (None, first)
    feed(client, 1, 200)
    assert client.drain(PATIENCE_S)
    assert {p.label for p in ears.predictions} == {CLASSES[1]}


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_a_process_that_hangs_is_ended_and_started_again(
    bundle: Path, live: tuple[LiveClient, Ears], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pskd.live.client._SILENT_S", 2.5)
    client, ears = live
    client.open(bundle)
    ears.wait(ears.loaded)
    first = client.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    ears.wait(lambda: any(state is LinkState.LOST for state, _, _ in ears.states))
    ears.wait(ears.loaded)
    assert client.pid not in (None, first)


def test_a_bad_bundle_is_refused_and_a_good_one_can_follow(
    bundle: Path, live: tuple[LiveClient, Ears], tmp_path: Path
) -> None:
    client, ears = live
    client.open(tmp_path)
    ears.wait(lambda: ears.states[-1][0] is LinkState.LOST)
    assert ears.states[-1][2]["code"] == "bundle.missing" and "no bundle" in ears.states[-1][1]
    client.open(bundle)
    ears.wait(ears.loaded)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_the_live_process_loads_no_torch(bundle: Path, live: tuple[LiveClient, Ears]) -> None:
    client, ears = live
    client.open(bundle)
    ears.wait(ears.loaded)
    mapped = Path(f"/proc/{client.pid}/maps").read_text("utf-8")
    assert "onnxruntime" in mapped
    assert "libtorch" not in mapped and "/scipy/" not in mapped


def test_a_damaged_command_is_answered_and_the_process_stays(bundle: Path) -> None:
    heard: list[dict[str, Any]] = []
    arrived = threading.Condition()

    def hear(event: dict[str, Any]) -> None:
        with arrived:
            heard.append(event)
            arrived.notify_all()

    def wait_for(kind: str, count: int = 1) -> None:
        with arrived:
            assert arrived.wait_for(lambda: sum(e["event"] == kind for e in heard) >= count, PATIENCE_S), heard

    child = Child("live", hear)
    try:
        child.send("block", values="AAAA", arrival_s=1.0)  # before anything was opened: ignored
        child.send("open", bundle=str(bundle))
        wait_for("ready")
        child.send("block", values="AAAA", arrival_s=1.0)
        child.send("block", values=3)
        child.send("open", bundle=str(bundle), hop_s="soon")
        child.send("open", bundle=str(bundle), hop_s=-1)
        wait_for("error", 4)
        child.send("open", bundle=str(bundle))
        values, times = lying(2, 120)
        child.send("block", **pack_block(SampleBlock("watch", now_s(), values, times)))
        wait_for("prediction")
        assert {e["label"] for e in heard if e["event"] == "prediction"} == {CLASSES[2]}
    finally:
        assert child.close() == 0


def labelled_take(folder: Path) -> Path:
    """Three seconds with gravity along x, then three along z."""
    watch = StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", 50.0, "made", simulated=True)
    manifest = TakeManifest(
        subject="01",
        session="s1",
        name=folder.name,
        state=TakeState.RECORDING,
        start=WallAnchor(100.0, "2026-01-01T00:00:00.000+00:00"),
        streams=(watch,),
    )
    writer = TakeWriter.create(folder, manifest, durable=False)
    values = np.concatenate([lying(0, 150)[0], lying(2, 150)[0]])
    for first in range(0, 300, 5):
        device_s = (first + np.arange(5)) / 50.0
        writer.add_block(SampleBlock("watch", 100.0 + device_s[-1], values[first : first + 5], device_s))
    writer.finish(segments=[Segment(0.0, 3.0, CLASSES[0]), Segment(3.0, 6.0, CLASSES[2])])
    return folder


def pskd(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "pskd", *arguments], capture_output=True, text=True, timeout=120, env=environment
    )


@pytest.mark.parametrize("speed", ["20", "max"])
def test_pskd_live_replays_a_labelled_take_and_says_how_well_it_agreed(
    bundle: Path, tmp_path: Path, speed: str
) -> None:
    take = labelled_take(tmp_path / "take-001_x-up")
    done = pskd("live", str(bundle), "--device", f"replay:{take}?speed={speed}", "--json")
    assert done.returncode == 0, done.stderr
    *lines, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["event"] for line in lines} == {"prediction"} and last["event"] == "summary"
    assert last["predictions"] == len(lines) == 25 and last["dropped_blocks"] == 0
    assert {"p50", "p95", "p99"} <= set(last["latency_ms"])
    assert lines[0]["truth"] == CLASSES[0] and lines[-1]["truth"] == lines[-1]["label"] == CLASSES[2]
    agreement = last["agreement"]
    assert (agreement["segments"], agreement["segments_agreed"]) == (2, 2)
    assert agreement["counted"] >= 18 and agreement["agreed"] >= 16
    assert "half of its window" in agreement["rule"]


def test_pskd_live_on_the_simulated_watch_stops_when_told(bundle: Path) -> None:
    begun = time.monotonic()
    done = pskd("live", str(bundle), "--device", "sim:rest", "--seconds", "2.5")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun < 60
    assert "predictions." in done.stdout and "Latency: median" in done.stdout


def test_pskd_live_says_in_one_line_what_is_wrong(bundle: Path, tmp_path: Path) -> None:
    for arguments, code in [
        ((str(tmp_path), "--device", "sim:rest"), 2),
        ((str(bundle), "--device", "nothing"), 2),
        ((str(bundle), "--device", f"replay:{tmp_path}/none"), 1),
    ]:
        done = pskd("live", *arguments)
        assert done.returncode == code, done.stderr
        assert done.stderr.startswith("pskd: ") and "Traceback" not in done.stderr


def test_a_token_in_the_watchs_address_is_not_shown(bundle: Path) -> None:
    session = LiveSession(bundle, "udp:0?token=12345678", 0.2)
    session.stop()
    assert session.summary()["device"] == "udp:0?token=***"


def test_pskd_evaluate_gives_the_report_as_json_in_a_pipe(tmp_path: Path) -> None:
    report = made_report()
    write_report(tmp_path, report)
    done = pskd("evaluate", str(tmp_path))
    found = json.loads(done.stdout)
    assert found["protocol"] == "cross-subject"
    assert found["student"]["accuracy"] == report.student.accuracy
    assert {"accuracy", "macro_f1"} <= set(found["student"])
    assert set(found["teachers"]) == {"skeleton", "fused"}
    missing = pskd("evaluate", str(tmp_path / "none"))
    assert missing.returncode == 1 and missing.stderr.startswith("pskd: ")


def test_pskd_export_writes_a_bundle_that_predicts(bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "exported"
    done = pskd("export", str(bundle), "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["classes"] == CLASSES and facts["parity"] < 1e-4
    assert sorted(p.name for p in out.iterdir()) == ["bundle.json", "card.md", "student.onnx", "student.safetensors"]
    again = pskd("export", str(out), "--out", str(out))
    assert again.returncode == 2 and "exists already" in again.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX terminal")
def test_in_a_terminal_the_panel_shows_answer_bar_and_latency(bundle: Path, tmp_path: Path) -> None:
    import pty

    take = labelled_take(tmp_path / "take-001_x-up")
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("this machine has no pseudo-terminals")
    done = subprocess.Popen(
        [sys.executable, "-m", "pskd", "live", str(bundle), "--device", f"replay:{take}?speed=20"],
        stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    with os.fdopen(ours, "rb", buffering=0) as screen:
        while True:
            try:
                piece = screen.read(4096)
            except OSError:  # Linux says so when the other side has closed
                break
            if not piece:
                break
            shown += piece
    assert done.wait(60) == 0
    text = shown.decode("utf-8", "replace")
    assert "50 Hz" in text and "simulated" in text
    assert "█" in text and CLASSES[2] in text and f"truth: {CLASSES[2]}" in text
    assert "2 of 2 segments" in text
