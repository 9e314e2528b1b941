"""Runs a list of cues against the clock: which markers are due, and what the person should see now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pskd.recording.cues import Cue, cue_markers
from pskd.types import Marker


@dataclass(frozen=True, slots=True)
class CueView:
    """What to show at one moment.

    Attributes:
        phase: ``countdown``, ``do``, ``rest`` or ``done``.
        label: what to do now, or next.
        left_s: until this phase ends; 0 when done.
        number: of the current or next trial among all, from 1.
        total: all trials.
    """

    phase: str
    label: str
    left_s: float
    number: int
    total: int


class CueSchedule:
    """Cues laid on the clock.

    Args:
        cues: in order of time, at least one.
        start_s: the take's start on the monotonic clock.
    """

    def __init__(self, cues: Sequence[Cue], start_s: float) -> None:
        self._cues = cues
        self._start_s = start_s
        self._waiting = cue_markers(cues, start_s)

    @property
    def end_s(self) -> float:
        """When the last trial ends, on the monotonic clock."""
        return self._start_s + self._cues[-1].end_s

    def due(self, now_s: float, ahead_s: float = 0.0) -> list[Marker]:
        """Markers whose time has come, or will within ``ahead_s``; each is given once."""
        count = sum(marker.t_s <= now_s + ahead_s for marker in self._waiting)
        due, self._waiting = self._waiting[:count], self._waiting[count:]
        return due

    def view(self, now_s: float) -> CueView:
        """What the person should see."""
        at_s, total = now_s - self._start_s, len(self._cues)
        for number, cue in enumerate(self._cues, 1):
            if at_s < cue.start_s:
                return CueView("countdown" if number == 1 else "rest", cue.label, cue.start_s - at_s, number, total)
            if at_s < cue.end_s:
                return CueView("do", cue.label, cue.end_s - at_s, number, total)
        return CueView("done", self._cues[-1].label, 0.0, total, total)
