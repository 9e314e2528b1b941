"""Cuts labelled segments out of takes: the clips that are learned from and judged on."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from pskd.errors import PskdError, WrongUse
from pskd.library.clips import Clip
from pskd.library.index import NEVER_BEGAN, TakeEntry
from pskd.library.library import Library
from pskd.library.streams import TakeStreams, load_streams
from pskd.types import Segment, TimeArray

FEWEST_SAMPLES = 2
_EDGE_S = 1e-6


def load_clips(
    library: Library,
    *,
    takes: Collection[str] | None = None,
    watch: str | None = None,
    include_unlabelled: bool = False,
    skip_damaged: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Clip]:
    """The clips of a library, in order of take and segment.

    Takes that are still being recorded, discarded, or without that watch give none. A pose may hold NaN where nobody
    was seen (visibility 0 there).

    Args:
        library: where from.
        takes: ids of takes; all where None.
        watch: name of the accelerometer stream; the stream ``watch``, else the first accelerometer, where None.
        include_unlabelled: also a take that nobody labelled, whole, with the label None.
        skip_damaged: leave out takes that cannot be read instead of failing.
        progress: is told ``(done, total)`` takes.

    Raises:
        WrongUse: a take that was asked for does not exist.
        PskdError: a take is damaged.
    """
    entries = [e for e in _chosen(library, takes, skip_damaged) if e.segments or include_unlabelled]
    streams = load_streams(library.path, entries, watch, skip_damaged=skip_damaged, progress=progress)
    return [
        clip
        for entry in entries
        if entry.id in streams
        for segment in entry.segments or (None,)
        if (clip := cut(entry, streams[entry.id], segment)) is not None
    ]


def cut(entry: TakeEntry, streams: TakeStreams, segment: Segment | None) -> Clip | None:
    """One clip; the whole take where there is no segment, and None where the watch has no samples in it."""
    assert entry.manifest is not None
    start = segment.start_s if segment else 0.0
    end = segment.end_s if segment else _last(streams)
    sensor = _within(streams.acceleration_times_s, start, end)
    if sensor.stop - sensor.start < FEWEST_SAMPLES:
        return None
    pose = _within(streams.pose_times_s, start, end)
    seen = pose.stop > pose.start
    manifest = entry.manifest
    trial = (segment.trial if segment else 0) or _trial(manifest.attributes)
    return Clip(
        take=entry.id,
        subject=entry.subject,
        session=entry.session,
        trial=trial,
        label=segment.label if segment else None,
        acceleration_mps2=streams.acceleration_mps2[sensor],
        acceleration_times_s=streams.acceleration_times_s[sensor] - start,
        pose_m=streams.pose_m[pose] if seen else None,
        pose_times_s=streams.pose_times_s[pose] - start if seen else None,
        visibility=streams.visibility[pose] if seen else None,
        duration_s=end - start,
        attributes={**manifest.attributes, "origin": manifest.origin, "source": manifest.source},
    )


def _chosen(library: Library, takes: Collection[str] | None, skip_damaged: bool) -> list[TakeEntry]:
    entries = library.takes()
    if takes is not None:
        wanted = set(takes)
        entries = [entry for entry in entries if entry.id in wanted]
        missing = wanted - {entry.id for entry in entries}
        if missing:
            raise WrongUse(f"There is no take {min(missing)} in {library.path}.", code="library.no-take")
    for entry in entries:
        if entry.problem not in ("", NEVER_BEGAN) and not skip_damaged:
            raise PskdError(
                f"The take {entry.id} cannot be used: {entry.problem}",
                code="library.damaged-take",
                hint="Repair it, or remove it from the library.",
            )
    return [entry for entry in entries if entry.usable and not entry.problem]


def _within(times_s: TimeArray, start: float, end: float) -> slice:
    first, last = np.searchsorted(times_s, (start - _EDGE_S, end + _EDGE_S))
    return slice(int(first), int(last))


def _last(streams: TakeStreams) -> float:
    ends = [float(times[-1]) for times in (streams.acceleration_times_s, streams.pose_times_s) if len(times)]
    return max(ends, default=0.0)


def _trial(attributes: dict[str, object]) -> int:
    number = attributes.get("trial")
    return number if isinstance(number, int) else 0
