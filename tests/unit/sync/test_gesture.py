"""Camera and watch laid over each other, against the performer's truth."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from pskd.performer import BODIES, PerformedTake, Watch, perform_take
from pskd.performer.body import JOINT
from pskd.sync.clockfit import fit_clock
from pskd.sync.gesture import GestureFit, fit_gesture, wrist_in_room


def _fit(take: PerformedTake, offset_s: float, hand: str, **options: object) -> GestureFit | None:
    wrist, elbow = JOINT[f"{hand}_wrist"], JOINT[f"{hand}_elbow"]
    seen = take.landmarks
    host_s = fit_clock(take.device_s, take.arrival_s).to_host(take.device_s)
    return fit_gesture(
        host_s,
        take.acceleration_mps2,
        take.frame_s + offset_s,
        wrist_in_room(seen.world_m, seen.image, seen.visibility, wrist),
        elbow_m=wrist_in_room(seen.world_m, seen.image, seen.visibility, elbow),
        visibility=seen.visibility[:, wrist],
        **options,
    )


@pytest.mark.parametrize(("gesture", "p95_ms"), [("clap", 12.0), ("wave", 14.0)])
def test_one_gesture_gives_the_offset_to_a_fraction_of_a_frame(gesture: str, p95_ms: float) -> None:
    dice = np.random.default_rng(3)
    errors_ms, within = [], []
    for seed in range(7):
        offset_s = dice.uniform(-0.5, 0.5)
        watch = Watch(seed=seed, interval_s=0.0075, drift_ppm=dice.uniform(-100, 100), stalls=0.01)
        script = [("rest", 2.0), (gesture, 3.0), ("rest", 2.0)]
        take = perform_take(script, {"seed": str(seed), "body": str(seed % 8)}, watch=watch, start_s=500 + 10 * seed)
        fit = _fit(take, offset_s, BODIES[seed % 8].dominant)
        assert fit is not None
        assert fit.confidence > 0.3
        clock_s = np.mean(fit_clock(take.device_s, take.arrival_s).to_host(take.device_s) - take.true_s)
        errors_ms.append((fit.offset_s - offset_s + clock_s) * 1e3)
        assert fit.bound_s is not None
        within.append(abs(errors_ms[-1]) <= fit.bound_s * 1e3)
    assert np.mean(within) > 0.7
    assert np.quantile(np.abs(errors_ms), 0.95) < p95_ms
    assert abs(np.mean(errors_ms)) < 6.0


def test_a_still_wrist_gives_no_confidence() -> None:
    fit = _fit(perform_take([("rest", 6.0)]), 0.1, "right")
    assert fit is None or fit.confidence < 0.1


def test_another_movement_gives_no_confidence() -> None:
    watched = perform_take([("rest", 2.0), ("drink", 8.0)], start_s=100.0)
    filmed = perform_take([("rest", 1.0), ("sit_stand", 9.0)], {"seed": "3"}, start_s=100.0)
    wrist = JOINT["right_wrist"]
    fit = fit_gesture(watched.true_s, watched.acceleration_mps2, filmed.frame_s, filmed.landmarks.world_m[:, wrist])
    assert fit is None or fit.confidence < 0.3


def test_frames_without_a_person_and_gaps_are_left_out() -> None:
    take = perform_take([("rest", 2.0), ("clap", 4.0), ("rest", 2.0)], {"seed": "2"})
    wrist = take.landmarks.world_m[:, JOINT["right_wrist"]].copy()
    wrist[20:35] = np.nan
    fit = fit_gesture(take.true_s, take.acceleration_mps2, take.frame_s + 0.2, wrist)
    assert fit is not None
    assert abs(fit.offset_s - 0.2) < 0.03
    assert fit.used_s < 7.6


def test_an_offset_beyond_the_search_has_no_confidence() -> None:
    take = perform_take([("rest", 3.0), ("clap", 3.0), ("rest", 3.0)])
    fit = _fit(take, 0.9, "right", longest_s=0.4)
    assert fit is None or fit.confidence < 0.5 or abs(fit.offset_s - 0.9) > 0.3


def test_too_little_to_compare_gives_nothing() -> None:
    take = perform_take([("clap", 4.0)])
    wrist = take.landmarks.world_m[:, JOINT["right_wrist"]]
    assert fit_gesture(take.true_s, take.acceleration_mps2, take.frame_s + 50.0, wrist) is None
    assert fit_gesture(take.true_s[:3], take.acceleration_mps2[:3], take.frame_s, wrist) is None
    assert fit_gesture(take.true_s, take.acceleration_mps2, take.frame_s, np.full_like(wrist, np.nan)) is None
    assert fit_gesture(take.true_s[:0], take.acceleration_mps2[:0], take.frame_s[:0], wrist[:0]) is None


def test_a_squat_shows_only_where_the_body_moves_in_the_room() -> None:
    take = perform_take([("squat", 12.0)], {"seed": "1"})
    fit = _fit(take, -0.25, "right")
    assert fit is not None
    assert fit.confidence > 0.3
    assert abs(fit.offset_s + 0.25) < 0.04


def test_without_the_elbow_the_offset_is_found_too() -> None:
    take = perform_take([("rest", 2.0), ("clap", 3.0), ("rest", 2.0)], {"seed": "4"})
    wrist = take.landmarks.world_m[:, JOINT["right_wrist"]]
    fit = fit_gesture(take.true_s, take.acceleration_mps2, take.frame_s - 0.1, wrist)
    assert fit is not None
    assert abs(fit.offset_s + 0.1) < 0.02


def test_wrist_in_room_without_a_picture_is_the_wrist() -> None:
    world = np.random.default_rng(0).normal(size=(5, 33, 3)).astype(np.float32)
    path = wrist_in_room(world, np.full((5, 33, 2), np.nan, np.float32), np.ones((5, 33), np.float32), 16)
    np.testing.assert_allclose(path, world[:, 16], rtol=1e-6)


def test_a_fit_is_stored_and_read_again() -> None:
    fit = _fit(perform_take([("rest", 2.0), ("wave", 3.0)]), 0.0, "right")
    assert msgspec.json.decode(msgspec.json.encode(fit), type=GestureFit) == fit
