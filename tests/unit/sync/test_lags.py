"""Correlations piece by piece, and peaks between the steps."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.sync.lags import correlation, evidence, lag_sums, left_out_error, peak_of


@settings(max_examples=25, deadline=None)
@given(st.integers(-20, 20), st.integers(1, 5), st.integers(0, 10_000))
def test_the_shift_of_a_curve_is_its_best_lag(shift: int, pieces: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    felt = rng.normal(size=240)
    seen = felt[20 - shift : 220 - shift]  # seen late by the shift
    edges = np.linspace(0, 200, pieces + 1).astype(int)
    whole = np.ones(200, bool), np.ones(240, bool)
    curve = correlation(lag_sums(seen, whole[0], felt, whole[1], edges).sum(axis=0), 50)
    assert int(np.argmax(curve)) - 20 == shift
    np.testing.assert_allclose(curve.max(), 1.0, atol=1e-9)


def test_what_is_masked_does_not_count() -> None:
    rng = np.random.default_rng(1)
    felt = rng.normal(size=140)
    seen = felt[20:120].copy()
    sure = np.ones(100, bool)
    seen[30:50], sure[30:50] = 1e6, False
    sums = lag_sums(seen, sure, felt, np.ones(140, bool), np.array([0, 100]))[0]
    assert sums[0].max() == 80
    np.testing.assert_allclose(correlation(sums, 10)[20], 1.0, atol=1e-9)
    assert np.isnan(correlation(sums, 81)).all()


def test_a_flat_curve_is_like_nothing() -> None:
    sums = lag_sums(np.zeros(50), np.ones(50, bool), np.ones(70), np.ones(70, bool), np.array([0, 50]))[0]
    np.testing.assert_array_equal(correlation(sums, 1), 0.0)


def test_a_peak_is_read_between_the_steps() -> None:
    steps = np.arange(21.0)
    assert peak_of(-((steps - 8.3) ** 2), 0, 20) == 8.3
    assert peak_of(-((steps - 8.3) ** 2), 12, 20) == 11.5  # the edge of what may be looked at, and half a step
    assert peak_of(np.full(21, np.nan), 4, 10) == 7.0
    assert peak_of(steps, 0, 20) == 20.0


def test_evidence_grows_with_likeness_only() -> None:
    values = evidence(np.array([-0.9, 0.0, 0.5, 0.9, 1.0]))
    assert values[0] == values[1] == 0.0
    assert (np.diff(values[1:]) > 0).all()
    assert np.isfinite(values).all()


def test_pieces_that_agree_leave_no_error() -> None:
    assert left_out_error(5, lambda piece: 3.0) == 0.0
    assert left_out_error(4, float) > 1.0
