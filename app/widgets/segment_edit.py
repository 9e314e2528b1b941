"""Where labelled segments may go when a hand drags them: plain numbers, no painting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MIN_LENGTH_S = 0.05


@dataclass(frozen=True, slots=True)
class Bar:
    """One labelled segment as it is drawn.

    Attributes:
        start_s: seconds from the take's start.
        end_s: after ``start_s``.
        label: class name.
        colour: which of the class colours.
    """

    start_s: float
    end_s: float
    label: str
    colour: int = 0


class Part(StrEnum):
    """Which part of a bar is held."""

    START = "start"
    BODY = "body"
    END = "end"


@dataclass(frozen=True, slots=True)
class Grip:
    """What is under the pointer: a bar's number and the part of it."""

    index: int
    part: Part


def grip_at(bars: Sequence[Bar], t_s: float, tolerance_s: float) -> Grip | None:
    """The bar at a moment, edges first; None between bars."""
    for index, bar in enumerate(bars):
        reach = min(tolerance_s, (bar.end_s - bar.start_s) / 3)
        if abs(t_s - bar.start_s) <= reach:
            return Grip(index, Part.START)
        if abs(t_s - bar.end_s) <= reach:
            return Grip(index, Part.END)
        if bar.start_s < t_s < bar.end_s:
            return Grip(index, Part.BODY)
    return None


def free_room(bars: Sequence[Bar], index: int, duration_s: float) -> tuple[float, float]:
    """Between which moments a bar may lie without touching its neighbours."""
    held = bars[index]
    others = [bar for number, bar in enumerate(bars) if number != index]
    low = max((bar.end_s for bar in others if bar.start_s < held.start_s and bar.end_s <= held.end_s), default=0.0)
    high = min((bar.start_s for bar in others if bar.start_s > held.start_s), default=duration_s)
    return min(low, held.start_s), max(high, held.end_s)


def dragged(
    bars: Sequence[Bar], grip: Grip, from_s: float, to_s: float, duration_s: float, *, snap_s: Sequence[float] = ()
) -> tuple[float, float]:
    """The new start and end of a bar after a drag, kept within its room.

    Args:
        bars: as they were when the drag began.
        grip: what is held.
        from_s: where the drag began.
        to_s: where the pointer is.
        duration_s: length of the take.
        snap_s: moments (markers) that an edge jumps to when it is within 0.08 s.
    """
    bar = bars[grip.index]
    low, high = free_room(bars, grip.index, duration_s)
    if grip.part is Part.START:
        return min(max(_snapped(bar.start_s + to_s - from_s, snap_s), low), bar.end_s - MIN_LENGTH_S), bar.end_s
    if grip.part is Part.END:
        return bar.start_s, max(min(_snapped(bar.end_s + to_s - from_s, snap_s), high), bar.start_s + MIN_LENGTH_S)
    length = bar.end_s - bar.start_s
    start = min(max(bar.start_s + to_s - from_s, low), high - length)
    return start, start + length


def gap_at(bars: Sequence[Bar], t_s: float, duration_s: float) -> tuple[float, float] | None:
    """The unlabelled stretch around a moment; None inside a bar or where there is no room."""
    if any(bar.start_s < t_s < bar.end_s for bar in bars):
        return None
    low = max((bar.end_s for bar in bars if bar.end_s <= t_s), default=0.0)
    high = min((bar.start_s for bar in bars if bar.start_s >= t_s), default=duration_s)
    return (low, high) if high - low >= MIN_LENGTH_S else None


def _snapped(t_s: float, snap_s: Sequence[float], reach_s: float = 0.08) -> float:
    near = min(snap_s, key=lambda moment: abs(moment - t_s), default=t_s)
    return near if abs(near - t_s) <= reach_s else t_s
