"""``sync.json``: how well camera and watch are on one clock. Derived from ``raw.xdf``, so it can be made again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from pskd import documents, skeleton
from pskd.errors import BadFile
from pskd.recording.clock_report import clock_sentence, fit_clocks
from pskd.recording.names import device_name
from pskd.recording.reader import read_take
from pskd.recording.take import StreamData, Take
from pskd.skeleton import PoseLayout
from pskd.sync.align import Alignment, Arm, FoundBy, align
from pskd.sync.clockfit import ClockFit
from pskd.sync.traces import wrist_in_room
from pskd.types import Marker, StreamKind, TimeArray

SYNC_FILE = "sync.json"
SYNC_SCHEMA = 1
GESTURE = "sync"  # the label of a marker that says: here is the gesture
GESTURE_S = 5.0
WHAT_TO_DO = "Wave three times, or clap three times, at the start of the next take."


class SyncDocument(msgspec.Struct, kw_only=True):
    """``sync.json``.

    Attributes:
        clocks: the fit of each stream that has a clock of its own.
        verdict: sentences for the person.
        offset_s: by how much the camera's stamps are late against the watch's; None where that is not known.
        residual_s: how far apart the two may still be once the offset is taken off; None where that is not known.
        drift_ppm: how fast the watch's clock runs; None where it has none.
        trusted: the offset is taken off the camera's stamps wherever the take is used.
        alignment: how the offset was found; None where camera and watch could not be compared.
    """

    clocks: dict[str, ClockFit]
    verdict: str
    offset_s: float | None = None
    residual_s: float | None = None
    drift_ppm: float | None = None
    trusted: bool = False
    alignment: Alignment | None = None
    schema: int = SYNC_SCHEMA


def write_sync(folder: Path, side: str = "") -> SyncDocument:
    """Fit the clocks of a take, measure what is left between camera and watch, and store it beside the take.

    Args:
        folder: the take's.
        side: the wrist that wears the watch, ``left`` or ``right``; what the take says, else right, where empty.

    Raises:
        BadFile: the take cannot be read.
    """
    clocks = fit_clocks(folder)
    take = read_take(folder)
    found = alignment_of(take, side)
    sentences = [clock_sentence(device_name(name), fit) for name, fit in clocks.items()]
    if has_both(take):
        sentences.append(step_sentence(found))
    document = SyncDocument(
        clocks={name: fit for name, fit in clocks.items() if fit is not None},
        verdict=" ".join(sentences) or "There is no watch in this take.",
        offset_s=found.fit.offset_s if found else None,
        residual_s=found.fit.bound_s if found else None,
        drift_ppm=_drift_ppm(clocks),
        trusted=found is not None and found.trusted,
        alignment=found,
    )
    documents.save(folder / SYNC_FILE, document)
    return document


def read_sync(folder: Path) -> SyncDocument | None:
    """What was stored; None where nothing was, or it cannot be read (it can always be made again)."""
    path = folder / SYNC_FILE
    if not path.exists():
        return None
    try:
        return documents.load(path, SyncDocument, schema=SYNC_SCHEMA)
    except BadFile:
        return None


def aligned(take: Take, sync: SyncDocument | None = None) -> Take:
    """The take with its camera brought onto the watch, where ``sync.json`` knows by how much.

    Args:
        take: as it was read.
        sync: what to go by; ``sync.json`` beside the take where None.
    """
    sync = sync or read_sync(take.folder)
    if sync is None or not sync.trusted or sync.offset_s is None or not abs(sync.offset_s) < 10.0:
        return take
    streams = {
        name: replace(stream, times_s=stream.times_s - sync.offset_s) if _is_pose(stream) else stream
        for name, stream in take.streams.items()
    }
    return replace(take, streams=streams)


def has_both(take: Take) -> bool:
    """There are a watch on a wrist and a camera, and both brought something."""
    watch, pose = take.first(StreamKind.ACCELEROMETER), take.first(StreamKind.POSE)
    if watch is None or pose is None or take.manifest.attributes.get("placement", "wrist") != "wrist":
        return False
    return bool(len(watch.times_s)) and bool(len(pose.times_s))


def alignment_of(take: Take, side: str = "") -> Alignment | None:
    """Measure the offset between camera and watch; None where that cannot be tried."""
    watch, pose = take.first(StreamKind.ACCELEROMETER), take.first(StreamKind.POSE)
    if watch is None or pose is None or not has_both(take):
        return None
    layout = skeleton.layout(pose.info.layout)
    sides = ("left", "right") if (side or worn_on(take)) == "left" else ("right", "left")
    arms = [arm for side in sides if (arm := arm_of(pose, layout, side)) is not None]
    return align(watch.times_s, watch.values, pose.times_s, arms, up=layout.up, marked=_marked(take.markers))


def worn_on(take: Take) -> str:
    """The wrist that the take says wears the watch: ``left`` or ``right``, or empty where it does not say."""
    side = take.manifest.attributes.get("side")
    return side if side in ("left", "right") else ""


def arm_of(pose: StreamData, layout: PoseLayout, side: str) -> Arm | None:
    """One arm of a pose stream, in the room where there is a picture; None where the layout has no such arm."""
    if f"{side}_wrist" not in layout.joints or f"{side}_elbow" not in layout.joints:
        return None
    wrist, elbow = (layout.joints.index(f"{side}_{joint}") for joint in ("wrist", "elbow"))
    seen = np.nan_to_num(pose.visibility) if pose.visibility is not None else np.ones(pose.values.shape[:2])

    def path(joint: int) -> TimeArray:
        if pose.image is None:
            return np.asarray(pose.values[:, joint], dtype=np.float64)
        return wrist_in_room(pose.values, pose.image, np.asarray(seen, np.float32), joint)

    return Arm(side, path(wrist), path(elbow), np.asarray(seen[:, wrist], dtype=np.float64))


def step_sentence(found: Alignment | None) -> str:
    """Whether camera and watch are in step, for the person."""
    if found is None:
        return f"How far camera and watch are apart could not be measured. {WHAT_TO_DO}"
    offset_ms, bound_ms = found.fit.offset_s * 1e3, (found.fit.bound_s or 0.0) * 1e3
    if not found.trusted:
        return f"How far camera and watch are apart could not be measured well enough. {WHAT_TO_DO}"
    way = "late" if offset_ms > 0 else "early"
    where = {
        FoundBy.MARKER: "by the marked gesture",
        FoundBy.GESTURE: f"by the movement at {found.start_s:.0f} s",
        FoundBy.CONTENT: "by all that was done",
    }[found.found_by]
    by = f"the camera was {abs(offset_ms):.0f} ms {way}, which is taken off; found {where}"
    return f"Camera and watch are in step within {max(bound_ms, 1.0):.0f} ms ({by})."


def _is_pose(stream: StreamData) -> bool:
    return stream.info.kind == StreamKind.POSE


def _drift_ppm(clocks: dict[str, ClockFit | None]) -> float | None:
    first = next((fit for fit in clocks.values() if fit is not None and fit.segments), None)
    return max(first.segments, key=lambda segment: segment.packets).drift_ppm if first else None


def _marked(markers: tuple[Marker, ...]) -> list[tuple[float, float]]:
    """The spans that markers called ``sync`` name; one without an end reaches a few seconds."""
    starts = [m for m in markers if m.label == GESTURE and m.phase != "end" and m.kind in ("note", "cue", "key")]
    ends = [m.t_s for m in markers if m.label == GESTURE and m.phase == "end"]
    return [(m.t_s - 1.0, next((end for end in ends if end > m.t_s), m.t_s + GESTURE_S) + 1.0) for m in starts]
