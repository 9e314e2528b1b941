"""From body joints to what a teacher sees: centred on the body, turned to face one way, scaled by the torso.

Where a person stands, which way they face, how tall they are and which camera saw them should not matter; how the
limbs point and move should. The window's median facing is used, not each frame's, so that a turn of the body stays.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.errors import WrongUse
from pskd.skeleton import CANONICAL, CANONICAL_BONES
from pskd.types import FloatArray, TimeArray

POSE_CHANNELS = (
    "x", "y", "z", "direction_x", "direction_y", "direction_z", "velocity_x", "velocity_y", "velocity_z", "seen",
)  # fmt: skip

JOINTS = len(CANONICAL)
_PELVIS, _NECK = CANONICAL.index("pelvis"), CANONICAL.index("neck")
_LEFT = [CANONICAL.index("left_shoulder"), CANONICAL.index("left_hip")]
_RIGHT = [CANONICAL.index("right_shoulder"), CANONICAL.index("right_hip")]

# parents[j] is the joint from which bone j comes; the pelvis is its own
PARENTS = np.arange(JOINTS)
for _parent, _child in CANONICAL_BONES:
    PARENTS[_child] = _parent

# Torso lengths per second are multiplied by this, so that velocities have a spread near that of positions.
_VELOCITY_S = 0.25


class PosePreprocessing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done to a pose stream before a teacher sees it.

    Attributes:
        window_s: duration of the window, that of the sensor's.
        frames: frames in a window.
        min_visibility: a joint less visible than this counts as missing.
        max_gap_s: a joint missing longer than this counts as unseen there.
    """

    window_s: float = 5.12
    frames: int = 40
    min_visibility: float = 0.3
    max_gap_s: float = 0.5

    def __post_init__(self) -> None:
        """Refuse values that cannot be worked with.

        Raises:
            ValueError: one is out of range.
        """
        limits = {"window_s": (0.1, 600.0), "frames": (4, 4096), "min_visibility": (0.0, 1.0), "max_gap_s": (0.0, 60.0)}
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name}: must be from {low:g} to {high:g}, got {getattr(self, name)!r}")

    @property
    def rate_hz(self) -> float:
        """Frames per second within the window."""
        return self.frames / self.window_s


def prepare_pose(
    pose_m: FloatArray,
    times_s: TimeArray,
    visibility: FloatArray | None,
    spec: PosePreprocessing,
    *,
    end_s: float | None = None,
) -> FloatArray:
    """The window of pose that ends at ``end_s``.

    Args:
        pose_m: ``(F, 15, 3)`` metres, canonical joints, y up; NaN where a joint was not found.
        times_s: ``(F,)`` increasing seconds.
        visibility: ``(F, 15)`` 0 to 1, or None where the sensor gives none.
        spec: what to do.
        end_s: end of the window; the newest frame where None.

    Returns:
        ``(10, frames, 15)`` float32; all zero where nobody was seen.
    """
    last = times_s[-1:] if end_s is None else [end_s]
    return pose_windows(pose_m, times_s, visibility, spec, np.asarray(last, dtype=np.float64)).reshape(
        len(POSE_CHANNELS), spec.frames, JOINTS
    )


def pose_windows(
    pose_m: FloatArray, times_s: TimeArray, visibility: FloatArray | None, spec: PosePreprocessing, ends_s: TimeArray
) -> FloatArray:
    """The windows of pose that end at some times ``(N,)``; else as :func:`prepare_pose`.

    Returns:
        ``(N, 10, frames, 15)`` float32.
    """
    pose, seen, times = fill_missing(pose_m, times_s, visibility, spec)
    grid = ends_s[:, None] - np.arange(spec.frames - 1, -1, -1) / spec.rate_hz
    body = at_times(pose, times, grid.ravel()).reshape(*grid.shape, JOINTS, 3)
    return pose_channels(body_frame(body), at_times(seen, times, grid.ravel()).reshape(*grid.shape, JOINTS), spec)


