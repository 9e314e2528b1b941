"""The sample library: what a few simulated people would have recorded. It says that it is simulated."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
import psutil

from pskd import __version__
from pskd.clock import WallAnchor
from pskd.library.library import Library
from pskd.performer import PerformedTake, Watch, perform_take
from pskd.recording.take import TakeManifest, TakeState
from pskd.recording.writer import TakeWriter
from pskd.skeleton import MEDIAPIPE_33
from pskd.types import Marker, SampleBlock, Segment, StreamInfo, StreamKind

CLASSES = ("rest", "walk", "squat", "jumping_jack", "wave", "clap", "drink", "sweep_floor")
TRIALS = 5
TRIAL_S = 4.0
PAUSE_S = 1.0
FRAME_HZ = 30.0
SESSION = "demo"
VERSION = 1
"""Raised whenever the content changes, so that an older sample library is made anew."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Person:
    """One simulated wearer: the subject's name and how the performer is set."""

    subject: str
    body: str
    seed: int
    speed: float
    drift_ppm: float


PEOPLE = (
    Person("01", "ada", 11, 1.0, 32.0),
    Person("02", "ben", 12, 1.12, -18.0),
    Person("03", "cleo", 13, 0.92, 55.0),
    Person("04", "dora", 14, 1.05, -40.0),
)

STREAMS = (
    StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", 50.0, "sim:", simulated=True),
    StreamInfo("pose", StreamKind.POSE, MEDIAPIPE_33.joints, "m", FRAME_HZ, "sim:", MEDIAPIPE_33.name, simulated=True),
)


def default_folder() -> Path:
    """Where the sample library lies; ``PSKD_DATA`` names another place."""
    override = os.environ.get("PSKD_DATA")
    base = Path(override) if override else Path(platformdirs.user_data_dir("pskd-studio", appauthor=False))
    return base / f"demo-library-{VERSION}"


def ensure(folder: Path | None = None, progress: Progress | None = None) -> Library:
    """The sample library, made where it is missing; half-made ones never appear under its name.

    Args:
        folder: where; :func:`default_folder` unless told.
        progress: called with takes done and takes in all.
    """
    folder = folder or default_folder()
    if (folder / "library.json").exists():
        return Library.open(folder)
    staging = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(staging, ignore_errors=True)
    staging.parent.mkdir(parents=True, exist_ok=True)
    _clear_left_over(folder)
    try:
        _fill(Library.create(staging, "Demo library (simulated)"), progress)
        staging.rename(folder)
    except FileExistsError:
        pass  # another program was quicker
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Library.open(folder)


def _clear_left_over(folder: Path) -> None:
    """Remove what programs that were killed while they made the library have left beside it."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        pid = left.name.rpartition(".")[2]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _fill(library: Library, progress: Progress | None) -> None:
    library.add_classes(CLASSES)
    total = len(PEOPLE) * len(CLASSES)
    for done, (person, label) in enumerate(_all()):
        if progress:
            progress(done, total)
        write_take(library, person, label)
    if progress:
        progress(total, total)


def _all() -> Iterator[tuple[Person, str]]:
    for person in PEOPLE:
        for label in CLASSES:
            yield person, label


def write_take(library: Library, person: Person, label: str) -> Path:
    """Perform and store one take: every trial of one class by one person.

    Returns:
        the take's folder.
    """
    order = CLASSES.index(label)
    performed = perform_take(
        [("rest", PAUSE_S), *[(label, TRIAL_S), ("rest", PAUSE_S)] * TRIALS],
        {"seed": str(person.seed), "body": person.body, "speed": str(person.speed)},
        watch=Watch(seed=person.seed, drift_ppm=person.drift_ppm, offset_s=5.0 * person.seed),
        start_s=1000.0 * (order + 1),
        frame_hz=FRAME_HZ,
    )
    folder = library.new_take(person.subject, SESSION, label)
    manifest = TakeManifest(
        subject=person.subject,
        session=SESSION,
        name=folder.name,
        state=TakeState.RECORDING,
        start=WallAnchor(performed.start_s, WallAnchor.now().utc),
        streams=STREAMS,
        origin="simulated",
        source=f"sim:{label}?body={person.body}&seed={person.seed}",
        attributes={"placement": "wrist"},
        program=__version__,
    )
    writer = TakeWriter.create(folder, manifest, durable=False)
    _write(writer, performed)
    segments = _trials(label)
    for segment in segments:
        for phase, t_s in (("start", segment.start_s), ("end", segment.end_s)):
            writer.add_marker(Marker(performed.start_s + t_s, "cue", label, phase, segment.trial))
    return writer.finish(segments=segments)


def _trials(label: str) -> list[Segment]:
    starts = PAUSE_S + (TRIAL_S + PAUSE_S) * np.arange(TRIALS)
    return [Segment(float(s), float(s) + TRIAL_S, label, "cue", trial) for trial, s in enumerate(starts, 1)]


def _write(writer: TakeWriter, performed: PerformedTake) -> None:
    packets = np.flatnonzero(np.diff(performed.arrival_s, prepend=-np.inf) > 0)
    for rows in np.split(np.arange(len(performed.arrival_s)), packets[1:]):
        writer.add_block(
            SampleBlock(
                "watch",
                float(performed.arrival_s[rows[0]]),
                performed.acceleration_mps2[rows],
                performed.device_s[rows],
            )
        )
    seen = performed.landmarks
    writer.add_samples("pose", performed.frame_s, seen.world_m, visibility=seen.visibility, image=seen.image)
