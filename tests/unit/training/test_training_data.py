from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from made_clips import CLASSES, make_clip, make_clips
from made_plans import POSE, SENSOR

from pskd.errors import PskdError
from pskd.signals import sensor
from pskd.signals.augment import Augmentation
from pskd.signals.pose import prepare_pose
from pskd.training.data import mix, stack

NOTHING = Augmentation(**dict.fromkeys(Augmentation.__struct_fields__, 0.0))


def generator() -> np.random.Generator:
    return np.random.default_rng(3)


def test_an_unchanged_view_is_what_live_sees() -> None:
    clips = [make_clip("wave", "01", 1, seconds=seconds) for seconds in (0.8, 1.3)]
    data = stack(clips, CLASSES, SENSOR, POSE)
    batch = data.view(np.arange(2), NOTHING, generator(), with_pose=True)
    whole, owner = data.whole(np.arange(2), with_pose=True)
    assert owner.tolist() == [0, 1] or len(owner) == 3
    torch.testing.assert_close(batch.sensor[0], whole.sensor[0], atol=1e-5, rtol=1e-4)
    assert batch.pose is not None and whole.pose is not None
    torch.testing.assert_close(batch.pose[0][:6], whole.pose[0][:6], atol=0.05, rtol=0.05)


def test_whole_clips_go_through_the_functions_of_live() -> None:
    clip = make_clip("circle", "02", 1, seconds=2.0)
    data = stack([clip], CLASSES, SENSOR, POSE)
    batch, owner = data.whole(np.array([0]), with_pose=True)
    expected = sensor.clip_windows(clip.acceleration_mps2, clip.acceleration_times_s, SENSOR)
    np.testing.assert_array_equal(batch.sensor.numpy(), expected)
    assert len(owner) == len(expected) > 1
    assert batch.pose is not None and clip.pose_m is not None and clip.pose_times_s is not None
    last = prepare_pose(clip.pose_m, clip.pose_times_s, None, POSE, end_s=float(clip.acceleration_times_s[-1]))
    np.testing.assert_allclose(batch.pose[-1].numpy(), last, atol=1e-6)


def test_a_camera_that_saw_nobody_gives_no_pose() -> None:
    clip = make_clip("wave", "01", 1)
    assert clip.pose_m is not None and clip.visibility is not None
    nobody = replace(clip, pose_m=np.full_like(clip.pose_m, np.nan), trial=2)
    doubtful = replace(clip, visibility=np.zeros_like(clip.visibility), trial=3)
    assert stack([clip, nobody, doubtful], CLASSES, SENSOR, POSE).has_pose.tolist() == [True, False, False]


def test_a_clip_without_a_camera_has_no_pose() -> None:
    data = stack([make_clip("wave", "01", 1), make_clip("wave", "01", 2, camera=False)], CLASSES, SENSOR, POSE)
    batch = data.view(np.array([1, 0]), NOTHING, generator(), with_pose=True)
    assert batch.has_pose.tolist() == [False, True]
    assert batch.pose is not None and not batch.pose[0].any() and batch.pose[1].any()
    assert batch.sees(("sensor",)).all() and not batch.sees(("sensor", "pose"))[0]


def test_labels_become_rows_and_none_a_row_of_zeros() -> None:
    data = stack([make_clip("still", "01", 1), make_clip(None, "01", 2, like="wave")], CLASSES, SENSOR, POSE)
    assert data.labels.tolist() == [1, -1]
    assert data.view(np.arange(2), NOTHING, generator(), False).targets.tolist() == [[0, 1, 0], [0, 0, 0]]


def test_mixing_blends_both_modalities_and_labels_alike() -> None:
    data = stack(make_clips(("01",), 2), CLASSES, SENSOR, POSE)
    plain = data.view(np.arange(6), NOTHING, generator(), True)
    mixed = mix(plain, 1.0, generator())
    torch.testing.assert_close(mixed.targets.sum(dim=1), torch.ones(6))
    assert (mixed.targets.amax(dim=1) >= 0.5).all()
    assert not torch.equal(mixed.sensor, plain.sensor)
    half = data.view(np.array([0, 1]), NOTHING, generator(), True)
    half.targets[0] = 0
    assert not mix(half, 1.0, np.random.default_rng(1)).targets[0].any()


def test_mixing_with_clips_that_nobody_labelled_loses_no_label() -> None:
    data = stack(make_clips(("01",), 4), CLASSES, SENSOR, POSE)
    batch = data.view(np.arange(12), NOTHING, generator(), False)
    batch.targets[:9] = 0
    mixed = mix(batch, 1.0, generator())
    assert mixed.targets.sum(dim=1).round(decimals=5).tolist() == [0.0] * 9 + [1.0] * 3


def test_the_same_seed_gives_the_same_batch() -> None:
    data = stack(make_clips(("01",), 1), CLASSES, SENSOR, POSE)
    first, second = (data.view(np.arange(3), Augmentation(), generator(), True) for _ in range(2))
    assert torch.equal(first.sensor, second.sensor)
    assert first.pose is not None and second.pose is not None and torch.equal(first.pose, second.pose)


def test_nothing_and_unknown_labels_are_refused() -> None:
    with pytest.raises(PskdError, match="no clips"):
        stack([], CLASSES, SENSOR, POSE)
    with pytest.raises(PskdError, match="wave"):
        stack([make_clip("wave", "01", 1)], ("circle", "still"), SENSOR, POSE)
