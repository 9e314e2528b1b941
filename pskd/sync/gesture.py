"""What is left between camera and watch: one movement seen by both, laid over each other.

The watch feels ``|a|``; the camera sees the wrist, whose second derivative plus gravity has the same length in any
frame. Both lengths are smoothed alike and correlated at every lag; the best lag is read between the steps from a
parabola.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.types import GRAVITY_MPS2, FloatArray, TimeArray

Mask = NDArray[np.bool_]

GRID_HZ = 100.0
BLUR_S = 0.03  # of the vectors, before their length is taken
BLUR_AFTER_S = 0.05  # of the lengths
LONGEST_S = 1.0
SHORTEST_S = 1.5
SEEN = 0.5
GAP_S = 0.25
NEAR_S = 0.12
STILL_MPS2 = 0.35


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
    """

    offset_s: float
    confidence: float
    correlation: float
    rival: float
    movement_mps2: float
    used_s: float
    searched_s: float


def fit_gesture(
    acceleration_times_s: TimeArray,
    acceleration_mps2: FloatArray,
    pose_times_s: TimeArray,
    wrist_m: FloatArray,
    *,
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
        visibility: ``(F,)`` of that wrist; where it is under 0.5 the frame is not used.
        up: the unit vector that points up in the landmarks' world (``PoseLayout.up``).
        longest_s: the largest offset looked for, either way.

    Returns:
        None where the two do not overlap for long enough, or one of them is too sparse.
    """
    times, wrist = _seen(np.asarray(pose_times_s, dtype=np.float64), wrist_m, visibility)
    watch_t = np.asarray(acceleration_times_s, dtype=np.float64)
    if len(times) < 8 or len(watch_t) < 8:
        return None
    grid = _grid(max(times[0], watch_t[0] - longest_s), min(times[-1], watch_t[-1] + longest_s))
    if len(grid) < SHORTEST_S * GRID_HZ:
        return None
    seen, sure = _camera_length(grid, times, wrist, np.asarray(up))
    reach = round(longest_s * GRID_HZ)
    wide = grid[0] + (np.arange(len(grid) + 2 * reach) - reach) / GRID_HZ
    felt, there = _watch_length(wide, watch_t, np.asarray(acceleration_mps2, dtype=np.float64))
    scores = _correlations(seen, sure, felt, there, reach)
    if scores is None:
        return None
    return _judge(scores, reach, float(felt[there].std()), float(sure.sum()) / GRID_HZ, longest_s)


def _seen(times: TimeArray, wrist: FloatArray, visibility: FloatArray | None) -> tuple[TimeArray, TimeArray]:
    good = np.isfinite(wrist).all(axis=1)
    if visibility is not None:
        good &= np.asarray(visibility) >= SEEN
    good &= np.append(True, np.diff(times) > 0)
    return times[good], np.asarray(wrist, dtype=np.float64)[good]


def _grid(start_s: float, end_s: float) -> TimeArray:
    return start_s + np.arange(max(int((end_s - start_s) * GRID_HZ), 0)) / GRID_HZ


def _camera_length(grid: TimeArray, times: TimeArray, wrist: TimeArray, up: TimeArray) -> tuple[TimeArray, Mask]:
    """``|p'' + g|`` on the grid, and where it can be believed."""
    path = np.stack([np.interp(grid, times, wrist[:, axis]) for axis in range(3)], axis=1)
    path = _blur(path, BLUR_S)
    force = np.gradient(np.gradient(path, axis=0), axis=0) * GRID_HZ**2 + GRAVITY_MPS2 * up
    length = np.linalg.norm(force, axis=1, keepdims=True)
    return _blur(length, BLUR_AFTER_S)[:, 0], _covered(grid, times)


def _watch_length(grid: TimeArray, times: TimeArray, values: TimeArray) -> tuple[TimeArray, Mask]:
    """``|a|`` on the grid, smoothed as the camera's is, and where there was data."""
    force = np.stack([np.interp(grid, times, values[:, axis]) for axis in range(3)], axis=1)
    length = np.linalg.norm(_blur(force, BLUR_S), axis=1, keepdims=True)
    return _blur(length, BLUR_AFTER_S)[:, 0], _covered(grid, times)


def _covered(grid: TimeArray, times: TimeArray) -> Mask:
    """True where the grid lies inside the data and in no gap, with room for the smoothing."""
    after = np.searchsorted(times, grid, side="left")
    inside = (after > 0) & (after < len(times))
    gap = np.zeros(len(grid))
    gap[inside] = times[after[inside]] - times[after[inside] - 1]
    good = inside & (gap < GAP_S)
    margin = round(2.5 * (BLUR_S + BLUR_AFTER_S) * GRID_HZ)
    return np.convolve(~good, np.ones(2 * margin + 1), mode="same") < 0.5


def _blur(signal: TimeArray, sigma_s: float) -> TimeArray:
    """A Gaussian along the first axis, edges held."""
    half = round(4.0 * sigma_s * GRID_HZ)
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) / (sigma_s * GRID_HZ)) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(signal, ((half, half), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, kernel, mode="valid") for column in padded.T], axis=1)


