"""UTD-MHAD: 27 actions, 8 subjects, 4 trials; one inertial sensor and a Kinect v1.

Published by C. Chen, R. Jafari and N. Kehtarnavaz, "UTD-MHAD: A Multimodal Dataset for Human Action Recognition
Utilizing a Depth Camera and a Wearable Inertial Sensor", ICIP 2015. The action numbers are those of the data set's
own web page and of the sample code that comes with it; the names here are its short ones, spelt out.

Facts of the files: ``d_iner`` is ``(N, 6)``, acceleration in g and turning in deg/s at 50 Hz. ``d_skel`` is
``(20, 3, M)`` in metres, y up, without times; its frames spread over the inertial recording (about 19 a second).
The sensor sat on the right wrist for actions 1 to 21 and on the right thigh for 22 to 27: two wearings, so two
sessions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from pskd.errors import BadFile
from pskd.library.formats import IMPORTERS
from pskd.library.importer import Importer, Trial, TrialData, TrialStream, acceleration_from_g
from pskd.library.tables import read_matrix
from pskd.types import StreamInfo, StreamKind, TimeArray

RATE_HZ = 50.0
LAST_ON_WRIST = 21
_FILE = re.compile(r"a(\d{1,2})_s(\d{1,2})_t(\d{1,2})_(inertial|skeleton)\.mat")


@IMPORTERS.register("utd-mhad")
class UtdMhad(Importer):
    """Reads ``aA_sS_tT_inertial.mat`` and, where it is there, ``aA_sS_tT_skeleton.mat``; films are left aside."""

    name = "utd-mhad"
    title = "UTD-MHAD"
    expects = "files such as Inertial/a1_s1_t1_inertial.mat and Skeleton/a1_s1_t1_skeleton.mat"
    reference = "Chen, Jafari, Kehtarnavaz: UTD-MHAD. ICIP 2015."
    max_file_bytes = 4 * 2**20
    classes = (
        "swipe left", "swipe right", "wave", "clap", "throw", "arm cross", "basketball shoot", "draw x",
        "draw circle clockwise", "draw circle counter-clockwise", "draw triangle", "bowling", "boxing",
        "baseball swing", "tennis swing", "arm curl", "tennis serve", "push", "knock", "catch", "pick up and throw",
        "jog", "walk", "sit to stand", "stand to sit", "lunge", "squat",
    )  # fmt: skip

    def wants(self, name: str) -> bool:
        """The two kinds of MATLAB files, by name alone, in any folder."""
        return _parse(name, len(self.classes)) is not None

    def trials(self, files: Mapping[str, Path]) -> list[Trial]:
        """Every trial with an inertial file, by subject, action and trial."""
        found: dict[tuple[int, int, int], dict[str, Path]] = {}
        for name, path in files.items():
            parsed = _parse(name, len(self.classes))
            if parsed is None:
                continue
            action, subject, number, kind = parsed
            roles = found.setdefault((subject, action, number), {})
            if kind in roles:
                raise BadFile(path, f"the trial a{action}_s{subject}_t{number} is there twice", code="trial.twice")
            roles[kind] = path
        return [self._trial(*key, roles) for key, roles in sorted(found.items()) if "inertial" in roles]

    def read(self, trial: Trial) -> TrialData:
        """Accelerometer, gyroscope and, where there is a skeleton, pose."""
        inertial = read_matrix(trial.files["inertial"], "d_iner", (None, 6), self.max_file_bytes)
        acceleration = acceleration_from_g(trial.files["inertial"], inertial[:, :3])
        if not np.isfinite(inertial).all():
            raise BadFile(trial.files["inertial"], "some of its values are not numbers", code="trial.nan")
        times_s = np.arange(len(inertial)) / RATE_HZ
        streams = [
            TrialStream(_info("watch", StreamKind.ACCELEROMETER, "m/s^2", trial), times_s, acceleration),
            TrialStream(
                _info("watch-gyroscope", StreamKind.GYROSCOPE, "deg/s", trial),
                times_s,
                inertial[:, 3:].astype(np.float32),
            ),
        ]
        if "skeleton" in trial.files:
            streams.append(self._pose(trial, times_s))
        return TrialData(tuple(streams))

    def _pose(self, trial: Trial, times_s: TimeArray) -> TrialStream:
        path = trial.files["skeleton"]
        pose = read_matrix(path, "d_skel", (20, 3, None), self.max_file_bytes).transpose(2, 0, 1)
        if not np.isfinite(pose).all():
            raise BadFile(path, "some of its positions are not numbers", code="trial.nan")
        if len(pose) < 2 or not 0.2 <= float(np.median(pose[:, 0, 1] - pose[:, 3, 1])) <= 1.5:
            raise BadFile(path, "its head is not above its hips in metres: another unit or axis", code="trial.unit")
        frame_s = np.linspace(0.0, times_s[-1], len(pose))
        rate_hz = round((len(pose) - 1) / float(times_s[-1]), 3)
        info = StreamInfo(
            "pose", StreamKind.POSE, ("x", "y", "z"), "m", rate_hz, f"utd-mhad:{trial.source}", "kinect-20"
        )
        return TrialStream(info, frame_s, pose.astype(np.float32), np.ones(pose.shape[:2], np.float32))

    def _trial(self, subject: int, action: int, number: int, roles: Mapping[str, Path]) -> Trial:
        placement = "wrist" if action <= LAST_ON_WRIST else "thigh"
        return Trial(
            source=f"a{action}_s{subject}_t{number}",
            subject=f"{subject:02d}",
            session=placement,
            label=self.classes[action - 1],
            number=number,
            files=roles,
            attributes={"placement": placement, "side": "right", "action": action, "trial": number},
        )


def _parse(name: str, actions: int) -> tuple[int, int, int, str] | None:
    match = _FILE.fullmatch(PurePosixPath(name).name)
    if match is None or not 1 <= int(match[1]) <= actions:
        return None
    return int(match[1]), int(match[2]), int(match[3]), match[4]


def _info(name: str, kind: StreamKind, unit: str, trial: Trial) -> StreamInfo:
    return StreamInfo(name, kind, ("x", "y", "z"), unit, RATE_HZ, f"utd-mhad:{trial.source}")
