"""Runs a cue protocol against a take: what to show now, and which markers are due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.widgets.words import many
from pskd.recording.cues import Cue, CueProtocol, cue_markers, load_protocol, shipped_protocols, timed_cues
from pskd.types import Marker

AHEAD_S = 0.4  # markers are handed on a little before their time, so that a simulated performer can follow


@dataclass(frozen=True, slots=True)
class CueMoment:
    """What is shown at one moment.

    Attributes:
        label: class that is to be done, or comes next.
        going: it is to be done now.
        left_s: seconds left of this phase.
        share: part of this phase that is over, 0 to 1.
        number: number of the trial, from 1.
        total: trials in all.
        following: the class after this one; empty at the end.
    """

    label: str
    going: bool
    left_s: float
    share: float
    number: int
    total: int
    following: str


class CueRun:
    """One run of a protocol.

    Args:
        cues: trials with times from the take's start.
        start_s: the take's start, shared clock.
        mark: stores a marker.
    """

    def __init__(self, cues: Sequence[Cue], start_s: float, mark: Callable[[Marker], object]) -> None:
        self.cues = tuple(cues)
        self.start_s = start_s
        self._due = cue_markers(cues, start_s)
        self._mark = mark

    @property
    def length_s(self) -> float:
        """From the take's start to the end of the last trial."""
        return self.cues[-1].end_s if self.cues else 0.0

    def tick(self, now_s: float) -> CueMoment | None:
        """Hand on the markers that are due; None once the protocol is over."""
        while self._due and self._due[0].t_s - AHEAD_S <= now_s:
            self._mark(self._due.pop(0))
        return moment(self.cues, now_s - self.start_s)


def moment(cues: Sequence[Cue], t_s: float) -> CueMoment | None:
    """What is shown ``t_s`` after the take's start; None once all is over."""
    before_s = 0.0
    for place, cue in enumerate(cues):
        if t_s < cue.end_s:
            going = t_s >= cue.start_s
            begin, end = (cue.start_s, cue.end_s) if going else (before_s, cue.start_s)
            following = cues[place + 1].label if place + 1 < len(cues) else ""
            share = (t_s - begin) / max(end - begin, 1e-6)
            return CueMoment(cue.label, going, end - t_s, share, place + 1, len(cues), following)
        before_s = cue.end_s
    return None


def known_protocols() -> dict[str, Path]:
    """The shipped protocols by their file's name."""
    return shipped_protocols()


def describe(protocol: CueProtocol) -> str:
    """One line: trials, classes, length."""
    cues = timed_cues(protocol)
    minutes = cues[-1].end_s / 60
    length = f"{cues[-1].end_s:.0f} s" if minutes < 1.5 else f"{minutes:.0f} min"
    return f"{many(len(cues), 'trial')} of {many(len(protocol.classes), 'class', 'classes')}, {length}"


__all__ = ["AHEAD_S", "CueMoment", "CueRun", "describe", "known_protocols", "load_protocol", "moment", "timed_cues"]
