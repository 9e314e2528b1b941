"""How much is moved at each moment, and when a movement begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pskd import skeleton
from pskd.recording.sync_report import arm_of
from pskd.recording.take import Take
from pskd.sync.traces import GRID_HZ, blur, covered, grid_between
from pskd.types import StreamKind, TimeArray

MOVES_MPS2 = 0.35
WRIST_MOVES_M = 0.12
JERK_BLUR_S = 0.06
LIVELY_MPS3 = 4.0
CONTRAST = 3.0
RISE = 0.2
BEFORE_S = 1.5
REACTION_S = 0.15
HELD_S = 0.15
MARGIN_S = 0.2
LATEST_SHARE = 0.6
LEAST_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """How fast the watch's acceleration changes, over a take.

    Attributes:
        times_s: ``(N,)`` from the take's start, evenly spaced.
        jerk_mps3: ``(N,)`` length of the smoothed acceleration's first derivative; NaN in gaps.
    """

    times_s: TimeArray
    jerk_mps3: TimeArray

    def level(self, start_s: float, end_s: float, quantile: float) -> float:
        """A quantile of the jerk between two times; NaN where there are no data."""
        inside = self.jerk_mps3[np.searchsorted(self.times_s, start_s) : np.searchsorted(self.times_s, end_s)]
        inside = inside[np.isfinite(inside)]
        return float(np.quantile(inside, quantile)) if len(inside) else float("nan")


def movement_of(take: Take) -> Movement | None:
    """The movement that the first accelerometer felt; None without one."""
    stream = take.first(StreamKind.ACCELEROMETER)
    if stream is None or len(stream.times_s) < 8:
        return None
    times, values = stream.times_s, stream.values.astype(np.float64)
    grid = grid_between(float(times[0]), float(times[-1]))
    if len(grid) < 8:
        return None
    path = np.stack([np.interp(grid, times, column) for column in values.T], axis=1)
    jerk = np.linalg.norm(np.gradient(blur(path, JERK_BLUR_S), axis=0), axis=1) * GRID_HZ
    return Movement(grid, np.where(covered(grid, times), blur(jerk[:, None], JERK_BLUR_S)[:, 0], np.nan))


def movement_start(movement: Movement, start_s: float, end_s: float) -> float | None:
    """When the movement begins that was asked for between two times, a little before it shows.

    The level of rest is that of the moment before; a movement is what stands clearly out of it and stays.

    Returns:
        None where nothing stands out (a still class, or a person who was moving already), or only very late.
    """
    quiet = movement.level(start_s - BEFORE_S, start_s + REACTION_S, 0.3)
    active = movement.level(start_s, end_s, 0.75)
    if not (np.isfinite(quiet) and active >= max(CONTRAST * quiet, LIVELY_MPS3)):
        return None
    first, last = np.searchsorted(movement.times_s, (start_s, end_s))
    over = movement.jerk_mps3[first:last] > quiet + RISE * (active - quiet)
    held = round(HELD_S * GRID_HZ)
    if len(over) < held:
        return None
    steady = np.flatnonzero(np.convolve(over, np.ones(held), mode="valid") > held - 0.5)
    if not len(steady):
        return None
    began_s = float(movement.times_s[first + steady[0]])
    if began_s - start_s > LATEST_SHARE * (end_s - start_s):
        return None
    return float(min(max(began_s - MARGIN_S, start_s), end_s - min(LEAST_S, 0.5 * (end_s - start_s))))


def wrist_moves(take: Take, side: str) -> bool:
    """The camera saw the wrist go from one place to another."""
    pose = take.first(StreamKind.POSE)
    if pose is None or len(pose.times_s) < 8:
        return False
    arm = arm_of(pose, skeleton.layout(pose.info.layout), side)
    if arm is None:
        return False
    path = arm.wrist_m[np.isfinite(arm.wrist_m).all(axis=1) & (arm.visibility >= 0.5)]
    if len(path) < 8:
        return False
    low, high = np.quantile(path[:, :2], (0.05, 0.95), axis=0)  # across and up: depth is known worst
    return bool((high - low).max() > WRIST_MOVES_M)
