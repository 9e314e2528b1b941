"""Reads a take back: manifest, streams on the take's own time, markers, segments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pskd import documents
from pskd.errors import BadFile, PskdError
from pskd.recording import layout, timing
from pskd.recording.pings import pings_of
from pskd.recording.take import TAKE_SCHEMA, Annotations, StreamData, Take, TakeManifest, TakeState
from pskd.recording.walker import MAX_TIME_S, XdfContent, XdfData, read_xdf
from pskd.recording.writer import ANNOTATIONS_FILE, RAW_FILE, TAKE_FILE
from pskd.types import Marker, Segment, StreamInfo, StreamKind, TimeArray


def read_take(folder: Path) -> Take:
    """Read a take into memory; one that was cut off gives everything up to the cut.

    Positions of a pose may be NaN where nobody was seen, its picture positions where there was no picture, and a
    watch's own clock where it has none; everything else must be a number.

    Raises:
        BadFile: a file is missing, damaged, or says something that cannot be.
    """
    manifest = read_manifest(folder)
    path = folder / RAW_FILE
    content = read_xdf(path)
    start_s = manifest.start.monotonic_s
    told, markers = _markers(content, 0.0), _markers(content, start_s)
    streams = {
        info.name: _stream(path, info, _find(content, info), start_s, _link(info, content, told))
        for info in manifest.streams
        if info.kind != StreamKind.MARKERS
    }
    cut = _lost_its_end(manifest, content)
    return Take(folder, manifest, streams, markers, read_segments(folder), content.damaged, cut)


def is_whole(folder: Path) -> bool:
    """``raw.xdf`` has no damaged part and has not lost its end since the take was completed; quicker than
    :func:`read_take`.

    Raises:
        BadFile: ``take.json`` or ``raw.xdf`` cannot be read at all.
    """
    content = read_xdf(folder / RAW_FILE)
    return not content.damaged and not _lost_its_end(read_manifest(folder), content)


def _lost_its_end(manifest: TakeManifest, content: XdfContent) -> bool:
    return manifest.state == TakeState.COMPLETE and not content.finished


def read_manifest(folder: Path) -> TakeManifest:
    """``take.json`` of a take.

    Raises:
        BadFile: it is missing, or not a manifest.
    """
    path = folder / TAKE_FILE
    manifest = documents.load(path, TakeManifest, schema=TAKE_SCHEMA)
    if not math.isfinite(manifest.start.monotonic_s) or not 0 <= manifest.duration_s < math.inf:
        raise BadFile(path, "its start or duration is not a number", code="take.times")
    return manifest


def read_segments(folder: Path) -> tuple[Segment, ...]:
    """The labelled segments of a take in order of start; none where nobody annotated it."""
    path = folder / ANNOTATIONS_FILE
    if not path.exists():
        return ()
    segments = documents.load(path, Annotations).segments
    if not all(math.isfinite(s.start_s) and math.isfinite(s.end_s) and s.start_s < s.end_s for s in segments):
        raise BadFile(path, "a segment does not end after it starts", code="annotations.times")
    return tuple(sorted(segments, key=lambda segment: segment.start_s))


@dataclass(frozen=True, slots=True, eq=False)
class RawClock:
    """The clock columns of one watch stream as they lie in the file.

    Attributes:
        name: of the stream.
        device_s: ``(N,)`` the device's clock, NaN where it has none.
        arrival_s: ``(N,)`` when each sample's packet arrived, monotonic clock.
        link: on the same clock as the arrivals.
    """

    name: str
    device_s: TimeArray
    arrival_s: TimeArray
    link: timing.Link


def raw_clocks(folder: Path) -> list[RawClock]:
    """The clock of each watch stream that has samples.

    Raises:
        BadFile: as :func:`read_take`.
    """
    manifest = read_manifest(folder)
    content = read_xdf(folder / RAW_FILE)
    markers = _markers(content, 0.0)
    found = []
    for info in manifest.streams:
        raw = _find(content, info)
        if raw is None or info.kind in (StreamKind.MARKERS, StreamKind.POSE) or not len(raw.times_s):
            continue
        _watch(folder / RAW_FILE, info, _checked(folder / RAW_FILE, info, raw), 0.0, timing.Link())
        clocks = raw.values[:, -2:].astype(np.float64)
        found.append(RawClock(info.name, clocks[:, 0], clocks[:, 1], _link(info, content, markers)))
    return found


def _link(info: StreamInfo, content: XdfContent, markers: tuple[Marker, ...]) -> timing.Link:
    """What is known of a stream's link; ``markers`` keep the times of the file."""
    return timing.Link(timing.connections(info.name, markers), pings_of(info.name, content))


