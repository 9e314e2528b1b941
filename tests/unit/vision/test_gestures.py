"""Raised hands, in made frames and in every movement of the simulated performer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pskd.performer.activities import ACTIVITIES
from pskd.performer.performance import Performance
from pskd.skeleton import MEDIAPIPE_33
from pskd.types import PoseFrame
from pskd.vision.gestures import HOLD_S, HandSignal, Raised, raised
from pskd.vision.pose import nobody

RATE_HZ = 30.0
ALL = (Raised.LEFT, Raised.RIGHT, Raised.BOTH)


def standing(t_s: float = 0.0, *up: str, seen: float = 1.0) -> PoseFrame:
    """A person upright in the middle of the picture; ``up`` names the sides whose hand is raised."""
    at = np.full((33, 2), 0.5, np.float32)
    heights = {
        "nose": 0.2, "shoulder": 0.3, "hip": 0.55, "knee": 0.75, "ankle": 0.92, "wrist": 0.55,
    }  # fmt: skip
    for place, name in enumerate(MEDIAPIPE_33.joints):
        at[place, 1] = heights.get(name.split("_")[-1], 0.4)
        if name.endswith("_wrist") and name.split("_")[0] in up:
            at[place, 1] = 0.05
    return PoseFrame(t_s, 0, np.zeros((33, 3), np.float32), at, np.full(33, seen, np.float32), 1)


@pytest.mark.parametrize(
    ("up", "hands"),
    [((), Raised.NONE), (("left",), Raised.LEFT), (("right",), Raised.RIGHT), (("left", "right"), Raised.BOTH)],
)
def test_wrists_above_the_head_are_raised_hands(up: tuple[str, ...], hands: Raised) -> None:
    assert raised(standing(0.0, *up)) is hands


def test_nobody_and_guessed_landmarks_raise_no_hand() -> None:
    assert raised(nobody(0.0, 0)) is Raised.NONE
    assert raised(standing(0.0, "left", "right", seen=0.2)) is Raised.NONE


def held(signal: HandSignal, from_s: float, to_s: float, *up: str, wanted: tuple[Raised, ...] = ALL) -> list[Raised]:
    """Hold hands up from one moment to another; gives every signal that was given."""
    times = np.arange(from_s, to_s, 1 / RATE_HZ)
    given = [signal.update(standing(float(t), *up), wanted).given for t in times]
    return [hands for hands in given if hands]


def test_hands_are_told_once_and_only_after_they_were_held() -> None:
    signal = HandSignal()
    assert held(signal, 0, HOLD_S - 0.1, "left", "right") == []
    assert held(signal, HOLD_S - 0.1, 5, "left", "right") == [Raised.BOTH]
    assert held(signal, 5, 6) == []
    assert held(signal, 6, 9, "left") == [Raised.LEFT]


def test_the_share_grows_while_hands_are_up() -> None:
    signal = HandSignal()
    shares = [signal.update(standing(t, "left", "right"), ALL).share for t in np.arange(0, 1.4, 0.1).tolist()]
    assert shares == sorted(shares)
    assert 0.8 < shares[-1] < 1.0


def test_a_hand_that_is_lost_for_a_moment_does_not_start_again() -> None:
    signal = HandSignal()
    held(signal, 0, 1, "left", "right")
    signal.update(nobody(1.05, 0), ALL)
    assert held(signal, 1.1, 2, "left", "right") == [Raised.BOTH]


def test_hands_that_mean_nothing_now_are_no_signal() -> None:
    assert held(HandSignal(), 0, 5, "left", wanted=(Raised.BOTH,)) == []


@pytest.mark.parametrize("activity", sorted(ACTIVITIES))
def test_no_movement_of_the_performer_is_taken_for_raised_hands(activity: str) -> None:
    performance = Performance(activity, {})
    times = np.arange(0, 30, 1 / RATE_HZ)
    seen = performance.landmarks(times, 4 / 3)
    signal = HandSignal()
    for at, t_s in enumerate(times.tolist()):
        frame = PoseFrame(t_s, at, seen.world_m[at], seen.image[at], seen.visibility[at], 1)
        assert not signal.update(frame, (Raised.BOTH,)).given


@given(st.lists(st.tuples(st.floats(0, 0.6), st.sets(st.sampled_from(["left", "right"]))), max_size=60))
def test_two_signals_are_always_a_hold_apart(steps: list[tuple[float, set[str]]]) -> None:
    signal, t_s, given_s = HandSignal(), 0.0, -HOLD_S
    for wait_s, up in steps:
        t_s += wait_s
        told = signal.update(standing(t_s, *sorted(up)), ALL)
        assert 0.0 <= told.share <= 1.0
        if told.given:
            assert t_s - given_s >= HOLD_S - 1e-6
            given_s = t_s
