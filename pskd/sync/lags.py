"""How alike two curves are at every lag, piece by piece, so that leaving pieces out tells how sure the lag is."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pskd.types import TimeArray

Mask = NDArray[np.bool_]
Sums = NDArray[np.float64]


def lag_sums(seen: TimeArray, sure: Mask, felt: TimeArray, there: Mask, edges: NDArray[np.intp]) -> Sums:
    """The sums that a correlation is made of, for every piece and lag.

    Args:
        seen: ``(N,)`` the earlier grid.
        sure: ``(N,)`` which of it counts.
        felt: ``(N + 2 R,)`` a grid that reaches ``R`` steps further on both sides.
        there: which of it counts.
        edges: ``(K + 1,)`` where the pieces of ``seen`` begin, and the end.

    Returns:
        ``(K, 6, 2 R + 1)``: number, sums of a, b, a a, b b and a b; the first lag is ``-R`` steps, at which ``seen``
        is early.
    """
    reach = (len(felt) - len(seen)) // 2
    a_mask, b_mask = sure.astype(np.float64), there.astype(np.float64)
    a, b = seen * a_mask, felt * b_mask
    pieces = []
    for first, last in pairwise(edges.tolist()):
        near, far = slice(first, last), slice(first, last + 2 * reach)
        pairs = (
            (a_mask, b_mask), (a, b_mask), (a_mask, b), (a * a, b_mask), (a_mask, b * b), (a, b),
        )  # fmt: skip
        # A later stamp of the camera looks earlier into the watch: lags run against the places.
        pieces.append(np.stack([np.correlate(right[far], left[near], mode="valid")[::-1] for left, right in pairs]))
    return np.stack(pieces)


def correlation(sums: Sums, least: float) -> TimeArray:
    """Pearson's correlation at each lag ``(..., 6, L)`` to ``(..., L)``; NaN where fewer than ``least`` overlap."""
    n, a, b, aa, bb, ab = np.moveaxis(sums, -2, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.sqrt(np.maximum(aa - a * a / n, 0.0) * np.maximum(bb - b * b / n, 0.0))
        value = np.where(size > 1e-9, (ab - a * b / n) / size, 0.0)
    return np.where(n >= least, value, np.nan)


def evidence(correlation: TimeArray) -> TimeArray:
    """What a correlation is worth: the logarithm of the likelihood ratio of a shared cause, in a sample."""
    return -np.log1p(-(np.clip(correlation, 0.0, 0.999) ** 2))


def peak_of(scores: TimeArray, first: int, last: int) -> float:
    """Where between ``first`` and ``last`` (included) the scores are highest, read between the steps by a parabola.

    Where none of them is a number nothing is known: then the middle.
    """
    if not np.isfinite(scores[first : last + 1]).any():
        return 0.5 * (first + last)
    best = first + int(np.nanargmax(scores[first : last + 1]))
    if not 0 < best < len(scores) - 1:
        return float(best)
    left, middle, right = scores[best - 1 : best + 2]
    bend = left - 2.0 * middle + right
    if not np.isfinite(bend) or bend >= 0:
        return float(best)
    return best + float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5))


def left_out_error(count: int, peak_without: Callable[[int], float]) -> float:
    """The jackknife's standard error of a peak (Quenouille 1956, Tukey 1958).

    Args:
        count: number of pieces.
        peak_without: the peak when one piece is left out.

    Returns:
        in the peak's unit.
    """
    peaks = np.array([peak_without(piece) for piece in range(count)])
    return float(np.sqrt((count - 1) / count * ((peaks - peaks.mean()) ** 2).sum()))
