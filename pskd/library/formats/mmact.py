"""MMAct: 20 subjects, 4 scenes, 5 sessions; a watch, a phone and cameras. The watch is read here.

Published by Q. Kong, Z. Wu, Z. Deng, M. Klinkigt, B. Tong and T. Murakami, "MMAct: A Large-Scale Dataset for Cross
Modal Human Action Understanding", ICCV 2019.

What is assumed of the files (none were at hand when this was written; the layout is the one that public loaders of
the trimmed release use): ``acc_watch_clip/subjectN/sceneN/sessionN/ACTION.csv``, with ``camN`` tolerated between the
levels, names of actions in any case. A line is ``YYYYMMDD_HH:MM:SS.mmm,x,y,z`` without a header, m/s^2, about 100 a
second. ``talking_on_phone`` and ``using_phone`` in scene 3, at the desk, are classes of their own, as in those loaders.
The data set counts 36 classes; the loaders know a plain ``carrying`` beside ``carrying_heavy`` and ``carrying_light``,
so it is known here too, and becomes a class only where there is such a file.

Its key points are pixels of a picture and not metres, so no pose is made of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from pskd.errors import BadFile
from pskd.library.formats import IMPORTERS
from pskd.library.importer import Importer, Trial, TrialData, TrialStream, acceleration_from_g, check_times
from pskd.library.tables import read_text
from pskd.types import GRAVITY_MPS2, StreamInfo, StreamKind

_LEVEL = re.compile(r"(subject|scene|session|cam)_?(\d{1,3})", re.IGNORECASE)
_STAMP = re.compile(r"(\d{8})_(\d\d):(\d\d):(\d\d(?:\.\d{1,6})?)")
_DESK_SCENE = 3
_FOLDER = "acc_watch_clip"


@IMPORTERS.register("mmact")
class MMAct(Importer):
    """Reads the watch's accelerometer of the trimmed clips."""

    name = "mmact"
    title = "MMAct"
    expects = "files such as acc_watch_clip/subject1/scene1/session1/walking.csv"
    reference = "Kong, Wu, Deng, Klinkigt, Tong, Murakami: MMAct. ICCV 2019."
    max_file_bytes = 32 * 2**20
    classes = (
        "carrying", "checking time", "closing", "crouching", "entering", "exiting", "fall", "jumping", "kicking",
        "loitering", "looking around", "opening", "picking up", "pointing", "pulling", "pushing", "running",
        "setting down", "standing", "talking", "talking on phone", "throwing", "transferring object", "using phone",
        "walking", "waving hand", "drinking", "pocket in", "pocket out", "sitting", "sitting down", "standing up",
        "talking on phone desk", "using pc", "using phone desk", "carrying heavy", "carrying light",
    )  # fmt: skip

    def wants(self, name: str) -> bool:
        """The watch's files: by the folder ``acc_watch_clip`` where the path says so, else by the levels."""
        return self._parse(name) is not None

    def trials(self, files: Mapping[str, Path]) -> list[Trial]:
        """Every clip, by subject, scene, session and action; repetitions of an action are numbered in that order."""
        found: dict[tuple[int, int, int, int, str], Path] = {}
        for name, path in files.items():
            key = self._parse(name)
            if key is None:
                continue
            if key in found:
                raise BadFile(path, "this clip is there twice", code="trial.twice")
            found[key] = path
        counts: dict[tuple[int, str], int] = {}
        trials = []
        for key, path in sorted(found.items()):
            counts[key[0], key[-1]] = counts.get((key[0], key[-1]), 0) + 1
            trials.append(_trial(key, path, counts[key[0], key[-1]]))
        return trials

    def read(self, trial: Trial) -> TrialData:
        """The watch's acceleration on its own clock."""
        path = trial.files["watch"]
        start, times_s, values = _rows(path, read_text(path, self.max_file_bytes))
        acceleration = acceleration_from_g(path, values / GRAVITY_MPS2)
        check_times(path, times_s)
        rate_hz = round((len(times_s) - 1) / max(float(times_s[-1]), 1e-6), 3)
        source = f"mmact:{trial.source}"
        info = StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", rate_hz, source)
        # The files do not name a time zone, so the wall time carries none.
        return TrialData((TrialStream(info, times_s, acceleration),), start)

    def _parse(self, name: str) -> tuple[int, int, int, int, str] | None:
        path = PurePosixPath(name)
        if path.suffix.lower() != ".csv" or any("_clip" in part and part != _FOLDER for part in path.parts[:-1]):
            return None
        levels = {m[1].lower(): int(m[2]) for part in path.parts[:-1] if (m := _LEVEL.fullmatch(part))}
        if not {"subject", "scene", "session"} <= levels.keys():
            return None
        label = path.stem.lower().replace("_", " ").strip()
        if levels["scene"] == _DESK_SCENE and label in ("talking on phone", "using phone"):
            label += " desk"
        if label not in self.classes:
            return None
        return levels["subject"], levels["scene"], levels["session"], levels.get("cam", 0), label


def _trial(key: tuple[int, int, int, int, str], path: Path, number: int) -> Trial:
    subject, scene, session, camera, label = key
    attributes: dict[str, object] = {
        "placement": "wrist",
        "scene": scene,
        "session": session,
        "trial": number,
        **({"camera": camera} if camera else {}),
    }
    where = f"subject{subject}/scene{scene}/session{session}" + (f"/cam{camera}" if camera else "")
    return Trial(
        source=f"{where}/{label.replace(' ', '_')}",
        subject=f"{subject:02d}",
        session=f"scene{scene}-session{session}",
        label=label,
        number=number,
        files={"watch": path},
        attributes=attributes,
    )


def _rows(path: Path, text: str) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
    """Wall time of the first row, times ``(N,)`` from it in seconds, and values ``(N, 3)``."""
    lines = [line for line in text.splitlines() if line.strip()]
    values = np.empty((len(lines), 3))
    stamps = np.empty(len(lines))
    first = _moment(path, 1, lines[0].split(",")[0])
    for number, line in enumerate(lines, 1):
        cells = line.split(",")
        try:
            values[number - 1] = [float(cells[column]) for column in (1, 2, 3)]
            if len(cells) != 4:
                raise ValueError(line)
        except (ValueError, IndexError) as error:
            raise BadFile(path, f"line {number} is not a time and three numbers", code="text.table") from error
        stamps[number - 1] = (_moment(path, number, cells[0]) - first).total_seconds()
    return first.isoformat(timespec="milliseconds"), stamps, values


def _moment(path: Path, number: int, text: str) -> datetime:
    match = _STAMP.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError(text)
        fraction, whole = math.modf(float(match[4]))
        clock = f"{match[1]}{match[2]}{match[3]}{int(whole):02d}"
        return datetime.strptime(clock, "%Y%m%d%H%M%S").replace(microsecond=min(round(fraction * 1e6), 999_999))
    except ValueError as error:
        raise BadFile(
            path, f"line {number} does not begin with a time such as 20190215_14:03:22.510", code="text.time"
        ) from error