def fill_missing(
    pose_m: FloatArray, times_s: TimeArray, visibility: FloatArray | None, spec: PosePreprocessing
) -> tuple[FloatArray, FloatArray, TimeArray]:
    """Fill joints that were not found from the frames around them.

    Returns:
        pose ``(F, 15, 3)`` without NaN, seen ``(F, 15)`` (1 where found or within half of ``max_gap_s`` of a frame
        where it was, else 0), and the times. A joint that was never found lies on its parent.
    """
    pose, times = np.array(pose_m, dtype=np.float32), np.asarray(times_s, dtype=np.float64)
    if pose.ndim != 3 or pose.shape[1:] != (JOINTS, 3) or times.shape != pose.shape[:1] or not len(times):
        raise WrongUse(
            f"pose_m, times_s: expected (F, {JOINTS}, 3) and (F,), got {pose.shape} and {times.shape}.",
            code="signals.shape",
        )
    found: NDArray[np.bool_] = np.asarray(np.isfinite(pose).all(axis=2))
    if visibility is not None:
        found = found & (np.nan_to_num(np.asarray(visibility)) >= spec.min_visibility)
    seen: FloatArray = found.astype(np.float32)
    for joint in _parents_first():
        rows = np.flatnonzero(found[:, joint])
        if not len(rows):
            pose[:, joint] = 0.0 if joint == _PELVIS else pose[:, PARENTS[joint]]
        elif len(rows) < len(pose):
            pose[:, joint] = at_times(pose[rows, joint], times[rows], times)
            seen[:, joint] = _nearest_s(times, times[rows]) <= spec.max_gap_s / 2
    return pose, seen, times


def _nearest_s(times: TimeArray, found: TimeArray) -> TimeArray:
    """Distance from each time to the nearest of the found ones (increasing)."""
    after = np.searchsorted(found, times).clip(0, len(found) - 1)
    before = np.maximum(after - 1, 0)
    nearest: TimeArray = np.minimum(np.abs(times - found[before]), np.abs(times - found[after]))
    return nearest


def at_times(values: FloatArray, times_s: TimeArray, grid_s: TimeArray) -> FloatArray:
    """Values ``(F, ...)`` at other times ``(T,)``, by lines between frames, edges held: ``(T, ...)``."""
    position = np.interp(grid_s, times_s, np.arange(len(times_s)))
    low = np.minimum(position.astype(np.int64), max(len(times_s) - 2, 0))
    high = np.minimum(low + 1, len(times_s) - 1)
    weight = (position - low).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    return values[low] * (1 - weight) + values[high] * weight


def body_frame(pose_m: FloatArray) -> FloatArray:
    """Centre on the pelvis, turn the window's median facing to +z, scale the median torso to 1.

    Args:
        pose_m: ``(..., T, 15, 3)`` without NaN, y up.

    Returns:
        the same shape: x to the body's left, y up, z forward, in torso lengths.
    """
    centred = pose_m - pose_m[..., _PELVIS : _PELVIS + 1, :]
    across = (centred[..., _LEFT, :] - centred[..., _RIGHT, :]).sum(axis=-2)
    x, z = np.median(across[..., 0], axis=-1), np.median(across[..., 2], axis=-1)
    length = np.hypot(x, z)
    unclear = length < 1e-4
    cosine = np.where(unclear, 1.0, x / np.where(unclear, 1.0, length))
    sine = np.where(unclear, 0.0, z / np.where(unclear, 1.0, length))
    torso = np.median(np.linalg.norm(centred[..., _NECK, :], axis=-1), axis=-1)
    scale = 1.0 / np.where(torso < 1e-4, 1.0, torso)
    turned = turn_y(centred, cosine, sine)
    return (turned * scale[..., None, None, None]).astype(np.float32)


def turn_y(pose: FloatArray, cosine: NDArray[np.floating], sine: NDArray[np.floating]) -> FloatArray:
    """Turn about the vertical: the direction (cosine, 0, sine) becomes +x. Angles are ``(...)`` per window."""
    c, s = cosine[..., None, None], sine[..., None, None]
    x, z = pose[..., 0], pose[..., 2]
    return np.stack([c * x + s * z, pose[..., 1], c * z - s * x], axis=-1).astype(np.float32)


def pose_channels(body: FloatArray, seen: FloatArray, spec: PosePreprocessing) -> FloatArray:
    """The teacher's rows from a window in the body's frame.

    Args:
        body: ``(..., T, 15, 3)`` of :func:`body_frame`.
        seen: ``(..., T, 15)``.
        spec: gives the frame rate.

    Returns:
        ``(..., 10, T, 15)`` float32, zero where a joint was not seen.
    """
    bone = body - body[..., PARENTS, :]
    direction = bone / np.maximum(np.linalg.norm(bone, axis=-1, keepdims=True), 1e-4)
    velocity = np.zeros_like(body)
    velocity[..., 1:, :, :] = np.diff(body, axis=-3) * (spec.rate_hz * _VELOCITY_S)
    rows = np.concatenate([body, direction, velocity, np.ones_like(body[..., :1])], axis=-1)
    rows *= (seen > 0.5)[..., None]
    return np.ascontiguousarray(np.moveaxis(rows, -1, -3), dtype=np.float32)


def _parents_first() -> list[int]:
    order = [_PELVIS]
    while len(order) < JOINTS:
        order += [j for j in range(JOINTS) if PARENTS[j] in order and j not in order]
    return order
