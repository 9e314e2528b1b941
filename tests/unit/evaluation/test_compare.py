from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pskd.errors import PskdError
from pskd.evaluation.answers import Answers, ClipAnswer
from pskd.evaluation.compare import compare_answers, compare_clips, compare_seeds


def test_mcnemar_counts_only_the_clips_that_divide_the_models() -> None:
    labels = np.zeros(20, dtype=int)
    first = np.array([0] * 18 + [1] * 2)
    second = np.array([0] * 10 + [1] * 8 + [0] * 2)
    found = compare_clips(labels, first, second)
    assert (found.only_first, found.only_second) == (8, 2)
    assert found.difference == pytest.approx(0.3)
    assert found.p == pytest.approx(2 * sum(stats.binom.pmf(k, 10, 0.5) for k in range(3)))


def test_equal_answers_differ_by_nothing() -> None:
    found = compare_clips([0, 1], [0, 0], [0, 0])
    assert (found.difference, found.p) == (0.0, 1.0)


def test_seeds_are_compared_pair_by_pair() -> None:
    first, second = [0.91, 0.93, 0.90, 0.94, 0.92], [0.90, 0.915, 0.895, 0.93, 0.90]
    found = compare_seeds(first, second)
    assert found.seeds == 5
    assert found.mean_difference == pytest.approx(0.012)
    assert found.p_t == pytest.approx(stats.ttest_rel(first, second).pvalue)
    assert found.interval[0] < found.mean_difference < found.interval[1]
    assert found.p_wilcoxon == pytest.approx(2 / 2**5)


def test_the_same_numbers_twice_show_no_difference() -> None:
    found = compare_seeds([0.9, 0.91, 0.92], [0.9, 0.91, 0.92])
    assert (found.mean_difference, found.p_t, found.p_wilcoxon) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize(("first", "second"), [([0.9], [0.8]), ([0.9, 0.8], [0.7]), ([0.9, float("nan")], [0.8, 0.7])])
def test_seeds_that_do_not_pair_are_refused(first: list[float], second: list[float]) -> None:
    with pytest.raises(PskdError):
        compare_seeds(first, second)


def test_answers_that_do_not_pair_are_refused() -> None:
    with pytest.raises(PskdError):
        compare_clips([0, 1], [0], [0, 1])


def said(*answers: str, truth: str = "wave", take: str = "take-1") -> Answers:
    return Answers(clips=[ClipAnswer(take, 1, truth, {"student": answer}) for answer in answers])


def test_two_runs_are_compared_on_the_clips_that_both_judged() -> None:
    first, second = said("wave", "wave", "clap", "wave"), said("clap", "wave", "wave")
    second.clips += said("wave", take="take-2").clips
    found = compare_answers(first, second, "student")
    assert (found.n, found.only_first, found.only_second, found.difference) == (3, 1, 1, 0.0)


def test_clips_of_one_group_are_not_proof_upon_proof() -> None:
    groups = [person for person in "abcde" for _ in range(8)]
    first, second = np.ones(40), np.array([0.0] * 16 + [1.0] * 24)  # two groups wholly lost, the rest alike
    alone = compare_clips(np.ones(40), first, second)
    together = compare_clips(np.ones(40), first, second, groups)
    assert alone.p < 0.001 and alone.p_grouped is None
    assert together.p == alone.p and together.p_grouped == pytest.approx(0.5)
    every = compare_clips(np.ones(40), first, np.zeros(40), list(range(40)))
    assert every.p_grouped is not None and every.p_grouped < 0.001
    assert compare_clips(np.ones(40), first, first, groups).p_grouped == 1.0
    with pytest.raises(PskdError, match="groups: expected 40, got 2"):
        compare_clips(np.ones(40), first, second, "ab")


@pytest.mark.parametrize("gains", [[2, 2], [2, 3], [2, 2, 2]])
def test_a_spread_that_is_not_known_proves_nothing(gains: list[int]) -> None:
    found = compare_seeds([(380 + gain) / 430 for gain in gains], [380 / 430] * len(gains))
    assert found.p_t is None and found.interval is None and found.mean_difference > 0


def test_runs_without_a_common_clip_or_with_other_labels_are_refused() -> None:
    with pytest.raises(PskdError, match="no common clip"):
        compare_answers(said("wave"), said("wave", take="take-2"), "student")
    with pytest.raises(PskdError, match="no common clip"):
        compare_answers(said("wave"), said("wave"), "skeleton")
    with pytest.raises(PskdError, match="is 'wave' in one run and 'clap' in the other"):
        compare_answers(said("wave"), said("wave", truth="clap"), "student")
