from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pskd.errors import WrongUse
from pskd.signals.sensor import (
    CHANNELS,
    SensorPreprocessing,
    channels,
    clip_windows,
    prepare,
    resample,
    window_ends,
)
from pskd.types import GRAVITY_MPS2

SPEC = SensorPreprocessing(rate_hz=50.0, window_samples=100, stride_samples=25)


def moving(count: int, rate_hz: float) -> tuple[np.ndarray, np.ndarray]:
    times = np.arange(count) / rate_hz
    return np.stack([np.sin(3 * times), np.cos(2 * times), times], axis=1).astype(np.float32) * 5, times


def test_a_window_holds_named_rows_in_units_of_g() -> None:
    values = np.tile(np.float32([0, GRAVITY_MPS2, 0]), (100, 1))
    window = prepare(values, np.arange(100) / 50, SPEC)
    assert window.shape == (len(CHANNELS), 100) and window.dtype == np.float32
    np.testing.assert_allclose(window[:3, 50], [0, 1, 0], atol=1e-6)
    np.testing.assert_allclose(window[3:], 0, atol=1e-6)


def test_magnitude_and_change_follow_from_the_axes() -> None:
    values, times = moving(100, 50)
    window = prepare(values, times, SPEC)
    np.testing.assert_allclose(window[3], np.linalg.norm(window[:3], axis=0) - 1, atol=1e-5)
    np.testing.assert_allclose(window[4:, 1:], np.diff(window[:3], axis=1) * 2, atol=1e-5)
    assert (window[4:, 0] == 0).all()


def test_a_short_clip_is_held_at_both_edges_and_lies_in_the_middle() -> None:
    values, times = moving(40, 50)
    (window,) = clip_windows(values, times, SPEC)
    x = window[0] * GRAVITY_MPS2
    np.testing.assert_allclose(x[:30], values[0, 0], atol=1e-4)
    np.testing.assert_allclose(x[70:], values[-1, 0], atol=1e-4)
    np.testing.assert_allclose(x[30:70], values[:, 0], atol=1e-4)


def test_a_long_clip_gives_windows_that_cover_it_evenly() -> None:
    ends = window_ends(0.0, 4.0, SPEC)
    assert ends[0] == pytest.approx(1.98) and ends[-1] == pytest.approx(4.0)
    assert np.diff(ends).max() <= 0.5 + 1e-9
    values, times = moving(201, 50)
    windows = clip_windows(values, times, SPEC)
    assert windows.shape == (len(ends), 7, 100)
    np.testing.assert_array_equal(windows, [prepare(values, times, SPEC, end_s=float(end)) for end in ends])


def test_live_sees_the_same_window_from_the_newest_samples_only() -> None:
    values, times = moving(1000, 50)
    late = prepare(values[-140:], times[-140:], SPEC)
    np.testing.assert_allclose(prepare(values, times, SPEC), late, atol=1e-6)


def test_the_clock_origin_does_not_matter() -> None:
    values, times = moving(150, 50)
    np.testing.assert_allclose(prepare(values, times, SPEC), prepare(values, times + 86_400.0, SPEC), atol=1e-5)


@pytest.mark.parametrize("rate_hz", [25.0, 31.0, 100.0, 200.0])
def test_other_rates_give_nearly_the_same_window(rate_hz: float) -> None:
    slow, fast = moving(200, 50), moving(int(4 * rate_hz), rate_hz)
    end = 3.0
    np.testing.assert_allclose(prepare(*slow, SPEC, end_s=end)[:3], prepare(*fast, SPEC, end_s=end)[:3], atol=0.02)


def test_a_fast_source_is_averaged_so_that_it_does_not_alias() -> None:
    times = np.arange(2000) / 500
    buzz = np.zeros((2000, 3), np.float32)
    buzz[:, 0] = np.sin(2 * np.pi * 49 * times) * GRAVITY_MPS2
    assert np.abs(prepare(buzz, times, SPEC)[0]).max() < 0.1


def test_a_long_gap_is_held_and_a_short_one_bridged() -> None:
    times = np.array([0.0, 0.02, 1.5, 1.52])
    values = np.zeros((4, 3), np.float32)
    values[2:] = GRAVITY_MPS2
    held = prepare(values, times, SPEC, end_s=1.52)[0]
    assert held[-3] == pytest.approx(0, abs=1e-3) and held[-1] == pytest.approx(1)
    bridged = prepare(values, times, msgspec.structs.replace(SPEC, max_gap_s=2.0), end_s=1.52)[0]
    assert 0.4 < bridged[-38] < 0.6


def test_values_that_are_not_finite_and_times_that_run_back_are_left_out() -> None:
    values, times = moving(150, 50)
    spoilt, wrong = values.copy(), times.copy()
    spoilt[70] = np.nan
    wrong[90] = wrong[80]
    window = prepare(spoilt, wrong, SPEC)
    assert np.isfinite(window).all()
    np.testing.assert_allclose(window, prepare(values, times, SPEC), atol=0.2)


def test_one_sample_is_enough_and_none_is_not() -> None:
    assert prepare(np.ones((1, 3), np.float32), np.zeros(1), SPEC).shape == (7, 100)
    with pytest.raises(WrongUse, match="no usable"):
        prepare(np.zeros((0, 3), np.float32), np.zeros(0), SPEC)
    with pytest.raises(WrongUse, match="no usable"):
        prepare(np.full((4, 3), np.nan, np.float32), np.arange(4.0), SPEC)


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(WrongUse, match="values_mps2"):
        prepare(np.zeros((5, 2), np.float32), np.arange(5.0), SPEC)
    with pytest.raises(WrongUse, match="acceleration"):
        channels(np.zeros((5, 4)), SPEC)


def test_resampling_a_clip_at_its_own_rate_changes_nothing() -> None:
    values, times = moving(77, 50)
    np.testing.assert_allclose(resample(values, times, SPEC) * GRAVITY_MPS2, values, atol=1e-4)


@pytest.mark.parametrize("bad", [{"rate_hz": 0}, {"window_samples": 10**9}, {"channels": ["x"]}, {"scale_mps2": -1.0}])
def test_hostile_settings_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, SensorPreprocessing)


@settings(max_examples=50, deadline=None)
@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 60), st.just(3)), elements=st.floats(-500, 500, width=32)),
    st.floats(1, 400),
    st.floats(-1e5, 1e5),
)
def test_any_finite_stream_gives_a_finite_window(values: np.ndarray, rate_hz: float, start_s: float) -> None:
    window = prepare(values, start_s + np.arange(len(values)) / rate_hz, SPEC)
    assert window.shape == (7, 100) and np.isfinite(window).all()
    assert np.abs(window[:3]).max() <= np.abs(values).max() / GRAVITY_MPS2 + 1e-3
