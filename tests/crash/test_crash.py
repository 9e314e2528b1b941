"""What is left of a recording when its process is killed, its disk is full or gone, or the computer sleeps."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import pyxdf
from heard import until

from pskd.recording.reader import read_manifest, read_take
from pskd.recording.recorder import Recorder
from pskd.recording.recovery import recover
from pskd.recording.take import TakeState
from pskd.types import LinkState

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of Unix")

RATE_HZ = 50.0


def command(library: Path, *arguments: object) -> list[str]:
    return [sys.executable, "-m", "pskd", "record", "--library", str(library), *map(str, arguments)]


HEADERS = 4096
"""Bytes that the headers of all streams take at most."""


def killed_after(line: list[str], library: Path, stream_seconds: float, bytes_a_second: float) -> tuple[Path, float]:
    """Run until the file has grown for so long, kill the process, and give the take and its age when it died."""
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 60
            raw, enough = None, 0.0
            while raw is None or raw.stat().st_size < enough:
                assert time.monotonic() < deadline, "nothing was recorded"
                assert process.poll() is None, "the recording ended by itself"
                time.sleep(0.01)
                if raw is None:
                    raw = next(library.glob("sub-*/ses-*/take-*/raw.xdf"), None)
                    # the streams' headers may not be written yet when the file is first seen
                    enough = HEADERS + raw.stat().st_size + stream_seconds * bytes_a_second if raw else 0.0
            start_s = read_manifest(raw.parent).start.monotonic_s
        finally:
            died_s = time.perf_counter()
            process.kill()
    return raw.parent, died_s - start_s


def check_recovered(
    folder: Path, library: Path, age_s: float, streams: set[str], label: str, slow: tuple[str, ...] = ()
) -> None:
    """What a killed recording left; ``slow`` streams may have been late already when it was killed."""
    before = (folder / "raw.xdf").read_bytes()
    assert read_manifest(folder).state == TakeState.RECORDING
    found, _ = pyxdf.load_xdf(folder / "raw.xdf")
    assert {stream["info"]["name"][0] for stream in found} == {*streams, "markers"}
    (recovered,) = recover(library)
    assert recovered.state == TakeState.RECOVERED
    assert recovered.folder == folder
    assert "cut off" in recovered.sentence
    take = read_take(folder)
    for name in streams:
        lost_s = age_s - float(take.streams[name].times_s[-1])
        assert lost_s < 1.0 or name in slow, f"more than a second of {name} is lost"
    assert [segment.label for segment in take.segments] == [label]
    assert (folder / "raw.xdf").read_bytes() == before
    assert recover(library) == []


def test_a_killed_recording_loses_less_than_a_second(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    line = command(library, "--camera", "none", "--watch", "sim:?gyroscope=0", "--label", "wave")
    folder, age_s = killed_after(line, library, 2.0, RATE_HZ * 49)
    assert age_s > 1.0
    check_recovered(folder, library, age_s, {"watch"}, "wave")


def test_a_killed_recording_of_film_and_watch_is_recovered(tmp_path: Path, shared_data: Path) -> None:
    inertial = tmp_path / "a7_s5_t2_inertial.mat"
    with tarfile.open(shared_data / "utd-mhad-inertial-skeleton.tar.gz") as archive:
        member = next(m for m in archive if m.name.endswith(inertial.name))
        source = archive.extractfile(member)
        assert source is not None
        inertial.write_bytes(source.read())
    film = shared_data / "utd-rgb" / "a7_s5_t2_color.avi"
    library = tmp_path / "lib"
    line = command(
        library, "--camera", f"video:{film}", "--watch", f"replay:{inertial}", "--label", "circle", "--model", "lite"
    )
    folder, age_s = killed_after(line, library, 1.5, 15 * 810 + 2 * RATE_HZ * 49)
    check_recovered(folder, library, age_s, {"watch", "watch-gyroscope", "pose"}, "circle", slow=("pose",))


def test_the_next_recording_tells_of_the_one_that_was_cut_off(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    arguments = ("--camera", "none", "--watch", "sim:?gyroscope=0")
    folder, _ = killed_after(command(library, *arguments), library, 0.5, RATE_HZ * 49)
    line = command(library, *arguments, "--seconds", "0.5", "--json")
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert f"{folder.name} was cut off" in done.stderr
    assert json.loads(done.stdout)["take"].endswith("take-002")
    assert read_manifest(folder).state == TakeState.RECOVERED


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
from pskd.cli.main import main
main(sys.argv[1:])
"""


