"""The recorder on simulated devices: the real engine, the real vision process, the real file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from heard import until
from made_takes import START_S, WATCH, manifest

from pskd.errors import PskdError, WrongUse
from pskd.recording.reader import read_take
from pskd.recording.recorder import Recorder
from pskd.recording.status import RecorderState
from pskd.recording.take import TakeState
from pskd.recording.writer import TakeWriter
from pskd.types import LinkState, Marker, SampleBlock


class Shelf:
    """Makes take folders as a library would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.number = 0

    def __call__(self, label: str) -> Path:
        self.number += 1
        folder = self.root / "sub-01" / "ses-a" / f"take-{self.number:03d}"
        folder.mkdir(parents=True)
        return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
def opened(shelf: Shelf) -> Iterator[Callable[..., Recorder]]:
    """Opens recorders and closes them."""
    recorders = []

    def make(*watches: str, camera: str | None = None, **more: object) -> Recorder:
        recorder = Recorder(shelf, "01", "a", watches, camera, **more)  # type: ignore[arg-type]
        recorders.append(recorder)
        recorder.open()
        return recorder

    yield make
    for recorder in recorders:
        recorder.close()


def count(recorder: Recorder, name: str) -> int:
    return next(stream.count for stream in recorder.status().streams if stream.name == name)


def test_two_takes_from_one_opening(opened: Callable[..., Recorder]) -> None:
    heard: list[SampleBlock] = []
    recorder = opened("sim:?gyroscope=0", on_block=heard.append)
    until(lambda: recorder.status().state == RecorderState.READY)
    folders = []
    for label in ("squat", ""):
        recorder.start(label)
        assert recorder.taking
        until(lambda: count(recorder, "watch") >= 25)
        status = recorder.status()
        assert status.state == RecorderState.RECORDING
        assert status.file_bytes > 1000
        folders.append(recorder.stop())
    first, second = (read_take(folder) for folder in folders)
    assert first.manifest.state == TakeState.COMPLETE
    assert [segment.label for segment in first.segments] == ["squat"]
    assert second.segments == ()
    for take in (first, second):
        assert len(take.streams["watch"].values) >= 25
        assert take.streams["watch"].times_s[0] > -0.1
        assert take.manifest.streams[0].simulated
    assert len(heard) > 10


def test_camera_and_watch_show_the_same_movement(opened: Callable[..., Recorder]) -> None:
    recorder = opened("sim:?gyroscope=0", camera="sim:")
    recorder.start("arm_circle")
    until(lambda: count(recorder, "watch") >= 100 and count(recorder, "pose") >= 55)
    take = read_take(recorder.stop())
    watch, pose = take.streams["watch"], take.streams["pose"]
    assert pose.values.shape[1:] == (33, 3)
    assert pose.info.layout == "mediapipe-33"
    late_s = watch.times_s > 0.8  # the performer has raised the arm by then
    assert watch.values[late_s].std(axis=0).max() > 1.0
    wrists = pose.values[pose.times_s > 0.8][:, 15:17]
    assert wrists.std(axis=0).max() > 0.05


def test_cues_tell_the_performer_and_become_segments(opened: Callable[..., Recorder]) -> None:
    recorder = opened("sim:?gyroscope=0")
    recorder.start()
    start_s = recorder.start_s
    recorder.mark(Marker(start_s + 0.3, "cue", "clap", "start", 1))
    recorder.mark(Marker(start_s + 0.9, "cue", "clap", "end", 1))
    until(lambda: count(recorder, "watch") >= 60)
    take = read_take(recorder.stop())
    (segment,) = take.segments
    assert (segment.label, segment.source, segment.trial) == ("clap", "cue", 1)
    assert segment.start_s == pytest.approx(0.3)
    assert segment.end_s == pytest.approx(0.9)


def test_silence_is_never_called_recording(opened: Callable[..., Recorder]) -> None:
    recorder = opened("sim:?gyroscope=0&stall_at=0.5&stall_s=100")
    recorder.start()
    until(lambda: recorder.status().state == RecorderState.SILENT)
    status = recorder.status()
    assert "No data from the watch" in status.verdict
    assert status.streams[0].silent
    until(lambda: recorder.status().streams[0].link == LinkState.STALLED)
    take = read_take(recorder.stop())
    assert "watch stalled" in [marker.label for marker in take.markers]


