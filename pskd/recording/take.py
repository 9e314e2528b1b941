"""What a take is: its manifest on disk, and its content once it has been read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from pskd.clock import WallAnchor
from pskd.types import FloatArray, Marker, Segment, StreamInfo, StreamKind, TimeArray

TAKE_SCHEMA = 1


class TakeState(StrEnum):
    """How a take stands."""

    RECORDING = "recording"
    COMPLETE = "complete"
    RECOVERED = "recovered"
    DISCARDED = "discarded"


class Problem(msgspec.Struct, frozen=True):
    """Something that went wrong while a take was recorded.

    Attributes:
        t_s: when, in seconds from the take's start.
        text: what, in one or two plain sentences.
    """

    t_s: float
    text: str


class TakeManifest(msgspec.Struct, kw_only=True):
    """``take.json``.

    Attributes:
        subject: such as ``01``.
        session: one wearing, such as ``20261122a``.
        name: such as ``take-003_squat``.
        state: how it stands.
        start: monotonic and wall time of the take's zero; every time in its derived files counts from here.
        streams: the streams in ``raw.xdf``.
        duration_s: length, once known.
        origin: ``recorded`` or the importer's name.
        source: for an import, the name of the source trial (``a7_s5_t2``).
        attributes: extra facts (placement, scene, camera, trial number).
        problems: what went wrong while it was recorded, in order.
        program: version that wrote it.
    """

    subject: str
    session: str
    name: str
    state: TakeState
    start: WallAnchor
    streams: tuple[StreamInfo, ...]
    duration_s: float = 0.0
    origin: str = "recorded"
    source: str = ""
    attributes: dict[str, Any] = {}
    problems: tuple[Problem, ...] = ()
    program: str = ""
    schema: int = TAKE_SCHEMA


class Annotations(msgspec.Struct):
    """``annotations.json``: the labelled segments of one take.

    Attributes:
        segments: what was done.
        cues: what was asked for, where a segment has been moved away from its cue's own span.
    """

    segments: tuple[Segment, ...] = ()
    schema: int = 1
    cues: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class StreamData:
    """One stream of a take.

    Attributes:
        info: its constant facts.
        times_s: ``(N,)`` float64 seconds from the take's start, never decreasing; the device's clock has been fitted.
        values: ``(N, C)`` float32 for samples; for pose ``(N, V, 3)`` world metres.
        device_s: ``(N,)`` the device's own clock, where it has one.
        visibility: for pose ``(N, V)``, 0 to 1.
        image: for pose ``(N, V, 2)`` where the layout came from a picture.
    """

    info: StreamInfo
    times_s: TimeArray
    values: FloatArray
    device_s: TimeArray | None = None
    visibility: FloatArray | None = None
    image: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """One recording, read into memory.

    Attributes:
        folder: where it lies.
        manifest: its ``take.json``.
        streams: by name.
        markers: in order; their ``t_s`` counts from the take's start here.
        segments: what was done, in order of start.
        damaged: a part of ``raw.xdf`` could not be read and is left out.
        cut: ``raw.xdf`` has lost its end since the take was completed.
    """

    folder: Path
    manifest: TakeManifest
    streams: dict[str, StreamData]
    markers: tuple[Marker, ...] = ()
    segments: tuple[Segment, ...] = field(default=())
    damaged: bool = False
    cut: bool = False

    def first(self, kind: StreamKind) -> StreamData | None:
        """The first stream of a kind, or None."""
        return next((stream for stream in self.streams.values() if stream.info.kind == kind), None)
