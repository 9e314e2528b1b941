"""Looks a finished take over: clocks and offset, where movements begin, and everything else that may be wrong.

What is found is stored beside the take, in ``sync.json`` and ``quality.json``. ``raw.xdf`` stays as it is, so a take
can be reviewed again at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pskd import documents
from pskd.quality.body import check_visibility, check_wrists
from pskd.quality.findings import QUALITY_FILE, Finding, QualityDocument, Severity, worst_first
from pskd.quality.movement import Movement, movement_of, movement_start
from pskd.quality.sensor import check_sensor
from pskd.quality.streams import check_file, check_streams
from pskd.quality.trials import check_trials
from pskd.quality.watches import watches_of
from pskd.recording.reader import read_take
from pskd.recording.sync_report import (
    SyncDocument,
    aligned,
    has_both,
    step_sentence,
    worn_on,
    write_sync,
)
from pskd.recording.take import Annotations, Take
from pskd.recording.writer import ANNOTATIONS_FILE
from pskd.types import Segment

USUAL_SIDE = "right"
MADE_HERE = ("recorded", "simulated")


@dataclass(frozen=True, slots=True, eq=False)
class Review:
    """What a review found.

    Attributes:
        sync: what ``sync.json`` says.
        quality: what ``quality.json`` says.
        segments: the labelled segments as they are now.
    """

    sync: SyncDocument
    quality: QualityDocument
    segments: tuple[Segment, ...]


def review_take(folder: Path, side: str = "") -> Review:
    """Measure a take's clocks, let its cued segments begin where movement begins, and judge it.

    Args:
        folder: the take's.
        side: the wrist that should wear the watch; what the take itself says counts more, and right where nobody says.

    Raises:
        BadFile: the take cannot be read.
    """
    take = read_take(folder)
    side = worn_on(take) or side or USUAL_SIDE
    sync = write_sync(folder, side)
    take = aligned(take, sync)
    movement = movement_of(take)
    segments = begin_with_movement(folder, take.segments, movement)
    quality = QualityDocument(findings=worst_first(list(_findings(take, sync, segments, movement, side))))
    documents.save(folder / QUALITY_FILE, quality)
    return Review(sync, quality, segments)


def _findings(
    take: Take, sync: SyncDocument, segments: tuple[Segment, ...], movement: Movement | None, side: str
) -> Iterator[Finding]:
    yield from check_file(take)
    yield from check_streams(take)
    watches = watches_of(take, side)
    for watch in watches:
        yield from check_sensor(take, watch)
    yield from check_visibility(take, side)
    yield from check_sync(take, sync)
    yield from check_wrists(take, sync, watches)
    yield from check_trials(segments, movement)


def check_sync(take: Take, sync: SyncDocument) -> Iterator[Finding]:
    """Are camera and watch known to be in step? Imports came that way, so there only good news is told."""
    if not has_both(take) or not (sync.trusted or take.manifest.origin in MADE_HERE):
        return
    text, _, rest = step_sentence(sync.alignment).partition(". ")
    residual_ms = None if sync.residual_s is None else sync.residual_s * 1e3
    if sync.trusted:
        yield Finding("sync", Severity.GOOD, text, value=residual_ms, unit="ms")
    else:
        yield Finding("sync", Severity.NOTICE, f"{text}.", rest, residual_ms, "ms")


def begin_with_movement(folder: Path, segments: tuple[Segment, ...], movement: Movement | None) -> tuple[Segment, ...]:
    """Let segments that follow a cue begin where the movement begins, and remember the cue's own span beside them.

    What a person has set, and segments in which no beginning shows, stay as they are.
    """
    if movement is None:
        return segments
    starts = {s: movement_start(movement, s.start_s, s.end_s) for s in segments if s.source == "cue"}
    moved = {s: start for s, start in starts.items() if start is not None}
    if not moved:
        return segments
    path = folder / ANNOTATIONS_FILE
    before = documents.load(path, Annotations)
    new = tuple(msgspec.structs.replace(s, start_s=moved[s], source="movement") if s in moved else s for s in segments)
    cues = tuple(sorted((*before.cues, *moved), key=lambda s: s.start_s))
    documents.save(path, msgspec.structs.replace(before, segments=new, cues=cues))
    return new