def test_a_broken_link_is_a_new_connection_in_the_take(opened: Callable[..., Recorder]) -> None:
    recorder = opened("sim:?gyroscope=0&drop_at=1.0")
    recorder.start()
    until(lambda: recorder.status().streams[0].gaps >= 1)
    take = read_take(recorder.stop())
    links = [(marker.label, marker.phase) for marker in take.markers if marker.kind == "link" and marker.phase]
    assert links[:3] == [("watch", "start"), ("watch", "end"), ("watch", "start")]
    gaps = [marker for marker in take.markers if marker.kind == "gap"]
    assert [(marker.label, marker.phase) for marker in gaps] == [("watch", "start"), ("watch", "end")]
    assert gaps[1].t_s - gaps[0].t_s == pytest.approx(np.diff(take.streams["watch"].times_s).max(), abs=0.3)
    assert [problem.text[:27] for problem in take.manifest.problems] == ["Nothing came from the watch"]


def test_a_discarded_take_keeps_its_files(opened: Callable[..., Recorder]) -> None:
    recorder = opened("sim:?gyroscope=0")
    recorder.start()
    until(lambda: count(recorder, "watch") >= 5)
    take = read_take(recorder.discard())
    assert take.manifest.state == TakeState.DISCARDED
    assert len(take.streams["watch"].values) >= 5
    assert not recorder.taking


def test_a_take_in_which_nothing_arrived_says_so(opened: Callable[..., Recorder], shelf: Shelf) -> None:
    recorder = opened("sim:?gyroscope=0&stall_at=0&stall_s=100")
    recorder.start()
    with pytest.raises(PskdError, match="Nothing arrived"):
        recorder.stop()
    assert read_take(shelf.root / "sub-01" / "ses-a" / "take-001").manifest.state == TakeState.DISCARDED


def test_two_watches_keep_their_names_apart(opened: Callable[..., Recorder]) -> None:
    recorder = opened("sim:?seed=1", "sim:?seed=2&gyroscope=0")
    recorder.start()
    until(lambda: count(recorder, "watch") >= 10 and count(recorder, "watch2") >= 10)
    take = read_take(recorder.stop())
    assert list(take.streams) == ["watch", "watch-gyroscope", "watch2"]
    assert not np.allclose(take.streams["watch"].values[:9], take.streams["watch2"].values[:9])


def test_a_replayed_take_begins_with_the_take_each_time(opened: Callable[..., Recorder], tmp_path: Path) -> None:
    writer = TakeWriter.create(tmp_path / "source", manifest(WATCH), durable=False)
    values = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    writer.add_samples("watch", START_S + np.arange(40) / 50, values)
    writer.finish()
    recorder = opened(f"replay:{tmp_path / 'source'}")
    time.sleep(0.3)
    for _ in range(2):
        recorder.start()
        until(lambda: recorder.status().all_ended)
        take = read_take(recorder.stop())
        np.testing.assert_allclose(take.streams["watch"].values, values, atol=1e-4)
        np.testing.assert_allclose(take.streams["watch"].times_s, np.arange(40) / 50, atol=0.05)


def test_without_any_source_there_is_nothing_to_record(shelf: Shelf) -> None:
    with pytest.raises(WrongUse, match="nothing to record"):
        Recorder(shelf, "01", "a")


def test_what_cannot_be_opened_is_told_and_nothing_stays_open(shelf: Shelf, tmp_path: Path) -> None:
    recorder = Recorder(shelf, "01", "a", [f"replay:{tmp_path / 'missing'}"])
    with pytest.raises(PskdError, match="missing"):
        recorder.open()
    assert recorder.status().state == RecorderState.CLOSED
    with pytest.raises(WrongUse, match="not open"):
        recorder.start()


