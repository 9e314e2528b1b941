"""What is left between camera and watch: one movement seen by both, laid over each other.

The curves of :mod:`pskd.sync.traces` are correlated at every lag. What each correlation is worth as evidence is added
up; the much smoothed curves say where about to look, the little smoothed ones where exactly, as far as they agree at
all. The best lag is read between the steps from a parabola, and its error from leaving out one piece after another.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.sync.lags import Sums, correlation, evidence, lag_sums, left_out_error, peak_of
from pskd.sync.traces import (
    COARSE_S,
    FINE_S,
    GRID_HZ,
    SEEN,
    CameraTrace,
    WatchTrace,
    camera_trace,
    grid_between,
    watch_trace,
    wrist_in_room,
)
from pskd.types import FloatArray, TimeArray

__all__ = ["GestureFit", "fit_gesture", "wrist_in_room"]

LONGEST_S = 1.0
SHORTEST_S = 1.5
NEAR_S = 0.12
STILL_MPS2 = 0.35
PIECE_S = 0.4
MOST_PIECES = 24
ALONG_SHARE = 0.5
LEAST_S = 0.9
LEAST_SHARE = 0.4
FLOOR_SHARE = 0.1  # of a frame's time: what smoothing and joining frames by straight lines may shift


class GestureFit(msgspec.Struct, frozen=True, kw_only=True):
    """By how much the camera is behind the watch, in a form that ``sync.json`` keeps.

    Attributes:
        offset_s: camera stamp minus watch stamp of the same moment; taken off the camera's stamps it brings both
            together.
        confidence: 0 to 1: how alike the two are, how much moved, and how far the best lag stands out from the rest.
        correlation: at the best lag, -1 to 1.
        rival: the next best correlation at a lag that is clearly another one.
        movement_mps2: standard deviation of the smoothed ``|a|``; a still wrist aligns with anything.
        used_s: how long both were there.
        searched_s: the largest lag tried, either way.
        bound_s: about nineteen times in twenty the error is less than this; None where that cannot be told.
    """

    offset_s: float
    confidence: float
    correlation: float
    rival: float
    movement_mps2: float
    used_s: float
    searched_s: float
    bound_s: float | None = None


def fit_gesture(
    acceleration_times_s: TimeArray,
    acceleration_mps2: FloatArray,
    pose_times_s: TimeArray,
    wrist_m: FloatArray | TimeArray,
    *,
    elbow_m: FloatArray | TimeArray | None = None,
    visibility: FloatArray | None = None,
    up: tuple[float, float, float] = (0.0, -1.0, 0.0),
    longest_s: float = LONGEST_S,
) -> GestureFit | None:
    """Find the offset between a watch and a camera.

    Args:
        acceleration_times_s: ``(T,)`` seconds, increasing, on the host's clock (after the clock fit).
        acceleration_mps2: ``(T, 3)`` with gravity.
        pose_times_s: ``(F,)`` seconds, increasing, same clock.
        wrist_m: ``(F, 3)`` metres, the wrist that wears the watch; rows may be NaN.
        elbow_m: ``(F, 3)`` metres, the elbow of that arm; rows may be NaN. Without it the offset is less exact.
        visibility: ``(F,)`` of that wrist; where it is under 0.5 the frame is not used.
        up: the unit vector that points up in the landmarks' world (``PoseLayout.up``).
        longest_s: the largest offset looked for, either way.

    Returns:
        None where the two do not overlap for long enough, or one of them is too sparse.
    """
    good = _seen(pose_times_s, wrist_m, elbow_m, visibility)
    times = np.asarray(pose_times_s, dtype=np.float64)[good]
    watch_t = np.asarray(acceleration_times_s, dtype=np.float64)
    if len(times) < 8 or len(watch_t) < 8:
        return None
    grid = grid_between(max(times[0], watch_t[0] - longest_s), min(times[-1], watch_t[-1] + longest_s))
    if len(grid) < SHORTEST_S * GRID_HZ:
        return None
    elbow = None if elbow_m is None else np.asarray(elbow_m, dtype=np.float64)[good]
    camera = camera_trace(grid, times, np.asarray(wrist_m, dtype=np.float64)[good], elbow, np.asarray(up))
    reach = round(longest_s * GRID_HZ)
    wide = grid[0] + (np.arange(len(grid) + 2 * reach) - reach) / GRID_HZ
    watch = watch_trace(wide, watch_t, np.asarray(acceleration_mps2, dtype=np.float64))
    likeness = _Likeness.measure(camera, watch)
    frame_s = float(np.median(np.diff(times)))
    return None if likeness is None else likeness.judge(float(watch.fine[watch.there].std()), frame_s)


def _seen(
    times: TimeArray,
    wrist: FloatArray | TimeArray,
    elbow: FloatArray | TimeArray | None,
    visibility: FloatArray | None,
) -> NDArray[np.bool_]:
    good = np.isfinite(wrist).all(axis=1) & np.append(True, np.diff(times) > 0)[: len(times)]
    if elbow is not None:
        good &= np.isfinite(elbow).all(axis=1)
    if visibility is not None:
        good &= np.asarray(visibility) >= SEEN
    return np.asarray(good, dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class _Likeness:
    """The sums of all curves, ``(K, 6, L)`` each."""

    fine: Sums
    coarse: Sums
    along: Sums | None
    along_sign: float

    @classmethod
    def measure(cls, camera: CameraTrace, watch: WatchTrace) -> _Likeness | None:
        """Compare the curves piece by piece; None where too little overlaps at any lag."""
        count = int(np.clip(len(camera.sure) / (PIECE_S * GRID_HZ), 3, MOST_PIECES))
        edges = np.linspace(0, len(camera.sure), count + 1).astype(np.intp)

        def sums(seen: TimeArray, felt: TimeArray) -> Sums:
            return lag_sums(seen, camera.sure, felt, watch.there, edges)

        fine, coarse = sums(camera.fine, watch.fine), sums(camera.coarse, watch.coarse)
        if fine[:, 0].sum(axis=0).max() < LEAST_S * GRID_HZ:
            return None
        along, sign = None, 1.0
        if camera.along is not None:
            each = [sums(camera.along, watch.axes[:, axis]) for axis in range(3)]
            curves = [correlation(one.sum(axis=0), _least(one.sum(axis=0))) for one in each]
            highest = [max((float(np.nanmax(s * c)), s) for s in (1.0, -1.0)) for c in curves]
            axis = int(np.argmax([height for height, _ in highest]))
            along, sign = each[axis], highest[axis][1]
        return cls(fine, coarse, along, sign)

    def scores(self, without: int | None = None) -> tuple[TimeArray, int, float]:
        """Evidence at each lag, the place around which to look, and the weight of one sample."""

        def whole(sums: Sums) -> Sums:
            total: Sums = sums.sum(axis=0)
            return total if without is None else total - sums[without]

        fine = whole(self.fine)
        least, share = _least(fine), fine[0] / fine[0].max()
        fine_r, coarse_r = correlation(fine, least), correlation(whole(self.coarse), least)
        coarse = evidence(coarse_r) * share / sum(COARSE_S)
        place = int(np.nanargmax(coarse))
        first, last = _around(place, len(coarse))
        # As far as the little smoothed curves explain each other, the much smoothed ones have nothing to add.
        trust = sqrt(1.0 - float(np.clip(np.nanmax(fine_r[first : last + 1]), 0.0, 1.0)) ** 2)
        total, weight = evidence(fine_r) * share / sum(FINE_S) + trust * coarse, 1 / sum(FINE_S) + trust / sum(COARSE_S)
        if self.along is not None:
            along_r = self.along_sign * correlation(whole(self.along), least)
            total, weight = (
                total + ALONG_SHARE * evidence(along_r) * share / sum(FINE_S),
                (weight + ALONG_SHARE / sum(FINE_S)),
            )
        return total, place, weight

    def judge(self, movement: float, frame_s: float) -> GestureFit | None:
        """The best lag, and how far it can be trusted; None where too little is left without one of the pieces."""
        total, place, weight = self.scores()
        first, last = _around(place, len(total))
        if not all(self._suffices_without(piece, first, last) for piece in range(len(self.fine))):
            return None
        peak = peak_of(total, first, last)

        def without(piece: int) -> float:
            scores, _, _ = self.scores(piece)
            return peak_of(scores, first, last)

        reach = (len(total) - 1) // 2
        error_s = left_out_error(len(self.fine), without) / GRID_HZ
        alike = np.sqrt(1.0 - np.exp(-total / weight))
        best = round(peak)
        far = np.abs(np.arange(len(total)) - best) > NEAR_S * GRID_HZ
        rival = float(np.nanmax(np.where(far, alike, np.nan), initial=0.0))
        return GestureFit(
            offset_s=(peak - reach) / GRID_HZ,
            confidence=_confidence(float(alike[best]), rival, movement) if 0 < best < len(total) - 1 else 0.0,
            correlation=float(alike[best]),
            rival=rival,
            movement_mps2=movement,
            used_s=float(self.fine[:, 0].sum(axis=0)[best]) / GRID_HZ,
            searched_s=reach / GRID_HZ,
            bound_s=float(np.hypot(2.0 * error_s, FLOOR_SHARE * frame_s)),
        )

    def _suffices_without(self, piece: int, first: int, last: int) -> bool:
        """Enough overlaps at one of the lags from ``first`` to ``last`` where a piece is left out."""
        fine, coarse = (sums.sum(axis=0) - sums[piece] for sums in (self.fine, self.coarse))
        enough = (fine[0] >= _least(fine)) & (coarse[0] >= _least(fine))
        return bool(enough[first : last + 1].any())


def _least(sums: Sums) -> float:
    """How many grid points must overlap for a lag to count."""
    most = float(sums[0].max())
    return max(min(LEAST_S * GRID_HZ, most), LEAST_SHARE * most)


def _around(place: int, count: int) -> tuple[int, int]:
    near = round(NEAR_S * GRID_HZ)
    return max(place - near, 0), min(place + near, count - 1)


def _confidence(alike: float, rival: float, movement: float) -> float:
    likeness = np.clip((alike - 0.45) / 0.4, 0.0, 1.0)
    alone = np.clip((alike - rival) / 0.15, 0.0, 1.0)
    moved = np.clip(movement / STILL_MPS2 - 1.0, 0.0, 1.0)
    return float(likeness * alone * moved)
