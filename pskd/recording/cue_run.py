"""Runs a cue protocol against the clock: what the person should see now, which markers are due, and the person's
wishes on the way: pause, redo, skip, stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pskd.recording.cues import DISCARDED, CueProtocol, trials
from pskd.types import Marker

AHEAD_S = 0.4  # markers are handed on a little before their time, so that a simulated performer can follow
READY_S = 3.0  # at most so long after a pause, a redo or a skip until the next trial


class Phase(StrEnum):
    """What a protocol is at."""

    PRACTICE = "practice"
    COUNTDOWN = "countdown"
    DO = "do"
    REST = "rest"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class CueView:
    """What to show at one moment.

    Attributes:
        phase: what the protocol is at.
        label: class that is to be done, or comes next; empty when done.
        left_s: seconds left of this phase; 0 when paused or done.
        share: part of this phase that is over, 0 to 1.
        number: of the current or next trial among all, from 1.
        total: all trials.
        following: the class after this one; empty at the end.
        again: this trial was tried before.
    """

    phase: Phase
    label: str
    left_s: float
    share: float
    number: int
    total: int
    following: str = ""
    again: bool = False


class CueRun:
    """One run of a protocol. All methods are called by one thread, with a clock that does not go back.

    A trial that is paused, skipped or stopped halfway, and one that is redone, gets a marker that discards it; each
    wish is a marker of kind ``control`` too (``pause`` with start and end, ``redo``, ``skip``, ``stop``).

    Args:
        protocol: what to ask for.
        start_s: the take's start, shared clock.
        mark: stores a marker, in the order of time.
        ahead_s: how early before its time a marker is handed on.
    """

    def __init__(
        self,
        protocol: CueProtocol,
        start_s: float,
        mark: Callable[[Marker], object],
        ahead_s: float = AHEAD_S,
    ) -> None:
        self._protocol = protocol
        self._trials = trials(protocol)
        self._mark = mark
        self._ahead_s = ahead_s
        self._place = 0  # of the trial that is asked for now or next
        self._tried: set[int] = set()
        self._quiet_s = self._begin_s = self._end_s = start_s
        self._quiet_phase = Phase.COUNTDOWN
        self._began = self._ended = False  # the trial's markers have been handed on
        self._interrupted = False  # by the pause that lasts
        self._practice_s = self._practice_end_s = start_s
        self._practice_left_s = 0.0
        self._paused_s: float | None = None
        self._done_s: float | None = None
        self._stopped = False
        self._marked_s = start_s
        self._practise(start_s, protocol.practice_s)

    @property
    def done_s(self) -> float | None:
        """When the last trial ended, or the run was stopped; None before."""
        return self._done_s

    @property
    def paused(self) -> bool:
        """It waits for :meth:`resume`."""
        return self._paused_s is not None

    def tick(self, now_s: float) -> CueView:
        """Hand on the markers that are due, and tell what to show. Call it ten times a second or more."""
        while self._done_s is None and not self.paused:
            if not self._began and now_s >= self._begin_s - self._ahead_s:
                self._began = True
                self._cue(self._begin_s, "start")
            if self._began and not self._ended and now_s >= self._end_s - self._ahead_s:
                self._ended = True
                self._cue(self._end_s, "end")
            if now_s < self._end_s:
                break
            self._next(self._end_s, self._protocol.rest_s, Phase.REST)
        return self._view(now_s)

    def pause(self, now_s: float) -> None:
        """Wait from now on; a trial that has begun is discarded and asked for again afterwards."""
        if self.paused or self._done_s is not None:
            return
        self._practice_left_s = max(0.0, self._practice_end_s - now_s)
        self._control(now_s, "pause", "start")
        if self._ended:
            self._next(now_s, 0.0, Phase.COUNTDOWN)
        elif self._began:
            self._interrupted = self._take_back(now_s)
        if self._done_s is None:
            self._paused_s = now_s

    def resume(self, now_s: float) -> None:
        """Go on after a pause, with a few seconds to get ready."""
        if not self.paused:
            return
        self._end_pause(now_s)
        if self._practice_left_s > 0:
            self._practise(now_s, self._practice_left_s)
        else:
            self._plan(now_s, self._ready_s, Phase.COUNTDOWN)

    def redo(self, now_s: float) -> bool:
        """Discard the trial that runs, or else the last one, and ask for it again; False where there was none yet."""
        going = self._interrupted or (self._began and now_s >= self._begin_s)
        if self._stopped or not (going or self._place):
            return False
        self._end_pause(now_s)
        self._control(now_s, "redo")
        if self._began:
            self._take_back(now_s)
        if not going:
            self._place -= 1
            self._take_back(now_s)
        self._tried.add(self._place)
        self._done_s = None
        self._plan(now_s, self._ready_s, Phase.COUNTDOWN)
        return True

    def skip(self, now_s: float) -> None:
        """Leave out the trial that runs or comes next; during practice, end the practice."""
        if self._done_s is not None:
            return
        practising = now_s < self._practice_end_s or (self.paused and self._practice_left_s > 0)
        self._end_pause(now_s)
        self._control(now_s, "skip")
        if practising:
            self._practise(now_s, 0.0)
            return
        if self._began:
            self._take_back(now_s)
        self._next(now_s, self._ready_s, Phase.COUNTDOWN)

    def stop(self, now_s: float) -> None:
        """End the run for good; a trial that has begun is discarded."""
        if self._done_s is not None:
            return
        self._end_pause(now_s)
        if self._began and not self._ended:
            self._take_back(now_s)
        self._control(now_s, "stop")
        self._done_s, self._stopped = now_s, True

    @property
    def _ready_s(self) -> float:
        return min(READY_S, max(self._protocol.rest_s, self._protocol.countdown_s))

    def _practise(self, now_s: float, seconds: float) -> None:
        self._practice_left_s = 0.0
        self._practice_s, self._practice_end_s = now_s, now_s + seconds
        self._plan(self._practice_end_s, self._protocol.countdown_s, Phase.COUNTDOWN)

    def _plan(self, from_s: float, quiet_s: float, phase: Phase) -> None:
        """Lay the trial at :attr:`_place` on the clock, after a quiet time."""
        self._quiet_s, self._quiet_phase = from_s, phase
        self._begin_s = from_s + quiet_s
        self._end_s = self._begin_s + self._protocol.seconds
        self._began = self._ended = self._interrupted = False

    def _next(self, now_s: float, quiet_s: float, phase: Phase) -> None:
        self._place += 1
        if self._place >= len(self._trials):
            self._done_s = now_s
            self._began = self._ended = self._interrupted = False
        else:
            self._plan(now_s, quiet_s, phase)

    def _end_pause(self, now_s: float) -> None:
        if self.paused:
            self._paused_s = None
            self._control(now_s, "pause", "end")

    def _take_back(self, now_s: float) -> bool:
        """Discard what was tried of the trial at :attr:`_place`; False where its time had not come yet."""
        if self._began and not self._ended:
            self._cue(max(now_s, self._begin_s), "end")
        self._cue(now_s, DISCARDED)
        came = now_s >= self._begin_s
        self._began = self._ended = False
        if came:
            self._tried.add(self._place)
        return came

    def _cue(self, t_s: float, phase: str) -> None:
        label, trial = self._trials[self._place]
        self._put(t_s, "cue", label, phase, trial)

    def _control(self, now_s: float, what: str, phase: str = "") -> None:
        self._put(now_s, "control", what, phase, 0)

    def _put(self, t_s: float, kind: str, label: str, phase: str, trial: int) -> None:
        """Markers never go back in time: a wish may come after a marker that was handed on ahead of its time."""
        self._marked_s = max(t_s, self._marked_s)
        self._mark(Marker(self._marked_s, kind, label, phase, trial))

    def _view(self, now_s: float) -> CueView:
        total = len(self._trials)
        if self._done_s is not None:
            return CueView(Phase.DONE, "", 0.0, 1.0, total, total)
        label, _ = self._trials[self._place]
        following = self._trials[self._place + 1][0] if self._place + 1 < total else ""
        phase, from_s, to_s = self._phase_at(now_s)
        share = min(max((now_s - from_s) / max(to_s - from_s, 1e-6), 0.0), 1.0)
        left_s = max(0.0, to_s - now_s)
        again = self._place in self._tried
        return CueView(phase, label, left_s, share, self._place + 1, total, following, again)

    def _phase_at(self, now_s: float) -> tuple[Phase, float, float]:
        """The phase with its beginning and end."""
        if self._paused_s is not None:
            return Phase.PAUSED, now_s, now_s
        if now_s < self._practice_end_s:
            return Phase.PRACTICE, self._practice_s, self._practice_end_s
        if now_s < self._begin_s:
            return self._quiet_phase, self._quiet_s, self._begin_s
        return Phase.DO, self._begin_s, self._end_s
