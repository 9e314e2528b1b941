"""What the three clocks tell of the computer."""

from __future__ import annotations

import pytest

from pskd import clock
from pskd.recording.clock_watch import ClockWatch, JumpKind


class Clocks:
    """Clocks that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s, self.wall_s, self.asleep_s = 100.0, 1e9, 7.0
        monkeypatch.setattr(clock, "now_s", lambda: self.now_s)
        monkeypatch.setattr(clock, "wall_s", lambda: self.wall_s)
        monkeypatch.setattr(clock, "suspended_s", lambda: self.asleep_s)

    def move(self, now_s: float = 0.25, asleep_s: float = 0.0, wall_s: float = 0.0) -> None:
        """Time passes: awake, asleep, and by how much the wall clock is set beside it."""
        self.now_s += now_s
        self.asleep_s += asleep_s
        self.wall_s += now_s + asleep_s + wall_s


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


def test_nothing_is_told_while_all_clocks_run(clocks: Clocks) -> None:
    watch = ClockWatch()
    for _ in range(50):
        clocks.move(wall_s=0.0005)
        assert watch.look() == []


@pytest.mark.parametrize(
    ("move", "kind", "seconds", "words"),
    [
        ({"now_s": 0.3, "asleep_s": 30.0}, JumpKind.SLEPT, 30.0, "The computer slept for 30.0 s."),
        ({"now_s": 6.0}, JumpKind.STILL, 6.0, "slept or the program stood still for 6.0 s."),
        ({"wall_s": 3600.0}, JumpKind.SET, 3600.0, "was set ahead by 3600 s."),
        ({"wall_s": -5.0}, JumpKind.SET, -5.0, "was set back by 5 s."),
    ],
)
def test_each_jump_has_its_sentence(
    clocks: Clocks, move: dict[str, float], kind: JumpKind, seconds: float, words: str
) -> None:
    watch = ClockWatch()
    clocks.move(**move)
    (jump,) = watch.look()
    assert jump.kind is kind
    assert jump.seconds == pytest.approx(seconds)
    assert words in jump.sentence
    assert watch.look() == []


def test_a_clock_that_is_set_during_a_sleep_is_told_beside_it(clocks: Clocks) -> None:
    watch = ClockWatch()
    clocks.move(asleep_s=100.0, wall_s=-7200.0)
    assert [jump.kind for jump in watch.look()] == [JumpKind.SLEPT, JumpKind.SET]


def test_the_real_clocks_run_together() -> None:
    watch = ClockWatch()
    assert clock.suspended_s() >= -0.001
    assert [jump for jump in watch.look() if jump.kind is not JumpKind.STILL] == []
