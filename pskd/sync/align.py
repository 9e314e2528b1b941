"""Finds the offset between camera and watch in a whole recording: at a marker, from everything that was done, or from a
lively gesture that it finds by itself where the rest is not clear.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.sync.gesture import GestureFit, fit_gesture
from pskd.sync.traces import GRID_HZ, blur, grid_between
from pskd.types import FloatArray, TimeArray

TRUSTED = 0.5
TRUSTED_S = 0.035
WINDOW_S = 6.0
HOP_S = 0.5
LIVELY_MPS2 = 1.5
MOST_WINDOWS = 4
MOST_S = 600.0
CLEARLY = 0.08


class FoundBy(StrEnum):
    """What an offset rests on."""

    MARKER = "marker"
    GESTURE = "gesture"
    CONTENT = "content"


class Alignment(msgspec.Struct, frozen=True, kw_only=True):
    """The offset between camera and watch of one take, in a form that ``sync.json`` keeps.

    Attributes:
        found_by: the marked gesture, one that was found, or the whole content.
        start_s: of what was looked at.
        end_s: the same.
        fit: what was found there.
        side: the arm whose wrist moves like the watch, ``left`` or ``right``.
    """

    found_by: FoundBy
    start_s: float
    end_s: float
    fit: GestureFit
    side: str

    @property
    def trusted(self) -> bool:
        """Good enough to move the camera's stamps by it."""
        bound_s = self.fit.bound_s
        return self.fit.confidence >= TRUSTED and bound_s is not None and bound_s <= TRUSTED_S

    @property
    def rank(self) -> tuple[bool, float, float]:
        """The better of two alignments is the greater."""
        bound_s = self.fit.bound_s
        return self.trusted, -(np.inf if bound_s is None else bound_s) if self.trusted else 0.0, self.fit.confidence


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """One arm as the camera saw it.

    Attributes:
        side: ``left`` or ``right``.
        wrist_m: ``(F, 3)`` metres in the room.
        elbow_m: the same of its elbow.
        visibility: ``(F,)`` of the wrist, 0 to 1.
    """

    side: str
    wrist_m: TimeArray
    elbow_m: TimeArray
    visibility: TimeArray


def align(
    watch_s: TimeArray,
    acceleration_mps2: FloatArray,
    pose_s: TimeArray,
    arms: Iterable[Arm],
    *,
    up: tuple[float, float, float],
    marked: Iterable[tuple[float, float]] = (),
) -> Alignment | None:
    """Find the offset.

    Args:
        watch_s: ``(T,)`` on the host's clock, never decreasing.
        acceleration_mps2: ``(T, 3)``.
        pose_s: ``(F,)`` same clock, never decreasing.
        arms: the one or two that may wear the watch; the first is believed unless another is clearly more alike.
        up: the unit vector that points up in the landmarks' world.
        marked: start and end of what was marked as the gesture.

    Returns:
        The best that was found, trusted or not; None where nothing could be compared.
    """
    watch = _increasing(watch_s)
    recording = _Recording(watch_s[watch], np.asarray(acceleration_mps2)[watch], pose_s, up)
    found = [one for arm in arms if (one := recording.best(arm, list(marked))) is not None]
    return _likelier_arm(found)


def _likelier_arm(found: list[Alignment]) -> Alignment | None:
    if not found:
        return None
    first = found[0]
    for other in found[1:]:
        if other.fit.correlation > first.fit.correlation + CLEARLY:
            return other
    return first


