from __future__ import annotations

import msgspec
import numpy as np
import pytest
from made_clips import STANDING

from pskd.errors import WrongUse
from pskd.signals.pose import (
    JOINTS,
    POSE_CHANNELS,
    PosePreprocessing,
    body_frame,
    fill_missing,
    pose_channels,
    prepare_pose,
)
from pskd.skeleton import CANONICAL

SPEC = PosePreprocessing(window_s=2.0, frames=32)
TIMES = np.arange(60) / 30


def waving() -> np.ndarray:
    pose = np.repeat(STANDING[None], 60, axis=0)
    pose[:, CANONICAL.index("right_wrist"), 0] += 0.3 * np.sin(6 * TIMES)
    return pose.astype(np.float32)


def turned(pose: np.ndarray, degrees: float) -> np.ndarray:
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return (pose @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])).astype(np.float32)


def test_a_window_has_channels_frames_and_joints() -> None:
    window = prepare_pose(waving(), TIMES, None, SPEC)
    assert window.shape == (len(POSE_CHANNELS), 32, JOINTS) and window.dtype == np.float32
    assert np.isfinite(window).all()


@pytest.mark.parametrize("degrees", [0, 40, 90, 180, 250])
def test_place_facing_and_size_of_a_body_do_not_matter(degrees: float) -> None:
    moved = turned(waving() * 1.3, degrees) + np.float32([3, 0.5, 2])
    np.testing.assert_allclose(
        prepare_pose(waving(), TIMES, None, SPEC), prepare_pose(moved, TIMES, None, SPEC), atol=1e-4
    )


def test_a_turn_of_the_body_within_the_window_stays_visible() -> None:
    spinning = np.stack([turned(STANDING, a) for a in np.linspace(0, 180, 60)])
    assert np.ptp(body_frame(spinning)[:, CANONICAL.index("left_shoulder"), 0]) > 0.3


def test_left_is_x_and_the_torso_has_length_one() -> None:
    body = body_frame(turned(waving(), 70))
    assert body[0, CANONICAL.index("left_shoulder"), 0] > 0
    np.testing.assert_allclose(body[:, CANONICAL.index("neck")], np.tile([0, 1, 0], (60, 1)), atol=1e-5)


def test_directions_are_unit_vectors_and_velocities_are_per_second() -> None:
    slow = pose_channels(body_frame(waving()), np.ones((60, JOINTS)), PosePreprocessing(window_s=2.0, frames=60))
    length = np.linalg.norm(slow[3:6], axis=0)
    length = np.delete(length, CANONICAL.index("pelvis"), axis=1)
    np.testing.assert_allclose(length, 1, atol=1e-4)
    wrist = CANONICAL.index("right_wrist")
    np.testing.assert_allclose(slow[6, 1:, wrist], np.diff(slow[0, :, wrist]) * 30 * 0.25, atol=1e-4)


def test_a_joint_that_is_lost_for_a_moment_is_filled_in() -> None:
    pose = waving()
    pose[20:24, CANONICAL.index("right_wrist")] = np.nan
    whole, holed = prepare_pose(waving(), TIMES, None, SPEC), prepare_pose(pose, TIMES, None, SPEC)
    assert (holed[-1] == 1).all()
    np.testing.assert_allclose(holed[:6], whole[:6], atol=0.15)


def test_a_joint_that_is_hardly_visible_counts_as_missing() -> None:
    visibility = np.ones((60, JOINTS), np.float32)
    visibility[:, CANONICAL.index("left_ankle")] = 0.1
    window = prepare_pose(waving(), TIMES, visibility, SPEC)
    assert (window[:, :, CANONICAL.index("left_ankle")] == 0).all()
    assert (window[-1, :, CANONICAL.index("left_knee")] == 1).all()


def test_nobody_in_the_picture_gives_zeros() -> None:
    window = prepare_pose(np.full((60, JOINTS, 3), np.nan, np.float32), TIMES, None, SPEC)
    assert (window == 0).all()


def test_long_gaps_stay_unseen() -> None:
    pose = waving()
    pose[10:50] = np.nan
    _, seen, _ = fill_missing(pose, TIMES, None, SPEC)
    assert seen[:16].all() and not seen[20:40].any()


def test_wrong_shapes_and_settings_are_named() -> None:
    with pytest.raises(WrongUse, match="pose_m"):
        prepare_pose(np.zeros((4, 20, 3), np.float32), np.arange(4.0), None, SPEC)
    with pytest.raises(WrongUse, match="pose_m"):
        prepare_pose(np.zeros((0, 15, 3), np.float32), np.zeros(0), None, SPEC)
    with pytest.raises(msgspec.ValidationError, match="frames"):
        msgspec.convert({"frames": 10**7}, PosePreprocessing)
