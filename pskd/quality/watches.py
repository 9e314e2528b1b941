"""The watches of a take: each with the wrist that it should be on and its name within a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from pskd.recording.names import OTHER_SIDE, stream_name, wrists_of
from pskd.recording.take import StreamData, Take
from pskd.types import StreamKind


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """One watch.

    Attributes:
        stream: its accelerometer.
        side: the wrist that it should be on, ``left`` or ``right``.
        told: the take itself says so.
        name: within a sentence; by its wrist where there are two.
    """

    stream: StreamData
    side: str
    told: bool
    name: str


def watches_of(take: Take, side: str) -> list[Watch]:
    """The watches in the order of the take.

    Args:
        take: as it was read.
        side: the wrist of the first one; a second one whose wrist is not told is on the other.
    """
    streams = [stream for stream in take.streams.values() if stream.info.kind == StreamKind.ACCELEROMETER]
    wrists = wrists_of(take.manifest)
    found = []
    for place, stream in enumerate(streams):
        told = wrists.get(stream.info.name, "")
        name = named(take, stream)
        found.append(Watch(stream, told or (OTHER_SIDE[side] if place else side), bool(told), name))
    return found


def named(take: Take, stream: StreamData) -> str:
    """A stream within a sentence; the wrist is named only where there are two watches to tell apart."""
    kinds = [info.kind for info in take.manifest.streams]
    several = kinds.count(StreamKind.ACCELEROMETER) > 1
    return stream_name(stream.info.name, stream.info.kind, wrists_of(take.manifest) if several else {})