def _correlations(seen: TimeArray, sure: Mask, felt: TimeArray, there: Mask, reach: int) -> TimeArray | None:
    """Correlation at each lag from ``-reach`` to ``reach``; NaN where too little overlaps."""
    scores = np.full(2 * reach + 1, np.nan)
    for place in range(2 * reach + 1):
        # Lag: the camera's stamp is later than the watch's by ``lag``, so look that much earlier in the watch.
        start = 2 * reach - place
        both = sure & there[start : start + len(seen)]
        if both.sum() < SHORTEST_S * GRID_HZ * 0.6:
            continue
        a, b = seen[both], felt[start : start + len(seen)][both]
        a, b = a - a.mean(), b - b.mean()
        size = np.sqrt((a @ a) * (b @ b))
        scores[place] = a @ b / size if size > 1e-9 else 0.0
    return scores if np.isfinite(scores).any() else None


def _judge(scores: TimeArray, reach: int, movement: float, used_s: float, longest_s: float) -> GestureFit:
    best = int(np.nanargmax(scores))
    lag = best - reach + _between(scores, best)
    peaks = [
        i
        for i in range(1, len(scores) - 1)
        if abs(i - best) > NEAR_S * GRID_HZ and scores[i] >= scores[i - 1] and scores[i] >= scores[i + 1]
    ]
    peak = float(scores[best])
    rival = max((float(scores[i]) for i in peaks), default=0.0)
    inside = 0 < best < len(scores) - 1
    alike = np.clip((peak - 0.3) / 0.5, 0.0, 1.0)
    alone = np.clip((peak - rival) / 0.15, 0.0, 1.0)
    moved = np.clip(movement / STILL_MPS2 - 1.0, 0.0, 1.0)
    return GestureFit(
        offset_s=float(lag / GRID_HZ),
        confidence=float(alike * alone * moved) if inside else 0.0,
        correlation=peak,
        rival=rival,
        movement_mps2=movement,
        used_s=used_s,
        searched_s=longest_s,
    )


def _between(scores: TimeArray, best: int) -> float:
    """Where between the steps a parabola through the peak and its neighbours is highest, -0.5 to 0.5."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    left, middle, right = scores[best - 1 : best + 2]
    bend = left - 2.0 * middle + right
    return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def wrist_in_room(world_m: FloatArray, image: FloatArray, visibility: FloatArray, wrist: int) -> TimeArray:
    """The wrist's path with the body's own movement put back, which world landmarks leave out.

    World landmarks are centred between the hips, so a body that squats or jumps stands still in them. The picture tells
    the rest: it is the world, scaled and moved, and scale and place come from all landmarks.

    Args:
        world_m: ``(F, V, 3)`` metres, x and y along the picture's axes.
        image: ``(F, V, 2)`` 0 to 1 of the picture.
        visibility: ``(F, V)`` 0 to 1.
        wrist: which landmark.

    Returns:
        ``(F, 3)`` metres; NaN where nobody was seen.
    """
    weight = np.where(np.isfinite(world_m).all(axis=-1) & np.isfinite(image).all(axis=-1), visibility, 0.0)
    weight = (weight * (weight >= SEEN))[..., None].astype(np.float64)
    total = weight.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        flat, seen = np.nan_to_num(world_m[..., :2]), np.nan_to_num(image)
        flat_mean, seen_mean = (weight * flat).sum(axis=1) / total, (weight * seen).sum(axis=1) / total
        spread = (weight * (flat - flat_mean[:, None]) ** 2).sum(axis=1)
        shared = (weight * (flat - flat_mean[:, None]) * (seen - seen_mean[:, None])).sum(axis=1)
    if not np.isfinite(seen_mean).any() or np.nansum(spread) <= 0.0:
        return np.asarray(world_m[:, wrist], dtype=np.float64)
    scale = np.nansum(shared, axis=0) / np.nansum(spread, axis=0)
    path = np.array(world_m[:, wrist], dtype=np.float64)
    path[:, :2] += seen_mean / scale - flat_mean
    return path
