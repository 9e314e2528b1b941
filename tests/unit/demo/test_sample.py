"""The sample library is complete, labelled, and says that it is simulated."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pskd.demo import sample
from pskd.library.extract import load_clips
from pskd.library.library import Library
from pskd.recording.reader import read_take
from pskd.types import StreamKind


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people, two classes."""
    monkeypatch.setattr(sample, "PEOPLE", sample.PEOPLE[:2])
    monkeypatch.setattr(sample, "CLASSES", ("squat", "clap"))


@pytest.mark.usefixtures("small")
def test_it_holds_every_trial_of_every_person(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    library = sample.ensure(tmp_path / "demo", lambda done, total: told.append((done, total)))
    info = library.info()
    assert (info["takes"], info["subjects"], info["classes"]) == (4, 2, 2)
    assert told[-1] == (4, 4)
    assert {clip.label for clip in load_clips(library)} == {"squat", "clap"}
    assert len(load_clips(library)) == 4 * sample.TRIALS


@pytest.mark.usefixtures("small")
def test_its_streams_are_said_to_be_simulated_and_fit_each_other(tmp_path: Path) -> None:
    library = sample.ensure(tmp_path / "demo")
    take = read_take(library.takes()[0].folder)
    assert all(info.simulated for info in take.manifest.streams if info.kind != StreamKind.MARKERS)
    watch, pose = take.first(StreamKind.ACCELEROMETER), take.first(StreamKind.POSE)
    assert watch is not None and pose is not None
    assert abs(watch.times_s[-1] - pose.times_s[-1]) < 0.3
    assert np.median(np.linalg.norm(watch.values, axis=1)) == pytest.approx(9.8, abs=1.5)


@pytest.mark.usefixtures("small")
def test_a_second_call_opens_the_first_ones_library(tmp_path: Path) -> None:
    first = sample.ensure(tmp_path / "demo")
    stamps = {take.id: (take.folder / "raw.xdf").stat().st_mtime_ns for take in first.takes()}
    again = sample.ensure(tmp_path / "demo")
    assert isinstance(again, Library)
    assert {take.id: (take.folder / "raw.xdf").stat().st_mtime_ns for take in again.takes()} == stamps


@pytest.mark.usefixtures("small")
def test_a_half_made_library_never_appears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample.ensure(tmp_path / "demo", stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("small")
def test_what_a_killed_program_left_is_cleared_away_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for pid in (ended.pid, os.getppid()):
        (tmp_path / f".demo.{pid}" / "sub-01").mkdir(parents=True)
    sample.ensure(tmp_path / "demo")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".demo.{os.getppid()}", "demo"]
