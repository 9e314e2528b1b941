"""Small clips whose classes can be told apart: an arm that swings at a speed and in a plane of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pskd.clock import WallAnchor
from pskd.library.clips import Clip
from pskd.library.library import Library
from pskd.recording.take import TakeManifest, TakeState
from pskd.recording.writer import TakeWriter
from pskd.skeleton import CANONICAL
from pskd.types import GRAVITY_MPS2, FloatArray, Segment, StreamInfo, StreamKind

CLASSES = ("circle", "still", "wave")
_RIGHT_ARM = [CANONICAL.index("right_elbow"), CANONICAL.index("right_wrist")]

STANDING = np.array(
    [
        (0, 1.7, 0), (0, 1.5, 0), (0, 1.0, 0),
        (0.2, 1.45, 0), (0.25, 1.2, 0), (0.25, 0.95, 0), (-0.2, 1.45, 0), (-0.25, 1.2, 0), (-0.25, 0.95, 0),
        (0.1, 1.0, 0), (0.1, 0.55, 0), (0.1, 0.1, 0), (-0.1, 1.0, 0), (-0.1, 0.55, 0), (-0.1, 0.1, 0),
    ],
    dtype=np.float32,
)  # fmt: skip
"""A person who stands upright, left is +x, up +y, facing +z, in metres."""


def make_clip(
    label: str | None, subject: str, trial: int, *, seconds: float = 1.6, camera: bool = True, like: str = ""
) -> Clip:
    """One clip; an unlabelled one moves ``like`` a class."""
    kind = CLASSES.index(label or like)
    random = np.random.default_rng([kind, int(subject), trial])
    times = np.arange(0, seconds, 0.02)
    swing = np.sin(2 * np.pi * (1.0 + 0.6 * kind) * times + random.uniform(0, 6)) * (kind != 1)
    acceleration = np.zeros((len(times), 3))
    acceleration[:, 1] = GRAVITY_MPS2
    acceleration[:, kind] += 6.0 * swing
    acceleration += random.normal(0, 0.3, acceleration.shape)
    frames = np.arange(0, seconds, 1 / 15)
    return Clip(
        take=f"sub-{subject}/ses-1/take-{trial:03d}_{label or 'nobody-' + like}",
        subject=subject,
        session="1",
        trial=trial,
        label=label,
        acceleration_mps2=acceleration.astype(np.float32),
        acceleration_times_s=times,
        pose_m=_pose(kind, frames, np.interp(frames, times, swing)) if camera else None,
        pose_times_s=frames if camera else None,
        visibility=np.ones((len(frames), len(CANONICAL)), np.float32) if camera else None,
        duration_s=seconds,
        attributes={"origin": "made"},
    )


def make_clips(
    subjects: Sequence[str] = ("01", "02", "03", "04"), trials: int = 3, *, camera: bool = True
) -> list[Clip]:
    """Clips of every class, subject and trial."""
    return [
        make_clip(label, subject, trial, camera=camera)
        for subject in subjects
        for label in CLASSES
        for trial in range(1, trials + 1)
    ]


def _pose(kind: int, frames: FloatArray, swing: FloatArray) -> FloatArray:
    pose = np.repeat(STANDING[None], len(frames), axis=0)
    pose[:, _RIGHT_ARM, kind] += 0.4 * swing[:, None]
    return pose.astype(np.float32)


def make_library(folder: Path, subjects: Sequence[str] = ("01", "02"), trials: int = 3) -> Library:
    """The same clips as takes of a library, watch and skeleton, written by the program's own writer."""
    library = Library.create(folder, "made")
    for clip in make_clips(subjects, trials):
        assert clip.label is not None and clip.pose_m is not None and clip.pose_times_s is not None
        take = library.new_take(clip.subject, "1", clip.label)
        manifest = TakeManifest(
            subject=clip.subject,
            session="1",
            name=take.name,
            state=TakeState.RECORDING,
            start=WallAnchor(50.0, "2026-11-22T12:00:00.000+00:00"),
            streams=(
                StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", 50.0),
                StreamInfo("pose", StreamKind.POSE, ("x", "y", "z"), "m", 15.0, layout="canonical-15"),
            ),
        )
        writer = TakeWriter.create(take, manifest, durable=False)
        writer.add_samples("watch", 50.0 + clip.acceleration_times_s, clip.acceleration_mps2)
        writer.add_samples("pose", 50.0 + clip.pose_times_s, clip.pose_m)
        writer.finish(segments=[Segment(0.0, clip.duration_s, clip.label, trial=clip.trial)])
    return library