@dataclass(frozen=True, slots=True, eq=False)
class _Recording:
    watch_s: TimeArray
    acceleration: FloatArray
    pose_s: TimeArray
    up: tuple[float, float, float]

    def best(self, arm: Arm, marked: list[tuple[float, float]]) -> Alignment | None:
        """A marked gesture, else everything together, else the liveliest spans, whichever can be trusted first.

        Everything together has the gesture in it, and measured better than the gesture alone wherever it was clear.
        """
        spans = {
            FoundBy.MARKER: lambda: marked,
            FoundBy.CONTENT: lambda: [self.whole(arm)],
            FoundBy.GESTURE: lambda: self.lively(arm),
        }
        tried: list[Alignment] = []
        for how, choose in spans.items():
            new = [one for span in choose() if (one := self.fit(arm, how, span)) is not None]
            tried += new
            if any(one.trusted for one in new):
                return max(new, key=lambda one: one.rank)
        return max(tried, key=lambda one: one.rank, default=None)

    def fit(self, arm: Arm, how: FoundBy, span: tuple[float, float]) -> Alignment | None:
        """The offset within a span of the camera's time."""
        first, last = np.searchsorted(self.pose_s, span)
        near = slice(*np.searchsorted(self.watch_s, (span[0] - 2.0, span[1] + 2.0)))
        fit = fit_gesture(
            self.watch_s[near],
            self.acceleration[near],
            self.pose_s[first:last],
            arm.wrist_m[first:last],
            elbow_m=arm.elbow_m[first:last],
            visibility=np.asarray(arm.visibility[first:last], np.float32),
            up=self.up,
        )
        if fit is None:
            return None
        return Alignment(found_by=how, start_s=span[0], end_s=span[1], fit=fit, side=arm.side)

    def whole(self, arm: Arm) -> tuple[float, float]:
        """All that both have seen, or the middle of it where that is very long."""
        if not len(self.pose_s) or not len(self.watch_s):
            return 0.0, 0.0
        start, end = max(self.pose_s[0], self.watch_s[0] - 1.0), min(self.pose_s[-1], self.watch_s[-1] + 1.0)
        middle, half = 0.5 * (start + end), min(0.5 * (end - start), 0.5 * MOST_S)
        return float(middle - half), float(middle + half) + 1e-6

    def lively(self, arm: Arm) -> list[tuple[float, float]]:
        """The few spans in which watch and wrist both move most, apart from each other."""
        start, end = self.whole(arm)
        if end - start < 1.5 * WINDOW_S:
            return []  # so short a recording is one gesture
        grid = grid_between(start, end)
        lively = np.minimum(self._watch_motion(grid), self._wrist_motion(grid, arm))
        count = round(WINDOW_S * GRID_HZ)
        energy = np.convolve(lively**2, np.ones(count) / count, mode="valid")[:: round(HOP_S * GRID_HZ)] ** 0.5
        spans: list[tuple[float, float]] = []
        for place in np.argsort(-energy):
            at = float(grid[0] + place * HOP_S)
            if energy[place] < LIVELY_MPS2 or len(spans) == MOST_WINDOWS:
                break
            if all(abs(at - other) >= WINDOW_S for other, _ in spans):
                spans.append((at, at + WINDOW_S))
        return spans

    def _watch_motion(self, grid: TimeArray) -> TimeArray:
        length = np.interp(grid, self.watch_s, np.linalg.norm(self.acceleration, axis=1).astype(np.float64))
        smooth = blur(length[:, None], 0.05)[:, 0]
        return np.abs(smooth - np.median(smooth))

    def _wrist_motion(self, grid: TimeArray, arm: Arm) -> TimeArray:
        good = np.isfinite(arm.wrist_m).all(axis=1) & (arm.visibility >= 0.5)
        if np.count_nonzero(good) < 8:
            return np.zeros(len(grid))
        path = np.stack([np.interp(grid, self.pose_s[good], arm.wrist_m[good, axis]) for axis in range(3)], axis=1)
        bend = np.gradient(np.gradient(blur(path, 0.08), axis=0), axis=0) * GRID_HZ**2
        return np.linalg.norm(bend, axis=1)


def _increasing(times_s: TimeArray) -> NDArray[np.bool_]:
    """Which stamps are later than all before them."""
    if not len(times_s):
        return np.zeros(0, dtype=np.bool_)
    return np.append(True, np.diff(np.maximum.accumulate(times_s)) > 0)
