"""What can be played as a watch: takes, data-set clips and tables, read with suspicion.

A take is read straight from its ``raw.xdf`` (channels ``x y z device_s arrival_s``): recordings stand above devices.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from pskd import documents
from pskd.devices.base import stream_name
from pskd.devices.xdffile import read_streams
from pskd.errors import BadFile, WrongUse
from pskd.types import GRAVITY_MPS2, FloatArray, Segment, StreamKind, TimeArray

MAX_BYTES = 1 << 30
MAX_SAMPLES = 20_000_000
MOST_G = 200.0
MOST_DPS = 1e5
MOST_S = 7 * 86400.0
UTD_RATE_HZ = 50.0
PACKET_S = 0.06
_CLIP_FILES = (".mat", ".csv", ".txt")


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """One clip that can be played.

    Attributes:
        title: for people: the take's or the file's name.
        segments: what was done when, in seconds from the clip's start; from the annotations, else one from the name.
        times_s: ``(N,)`` from the clip's start, not decreasing.
        arrival_s: ``(N,)`` from the clip's start, when each sample's packet came; equal within a packet.
        values: ``(N, 3)`` m/s^2.
        gyroscope: ``(N, 3)`` deg/s, sample by sample with ``values``, or None.
        rate_hz: nominal.
        simulated: it was recorded without hardware.
    """

    title: str
    segments: tuple[Segment, ...]
    times_s: TimeArray
    arrival_s: TimeArray
    values: FloatArray
    gyroscope: FloatArray | None
    rate_hz: float
    simulated: bool = False

    @property
    def duration_s(self) -> float:
        """From the start to the last arrival."""
        return float(self.arrival_s[-1])

    def label_at(self, clip_s: float) -> str:
        """What is being done at a time; empty where nobody said."""
        return next((s.label for s in self.segments if s.start_s <= clip_s < s.end_s), "")


class _TakeStream(msgspec.Struct):
    name: str
    kind: str = ""
    rate_hz: float = 0.0
    simulated: bool = False


class _Start(msgspec.Struct):
    monotonic_s: float = 0.0


class _TakeFacts(msgspec.Struct):
    """The little of ``take.json`` that matters here."""

    start: _Start = msgspec.field(default_factory=_Start)
    streams: tuple[_TakeStream, ...] = ()
    schema: int = 1


class _Labels(msgspec.Struct):
    segments: tuple[Segment, ...] = ()
    schema: int = 1


def find(path: str) -> list[Path]:
    """What is to be played, in order.

    Args:
        path: a take folder, a ``raw.xdf``, a ``*_inertial.mat``, a CSV, a folder of any of these, or several of them
            joined by ``;``.

    Raises:
        WrongUse: nothing is named.
        BadFile: something named is not there, or nothing in it can be played.
    """
    # A name with a semicolon in it is taken as it stands where there is such a file.
    parts = [path] if Path(path).exists() else [part.strip() for part in path.split(";")]
    names = [part for part in parts if part]
    if not names:
        raise WrongUse("replay: needs a file or a folder.", code="device.uri", hint="Example: replay:library/sub-01.")
    return [file for name in names for file in _expand(Path(name).expanduser())]


def read(path: Path, stream: str = "watch", unit: str = "") -> Recorded:
    """Read one clip found by :func:`find`.

    Args:
        path: ``raw.xdf``, ``.mat`` or CSV.
        stream: which stream of a take.
        unit: ``g`` or ``m/s2`` for a CSV; empty to tell by gravity.

    Raises:
        BadFile: cut off before any data, of another kind, not numbers, or of an absurd size.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BadFile(path, (error.strerror or str(error)).lower(), code="file.unreadable") from error
    if size > MAX_BYTES:
        raise BadFile(path, f"it is {size / 2**20:.0f} MiB, too large to be played", code="file.huge")
    if path.suffix.lower() == ".xdf":
        return _take(path, stream)
    if path.suffix.lower() == ".mat":
        return _mat(path)
    return _table(path, unit)


