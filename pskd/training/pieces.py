"""Takes that nobody labelled are long: they are cut into pieces of about a window, so that all of them is heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from pskd.library.clips import Clip
from pskd.types import TimeArray

LONG = 1.5
"""In windows: what is longer is cut."""

_FEWEST_SAMPLES = 2


def in_pieces(clips: Iterable[Clip], window_s: float) -> list[Clip]:
    """The same clips, the long ones without a label cut into equal pieces of two thirds to one and a half windows.

    A piece keeps its take, so that all of a take stays on one side of a split.

    Args:
        clips: as loaded.
        window_s: of the student's window.
    """
    return [piece for clip in clips for piece in _cut(clip, window_s)]


def _cut(clip: Clip, window_s: float) -> list[Clip]:
    times = clip.acceleration_times_s
    span = float(times[-1] - times[0]) if len(times) else 0.0
    if clip.label is not None or span <= LONG * window_s:
        return [clip]
    edges = float(times[0]) + np.linspace(0.0, span, 1 + round(span / window_s))
    edges[-1] = np.inf
    found = [_piece(clip, low, high) for low, high in pairwise(edges)]
    return [piece for piece in found if len(piece.acceleration_times_s) >= _FEWEST_SAMPLES]


def _piece(clip: Clip, low: float, high: float) -> Clip:
    sensor = _between(clip.acceleration_times_s, low, high)
    times = clip.acceleration_times_s[sensor]
    piece = replace(
        clip,
        acceleration_mps2=clip.acceleration_mps2[sensor],
        acceleration_times_s=times - low,
        duration_s=float(times[-1] - times[0]) if len(times) else 0.0,
    )
    if clip.pose_m is None or clip.pose_times_s is None:
        return piece
    pose = _between(clip.pose_times_s, low, high)
    seen = pose.stop > pose.start
    return replace(
        piece,
        pose_m=clip.pose_m[pose] if seen else None,
        pose_times_s=clip.pose_times_s[pose] - low if seen else None,
        visibility=clip.visibility[pose] if seen and clip.visibility is not None else None,
    )


def _between(times_s: TimeArray, low: float, high: float) -> slice:
    first, last = np.searchsorted(times_s, (low, high))
    return slice(int(first), int(last))
