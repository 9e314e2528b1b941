"""``pskd record`` as a person runs it: a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest
import pyxdf

from pskd.recording.reader import read_take

FILM = "a7_s5_t2"


def record(*arguments: str | Path, timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "pskd", "record", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=timeout_s, stdin=subprocess.DEVNULL)


@pytest.fixture
def trial(shared_data: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A film and the accelerometer of the very same trial."""
    inertial = tmp_path / f"{FILM}_inertial.mat"
    with tarfile.open(shared_data / "utd-mhad-inertial-skeleton.tar.gz") as archive:
        for member in archive:
            if member.name.endswith(inertial.name):
                source = archive.extractfile(member)
                assert source is not None
                inertial.write_bytes(source.read())
                break
    return shared_data / "utd-rgb" / f"{FILM}_color.avi", inertial


def test_a_film_and_its_watch_become_one_take(trial: tuple[Path, Path], tmp_path: Path) -> None:
    film, inertial = trial
    done = record(
        "--library", tmp_path / "library", "--camera", f"video:{film}", "--watch", f"replay:{inertial}",
        "--label", "draw circle", "--subject", "05", "--session", "a", "--model", "lite", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["take"] == "sub-05/ses-a/take-001_draw-circle"
    assert facts["ended_by"] == "sources"
    assert facts["streams"]["watch"]["samples"] == 158
    assert 5 < facts["streams"]["pose"]["rate_hz"] < 15.5  # a busy computer leaves pictures out
    take = read_take(tmp_path / "library" / facts["take"])
    watch, pose = take.streams["watch"], take.streams["pose"]
    assert abs(watch.times_s[0]) < 0.05  # the film's first picture is the take's zero
    np.testing.assert_allclose(watch.times_s - watch.times_s[0], np.arange(158) / 50, atol=0.02)
    assert 0 <= pose.times_s[0] < 0.5
    np.testing.assert_allclose(pose.times_s * 15, np.round(pose.times_s * 15), atol=0.02)  # the film's own times
    assert np.isfinite(pose.values).mean() > 0.9
    assert [segment.label for segment in take.segments] == ["draw circle"]
    streams, _ = pyxdf.load_xdf(take.folder / "raw.xdf")
    assert {stream["info"]["name"][0] for stream in streams} >= {"watch", "pose", "markers"}


def test_the_simulated_performer_is_recorded_for_so_many_seconds(tmp_path: Path) -> None:
    arguments = ["--library", tmp_path / "lib", "--camera", "none", "--watch", "sim:", "--seconds", "1.5", "--json"]
    first, second = record(*arguments), record(*arguments)
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    facts = json.loads(second.stdout)
    assert facts["ended_by"] == "seconds"
    assert facts["duration_s"] == pytest.approx(1.5, abs=0.3)
    assert facts["streams"]["watch"]["rate_hz"] == pytest.approx(50.0, abs=1.0)
    assert facts["problems"] == []
    assert facts["take"].endswith("take-002")
    assert "watch" in facts["sync"]


def test_a_protocol_makes_labelled_trials(tmp_path: Path) -> None:
    protocol = tmp_path / "p.toml"
    protocol.write_text(
        "name = 'p'\nclasses = ['wave', 'clap']\nseconds = 0.6\nrest_s = 0.2\nrepeats = 1\n"
        "order = 'turns'\ncountdown_s = 0.3\n"
    )
    done = record(
        "--library", tmp_path / "lib", "--camera", "none", "--watch", "sim:", "--protocol", protocol, "--json"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["ended_by"] == "protocol"
    take = read_take(tmp_path / "lib" / facts["take"])
    ends = [("wave", 0.9), ("clap", 1.7)]  # where they begin is up to the movement
    assert [(s.label, round(s.end_s, 2)) for s in take.segments] == ends
    assert all(end - 0.6 - 1e-6 <= s.start_s < end for s, (_, end) in zip(take.segments, ends, strict=True))
    assert {s.source for s in take.segments} <= {"cue", "movement"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_stops_and_keeps_the_take(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "pskd", "record", "--library", str(tmp_path / "lib"), "--camera", "none"]
    line += ["--watch", "sim:", "--label", "wave", "--json"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for_bytes(tmp_path / "lib", 6000)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    facts = json.loads(out)
    assert facts["ended_by"] == "interrupt"
    assert facts["state"] == "complete"
    assert facts["segments"] == 1


def wait_for_bytes(library: Path, size: int) -> None:
    deadline = time.monotonic() + 30
    while not any(raw.stat().st_size >= size for raw in library.glob("sub-*/ses-*/take-*/raw.xdf")):
        assert time.monotonic() < deadline, "nothing was recorded"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--camera", "none", "--watch", "none"], 2, "nothing to record"),
        (["--camera", "none", "--watch", "bogus:"], 2, "bogus"),
        (["--camera", "none", "--watch", "replay:/nowhere.mat"], 1, "nowhere.mat"),
        (["--camera", "none", "--watch", "sim:", "--protocol", "nowhere.toml"], 1, "nowhere.toml"),
        (["--camera", "none", "--watch", "sim:", "--label", "a/b"], 2, "cannot name a class"),
        (["--camera", "none", "--watch", "sim:", "--subject", "../up"], 2, "cannot name a subject"),
        (["--camera", "none", "--watch", "sim:", "--label", "a", "--protocol", "quick"], 2, "not both"),
        (["--camera", "none", "--watch", "sim:?stall_at=0&stall_s=99"], 1, "--anyway"),
    ],
)
def test_what_cannot_be_recorded_is_met_by_one_clear_line(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    done = record("--library", tmp_path / "lib", *arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "lib").exists()
