"""A picture and the skeleton in it belong together, whichever comes first."""

from __future__ import annotations

import dataclasses

import numpy as np

from app.bridge import sight
from app.bridge.sight import Sight
from pskd.types import PoseFrame
from tests.unit.vision.test_gestures import standing

DARK = np.full((48, 64, 3), 5, np.uint8)


def pose(number: int) -> PoseFrame:
    """Somebody, seen in the picture of this number."""
    return dataclasses.replace(standing(number / 30), number=number)


def test_a_picture_waits_for_its_own_skeleton() -> None:
    seen = Sight()
    seen.add(pose(1))
    first = seen.look((1, DARK))
    assert first is not None and first.pose is not None and first.pose.number == 1
    assert seen.look((2, DARK)) is first
    seen.add(pose(2))
    second = seen.look((2, DARK))
    assert second is not None and (second.number, second.pose is not None) == (2, True)
    assert seen.look(None) is second


def test_a_picture_whose_skeleton_never_comes_is_shown_all_the_same() -> None:
    seen = Sight()
    seen.add(pose(1))
    seen.look((1, DARK))
    seen._lonely_s -= sight.LONELY_S + 0.1
    alone = seen.look((9, DARK))
    assert alone is not None and (alone.number, alone.pose) == (9, None)


def test_numbers_that_begin_again_mean_other_pictures() -> None:
    seen = Sight()
    for number in range(5):
        seen.add(pose(number))
    seen.add(pose(0))
    assert seen.pose is not None and seen.pose.number == 0
    found = seen.look((4, DARK))
    assert found is not None and found.pose is None


def test_the_light_of_a_drawn_picture_is_not_judged() -> None:
    seen = Sight()
    seen.add(pose(1))
    seen.look((1, DARK))
    assert seen.advice(simulated=True) == ""
    assert "too dark" in seen.advice(simulated=False)
