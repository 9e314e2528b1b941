from __future__ import annotations

import msgspec
import numpy as np
import pytest
from made_clips import STANDING

from pskd.signals.augment import Augmentation, change_pose, change_sensor, gather, random_views, rotations
from pskd.signals.pose import PARENTS
from pskd.skeleton import CANONICAL

STRONG = Augmentation(speed=0.5, warp=0.9, shift=1.0)
NOTHING = Augmentation(**dict.fromkeys(Augmentation.__struct_fields__, 0.0))


def random() -> np.random.Generator:
    return np.random.default_rng(5)


def test_no_augmentation_gives_the_centred_clip_itself() -> None:
    view = random_views(np.array([3.0, 1.0]), 2.0, NOTHING, random())
    times = view.times_s(101, 50, 2.0)
    np.testing.assert_allclose(times[:, [0, -1]], [[0.5, 2.5], [-0.5, 1.5]])


def test_time_never_runs_backwards() -> None:
    view = random_views(np.full(500, 3.0), 2.0, STRONG, random())
    assert (np.diff(view.times_s(101, 50, 2.0), axis=1) > 0).all()


def test_both_modalities_look_at_the_same_moments() -> None:
    view = random_views(np.full(8, 3.0), 2.0, STRONG, random())
    fine, coarse = view.times_s(101, 50, 2.0), view.times_s(21, 10, 2.0)
    np.testing.assert_allclose(fine[:, ::5], coarse, atol=1e-9)


def test_a_shifted_view_stays_with_its_clip() -> None:
    durations = np.array([3.0] * 200 + [1.0] * 200)
    view = random_views(durations, 2.0, Augmentation(speed=0.0, warp=0.0), random())
    ends = view.start_s + 2.0
    long, short = slice(0, 200), slice(200, 400)
    assert (view.start_s[long] >= -1e-9).all() and (ends[long] <= 3 + 1e-9).all()
    assert (view.start_s[short] <= 1e-9).all() and (ends[short] >= 1 - 1e-9).all()


def test_gathering_reads_between_samples_and_holds_edges() -> None:
    flat = np.arange(10, dtype=np.float32)[:, None]
    found = gather(flat, np.array([0, 4]), np.array([4, 6]), np.array([[-3.0, 0.5, 99.0]] * 2))
    np.testing.assert_allclose(found[..., 0], [[0, 0.5, 3], [4, 4.5, 9]])
    assert gather(flat, np.array([7]), np.array([1]), np.array([[0.0, 5.0]])).tolist() == [[[7], [7]]]


def test_rotations_keep_lengths_and_angles() -> None:
    turns = rotations(50, 30.0, random())
    np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1), np.tile(np.eye(3), (50, 1, 1)), atol=1e-9)
    np.testing.assert_allclose(np.linalg.det(turns), 1)


def test_another_mounting_keeps_the_magnitude() -> None:
    values = random().standard_normal((6, 40, 3)).astype(np.float32)
    turned = change_sensor(values, msgspec.structs.replace(NOTHING, rotation_deg=40.0), random())
    np.testing.assert_allclose(np.linalg.norm(turned, axis=2), np.linalg.norm(values, axis=2), rtol=1e-4)
    assert np.abs(turned - values).max() > 0.1


def test_nothing_changes_where_nothing_is_asked() -> None:
    values = random().standard_normal((6, 40, 3)).astype(np.float32)
    np.testing.assert_allclose(change_sensor(values, NOTHING, random()), values, atol=1e-6)
    body, seen = change_pose(body_of(6), np.ones((6, 8, 15), np.float32), NOTHING, random())
    np.testing.assert_allclose(body, body_of(6), atol=1e-6)
    assert seen.all()


def body_of(count: int) -> np.ndarray:
    return np.tile(STANDING - STANDING[2], (count, 8, 1, 1)).astype(np.float32)


def test_other_bodies_have_other_bones_that_stay_the_same_over_time_and_side() -> None:
    body, _ = change_pose(body_of(20), np.ones((20, 8, 15)), msgspec.structs.replace(NOTHING, bone=0.2), random())
    length = np.linalg.norm(body - body[:, :, PARENTS], axis=3)
    np.testing.assert_allclose(length, np.repeat(length[:, :1], 8, axis=1), rtol=1e-4)
    left, right = CANONICAL.index("left_elbow"), CANONICAL.index("right_elbow")
    np.testing.assert_allclose(length[..., left], length[..., right], rtol=1e-4)
    assert length[:, 0, left].std() > 0.01


def test_mirroring_exchanges_the_sides() -> None:
    body = body_of(1)
    body[..., CANONICAL.index("right_wrist"), 1] += 0.5
    mirrored, _ = change_pose(body, np.ones((1, 8, 15)), msgspec.structs.replace(NOTHING, mirror=1.0), random())
    left, right = CANONICAL.index("left_wrist"), CANONICAL.index("right_wrist")
    np.testing.assert_allclose(mirrored[..., left, 1], body[..., right, 1], atol=1e-6)
    np.testing.assert_allclose(mirrored[..., left, 0], -body[..., right, 0], atol=1e-6)


def test_dropped_joints_are_hidden_for_the_whole_window() -> None:
    _, seen = change_pose(body_of(40), np.ones((40, 8, 15)), msgspec.structs.replace(NOTHING, joint_drop=0.5), random())
    assert set(seen.mean(axis=1).ravel()) == {0.0, 1.0}


def test_the_same_seed_gives_the_same_views() -> None:
    first, second = (change_sensor(np.ones((2, 9, 3), np.float32), STRONG, random()) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("bad", [{"warp": 1.5}, {"jitter_g": -1}, {"speed": float("nan")}, {"colour": 1}])
def test_hostile_settings_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, Augmentation)