def _find(content: XdfContent, info: StreamInfo) -> XdfData | None:
    return next((stream for stream in content.streams.values() if stream.name == info.name), None)


def _markers(content: XdfContent, start_s: float) -> tuple[Marker, ...]:
    found = [
        Marker.parse(float(t_s) - start_s, text)
        for stream in content.streams.values()
        if stream.format == "string"
        for t_s, text in zip(stream.times_s, stream.texts, strict=True)
    ]
    return tuple(sorted(found, key=lambda marker: marker.t_s))


def _stream(path: Path, info: StreamInfo, raw: XdfData | None, start_s: float, link: timing.Link) -> StreamData:
    """One stream; empty where the file was cut before its header."""
    raw = _checked(path, info, raw)
    if info.kind == StreamKind.POSE:
        return _pose(path, info, raw, start_s)
    return _watch(path, info, raw, start_s, link)


def _checked(path: Path, info: StreamInfo, raw: XdfData | None) -> XdfData:
    """The raw stream, once it is as the manifest promises."""
    try:
        expected = layout.xdf_stream(info)
    except PskdError as error:
        raise BadFile(path, f"its stream {info.name!r} has an unknown layout {info.layout!r}") from error
    if raw is None:
        raw = XdfData(info.name, "", expected.format, (), len(expected.columns), 0.0)
        raw.values = np.empty((0, len(expected.columns)))
    elif raw.format != expected.format or raw.channels != len(expected.columns):
        raise BadFile(
            path,
            f"its stream {info.name!r} has {raw.channels} channels of {raw.format}, "
            f"the manifest promises {len(expected.columns)} of {expected.format}",
            code="take.streams",
        )
    return raw


def _watch(path: Path, info: StreamInfo, raw: XdfData, start_s: float, link: timing.Link) -> StreamData:
    channels = len(info.channels)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused below
        values = raw.values[:, :channels].astype(np.float32)
    device_s, arrival_s = raw.values[:, channels].astype(np.float64), raw.values[:, channels + 1].astype(np.float64)
    if not np.isfinite(values).all() or not (np.abs(arrival_s) < MAX_TIME_S).all():
        raise BadFile(path, f"a value of {info.name!r} is not a number", code="take.nan")
    if (np.abs(device_s) >= MAX_TIME_S).any():
        raise BadFile(path, f"the device's clock in {info.name!r} is absurd", code="take.nan")
    has_clock = bool(np.isfinite(device_s).any())
    times = timing.host_times(raw.times_s, device_s, arrival_s, link)
    return StreamData(info, times - start_s, values, device_s if has_clock else None)


def _pose(path: Path, info: StreamInfo, raw: XdfData, start_s: float) -> StreamData:
    channels = len(layout.pose_channels(info))
    values = raw.values.reshape(len(raw.times_s), raw.channels // channels, channels)
    if np.isinf(values).any():
        raise BadFile(path, f"a value of {info.name!r} is infinite", code="take.nan")
    visibility = values[..., 3].astype(np.float32)
    has_visibility = len(values) == 0 or bool(np.isfinite(visibility).any())
    return StreamData(
        info,
        np.maximum.accumulate(raw.times_s) - start_s,
        values[..., :3].astype(np.float32),
        visibility=visibility if has_visibility else None,
        image=values[..., 4:6].astype(np.float32) if channels > 4 else None,
    )