def test_a_take_is_neither_stopped_nor_marked_before_it_starts(opened: Callable[..., Recorder]) -> None:
    recorder = opened("sim:?gyroscope=0")
    with pytest.raises(WrongUse):
        recorder.stop()
    with pytest.raises(WrongUse):
        recorder.mark(Marker(0.0, "note", "hello"))


def test_closing_keeps_a_take_that_runs(opened: Callable[..., Recorder], shelf: Shelf) -> None:
    recorder = opened("sim:?gyroscope=0")
    folder = recorder.start("squat")
    until(lambda: count(recorder, "watch") >= 5)
    recorder.close()
    assert read_take(folder).manifest.state == TakeState.COMPLETE


def test_what_sends_nothing_is_named_before_the_take(opened: Callable[..., Recorder]) -> None:
    assert opened("sim:?gyroscope=0").missing() == ""
    silent = opened("sim:?gyroscope=0&stall_at=0&stall_s=1000")
    assert silent.missing(timeout_s=0.2).startswith("No data from the watch yet.")


def test_a_silent_watch_is_an_alarm_and_a_problem_of_the_take(opened: Callable[..., Recorder]) -> None:
    recorder = opened("sim:?gyroscope=0&stall_at=1.5&stall_s=1000")
    recorder.start("wave")
    until(lambda: recorder.status().alarm)
    until(lambda: bool(recorder.status().problems))
    manifest = read_take(recorder.stop()).manifest
    assert manifest.problems == recorder.problems
    assert manifest.problems[0].text.startswith("Nothing came from the watch from ")
    assert manifest.problems[0].text.endswith(" to the end.")


def test_a_film_that_is_not_whole_is_a_problem_of_the_take(opened: Callable[..., Recorder], tmp_path: Path) -> None:
    recorder = opened(camera="sim:")
    recorder.keep_film = True
    (tmp_path / "sub-01" / "ses-a" / "take-001" / "film_times.csv").mkdir(parents=True)  # in the film's way
    recorder._new_take = lambda label: tmp_path / "sub-01" / "ses-a" / "take-001"
    recorder.start()
    until(lambda: count(recorder, "pose") >= 5)
    manifest = read_take(recorder.stop()).manifest
    (told,) = [problem.text for problem in manifest.problems if "film" in problem.text]
    assert told.startswith("The film of this take is not whole: ")
    assert "film_times.csv cannot be written: " in told
    assert manifest.problems == recorder.problems


def test_a_recording_that_plays_all_at_once_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    table = tmp_path / "clip.csv"
    table.write_text("".join(f"{n / 50},0,0,9.81\n" for n in range(50)))
    recorder = Recorder(shelf, "01", "a", [f"replay:{table}?speed=0"])
    with pytest.raises(WrongUse, match="speed=0 plays everything at once"):
        recorder.open()
    recorder.close()


def test_what_cannot_be_opened_is_left_out_where_that_is_allowed(shelf: Shelf, tmp_path: Path) -> None:
    missing = f"replay:{tmp_path / 'nothing.csv'}"
    recorder = Recorder(shelf, "01", "a", [missing, "sim:?gyroscope=0"], f"video:{tmp_path / 'nothing.mp4'}")
    recorder.open(need_all=False)
    with recorder:
        assert set(recorder.failures) == {"watch", "camera"}
        assert [source.name for source in recorder.sources] == ["watch2"]
        recorder.start("wave")
        until(lambda: count(recorder, "watch2") >= 20)
        take = read_take(recorder.stop())
    assert list(take.streams) == ["watch2"]
    assert list(take.manifest.attributes["devices"]) == ["watch2"]


@pytest.mark.parametrize("need_all", [True, False])
def test_nothing_stays_open_where_all_is_needed_or_all_fails(shelf: Shelf, tmp_path: Path, need_all: bool) -> None:
    missing = f"replay:{tmp_path / 'nothing.csv'}"
    recorder = Recorder(shelf, "01", "a", [missing, "sim:" if need_all else missing])
    with pytest.raises(PskdError, match=r"nothing\.csv"):
        recorder.open(need_all=need_all)
    assert recorder.status().state == RecorderState.CLOSED
