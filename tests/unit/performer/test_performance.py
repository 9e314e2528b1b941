"""The simulated performer: deterministic, physical, varied."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.errors import WrongUse
from pskd.performer import BODIES, Performance, activity_names, perform_take
from pskd.performer.body import JOINT
from pskd.performer.performance import STEP_S, TRANSITION_S
from pskd.skeleton import MEDIAPIPE_33
from pskd.types import GRAVITY_MPS2

T = 5000.0 + np.arange(0.0, 6.0, 0.02)


def test_there_are_at_least_a_dozen_activities_and_several_bodies() -> None:
    assert len(activity_names()) >= 12
    assert len(BODIES) >= 4
    assert {body.dominant for body in BODIES} == {"left", "right"}


def test_two_processes_show_the_same_person() -> None:
    code = (
        "import numpy as np; from pskd.performer import Performance\n"
        "p = Performance('walk', {'seed': '7', 'body': '2'}); p.perform('my own gesture', 5002.0)\n"
        "t = 5000.0 + np.arange(0.0, 4.0, 0.5)\n"
        "print(p.landmarks(t).world_m.tobytes().hex(), p.acceleration(t).tobytes().hex())\n"
    )
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_what_is_shown_does_not_depend_on_how_it_is_asked_for() -> None:
    person = Performance("punch", {"seed": "1"})
    person.perform("squat", 5003.0)
    whole = person.landmarks(T).world_m
    pieces = np.concatenate([person.landmarks(part).world_m for part in np.array_split(T, 11)])
    np.testing.assert_allclose(whole, pieces, atol=1e-6)


@pytest.mark.parametrize("name", activity_names())
def test_bones_keep_their_length_and_feet_stay_on_the_floor(name: str) -> None:
    joints = Performance(name).posture(T).joints
    for a, b in (("left_hip", "left_knee"), ("right_elbow", "right_wrist"), ("left_shoulder", "left_elbow")):
        length = np.linalg.norm(joints[:, JOINT[a]] - joints[:, JOINT[b]], axis=-1)
        assert np.ptp(length) < 1e-9
    lowest = joints[:, [JOINT["left_ankle"], JOINT["right_ankle"]], 1].min(axis=1)
    assert lowest.min() > 0.0
    assert lowest.max() < 0.30


def test_world_landmarks_are_as_mediapipe_gives_them() -> None:
    pose = Performance("rest").pose(T)
    hips = pose[:, [JOINT["left_hip"], JOINT["right_hip"]]].mean(axis=1)
    np.testing.assert_allclose(hips, 0.0, atol=1e-12)
    up = np.array(MEDIAPIPE_33.up)
    assert ((pose[:, JOINT["nose"]] - pose[:, JOINT["left_ankle"]]) @ up > 1.2).all()
    assert (pose[:, JOINT["left_shoulder"], 0] > pose[:, JOINT["right_shoulder"], 0]).all()
    assert (pose[:, JOINT["nose"], 2] < pose[:, JOINT["left_ear"], 2]).all()


@pytest.mark.parametrize("name", ["walk", "throw", "jumping_jack"])
def test_acceleration_is_the_second_derivative_of_the_wrist_plus_gravity(name: str) -> None:
    person = Performance(name, {"seed": "4"})
    fine = 5000.0 + np.arange(0.0, 3.0, STEP_S)
    path = person.wrist(fine)
    force = (path[:-2] - 2 * path[1:-1] + path[2:]) / STEP_S**2 + GRAVITY_MPS2 * np.array(MEDIAPIPE_33.up)
    felt = person.acceleration(fine[1:-1])
    np.testing.assert_allclose(np.linalg.norm(felt, axis=1), np.linalg.norm(force, axis=1), atol=1e-3)


def test_turning_is_that_of_the_sensor_frame() -> None:
    person = Performance("arm_circle")
    fine = 5000.0 + np.arange(0.0, 2.0, 0.002)
    frames = person.posture(fine).forearms[person.style.hand] @ person._mount
    turned = np.linalg.norm(np.gradient(frames, 0.002, axis=0), axis=(1, 2)) / np.sqrt(2)
    turning = np.radians(np.linalg.norm(person.motion(fine).turning_dps, axis=1))
    np.testing.assert_allclose(turning[5:-5], turned[5:-5], rtol=0.01, atol=0.005)


def test_gravity_is_felt_at_rest() -> None:
    felt = np.linalg.norm(Performance("rest").acceleration(T), axis=1)
    assert abs(felt.mean() - GRAVITY_MPS2) < 0.05
    assert felt.std() < 0.2


@pytest.mark.parametrize("name", [name for name in activity_names() if name not in ("rest", "phone_call")])
def test_activities_move_the_wrist_and_nothing_tears_it_off(name: str) -> None:
    felt = np.linalg.norm(Performance(name).acceleration(T), axis=1)
    assert felt.std() > 0.2
    assert felt.max() < 120.0


def test_activities_change_over_within_half_a_second_without_a_jump() -> None:
    person = Performance("rest")
    person.perform("jumping_jack", 5003.0)
    still = Performance("rest")
    before, after = T < 5003.0, T > 5003.0 + 0.5
    np.testing.assert_allclose(person.pose(T[before]), still.pose(T[before]))
    assert TRANSITION_S < 0.5
    settled = Performance("rest")
    settled.perform("jumping_jack", 5003.0)
    assert np.abs(settled.pose(T[after]) - still.pose(T[after])).max() > 0.2
    fine = 5002.9 + np.arange(0.0, 0.7, 0.002)
    assert np.abs(np.diff(person.wrist(fine), axis=0)).max() < 0.03


def test_repetitions_differ_but_a_machine_repeats_itself() -> None:
    lively, machine = Performance("squat"), Performance("squat", {"vary": "0"})
    period_s = 2.7 / machine.style.speed
    once, again = T[:100], T[:100] + period_s

    def difference(person: Performance) -> float:
        wrist = JOINT["right_wrist"]
        return float(np.abs(person.pose(once)[:, wrist] - person.pose(again)[:, wrist]).max())

    assert difference(lively) > 2 * difference(machine)


def test_seeds_bodies_and_styles_change_the_performance() -> None:
    shown = [
        Performance("wave", options).pose(T)
        for options in ({}, {"seed": "1"}, {"body": "emil"}, {"speed": "1.5"}, {"amplitude": "0.5"}, {"view": "40"})
    ]
    for other in shown[1:]:
        assert np.abs(other - shown[0]).max() > 0.02


def test_left_handers_use_the_left_and_wear_the_watch_there() -> None:
    person = Performance("wave", {"body": "dora"})
    pose = person.pose(T)
    assert person.style.hand == "left"
    assert np.ptp(pose[:, JOINT["left_wrist"], 0]) > 3 * np.ptp(pose[:, JOINT["right_wrist"], 0])


def test_landmarks_are_noisy_seen_and_sometimes_hidden() -> None:
    person = Performance("march", {"seed": "5"})
    long = 5000.0 + np.arange(0.0, 60.0, 1 / 30)
    seen = person.landmarks(long)
    assert seen.world_m.shape == (len(long), 33, 3)
    assert seen.world_m.dtype == seen.image.dtype == seen.visibility.dtype == np.float32
    error = np.abs(seen.world_m - person.pose(long))
    assert 0.001 < np.median(error) < 0.02
    assert ((seen.image > 0) & (seen.image < 1)).mean() > 0.97
    assert 0.0 < (seen.visibility < 0.5).mean() < 0.2
    clean = Performance("march", {"seed": "5", "noise": "0"}).landmarks(long)
    np.testing.assert_allclose(clean.world_m, person.pose(long), atol=1e-5)


def test_a_class_that_nobody_knows_becomes_a_gesture_of_its_own() -> None:
    poses = []
    for label in ("Kneten", "swipe left", "rest"):
        person = Performance()
        person.perform(label, 4000.0)
        poses.append(person.pose(T))
        assert person.label_at(T[:1]) == [label]
    assert all(np.abs(a - b).max() > 0.1 for a, b in ((poses[0], poses[1]), (poses[1], poses[2])))


def test_the_medley_shows_one_after_another_and_knows_which() -> None:
    person = Performance("medley", {"every": "4"})
    labels = person.label_at(5000.0 + np.arange(0.0, 8.0 * len(activity_names()), 1.0))
    assert set(labels) == set(activity_names())
    person.perform("squat", 5010.0)
    assert person.label_at(np.array([5011.0, 5100.0])) == ["squat", "squat"]


def test_segments_are_the_truth() -> None:
    take = perform_take([("rest", 2.0), ("clap", 3.0), ("rest", 1.0)], {"seed": "2"})
    assert [(s.start_s, s.end_s, s.label) for s in take.segments] == [
        (0.0, 2.0, "rest"),
        (2.0, 5.0, "clap"),
        (5.0, 6.0, "rest"),
    ]
    assert take.acceleration_mps2.shape == (len(take.true_s), 3) == take.turning_dps.shape
    assert len(take.frame_s) == 180
    assert ((take.arrival_s > take.true_s) & (take.arrival_s < take.true_s + 0.5)).all()


@pytest.mark.parametrize(
    ("activity", "options"),
    [
        ("sqaut", {}),
        ("squat", {"seed": "x"}),
        ("squat", {"body": "99"}),
        ("", {"hand": "foot"}),
        ("", {"speed": "nan"}),
    ],
)
def test_slips_are_refused_with_what_there_is(activity: str, options: dict[str, str]) -> None:
    with pytest.raises(WrongUse):
        Performance(activity, options)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=12), st.floats(0.0, 1e5)), max_size=6),
    st.lists(st.floats(0.0, 1e6), min_size=1, max_size=5),
)
def test_any_orders_at_any_time_give_finite_poses(orders: list[tuple[str, float]], times: list[float]) -> None:
    person = Performance()
    for label, t_s in orders:
        person.perform(label, t_s)
    t = np.array(times)
    assert np.isfinite(person.landmarks(t).world_m).all()
    assert np.isfinite(person.acceleration(t)).all()
    assert len(person.label_at(t)) == len(times)
