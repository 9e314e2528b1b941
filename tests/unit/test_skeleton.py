"""Joint layouts map onto one canonical body."""

from __future__ import annotations

import numpy as np
import pytest

from pskd import skeleton
from pskd.errors import WrongUse

LAYOUTS = [skeleton.MEDIAPIPE_33, skeleton.KINECT_20, skeleton.COCO_17, skeleton.CANONICAL_15]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_each_layout_gives_every_canonical_joint(layout: skeleton.PoseLayout) -> None:
    pose = np.random.default_rng(0).normal(size=(4, len(layout.joints), 3)).astype(np.float32)
    canonical = layout.to_canonical(pose)
    assert canonical.shape == (4, 15, 3)
    wrist = skeleton.CANONICAL.index("right_wrist")
    assert np.array_equal(canonical[:, wrist], pose[:, layout.joints.index("right_wrist")])


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_bones_join_different_joints_and_reach_the_wrists(layout: skeleton.PoseLayout) -> None:
    assert all(a != b for a, b in layout.bones)
    touched = {layout.joints[i] for bone in layout.bones for i in bone}
    assert {"left_wrist", "right_wrist", "left_ankle", "right_ankle"} <= touched


def test_layouts_have_their_published_sizes() -> None:
    assert [len(layout.joints) for layout in LAYOUTS] == [33, 20, 17, 15]


def test_a_missing_joint_stays_missing() -> None:
    pose = np.zeros((33, 3), np.float32)
    pose[skeleton.MEDIAPIPE_33.joints.index("left_hip")] = np.nan
    canonical = skeleton.MEDIAPIPE_33.to_canonical(pose)
    missing = {skeleton.CANONICAL[i] for i in np.flatnonzero(np.isnan(canonical).any(axis=1))}
    assert missing == {"left_hip", "pelvis"}


def test_a_wrong_shape_names_the_parameter() -> None:
    with pytest.raises(ValueError, match="pose: expected"):
        skeleton.KINECT_20.to_canonical(np.zeros((3, 33, 3), np.float32))


def test_an_unknown_layout_lists_the_known_ones() -> None:
    with pytest.raises(WrongUse, match="no joint layout") as caught:
        skeleton.layout("kinect-99")
    assert "mediapipe-33" in caught.value.hint
