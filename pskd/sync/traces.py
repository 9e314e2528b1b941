"""What camera and watch both know of one movement, as comparable curves on one grid.

Three curves: the length of the force on the wrist, ``|p'' + g|`` against ``|a|``, smoothed a little and smoothed much;
and the force along the forearm, which the camera knows from elbow and wrist and the watch feels on one of its axes
(the lifting of an arm turns gravity into that axis, which shows where a second derivative drowns in noise).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pskd.types import GRAVITY_MPS2, FloatArray, TimeArray

Mask = NDArray[np.bool_]

GRID_HZ = 100.0
FINE_S = (0.03, 0.05)  # sigma of the blur of the vectors, then of their lengths
COARSE_S = (0.07, 0.10)
SEEN = 0.5
GAP_S = 0.25
MARGIN_S = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class CameraTrace:
    """The wrist as the camera sees it; all ``(N,)`` on the grid, m/s^2.

    Attributes:
        fine: ``|p'' + g|`` smoothed a little.
        coarse: the same, smoothed much.
        along: the force along the forearm; None where the elbow is not known.
        sure: where it can be believed.
    """

    fine: TimeArray
    coarse: TimeArray
    along: TimeArray | None
    sure: Mask


@dataclass(frozen=True, slots=True, eq=False)
class WatchTrace:
    """The wrist as the watch feels it; ``(M,)`` on a grid that reaches further on both sides.

    Attributes:
        fine: ``|a|`` smoothed a little.
        coarse: the same, smoothed much.
        axes: ``(M, 3)`` each axis, smoothed a little.
        there: where there was data.
    """

    fine: TimeArray
    coarse: TimeArray
    axes: TimeArray
    there: Mask


def camera_trace(
    grid_s: TimeArray, times_s: TimeArray, wrist_m: TimeArray, elbow_m: TimeArray | None, up: TimeArray
) -> CameraTrace:
    """Curves of the camera.

    Args:
        grid_s: ``(N,)`` seconds, every ``1 / GRID_HZ``.
        times_s: ``(F,)`` of the frames, increasing.
        wrist_m: ``(F, 3)`` metres, finite.
        elbow_m: the same of the elbow, or None.
        up: ``(3,)`` unit vector.
    """
    path = _resampled(grid_s, times_s, wrist_m)
    fine = _force(path, FINE_S[0], up)
    coarse = _force(path, COARSE_S[0], up)
    along = None
    if elbow_m is not None:
        arm = blur(path - _resampled(grid_s, times_s, elbow_m), FINE_S[0])
        arm /= np.maximum(np.linalg.norm(arm, axis=1, keepdims=True), 1e-9)
        along = blur((fine * arm).sum(axis=1, keepdims=True), FINE_S[1])[:, 0]
    return CameraTrace(_length(fine, FINE_S[1]), _length(coarse, COARSE_S[1]), along, covered(grid_s, times_s))


def watch_trace(grid_s: TimeArray, times_s: TimeArray, values_mps2: TimeArray) -> WatchTrace:
    """Curves of the watch; ``grid_s`` ``(M,)``, ``times_s`` ``(T,)`` increasing, ``values_mps2`` ``(T, 3)``."""
    force = _resampled(grid_s, times_s, values_mps2)
    fine, coarse = blur(force, FINE_S[0]), blur(force, COARSE_S[0])
    return WatchTrace(
        _length(fine, FINE_S[1]), _length(coarse, COARSE_S[1]), blur(fine, FINE_S[1]), covered(grid_s, times_s)
    )


def grid_between(start_s: float, end_s: float) -> TimeArray:
    """Every ``1 / GRID_HZ`` from ``start_s`` to just before ``end_s``; empty where that lies before it."""
    return start_s + np.arange(max(int((end_s - start_s) * GRID_HZ), 0)) / GRID_HZ


def covered(grid_s: TimeArray, times_s: TimeArray) -> Mask:
    """True where the grid lies inside the data and in no gap, with room for the smoothing."""
    after = np.searchsorted(times_s, grid_s, side="left")
    inside = (after > 0) & (after < len(times_s))
    gap = np.zeros(len(grid_s))
    gap[inside] = times_s[after[inside]] - times_s[after[inside] - 1]
    bad = ~(inside & (gap < GAP_S))
    margin = round(MARGIN_S * GRID_HZ)
    return np.convolve(bad, np.ones(2 * margin + 1), mode="same") < 0.5 if len(bad) > 2 * margin else ~bad


def blur(signal: TimeArray, sigma_s: float) -> TimeArray:
    """A Gaussian along the first axis of ``(N, C)``, edges held."""
    half = round(4.0 * sigma_s * GRID_HZ)
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) / (sigma_s * GRID_HZ)) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(signal, ((half, half), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, kernel, mode="valid") for column in padded.T], axis=1)


def wrist_in_room(world_m: FloatArray, image: FloatArray, visibility: FloatArray, joint: int) -> TimeArray:
    """A joint's path with the body's own movement put back, which world landmarks leave out.

    World landmarks are centred between the hips, so a body that squats or jumps stands still in them. The picture tells
    the rest: it is the world, scaled and moved, and scale and place come from all landmarks.

    Args:
        world_m: ``(F, V, 3)`` metres, x and y along the picture's axes.
        image: ``(F, V, 2)`` 0 to 1 of the picture.
        visibility: ``(F, V)`` 0 to 1.
        joint: which landmark.

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
        return np.asarray(world_m[:, joint], dtype=np.float64)
    scale = np.nansum(shared, axis=0) / np.nansum(spread, axis=0)
    if not (np.abs(scale) > 1e-6).all():
        return np.asarray(world_m[:, joint], dtype=np.float64)
    path = np.array(world_m[:, joint], dtype=np.float64)
    path[:, :2] += seen_mean / scale - flat_mean
    return path


def _resampled(grid_s: TimeArray, times_s: TimeArray, values: TimeArray) -> TimeArray:
    return np.stack([np.interp(grid_s, times_s, column) for column in np.asarray(values, dtype=np.float64).T], axis=1)


def _force(path: TimeArray, sigma_s: float, up: TimeArray) -> TimeArray:
    smooth = blur(path, sigma_s)
    bend: TimeArray = np.gradient(np.gradient(smooth, axis=0), axis=0) * GRID_HZ**2
    return bend + GRAVITY_MPS2 * up


def _length(force: TimeArray, sigma_s: float) -> TimeArray:
    # Less gravity: the sums of squares that correlations are made of then lose no digits.
    return blur(np.linalg.norm(force, axis=1, keepdims=True) - GRAVITY_MPS2, sigma_s)[:, 0]
