from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.errors import PskdError
from pskd.evaluation import calibration
from pskd.evaluation.calibration import (
    expected_calibration_error,
    fit_temperature,
    fit_unsure_threshold,
    negative_log_likelihood,
    softmax,
)


def drawn(seed: int, n: int = 3000, k: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose softmax is the true chance of each label, and labels drawn from it."""
    random = np.random.default_rng(seed)
    logits = 1.5 * random.normal(size=(n, k))
    chances = softmax(logits).cumsum(axis=1)
    return logits, (random.random(n)[:, None] > chances[:, :-1]).sum(axis=1)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_that_was_put_in_is_found_again(factor: float) -> None:
    logits, labels = drawn(0)
    assert fit_temperature(factor * logits, labels) == pytest.approx(factor, rel=0.1)


def test_no_other_temperature_is_likelier() -> None:
    logits, labels = drawn(1, n=300)
    best = fit_temperature(logits, labels)
    least = negative_log_likelihood(softmax(logits, best), labels)
    assert all(least <= negative_log_likelihood(softmax(logits, t), labels) + 1e-6 for t in (0.1, 0.5, 1, 2, 5, 20))


def test_a_model_that_is_always_right_keeps_its_own_confidence() -> None:
    assert fit_temperature(10.0 * np.eye(3), [0, 1, 2]) == 1.0


def test_overconfidence_is_measured() -> None:
    logits, labels = drawn(2)
    assert expected_calibration_error(softmax(logits), labels) < 0.03
    assert expected_calibration_error(softmax(5 * logits), labels) > 0.1


def test_calibration_error_of_a_case_worked_out_by_hand() -> None:
    probabilities = [[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]]
    assert expected_calibration_error(probabilities, [0, 1, 0, 0]) == pytest.approx((0.4 + 0.4) / 2)


@settings(deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0.5, 0.9, 0.95, 1.0]))
def test_the_threshold_keeps_the_share_of_right_answers_it_was_asked_for(seed: int, keep: float) -> None:
    logits, labels = drawn(seed, n=101)
    probabilities = softmax(logits)
    threshold = fit_unsure_threshold(probabilities, labels, keep=keep)
    right = probabilities.argmax(axis=1) == labels
    kept = probabilities.max(axis=1) >= threshold
    assert kept[right].mean() >= keep
    assert keep == 1.0 or kept[right].mean() <= keep + 2 / right.sum()


def test_with_no_right_answer_nothing_is_rejected() -> None:
    assert fit_unsure_threshold(np.eye(2), [1, 0]) == 0.0


def test_fit_says_what_it_was_fitted_on() -> None:
    logits, labels = drawn(3)
    found = calibration.fit(3 * logits, labels, fitted_on="subject 07")
    assert (found.n, found.fitted_on) == (len(labels), "subject 07")
    assert found.ece_before is not None and found.ece_after is not None and found.ece_after < found.ece_before


@pytest.mark.parametrize(
    ("values", "labels"),
    [(np.zeros((0, 2)), []), (np.zeros((2, 2)), [0]), (np.full((1, 2), np.inf), [0]), (np.zeros((1, 2)), [2])],
)
def test_bad_values_are_refused(values: np.ndarray, labels: list[int]) -> None:
    with pytest.raises(PskdError):
        fit_temperature(values, labels)


def test_a_share_out_of_range_is_refused() -> None:
    with pytest.raises(PskdError, match="share"):
        fit_unsure_threshold(np.eye(2), [0, 1], keep=0.0)
