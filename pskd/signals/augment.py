"""Changed views of clips: other mountings, speeds, bodies and moments, for a whole batch at once.

One :class:`View` places both modalities in time, so that a teacher and its student see the same moments of the same
clip (Beyer et al. 2022, "Knowledge distillation: a good teacher is patient and consistent").
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.signals.pose import JOINTS, PARENTS, turn_y
from pskd.skeleton import CANONICAL
from pskd.types import FloatArray

Rows = NDArray[np.floating]
Integers = NDArray[np.integer]


class Augmentation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How strongly views differ; all zero gives the clip as it is.

    Attributes:
        rotation_deg: spread of the sensor's turn about a random axis (how a watch sits).
        scale: spread of the acceleration's scale (calibration), a fraction.
        jitter_g: spread of white noise on the acceleration.
        speed: spread of the logarithm of the playing speed.
        warp: strength of the uneven speed within a window, 0 to 0.9.
        shift: 1 places the clip anywhere in the window, 0 in its middle.
        bone: spread of bone lengths, a fraction.
        turn_deg: spread of the body's turn about the vertical.
        tilt_deg: spread of the body's tilt (a camera that is not level).
        pose_jitter: spread of white noise on joints, in torso lengths.
        joint_drop: probability that a joint is hidden for a window.
        mirror: probability that left and right are exchanged. The watch sits on one wrist and several classes differ
            only by the side, so this is 0 in every preset; it is for skeleton-only work on classes without a side.
        mixup: parameter of the Beta distribution by which pairs of clips are mixed (Zhang et al. 2018); 0 is off.
    """

    rotation_deg: float = 12.0
    scale: float = 0.1
    jitter_g: float = 0.02
    speed: float = 0.15
    warp: float = 0.3
    shift: float = 1.0
    bone: float = 0.1
    turn_deg: float = 10.0
    tilt_deg: float = 5.0
    pose_jitter: float = 0.01
    joint_drop: float = 0.02
    mirror: float = 0.0
    mixup: float = 0.2

    def __post_init__(self) -> None:
        """Refuse values that make no sense.

        Raises:
            ValueError: one is negative, not finite or too large.
        """
        for name in self.__struct_fields__:
            value, limit = getattr(self, name), 180.0 if name.endswith("_deg") else 10.0 if name == "mixup" else 1.0
            if not 0.0 <= value <= limit:
                raise ValueError(f"{name}: must be from 0 to {limit:g}, got {value!r}")


@dataclass(frozen=True, slots=True)
class View:
    """Where in its clip each row of a batch looks.

    Attributes:
        start_s: ``(B,)`` the window's start, from the clip's first sample (negative: the edge is held).
        speed: ``(B,)`` clip seconds per window second.
        bend: ``(B, 2)`` amplitudes of the uneven speed, as fractions of the window.
    """

    start_s: Rows
    speed: Rows
    bend: Rows

    def times_s(self, count: int, rate_hz: float, span_s: float) -> Rows:
        """Clip times ``(B, count)`` of samples at a rate, the last one at the window's end.

        Args:
            count: how many.
            rate_hz: how densely.
            span_s: from the sensor window's first to its last sample.
        """
        u = 1 - np.arange(count - 1, -1, -1) / (rate_hz * span_s)
        swing = self.bend[:, :1] * np.sin(np.pi * u) + self.bend[:, 1:] * np.sin(2 * np.pi * u)
        return self.start_s[:, None] + self.speed[:, None] * span_s * (u + swing)


def random_views(durations_s: Rows, span_s: float, settings: Augmentation, generator: np.random.Generator) -> View:
    """A random view of each clip.

    Args:
        durations_s: ``(B,)`` from each clip's first to last sample.
        span_s: from the window's first to its last sample.
        settings: how strongly they differ.
        generator: source of chance.
    """
    count = len(durations_s)
    speed = np.exp(np.clip(generator.normal(0.0, settings.speed, count), -0.5, 0.5))
    # |swing'| <= pi |b1| + 2 pi |b2| stays under ``warp`` < 1, so time never runs backwards
    bend = generator.uniform(-1, 1, (count, 2)) * settings.warp * np.array([0.5 / np.pi, 0.25 / np.pi])
    slack = durations_s - span_s * speed
    place = 0.5 + settings.shift * generator.uniform(-0.5, 0.5, count)
    return View(slack * place, speed, bend)


