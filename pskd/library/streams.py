"""What clips are cut from: one watch stream and one pose of each take, in the canonical joints, kept in a cache.

The cache is ``.cache/streams-NAME.npz`` in the library. It can be removed at any time; a take whose files changed is
read anew, and a cache that is damaged in any way is rebuilt.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pskd import atomic, documents, plainfile, skeleton
from pskd.errors import BadFile, PskdError
from pskd.library.index import TakeEntry
from pskd.recording.reader import read_take
from pskd.recording.sync_report import aligned
from pskd.recording.take import StreamData, Take
from pskd.skeleton import CANONICAL, PoseLayout
from pskd.types import FloatArray, StreamKind, TimeArray

CACHE_FORMAT = 1
CACHE_FOLDER = ".cache"
_JOINTS = len(CANONICAL)
_HASHED = ("take.json", "sync.json")
_FIELDS: dict[str, tuple[type[np.floating[Any]], tuple[int, ...]]] = {
    "acceleration": (np.float32, (3,)),
    "acceleration_times": (np.float64, ()),
    "pose": (np.float32, (_JOINTS, 3)),
    "pose_times": (np.float64, ()),
    "visibility": (np.float32, (_JOINTS,)),
}
# All that reading a zip of arrays raises on bytes that were changed.
_DAMAGED = (
    OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, MemoryError, RuntimeError, SyntaxError,
    struct.error, zipfile.BadZipFile, zlib.error, tokenize.TokenError,
)  # fmt: skip
# Rotations that bring a layout's own "up" to +y and keep left and right.
_UPRIGHT: dict[tuple[float, float, float], NDArray[np.float32]] = {
    (0.0, 1.0, 0.0): np.eye(3, dtype=np.float32),
    (0.0, -1.0, 0.0): np.diag([1.0, -1.0, -1.0]).astype(np.float32),
    (0.0, 0.0, 1.0): np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float32),
}


@dataclass(frozen=True, slots=True, eq=False)
class TakeStreams:
    """The streams of one take that clips are cut from; without a watch, ``acceleration_times_s`` is empty.

    Attributes:
        acceleration_mps2: ``(T, 3)`` float32.
        acceleration_times_s: ``(T,)`` from the take's start.
        pose_m: ``(F, 15, 3)`` float32, canonical joints, y up, NaN where unseen; ``F`` is 0 without a camera.
        pose_times_s: ``(F,)`` from the take's start.
        visibility: ``(F, 15)`` 0 to 1.
    """

    acceleration_mps2: FloatArray
    acceleration_times_s: TimeArray
    pose_m: FloatArray
    pose_times_s: TimeArray
    visibility: FloatArray


_Keyed = tuple[str, TakeStreams]


def load_streams(
    root: Path,
    entries: Sequence[TakeEntry],
    watch: str | None = None,
    *,
    skip_damaged: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, TakeStreams]:
    """The streams of takes, from the cache where their files are unchanged.

    Args:
        root: the library's folder.
        entries: takes whose manifest could be read.
        watch: name of the accelerometer stream; the stream ``watch``, else the first accelerometer, where None.
        skip_damaged: leave out takes that cannot be read instead of failing.
        progress: is told ``(done, total)``.

    Returns:
        By take id, in the order of ``entries``.

    Raises:
        PskdError: a take's recording is damaged.
    """
    path = root / CACHE_FOLDER / f"streams-{hashlib.sha256((watch or '').encode()).hexdigest()[:8]}.npz"
    cached = _load_cache(path)
    found: dict[str, _Keyed] = {}
    for done, entry in enumerate(entries, 1):
        try:
            found[entry.id] = _current(entry, cached.get(entry.id), watch)
        except PskdError:
            if not skip_damaged:
                raise
        if progress:
            progress(done, len(entries))
    if any(cached.get(take) is not keyed for take, keyed in found.items()):
        others = {take: keyed for take, keyed in cached.items() if take not in found and (root / take).is_dir()}
        _save_cache(path, others | found)
    return {take: streams for take, (_, streams) in found.items()}


def _current(entry: TakeEntry, cached: _Keyed | None, watch: str | None) -> _Keyed:
    key = _key(entry)
    if cached is not None and cached[0] == key:
        return cached
    return key, read_streams(aligned(read_take(entry.folder)), watch)


def read_streams(take: Take, watch: str | None) -> TakeStreams:
    """Choose the watch stream and the pose of a take that has been read."""
    sensor = _watch(take, watch)
    pose = take.first(StreamKind.POSE)
    return TakeStreams(
        sensor.values if sensor else np.empty((0, 3), np.float32),
        sensor.times_s if sensor else np.empty(0),
        *(canonical_pose(pose) if pose else (np.empty((0, _JOINTS, 3), np.float32), np.empty(0))),
        _visibility(pose) if pose else np.empty((0, _JOINTS), np.float32),
    )


def canonical_pose(stream: StreamData) -> tuple[FloatArray, TimeArray]:
    """A pose stream in the canonical joints with y up: ``(F, 15, 3)`` metres and ``(F,)`` times.

    Raises:
        PskdError: its layout's axes are not known.
    """
    layout = skeleton.layout(stream.info.layout)
    if layout.up not in _UPRIGHT:
        raise PskdError(f"The layout {layout.name} has axes that are not known.", code="skeleton.axes")
    upright = layout.to_canonical(stream.values) @ _UPRIGHT[layout.up].T
    return upright.astype(np.float32), stream.times_s


def _visibility(stream: StreamData) -> FloatArray:
    """A canonical joint is as visible as the least visible joint that it is made of."""
    layout: PoseLayout = skeleton.layout(stream.info.layout)
    seen: FloatArray = np.isfinite(stream.values[..., 0]).astype(np.float32)
    if stream.visibility is not None:
        seen = np.minimum(seen, np.nan_to_num(stream.visibility))
    return np.stack([seen[:, list(ids)].min(axis=1) for ids in layout.canonical], axis=1)


def _watch(take: Take, name: str | None) -> StreamData | None:
    streams = [stream for stream in take.streams.values() if stream.info.kind == StreamKind.ACCELEROMETER]
    if name is None:
        streams.sort(key=lambda stream: stream.info.name != "watch")
        return streams[0] if streams else None
    return next((stream for stream in streams if stream.info.name == name), None)


def _key(entry: TakeEntry) -> str:
    """Changes whenever a file that the streams come from changes."""
    digest = hashlib.sha256()
    for name in _HASHED:
        path = entry.folder / name
        digest.update(plainfile.read_bytes(path, documents.MAX_BYTES) if path.exists() else b"-")
    try:
        state = (entry.folder / "raw.xdf").stat()
    except OSError as error:
        raise BadFile(entry.folder / "raw.xdf", (error.strerror or str(error)).lower()) from error
    digest.update(f"{state.st_size} {state.st_mtime_ns}".encode())
    return digest.hexdigest()[:32]


def _save_cache(path: Path, takes: Mapping[str, _Keyed]) -> None:
    """Write all takes' arrays end to end, with how many rows each one has."""
    streams = [streams for _, streams in takes.values()]
    parts: dict[str, list[NDArray[Any]]] = {
        "acceleration": [s.acceleration_mps2 for s in streams],
        "acceleration_times": [s.acceleration_times_s for s in streams],
        "pose": [s.pose_m for s in streams],
        "pose_times": [s.pose_times_s for s in streams],
        "visibility": [s.visibility for s in streams],
    }
    counts = [(len(s.acceleration_times_s), len(s.pose_times_s)) for s in streams]
    facts = json.dumps({"format": CACHE_FORMAT, "takes": [(take, key) for take, (key, _) in takes.items()]}).encode()
    arrays: dict[str, NDArray[Any]] = {
        name: np.concatenate(parts[name]).astype(dtype) for name, (dtype, _) in _FIELDS.items()
    }
    arrays["facts"] = np.frombuffer(facts, np.uint8)
    arrays["counts"] = np.array(counts, np.int64).reshape(-1, 2)
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    try:
        path.parent.mkdir(exist_ok=True)
        atomic.write_bytes(path, packed.getvalue(), durable=False)
    except OSError:  # a library on a read-only disk has no cache, and works
        return


