"""Looks after a take while it runs: what goes wrong is marked in the take and kept in words, seen by anybody or not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from pskd.clock import now_s
from pskd.recording.clock_watch import ClockWatch, Jump, JumpKind
from pskd.recording.names import device_name
from pskd.recording.status import SILENT_S, RecorderStatus, StreamStatus, silence_of
from pskd.recording.take import Problem
from pskd.types import LinkState, Marker

LOOK_S = 0.25
MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class _Gap:
    source: str
    since_s: float

    @property
    def who(self) -> str:
        """The device within a sentence."""
        return device_name(self.source)


class Watchman:
    """A thread that looks at the clocks and at every stream four times a second.

    A stream that is silent becomes two ``gap`` markers, from its last sample to the next one; so does a time in which
    the computer slept.

    Args:
        start_s: the take's start, monotonic clock.
        status: how everything stands now.
        mark: stores a marker in the take.
    """

    def __init__(self, start_s: float, status: Callable[[], RecorderStatus], mark: Callable[[Marker], None]) -> None:
        self._start_s = start_s
        self._status = status
        self._mark = mark
        self._lock = threading.Lock()
        self._problems: dict[str, Problem] = {}
        self._silent: dict[str, _Gap] = {}
        self._missing_s: dict[str, float] = {}
        self._why: dict[str, str] = {}
        self._reasons: dict[_Gap, str] = {}
        self._clocks = ClockWatch()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchman", daemon=True)
        self._thread.start()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What has gone wrong so far, in order."""
        with self._lock:
            return tuple(sorted(self._problems.values(), key=lambda problem: problem.t_s))

    def tell(self, t_s: float, text: str) -> None:
        """Keep what somebody else noticed, as a problem at ``t_s`` of the monotonic clock."""
        self._tell(text, t_s, text)

    def close(self) -> None:
        """Look a last time and end the thread; a second call does nothing."""
        if not self._stop.is_set():
            self._stop.set()
            self._thread.join()
            self._look()
            for name, gap in self._silent.items():
                self._mark(Marker(now_s(), "gap", name, "end"))
                text = f"Nothing came from the {gap.who} from {gap.since_s - self._start_s:.1f} s to the end."
                self._tell(f"gap {gap.source} {gap.since_s}", gap.since_s, text)

    def _run(self) -> None:
        while not self._stop.wait(LOOK_S):
            self._look()

    def _look(self) -> None:
        for jump in self._clocks.look():
            self._tell_of_jump(jump)
        for stream in self._status().streams:
            self._look_at(stream)
            if stream.fault:
                self._tell(f"fault {stream.source} {stream.fault}", now_s(), stream.fault)

    def _tell_of_jump(self, jump: Jump) -> None:
        self._tell(f"clock {jump.from_s}", jump.from_s, jump.sentence)
        if jump.kind is JumpKind.SET:
            self._mark(Marker(jump.to_s, "note", f"clock set by {jump.seconds:.3f} s"))
        else:
            self._mark(Marker(jump.from_s, "gap", "computer", "start"))
            self._mark(Marker(jump.to_s, "gap", "computer", "end"))

    def _look_at(self, stream: StreamStatus) -> None:
        gap_s = stream.missing_s - self._missing_s.get(stream.name, 0.0)
        self._missing_s[stream.name] = stream.missing_s
        if stream.link is LinkState.LOST:
            self._why[stream.source] = stream.text
        if stream.name in self._silent:
            if not stream.silent:
                self._end_gap(stream)
        elif gap_s > 0 and stream.resumed_s is not None:  # it was over before anybody called it silent
            self._begin_gap(stream, stream.resumed_s - gap_s)
            self._end_gap(stream)
        elif stream.silent and now_s() - self._start_s > SILENT_S:
            self._begin_gap(stream, self._start_s if stream.age_s is None else now_s() - stream.age_s)

    def _begin_gap(self, stream: StreamStatus, since_s: float) -> None:
        """The streams of one device fall silent together and are told of once."""
        since_s = next(
            (known.since_s for known in self._silent.values() if known.source == stream.source),
            max(self._start_s, since_s),
        )
        self._silent[stream.name] = _Gap(stream.source, since_s)
        self._mark(Marker(since_s, "gap", stream.name, "start"))
        self._tell(f"gap {stream.source} {since_s}", since_s, silence_of(stream))

    def _end_gap(self, stream: StreamStatus) -> None:
        gap = self._silent.pop(stream.name)
        to_s = now_s() if stream.ended or stream.resumed_s is None else stream.resumed_s
        self._mark(Marker(to_s, "gap", stream.name, "end"))
        why = self._why.pop(gap.source, "")
        if why:
            self._reasons[gap] = why
        text = f"Nothing came from the {gap.who} for {to_s - gap.since_s:.1f} s. {self._reasons.get(gap, '')}"
        self._tell(f"gap {gap.source} {gap.since_s}", gap.since_s, text.rstrip())

    def _tell(self, key: str, t_s: float, text: str) -> None:
        """Keep a sentence; a later one about the same matter takes its place."""
        with self._lock:
            if key in self._problems or len(self._problems) < MOST_PROBLEMS:
                known = self._problems.get(key)
                self._problems[key] = Problem(known.t_s if known else round(t_s - self._start_s, 3), text)