def test_a_disk_that_fills_up_ends_the_take_and_keeps_it(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    line = command(library, "--camera", "none", "--watch", "sim:?gyroscope=0", "--seconds", "30")
    done = subprocess.run([sys.executable, "-c", LIMITED, *line[3:]], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "The disk is full" in done.stderr
    assert "kept" in done.stderr
    assert "Traceback" not in done.stderr
    folder = next(library.glob("sub-*/ses-*/take-*"))
    take = read_take(folder)
    assert take.manifest.state == TakeState.RECOVERED
    assert len(take.streams["watch"].values) > 50
    assert (folder / "raw.xdf").stat().st_size <= 8192


def test_a_killed_camera_process_leaves_the_watch_alone_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "take-001"
    with Recorder(lambda label: folder, "01", "a", ["sim:?gyroscope=0"], "sim:") as recorder:
        folder.mkdir()
        recorder.start()
        until(lambda: counts(recorder)["pose"] >= 15)
        camera = next(child for child in psutil.Process().children(recursive=True) if "vision" in child.cmdline())
        camera.kill()
        until(lambda: recorder.status().streams[-1].link is not LinkState.STREAMING)
        before = counts(recorder)
        until(lambda: counts(recorder)["pose"] >= before["pose"] + 15)
        recorder.stop()
    take = read_take(folder)
    assert np.diff(take.streams["watch"].times_s).max() < 1.0
    assert np.diff(take.streams["pose"].times_s).max() > 0.1, "three frames at least are missing"
    links = [(m.label, m.phase) for m in take.markers if m.label == "camera" and m.phase]
    assert links == [("camera", "start"), ("camera", "end"), ("camera", "start"), ("camera", "end")][: len(links)]
    assert len(links) >= 3


def counts(recorder: Recorder) -> dict[str, int]:
    return {stream.name: stream.count for stream in recorder.status().streams}


def test_a_polite_end_keeps_the_take(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    line = command(library, "--camera", "none", "--watch", "sim:?gyroscope=0", "--label", "wave")
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while not any(raw.stat().st_size > 5000 for raw in library.glob("sub-*/ses-*/take-*/raw.xdf")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    folder = next(library.glob("sub-*/ses-*/take-*"))
    assert read_take(folder).manifest.state == TakeState.COMPLETE


def test_a_stopped_and_continued_recording_marks_the_gap_and_says_so(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    line = command(library, "--camera", "none", "--watch", "sim:?gyroscope=0", "--json")
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        until(lambda: any(raw.stat().st_size > 3500 for raw in library.glob("sub-*/ses-*/take-*/raw.xdf")))
        os.killpg(process.pid, signal.SIGSTOP)
        time.sleep(3.0)
        os.killpg(process.pid, signal.SIGCONT)
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        facts = json.loads(process.communicate(timeout=30)[0])
    assert any("slept or the program stood still for" in problem for problem in facts["problems"])
    take = read_take(library / facts["take"])
    gaps = [marker for marker in take.markers if marker.kind == "gap" and marker.label == "computer"]
    assert [marker.phase for marker in gaps] == ["start", "end"]
    assert gaps[1].t_s - gaps[0].t_s == pytest.approx(3.0, abs=1.0)
    assert tuple(problem.text for problem in take.manifest.problems) == tuple(facts["problems"])


CLOCK_SET = """
import os, sys, time
real, sign = time.time, sys.argv.pop(1)
time.time = lambda: real() - (3600 if os.path.exists(sign) else 0)
from pskd.cli.main import main
main(sys.argv[1:])
"""


def test_a_wall_clock_that_is_set_back_moves_nothing_and_is_told(tmp_path: Path) -> None:
    library, sign = tmp_path / "lib", tmp_path / "set"
    line = command(library, "--camera", "none", "--watch", "sim:?gyroscope=0", "--json")
    line = [sys.executable, "-c", CLOCK_SET, str(sign), *line[3:]]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        until(lambda: any(raw.stat().st_size > 3500 for raw in library.glob("sub-*/ses-*/take-*/raw.xdf")))
        sign.touch()
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        facts = json.loads(process.communicate(timeout=30)[0])
    assert any("clock was set back by 3600 s" in problem for problem in facts["problems"]), facts
    take = read_take(library / facts["take"])
    assert (np.diff(take.streams["watch"].times_s) >= 0).all()
    assert take.manifest.duration_s < 60


def test_a_library_that_is_taken_away_is_told_and_recovered_when_it_is_back(tmp_path: Path) -> None:
    library, away = tmp_path / "lib", tmp_path / "elsewhere"
    line = command(library, "--camera", "none", "--watch", "sim:?gyroscope=0")
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: any(raw.stat().st_size > 5000 for raw in library.glob("sub-*/ses-*/take-*/raw.xdf")))
        library.rename(away)
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    assert "is no longer there" in said
    assert "Traceback" not in said
    away.rename(library)
    (recovered,) = recover(library)
    assert recovered.state == TakeState.RECOVERED
    assert recovered.samples["watch"] > 50


def test_a_film_that_is_cut_short_while_it_plays_leaves_the_watch_alone(tmp_path: Path, shared_data: Path) -> None:
    film = tmp_path / "film.avi"
    film.write_bytes((shared_data / "utd-rgb" / "a7_s5_t2_color.avi").read_bytes())
    folder = tmp_path / "take-001"
    with Recorder(lambda label: folder, "01", "a", ["sim:?gyroscope=0"], f"video:{film}", model="lite") as recorder:
        folder.mkdir()
        recorder.start()
        os.truncate(film, film.stat().st_size // 3)
        until(lambda: any("is cut off" in problem.text for problem in recorder.status().problems))
        before = counts(recorder)["watch"]
        until(lambda: counts(recorder)["watch"] >= before + 25)
        assert recorder.status().verdict.startswith("Recording, but: Cannot read")
        recorder.stop()
    assert np.diff(read_take(folder).streams["watch"].times_s).max() < 0.5
