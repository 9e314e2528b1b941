"""Is one model really better than another? Paired tests over clips and over seeds."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pskd.errors import PskdError
from pskd.evaluation.answers import Answers

FEWEST_SEEDS = 3
"""Two differences that happen to be alike would look certain."""

_ALIKE = 1e-9  # differences of counts differ by more, or by rounding alone
_SIGN_FLIPS = 9999


class ClipComparison(msgspec.Struct):
    """Two models on the same clips (McNemar's exact test).

    Attributes:
        only_first: clips that the first alone had right.
        only_second: clips that the second alone had right.
        difference: accuracy of the first minus that of the second.
        p: two-sided chance of such a split, or a more uneven one, between equally good models, were every clip a trial
            of its own.
        n: clips compared.
        p_grouped: the same, but for clips of one group (a person and a class) that may be right or wrong together; None
            where no groups were named.
    """

    only_first: int
    only_second: int
    difference: float
    p: float
    n: int = 0
    p_grouped: float | None = None


class SeedComparison(msgspec.Struct):
    """Two recipes over the same seeds.

    Attributes:
        seeds: how many.
        mean_difference: first minus second.
        interval: 95 % t interval of the mean difference; None where :attr:`p_t` is.
        p_t: two-sided paired t test; None for fewer than three seeds, and where all have the very same difference, as
            counts of a few clips may: their spread is not known.
        p_wilcoxon: two-sided Wilcoxon signed-rank test; 1 where all differences are nought.
    """

    seeds: int
    mean_difference: float
    interval: tuple[float, float] | None
    p_t: float | None
    p_wilcoxon: float


def compare_clips(
    labels: ArrayLike, first: ArrayLike, second: ArrayLike, groups: Sequence[Hashable] | None = None
) -> ClipComparison:
    """Compare two models' answers on the same clips (McNemar 1947, in its exact form).

    Args:
        labels: ``(N,)`` truth.
        first: ``(N,)`` answers of the first model.
        second: ``(N,)`` answers of the second model.
        groups: N of them, such as person and class. Trials of one person in one class mostly fail together, so
            McNemar's test takes a few habits for many proofs; the signs of whole groups are flipped instead.

    Raises:
        PskdError: lengths differ or there is no clip.
    """
    from scipy.stats import binomtest

    truth, a, b = (np.asarray(values) for values in (labels, first, second))
    if truth.ndim != 1 or len(truth) == 0 or a.shape != truth.shape or b.shape != truth.shape:
        raise PskdError(
            f"Answers of one length are needed, got {truth.shape}, {a.shape} and {b.shape}.", code="compare.input"
        )
    right_a, right_b = a == truth, b == truth
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    p = float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0
    grouped = None if groups is None else _flipped(right_a.astype(float) - right_b, groups)
    return ClipComparison(only_a, only_b, float(right_a.mean() - right_b.mean()), p, len(truth), grouped)


def _flipped(difference: NDArray[np.float64], groups: Sequence[Hashable]) -> float:
    """Two-sided sign-flip test of the sums of groups; deterministic."""
    from scipy.stats import permutation_test

    if len(groups) != len(difference):
        raise PskdError(f"groups: expected {len(difference)}, got {len(groups)}.", code="compare.input")
    sums: dict[Hashable, float] = {}
    for group, value in zip(groups, difference, strict=True):
        sums[group] = sums.get(group, 0.0) + value
    kept = np.array([value for value in sums.values() if value])
    if len(kept) < 2:
        return 1.0
    test = permutation_test(
        (kept,), np.sum, permutation_type="samples", n_resamples=_SIGN_FLIPS, random_state=np.random.default_rng(0)
    )
    return float(test.pvalue)


def compare_answers(first: Answers, second: Answers, rung: str) -> ClipComparison:
    """Compare one rung of two runs on the clips that both judged.

    Args:
        first: of one run.
        second: of the other run.
        rung: such as ``student``.

    Raises:
        PskdError: no clip was judged by both, or one of them is of another class in the other run.
    """
    ours, theirs = (
        {key: c for key, c in zip(a.keys(), a.clips, strict=True) if rung in c.answers} for a in (first, second)
    )
    common = [key for key in ours if key in theirs]
    if not common:
        raise PskdError(
            f"The two runs judged no common clip ({rung}).",
            code="compare.clips",
            hint="Compare runs of one library and protocol.",
        )
    for key in common:
        if ours[key].truth != theirs[key].truth:
            raise PskdError(
                f"The take {key[0]} is {ours[key].truth!r} in one run and {theirs[key].truth!r} in the other.",
                code="compare.labels",
                hint="Its label was changed between the runs; train again.",
            )
    said, other = ([runs[key].answers[rung] for key in common] for runs in (ours, theirs))
    truths = [ours[key].truth for key in common]
    people = [key[0].partition("/")[0] for key in common]
    return compare_clips(truths, said, other, list(zip(people, truths, strict=True)))


def compare_seeds(first: Sequence[float], second: Sequence[float]) -> SeedComparison:
    """Compare two recipes run with the same seeds, pair by pair.

    Args:
        first: one number (such as accuracy) a seed.
        second: the same seeds in the same order.

    Raises:
        PskdError: lengths differ, fewer than two seeds, or numbers that are not finite.
    """
    from scipy import stats

    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape or len(a) < 2 or not np.isfinite([a, b]).all():
        raise PskdError("Two lists of finite numbers over the same two or more seeds are needed.", code="compare.input")
    difference = a - b
    mean = float(difference.mean())
    rank = _wilcoxon(difference) if difference.any() else 1.0
    if len(a) >= FEWEST_SEEDS and not difference.any():
        return SeedComparison(len(a), mean, (0.0, 0.0), 1.0, rank)
    if len(a) < FEWEST_SEEDS or np.ptp(difference) < _ALIKE:
        return SeedComparison(len(a), mean, None, None, rank)
    test = stats.ttest_rel(a, b)
    low, high = test.confidence_interval(0.95)
    return SeedComparison(len(a), mean, (float(low), float(high)), float(test.pvalue), rank)


def _wilcoxon(difference: NDArray[np.float64]) -> float:
    from scipy import stats

    return float(stats.wilcoxon(difference[difference != 0]).pvalue)