def _expand(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BadFile(path, "no such file or folder", code="file.unreadable")
    if (path / "raw.xdf").is_file():
        return [path / "raw.xdf"]
    found = sorted(path.rglob("raw.xdf"), key=_natural) or sorted(path.rglob("*_inertial.mat"), key=_natural)
    found = found or sorted((p for p in path.iterdir() if p.suffix.lower() == ".csv"), key=_natural)
    if not found:
        raise BadFile(path, "there is no take, no *_inertial.mat and no CSV in it", code="replay.nothing")
    return found


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sorts ``t2`` before ``t10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", str(path))]


def _take(path: Path, stream: str) -> Recorded:
    folder = path.parent
    facts = _optional(folder / "take.json", _TakeFacts) or _TakeFacts()
    turning = stream_name(stream, StreamKind.GYROSCOPE)
    streams, names = read_streams(path, {stream, turning})
    wanted = _pick(path, streams, names, stream)
    rows = _numbers(path, wanted["time_series"], 5)
    if not np.isfinite(rows[:, [0, 1, 2, 4]]).all():
        raise BadFile(path, f"its stream {stream!r} holds values that are not numbers", code="replay.nan")
    if np.ptp(rows[:, 4]) > MOST_S:
        raise BadFile(path, "its arrival times span more than a week", code="replay.time")
    order = np.argsort(rows[:, 4], kind="stable")
    rows, stamps = rows[order], np.asarray(wanted["time_stamps"], dtype=np.float64)[order]
    times = next((t for t in (rows[:, 3], stamps) if _runs_forward(t)), rows[:, 4])
    times = times - times[0]
    known = next((s for s in facts.streams if s.name == stream), _TakeStream(stream))
    begun_s = stamps[0] if _runs_forward(stamps) else rows[0, 4]
    shift_s = facts.start.monotonic_s - float(begun_s) if facts.streams else 0.0
    labels = _optional(folder / "annotations.json", _Labels)
    return Recorded(
        title=folder.name,
        segments=_shifted(labels.segments, shift_s) if labels and labels.segments else _named(folder.name),
        times_s=times,
        arrival_s=rows[:, 4] - rows[0, 4],
        values=_acceleration(path, rows[:, :3], "m/s2"),
        gyroscope=_gyroscope(path, streams, turning, len(rows)),
        rate_hz=known.rate_hz or _rate(times),
        simulated=known.simulated,
    )


def _runs_forward(times: TimeArray) -> bool:
    return bool(np.isfinite(times).all() and (np.diff(times) >= 0).all() and np.ptp(times) < MOST_S)


def _pick(path: Path, streams: list[dict[str, Any]], names: list[str], name: str) -> dict[str, Any]:
    for stream in streams:
        if stream["info"]["name"][0] == name:
            return stream
    known = f"It has {', '.join(names)}." if names else "It has none."
    raise BadFile(path, f"it has no stream {name!r}", code="replay.stream", hint=known)


def _numbers(path: Path, rows: object, columns: int) -> TimeArray:
    try:
        array = np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadFile(path, "its samples are not numbers", code="replay.type") from error
    if array.ndim != 2 or array.shape[1] < columns or len(array) < 2:
        raise BadFile(path, f"it holds no samples of {columns} channels (found {array.shape})", code="replay.shape")
    if len(array) > MAX_SAMPLES:
        raise BadFile(path, f"it holds {len(array)} samples, too many to be played", code="file.huge")
    return array


def _gyroscope(path: Path, streams: list[dict[str, Any]], name: str, count: int) -> FloatArray | None:
    """The gyroscope where it is there, sample by sample with the accelerometer."""
    found = [s for s in streams if s["info"]["name"][0] == name]
    if not found or len(found[0]["time_stamps"]) != count:
        return None
    turning = _numbers(path, found[0]["time_series"], 3)[:, :3]
    return turning.astype(np.float32) if np.isfinite(turning).all() and np.abs(turning).max() < MOST_DPS else None


def _mat(path: Path) -> Recorded:
    """UTD-MHAD: ``d_iner`` ``(N, 6)``, g and deg/s, 50 Hz."""
    from scipy.io import loadmat, whosmat

    try:
        shapes = {name: shape for name, shape, _ in whosmat(path)}
        content = loadmat(path, variable_names=["d_iner"]) if "d_iner" in shapes else {}
    except Exception as error:  # scipy raises whatever its parsing trips over
        raise BadFile(path, f"it is not a whole MATLAB file ({_brief(error)})", code="replay.mat") from error
    if "d_iner" not in content:
        raise BadFile(path, "it holds no d_iner", code="replay.mat", hint="It should be an *_inertial.mat of UTD-MHAD.")
    rows = _numbers(path, content["d_iner"], 6)
    values = _acceleration(path, rows[:, :3], "g")
    if not np.isfinite(rows[:, 3:6]).all() or np.abs(rows[:, 3:6]).max() > MOST_DPS:
        raise BadFile(path, "some of its values are not numbers", code="replay.nan")
    title = path.stem.removesuffix("_inertial")
    times = np.arange(len(rows)) / UTD_RATE_HZ
    return _clip(title, _named(title), times, values, rows[:, 3:6].astype(np.float32))


def _table(path: Path, unit: str) -> Recorded:
    """``time,x,y,z`` a line, in seconds; a heading is allowed."""
    rows = _numbers(path, list(_lines(path)), 4)
    times = rows[:, 0]
    if not np.isfinite(times).all() or (np.diff(times) < 0).any() or not 0 < times[-1] - times[0] < MOST_S:
        raise BadFile(path, "its first column is not a time that runs forward", code="replay.time")
    return _clip(path.stem, _named(path.stem), times - times[0], _acceleration(path, rows[:, 1:4], unit), None)


def _lines(path: Path) -> Iterator[list[float]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, cells in enumerate(csv.reader(file)):
                try:
                    if cells:
                        yield [float(cell) for cell in cells[:4]]
                except ValueError:
                    if number > 0:
                        raise BadFile(path, f"line {number + 1} is not time,x,y,z", code="replay.csv") from None
                if number > MAX_SAMPLES:
                    raise BadFile(path, "it has too many lines", code="file.huge")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(path, f"it is not a table of numbers ({error})", code="replay.csv") from error


def _acceleration(path: Path, values: TimeArray, unit: str) -> FloatArray:
    """Values as m/s^2; where the unit is not told, a median near 1 is g."""
    if not np.isfinite(values).all():
        raise BadFile(path, "some of its values are not numbers", code="replay.nan")
    usual = float(np.median(np.linalg.norm(values, axis=1)))
    if unit not in ("", "g", "m/s2", "m/s^2"):
        raise WrongUse(f"unit={unit!r} is neither g nor m/s2.", code="device.option")
    scale = GRAVITY_MPS2 if unit == "g" or (not unit and usual < 3.0) else 1.0
    if np.abs(values).max() * scale > MOST_G * GRAVITY_MPS2:
        raise BadFile(path, f"its values are far beyond any watch ({np.abs(values).max():g})", code="replay.unit")
    return (values * scale).astype(np.float32)


def _clip(
    title: str, segments: tuple[Segment, ...], times: TimeArray, values: FloatArray, gyroscope: FloatArray | None
) -> Recorded:
    """A clip without arrival times: packets of about 60 ms."""
    rate_hz = _rate(times)
    packet = max(round(PACKET_S * rate_hz), 1)
    last = np.minimum((np.arange(len(times)) // packet + 1) * packet, len(times)) - 1
    return Recorded(title, segments, times, times[last], values, gyroscope, rate_hz)


def _brief(error: Exception) -> str:
    """The first line of what a parser says, short enough for one line."""
    return (str(error).splitlines() or [""])[0][:120] or type(error).__name__


def _rate(times: TimeArray) -> float:
    span = float(times[-1] - times[0])
    return round((len(times) - 1) / span, 3) if span > 0 else 0.0


def _optional(path: Path, kind: type[documents.D]) -> documents.D | None:
    return documents.load(path, kind) if path.exists() else None


def _shifted(segments: tuple[Segment, ...], shift_s: float) -> tuple[Segment, ...]:
    return tuple(msgspec.structs.replace(s, start_s=s.start_s + shift_s, end_s=s.end_s + shift_s) for s in segments)


def _named(title: str) -> tuple[Segment, ...]:
    """The label that a name gives: ``take-003_squat``, ``a7_s5_t2`` (the action's number), else the name itself."""
    utd = re.fullmatch(r"(a\d+)_s\d+_t\d+", title)
    label = utd[1] if utd else title.split("_", 1)[1] if re.match(r"take-\d+_", title) else title
    return (Segment(0.0, float("inf"), label, "import"),)
