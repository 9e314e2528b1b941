"""The offset in whole recordings: found by itself, at a marker, on either arm."""

from __future__ import annotations

import numpy as np

from pskd.performer import PerformedTake, perform_take
from pskd.performer.body import JOINT
from pskd.sync.align import Alignment, Arm, FoundBy, align
from pskd.sync.gesture import wrist_in_room

UP = (0.0, -1.0, 0.0)


def _arm(take: PerformedTake, side: str) -> Arm:
    seen = take.landmarks
    wrist, elbow = JOINT[f"{side}_wrist"], JOINT[f"{side}_elbow"]
    paths = [wrist_in_room(seen.world_m, seen.image, seen.visibility, joint) for joint in (wrist, elbow)]
    return Arm(side, *paths, np.asarray(seen.visibility[:, wrist], np.float64))


def _align(take: PerformedTake, late_s: float, sides: str = "right", **options: object) -> Alignment | None:
    arms = [_arm(take, side) for side in sides.split()]
    return align(take.true_s, take.acceleration_mps2, take.frame_s + late_s, arms, up=UP, **options)


def test_a_gesture_anywhere_in_a_take_brings_both_together() -> None:
    script = [("drink", 5.0), ("rest", 3.0), ("wave", 3.0), ("rest", 3.0), ("type", 5.0)]
    found = _align(perform_take(script, {"seed": "3"}), 0.31)
    assert found is not None
    assert found.trusted
    assert abs(found.fit.offset_s - 0.31) < 0.02


def test_a_marked_gesture_is_taken_before_anything_else() -> None:
    take = perform_take([("rest", 3.0), ("clap", 3.0), ("rest", 3.0), ("wave", 4.0)], {"seed": "5"}, start_s=100.0)
    found = _align(take, -0.2, marked=[(102.0, 107.0)])
    assert found is not None
    assert found.found_by is FoundBy.MARKER
    assert found.trusted
    assert abs(found.fit.offset_s + 0.2) < 0.02


def test_a_gesture_alone_serves_where_the_rest_tells_nothing() -> None:
    take = perform_take([("rest", 4.0), ("wave", 3.0), ("rest", 3.0), ("squat", 12.0)], {"seed": "6"}, start_s=50.0)
    noise = np.random.default_rng(0).normal(0.0, 0.25, take.landmarks.world_m.shape)
    noise[take.frame_s < 59.0] = 0.0
    take.landmarks.world_m[:] += noise  # the pose model loses the person after the gesture
    found = _align(take, 0.15)
    assert found is not None
    assert found.found_by is FoundBy.GESTURE
    assert abs(found.fit.offset_s - 0.15) < 0.03


def test_the_arm_that_moves_like_the_watch_is_told() -> None:
    take = perform_take([("rest", 2.0), ("wave", 4.0), ("rest", 2.0)], {"seed": "1", "hand": "right"})
    for sides in ("right left", "left right"):
        found = _align(take, 0.0, sides)
        assert found is not None
        assert found.side == "right"


def test_rest_alone_is_not_trusted_and_nothing_gives_nothing() -> None:
    take = perform_take([("rest", 8.0)])
    found = _align(take, 0.2)
    assert found is None or not found.trusted
    assert _align(take, 500.0) is None
    empty = np.zeros(0)
    assert align(empty, np.zeros((0, 3), np.float32), take.frame_s, [_arm(take, "right")], up=UP) is None
    assert align(take.true_s, take.acceleration_mps2, take.frame_s, [], up=UP) is None


def test_stamps_that_stand_still_do_no_harm() -> None:
    take = perform_take([("rest", 2.0), ("clap", 3.0), ("rest", 2.0)], {"seed": "7"})
    stamps = take.true_s.copy()
    stamps[100:110] = stamps[100]
    found = align(stamps, take.acceleration_mps2, take.frame_s + 0.1, [_arm(take, "right")], up=UP)
    assert found is not None
    assert abs(found.fit.offset_s - 0.1) < 0.03