def gather(flat: FloatArray, starts: Integers, lengths: Integers, positions: Rows) -> FloatArray:
    """Values at fractional positions, by lines between samples, edges held.

    Args:
        flat: ``(N, ...)`` the samples of all clips, one clip after the other.
        starts: ``(B,)`` where each row's clip begins in ``flat``.
        lengths: ``(B,)`` its samples, at least 1.
        positions: ``(B, T)`` in samples from its begin.

    Returns:
        ``(B, T, ...)`` float32.
    """
    last = (lengths - 1)[:, None]
    position = np.clip(positions, 0, last)
    low = np.minimum(position.astype(np.int64), np.maximum(last - 1, 0))
    weight = (position - low).astype(np.float32).reshape(*position.shape, *[1] * (flat.ndim - 1))
    below = flat[starts[:, None] + low]
    return below + (flat[starts[:, None] + np.minimum(low + 1, last)] - below) * weight


def change_sensor(acceleration: FloatArray, settings: Augmentation, generator: np.random.Generator) -> FloatArray:
    """Another mounting, calibration and noise for each row of ``(B, T, 3)`` in g."""
    count = len(acceleration)
    turned = _turn(acceleration, rotations(count, settings.rotation_deg, generator))
    scale = 1.0 + settings.scale * generator.standard_normal((count, 1, 1))
    noise = settings.jitter_g * generator.standard_normal(acceleration.shape, dtype=np.float32)
    return (turned * scale + noise).astype(np.float32)


def rotations(count: int, spread_deg: float, generator: np.random.Generator) -> Rows:
    """Random rotations ``(B, 3, 3)`` about uniform axes, angles normal with this spread (Rodrigues' formula)."""
    axis = generator.standard_normal((count, 3))
    axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-9)
    angle = np.deg2rad(spread_deg * generator.standard_normal((count, 1, 1)))
    x, y, z = axis.T
    zero = np.zeros(count)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(count, 3, 3)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)


def change_pose(
    body: FloatArray, seen: FloatArray, settings: Augmentation, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Another body, camera and noise for each window.

    Args:
        body: ``(B, T, 15, 3)`` of :func:`pskd.signals.pose.body_frame`.
        seen: ``(B, T, 15)``.
        settings: how strongly.
        generator: source of chance.

    Returns:
        changed ``body`` and ``seen``.
    """
    count = len(body)
    if settings.mirror:
        body, seen = _mirror(body, seen, generator.random(count) < settings.mirror)
    if settings.bone:
        body = _change_bones(body, generator.normal(1.0, settings.bone, (count, 1, JOINTS, 1)))
    turn = np.deg2rad(settings.turn_deg * generator.standard_normal(count))
    body = turn_y(body, np.cos(turn), np.sin(turn))
    if settings.tilt_deg:
        body = _turn(body, rotations(count, settings.tilt_deg, generator))
    body = body + settings.pose_jitter * generator.standard_normal(body.shape, dtype=np.float32)
    kept = generator.random((count, 1, JOINTS)) >= settings.joint_drop
    return body.astype(np.float32), (seen * kept).astype(np.float32)


def _turn(rows: FloatArray, turns: Rows) -> FloatArray:
    """Every vector of each ``(B, ..., 3)`` by its row's ``(B, 3, 3)``; one product, many times faster than einsum."""
    flat = rows.reshape(len(rows), -1, 3) @ np.swapaxes(turns, 1, 2).astype(np.float32)
    return np.asarray(flat.reshape(rows.shape))


def _change_bones(body: FloatArray, factors: Rows) -> FloatArray:
    """The same movement by a body with other bone lengths; left and right limbs alike."""
    factors = (factors + factors[:, :, _MIRRORED]) / 2
    bones = (body - body[..., PARENTS, :]) * factors
    changed = np.zeros_like(body)
    for joint in _ORDER:
        changed[..., joint, :] = changed[..., PARENTS[joint], :] + bones[..., joint, :]
    return changed


def _mirror(body: FloatArray, seen: FloatArray, chosen: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    flipped = body[chosen][:, :, _MIRRORED] * np.array([-1, 1, 1], dtype=np.float32)
    body, seen = body.copy(), seen.copy()
    body[chosen], seen[chosen] = flipped, seen[chosen][:, :, _MIRRORED]
    return body, seen


def _other_side(name: str) -> str:
    side, _, joint = name.partition("_")
    return {"left": f"right_{joint}", "right": f"left_{joint}"}.get(side, name)


_MIRRORED = np.array([CANONICAL.index(_other_side(name)) for name in CANONICAL])
_DEPTH = {CANONICAL.index("pelvis"): 0}
while len(_DEPTH) < JOINTS:
    _DEPTH |= {j: _DEPTH[int(PARENTS[j])] + 1 for j in range(JOINTS) if int(PARENTS[j]) in _DEPTH and j not in _DEPTH}
_ORDER = sorted((j for j in _DEPTH if _DEPTH[j] > 0), key=_DEPTH.__getitem__)