def _load_cache(path: Path) -> dict[str, _Keyed]:
    """All takes of a cache file; none where anything about it is not as it should be."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            facts = json.loads(stored["facts"].tobytes())
            counts = np.asarray(stored["counts"])
            arrays = {name: np.asarray(stored[name]) for name in _FIELDS}
        if facts["format"] != CACHE_FORMAT:
            return {}
        takes = [(str(take), str(key)) for take, key in facts["takes"]]
        return _split(takes, counts, arrays)
    except _DAMAGED:
        return {}


def _split(
    takes: list[tuple[str, str]], counts: NDArray[np.int64], arrays: dict[str, NDArray[Any]]
) -> dict[str, _Keyed]:
    """Cut the joined arrays apart again; a ValueError where they do not fit together."""
    if counts.dtype != np.int64 or counts.shape != (len(takes), 2) or (counts < 0).any():
        raise ValueError("counts")
    totals = counts.sum(axis=0)
    for name, (dtype, shape) in _FIELDS.items():
        rows = totals[0 if name.startswith("acceleration") else 1]
        if arrays[name].dtype != dtype or arrays[name].shape != (rows, *shape):
            raise ValueError(name)
    ends = counts.cumsum(axis=0)
    starts = ends - counts
    return {
        take: (
            key,
            TakeStreams(
                arrays["acceleration"][starts[row, 0] : ends[row, 0]],
                arrays["acceleration_times"][starts[row, 0] : ends[row, 0]],
                arrays["pose"][starts[row, 1] : ends[row, 1]],
                arrays["pose_times"][starts[row, 1] : ends[row, 1]],
                arrays["visibility"][starts[row, 1] : ends[row, 1]],
            ),
        )
        for row, (take, key) in enumerate(takes)
    }
