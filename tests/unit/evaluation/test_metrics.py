from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score

from pskd.errors import PskdError
from pskd.evaluation.metrics import on_classes, score, wilson_interval

CLASSES = ["walk", "run", "rest"]


def test_the_numbers_of_a_case_worked_out_by_hand() -> None:
    labels = [0, 0, 0, 1, 1, 2]
    answers = [0, 0, 1, 1, 0, 2]
    found = score(labels, 9.0 * np.eye(3)[answers], CLASSES, subjects=["a", "a", "a", "b", "b", "b"], parameters=7)
    assert found.accuracy == pytest.approx(4 / 6)
    assert found.confusion == [[2, 1, 0], [1, 1, 0], [0, 0, 1]]  # row = truth
    assert [c.recall for c in found.per_class] == pytest.approx([2 / 3, 1 / 2, 1])
    assert [c.precision for c in found.per_class] == pytest.approx([2 / 3, 1 / 2, 1])
    assert found.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert found.balanced_accuracy == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert found.by_subject == pytest.approx({"a": 2 / 3, "b": 2 / 3})
    assert found.clips_by_subject == {"a": 3, "b": 3}
    assert (found.n, found.parameters) == (6, 7)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 60))
def test_macro_f1_and_balanced_accuracy_are_those_of_scikit_learn(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, n)
    logits = random.normal(size=(n, 3)) + 2 * np.eye(3)[labels]
    found = score(labels, logits, CLASSES)
    answers = logits.argmax(axis=1)
    assert found.macro_f1 == pytest.approx(f1_score(labels, answers, average="macro", zero_division=0.0))
    if set(answers) <= set(labels) and len(set(labels)) > 1:  # scikit-learn warns of the others
        assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, answers))
    assert found.interval[0] <= found.accuracy <= found.interval[1]


def test_a_class_that_never_occurs_does_not_pull_the_mean_down() -> None:
    found = score([0, 1], 9.0 * np.eye(3)[[0, 1]], CLASSES)
    assert found.macro_f1 == found.balanced_accuracy == 1.0
    assert found.per_class[2].support == 0


def test_probabilities_and_logits_give_the_same_numbers() -> None:
    logits = np.log([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3]])
    from_logits = score([0, 2], logits, CLASSES)
    from_probabilities = score([0, 2], np.exp(logits), CLASSES)
    assert from_probabilities.nll == pytest.approx(from_logits.nll)
    assert from_probabilities.ece == pytest.approx(from_logits.ece)
    assert from_logits.nll == pytest.approx(-(np.log(0.7) + np.log(0.3)) / 2)


def test_the_temperature_changes_confidence_but_no_answer() -> None:
    logits = np.array([[4.0, 0.0, 0.0], [0.0, 1.0, 3.0]])
    sharp, flat = score([0, 1], logits, CLASSES), score([0, 1], logits, CLASSES, temperature=10.0)
    assert sharp.confusion == flat.confusion
    assert sharp.nll != flat.nll


def test_wilson_interval_of_all_right_is_not_a_point() -> None:
    low, high = wilson_interval(20, 20)
    assert high == pytest.approx(1.0)
    assert low == pytest.approx(0.8389, abs=1e-3)


@pytest.mark.parametrize(
    ("labels", "logits", "said"),
    [
        ([], np.zeros((0, 3)), "at least one clip"),
        ([0, 1], np.zeros((3, 3)), "logits must be"),
        ([0, 3], np.zeros((2, 3)), "from 0 to 2"),
        ([0.5, 1.0], np.zeros((2, 3)), "whole numbers"),
        ([0, 1], np.array([[np.nan, 0, 0], [0, 0, 0]]), "not finite"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_one_line(labels: list[float], logits: np.ndarray, said: str) -> None:
    with pytest.raises(PskdError, match=said) as caught:
        score(labels, logits, CLASSES)
    assert "\n" not in str(caught.value)


def test_subjects_must_fit_the_clips() -> None:
    with pytest.raises(PskdError, match="2 clips and 1 subjects"):
        score([0, 1], np.eye(3)[:2], CLASSES, subjects=["a"])


def test_some_classes_are_judged_while_all_could_be_answered() -> None:
    labels, answers = np.array([0, 0, 1, 2]), np.array([0, 2, 1, 2])
    found = score(labels, np.eye(3)[answers], ("a", "b", "c"))
    assert on_classes(found, ("a", "b", "c"), ("a", "b")) == (pytest.approx(2 / 3), 3)
    assert on_classes(found, ("a", "b", "c"), ()) == (0.0, 0)
