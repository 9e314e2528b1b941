"""Where a person stands, and in what light."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pskd.performer.activities import ACTIVITIES
from pskd.performer.performance import Performance
from pskd.skeleton import MEDIAPIPE_33
from pskd.types import PoseFrame
from pskd.vision import light
from pskd.vision.framing import LASTS_S, Advisor, advice
from pskd.vision.pose import nobody


def person(height: float = 0.7, top: float = 0.15, across: float = 0.5) -> PoseFrame:
    """Somebody upright; what lies outside of the picture is guessed, as a pose model does."""
    shares = {"nose": 0.0, "shoulder": 0.15, "hip": 0.5, "knee": 0.75, "ankle": 1.0}
    at = np.full((33, 2), across, np.float32)
    for place, name in enumerate(MEDIAPIPE_33.joints):
        at[place, 1] = top + height * shares.get(name.split("_")[-1], 0.4)
    inside = ((at >= 0) & (at <= 1)).all(axis=1)
    return PoseFrame(0.0, 0, np.zeros((33, 3), np.float32), at, np.where(inside, 0.99, 0.1).astype(np.float32), 1)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (person(), ""),
        (nobody(0.0, 0), "Nobody is in view."),
        (dataclasses.replace(person(), people=2), "Two people are in view."),
        (person(1.0, 0.2), "Your feet are not in view. Step back."),
        (person(2.5, 0.3), "Only half of you is in view. Step back."),
        (person(0.9, -0.1), "Your head is not in view. Tilt the camera up."),
        (person(2.0, -0.3), "Your head is not in view. Step back."),
        (person(0.2, 0.4), "You are too far away. Come closer."),
        (person(across=0.04), "Step to the middle."),
    ],
)
def test_it_says_what_is_wrong_and_what_to_do(frame: PoseFrame, said: str) -> None:
    assert said in advice(frame)
    assert bool(advice(frame)) == bool(said)


@pytest.mark.parametrize("activity", sorted(ACTIVITIES))
def test_the_simulated_person_stands_well(activity: str) -> None:
    times = np.arange(0, 20, 1 / 15)
    seen, advisor = Performance(activity, {}).landmarks(times, 4 / 3), Advisor()
    for at, t_s in enumerate(times.tolist()):
        frame = PoseFrame(t_s, at, seen.world_m[at], seen.image[at], seen.visibility[at], 1)
        assert not advisor.update(frame)


def test_what_lasts_a_moment_is_not_said() -> None:
    advisor = Advisor()
    for t_s in np.arange(0, 3, 0.1).tolist():
        gone = 1.0 <= t_s < 1.0 + LASTS_S / 2
        assert not advisor.update(nobody(t_s, 0) if gone else dataclasses.replace(person(), grab_s=t_s))
    assert [advisor.update(nobody(3 + t, 0)) for t in (0, 0.5, LASTS_S)] == ["", "", "Nobody is in view."]
    assert advisor.update(dataclasses.replace(person(), grab_s=9.0)) == ""


def picture(around: int, body: int) -> np.ndarray:
    """A grey room with a grey person in the middle."""
    result = np.full((480, 640, 3), around, np.uint8)
    result[60:460, 240:400] = body
    return result


@pytest.mark.parametrize(
    ("around", "body", "said"),
    [(120, 110, ""), (20, 15, "too dark"), (230, 30, "Against the light"), (230, 150, ""), (90, 60, "")],
)
def test_bad_light_is_told_from_the_picture(around: int, body: int, said: str) -> None:
    told = light.hint(picture(around, body), person())
    assert said in told
    assert bool(told) == bool(said)


def test_an_empty_room_is_judged_too() -> None:
    assert "too dark" in light.hint(picture(10, 10), None)
    assert light.hint(picture(200, 200), nobody(0.0, 0)) == ""
    assert light.hint(np.zeros((0, 0, 3), np.uint8)) == ""
