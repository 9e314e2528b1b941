"""Berkeley MHAD: 11 actions, 12 subjects, 5 repetitions; wrist accelerometers and optical motion capture.

Published by F. Ofli, R. Chaudhry, G. Kurillo, R. Vidal and R. Bajcsy, "Berkeley MHAD: A Comprehensive Multimodal Human
Action Database", WACV 2013. The action names follow the data set's table, shortened.

Facts of the files: ``acc_hHH_sSS_aAA_rRR.txt`` has ``x y z unix_time`` a line, in g, about 31 a second, not
calibrated; h01 is the left and h02 the right wrist (the other four sensors are not read). ``moc_sSS_aAA_rRR.txt`` has
43 markers as ``x y z`` in millimetres, y up, 480 a second, then the frame number and the Unix time; a marker that no
camera saw stands at zero.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from pskd import skeleton
from pskd.errors import BadFile
from pskd.library.formats import IMPORTERS
from pskd.library.importer import Importer, Trial, TrialData, TrialStream, acceleration_from_g, check_times
from pskd.library.tables import read_columns
from pskd.types import FloatArray, StreamInfo, StreamKind, TimeArray

KEEP_EVERY = 8  # 480 frames a second become 60
LONGEST_GAP_S = 0.1
_ACC = re.compile(r"acc_h(0[12])_s(\d\d)_a(\d\d)_r(\d\d)\.txt")
_MOC = re.compile(r"moc_s(\d\d)_a(\d\d)_r(\d\d)\.txt(?:\.gz)?")
_LAYOUT = "berkeley-43"
_MM = 1000.0


@IMPORTERS.register("berkeley-mhad")
class BerkeleyMhad(Importer):
    """Reads the wrist accelerometers and, where they are there, the marker files (plain or ``.gz``)."""

    name = "berkeley-mhad"
    title = "Berkeley MHAD"
    expects = "files such as Accelerometer/Shimmer02/acc_h02_s01_a01_r01.txt"
    reference = "Ofli, Chaudhry, Kurillo, Vidal, Bajcsy: Berkeley MHAD. WACV 2013."
    max_file_bytes = 96 * 2**20
    classes = (
        "jump in place", "jumping jacks", "bend", "punch", "wave two hands", "wave one hand", "clap",
        "throw a ball", "sit down and stand up", "sit down", "stand up",
    )  # fmt: skip

    def wants(self, name: str) -> bool:
        """Accelerometers 1 and 2 and the markers, by name alone, in any folder."""
        return self._parse(name) is not None

    def trials(self, files: Mapping[str, Path]) -> list[Trial]:
        """Every trial with an accelerometer file, by subject, action and repetition."""
        found: dict[tuple[int, int, int], dict[str, Path]] = {}
        for name, path in files.items():
            parsed = self._parse(name)
            if parsed is None:
                continue
            role, key = parsed
            roles = found.setdefault(key, {})
            if role in roles:
                raise BadFile(path, "this trial is there twice", code="trial.twice")
            roles[role] = path
        return [self._trial(*key, roles) for key, roles in sorted(found.items()) if roles.keys() - {"pose"}]

    def read(self, trial: Trial) -> TrialData:
        """The accelerometers and the markers on their common clock, from the earliest sample."""
        tables = {role: self._table(role, path) for role, path in trial.files.items()}
        start = min(float(table[0, -1]) for table in tables.values())
        streams = tuple(
            _pose(trial, table, start) if role == "pose" else _watch(trial, role, table, start)
            for role, table in tables.items()
        )
        return TrialData(streams, datetime.fromtimestamp(start, UTC).isoformat(timespec="milliseconds"))

    def _table(self, role: str, path: Path) -> NDArray[np.float64]:
        columns = len(skeleton.layout(_LAYOUT).joints) * 3 + 2 if role == "pose" else 4
        table = read_columns(path, columns, self.max_file_bytes)
        clock = check_times(path, table[:, -1])
        if not 0 < clock[0] < 4e9 or clock[-1] - clock[0] > 3600:
            raise BadFile(path, "its last column is not a Unix time", code="trial.times")
        return table

    def _parse(self, name: str) -> tuple[str, tuple[int, int, int]] | None:
        base = PurePosixPath(name).name
        if match := _ACC.fullmatch(base):
            role = {"01": "watch-left", "02": "watch"}[match[1]]
            subject, action, number = (int(part) for part in match.groups()[1:])
        elif match := _MOC.fullmatch(base):
            role = "pose"
            subject, action, number = (int(part) for part in match.groups())
        else:
            return None
        return (role, (subject, action, number)) if 1 <= action <= len(self.classes) else None

    def _trial(self, subject: int, action: int, number: int, roles: Mapping[str, Path]) -> Trial:
        return Trial(
            source=f"s{subject:02d}_a{action:02d}_r{number:02d}",
            subject=f"{subject:02d}",
            session="1",
            label=self.classes[action - 1],
            number=number,
            files={role: roles[role] for role in ("watch", "watch-left", "pose") if role in roles},
            attributes={"placement": "wrist", "side": "right" if "watch" in roles else "left", "trial": number},
        )


def _watch(trial: Trial, role: str, table: NDArray[np.float64], start: float) -> TrialStream:
    times_s = table[:, 3] - start
    values = acceleration_from_g(trial.files[role], table[:, :3])
    source = f"berkeley-mhad:{trial.source}"
    info = StreamInfo(role, StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", _rate(times_s), source)
    return TrialStream(info, times_s, values)


def _pose(trial: Trial, table: NDArray[np.float64], start: float) -> TrialStream:
    path = trial.files["pose"]
    if not np.isfinite(table).all():
        raise BadFile(path, "some of its positions are not numbers", code="trial.nan")
    markers = table[:, :-2].reshape(len(table), -1, 3) / _MM
    markers[(markers == 0).all(axis=2)] = np.nan
    height = np.nanmax(markers[..., 1]) if np.isfinite(markers).any() else np.nan
    if not 1.0 <= height <= 3.5:
        raise BadFile(path, "its markers do not reach a person's height in millimetres", code="trial.unit")
    times_s, pose = _decimate(table[:, -1] - start, markers)
    filled = _fill_gaps(times_s, pose)
    visibility: FloatArray = np.isfinite(pose[..., 0]).astype(np.float32)
    source = f"berkeley-mhad:{trial.source}"
    info = StreamInfo("pose", StreamKind.POSE, ("x", "y", "z"), "m", _rate(times_s), source, _LAYOUT)
    return TrialStream(info, times_s, filled.astype(np.float32), visibility)


def _rate(times_s: TimeArray) -> float:
    return round((len(times_s) - 1) / max(float(times_s[-1] - times_s[0]), 1e-6), 3)


def _decimate(times_s: TimeArray, markers: NDArray[np.float64]) -> tuple[TimeArray, NDArray[np.float64]]:
    """Means over groups of frames, of the frames that saw the marker (the mean is also the low pass)."""
    groups = max(len(markers) // KEEP_EVERY, 1)
    size = min(KEEP_EVERY, len(markers))
    blocks = markers[: groups * size].reshape(groups, size, *markers.shape[1:])
    seen = np.isfinite(blocks).all(axis=3, keepdims=True)
    counts = seen.sum(axis=1)
    sums = np.where(seen, blocks, 0.0).sum(axis=1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return times_s[: groups * size].reshape(groups, size).mean(axis=1), means


def _fill_gaps(times_s: TimeArray, pose: NDArray[np.float64]) -> NDArray[np.float64]:
    """Straight lines across gaps of up to 0.1 s; longer ones stay NaN (across 0.5 s a forearm changed by 4 cm)."""
    filled = pose.copy()
    for marker in range(pose.shape[1]):
        seen = np.flatnonzero(np.isfinite(pose[:, marker, 0]))
        if len(seen) == 0 or len(seen) == len(pose):
            continue
        missing = np.flatnonzero(~np.isfinite(pose[:, marker, 0]))
        after = np.searchsorted(seen, missing)
        inner = (after > 0) & (after < len(seen))
        missing, after = missing[inner], after[inner]
        short = times_s[seen[after]] - times_s[seen[after - 1]] <= LONGEST_GAP_S
        for axis in range(3):
            line = np.interp(times_s[missing[short]], times_s[seen], pose[seen, marker, axis])
            filled[missing[short], marker, axis] = line
    return filled
