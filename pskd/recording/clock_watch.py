"""Tells from three clocks what happened to the computer: it slept, the program stood still, the wall clock was set.

The recording itself rests on the monotonic clock alone, so none of these moves a sample; but each leaves a hole or a
question, and so each is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pskd import clock

STILL_S = 2.0
SLEPT_S = 0.5
SET_S = 1.0
AT_ONCE_S = 0.05


class JumpKind(StrEnum):
    """What happened."""

    SLEPT = "slept"
    STILL = "still"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Jump:
    """One such event.

    Attributes:
        kind: what happened.
        from_s: the last moment when all was well, monotonic clock.
        to_s: the moment when it was noticed.
        seconds: how long it slept or stood still; by how much the clock was set, negative where it was set back.
    """

    kind: JumpKind
    from_s: float
    to_s: float
    seconds: float

    @property
    def sentence(self) -> str:
        """For the person."""
        if self.kind is JumpKind.SET:
            way = "ahead" if self.seconds > 0 else "back"
            return f"The computer's clock was set {way} by {abs(self.seconds):.0f} s. Nothing in the take has moved."
        what = "The computer slept" if self.kind is JumpKind.SLEPT else "The computer slept or the program stood still"
        return f"{what} for {self.seconds:.1f} s. Nothing was recorded meanwhile."


class ClockWatch:
    """Compares the clocks between one look and the next; look several times a second."""

    def __init__(self) -> None:
        self._now_s, self._wall_s, self._asleep_s = _read()

    def look(self) -> list[Jump]:
        """What happened since the last look; usually nothing."""
        now_s, wall_s, asleep_s = _read()
        passed_s, slept_s = now_s - self._now_s, asleep_s - self._asleep_s
        set_s = wall_s - self._wall_s - passed_s - slept_s
        from_s, self._now_s, self._wall_s, self._asleep_s = self._now_s, now_s, wall_s, asleep_s
        found = []
        if slept_s >= SLEPT_S:
            found.append(Jump(JumpKind.SLEPT, from_s, now_s, slept_s))
        elif passed_s >= STILL_S:
            found.append(Jump(JumpKind.STILL, from_s, now_s, passed_s))
        if abs(set_s) >= SET_S:
            found.append(Jump(JumpKind.SET, from_s, now_s, set_s))
        return found


def _read() -> tuple[float, float, float]:
    """The three clocks at one moment: read again where the program was held up in between."""
    while True:
        before_s, asleep_s, wall_s, now_s = clock.now_s(), clock.suspended_s(), clock.wall_s(), clock.now_s()
        if now_s - before_s < AT_ONCE_S:
            return now_s, wall_s, asleep_s
