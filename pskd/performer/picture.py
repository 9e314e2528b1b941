"""A drawing of the performer for the camera preview: a rounded figure in a quiet room, in numpy alone."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pskd.performer.body import JOINT
from pskd.types import FloatArray

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]
Point = NDArray[np.floating[Any]]

LEFT: Colour = (242, 153, 74)
RIGHT: Colour = (45, 156, 219)
TRUNK: Colour = (70, 88, 120)
SKIN: Colour = (236, 196, 160)

# Start, end, thickness against the picture's height, colour; drawn in this order.
_LIMBS: tuple[tuple[str, str, float, Colour], ...] = tuple(
    (f"{side}_{start}", f"{side}_{end}", thick, colour)
    for side, colour in (("right", RIGHT), ("left", LEFT))
    for start, end, thick in (
        ("hip", "knee", 0.030), ("knee", "ankle", 0.024), ("heel", "foot_index", 0.017),
    )
)  # fmt: skip
_ARMS: tuple[tuple[str, str, float, Colour], ...] = tuple(
    (f"{side}_{start}", f"{side}_{end}", thick, colour)
    for side, colour in (("right", RIGHT), ("left", LEFT))
    for start, end, thick in (("shoulder", "elbow", 0.023), ("elbow", "wrist", 0.019), ("wrist", "index", 0.015))
)


def picture(image: FloatArray, width: int = 640, height: int = 480) -> Picture:
    """Draw one frame.

    Args:
        image: ``(33, 2)`` landmarks from 0 to 1 of the picture, as :attr:`pskd.performer.Landmarks.image` has them.
        width: pixels across.
        height: pixels down.

    Returns:
        ``(height, width, 3)`` uint8, red green blue; a new array. What hangs on a landmark that is NaN is left out.
    """
    canvas = _room(width, height).copy()
    points = np.asarray(image, dtype=np.float32) * np.array([width, height], dtype=np.float32)
    by_name = {name: points[index] for name, index in JOINT.items()}
    for limb in _LIMBS:
        _limb(canvas, by_name, *limb)
    _trunk(canvas, by_name)
    _head(canvas, by_name)
    for limb in _ARMS:
        _limb(canvas, by_name, *limb)
    return canvas


@functools.lru_cache(maxsize=4)
def _room(width: int, height: int) -> Picture:
    """Wall and floor with soft shading."""
    down = np.linspace(0.0, 1.0, height)[:, None, None]
    across = np.linspace(-1.0, 1.0, width)[None, :, None]
    wall = np.array([214.0, 221.0, 230.0]) - 26.0 * down - 14.0 * across**2
    floor = np.array([168.0, 160.0, 152.0]) + 40.0 * (down - 0.86) - 12.0 * across**2
    blend = np.clip((down - 0.845) * height / 3.0, 0.0, 1.0)
    room: Picture = np.clip(wall * (1.0 - blend) + floor * blend, 0, 255).astype(np.uint8)
    room.flags.writeable = False
    return room


def _limb(canvas: Picture, points: dict[str, FloatArray], start: str, end: str, thick: float, colour: Colour) -> None:
    _capsule(canvas, points[start], points[end], thick * canvas.shape[0], colour)


def _trunk(canvas: Picture, points: dict[str, FloatArray]) -> None:
    shoulders = (points["left_shoulder"] + points["right_shoulder"]) / 2.0
    hips = (points["left_hip"] + points["right_hip"]) / 2.0
    size = canvas.shape[0]
    _capsule(canvas, shoulders, (points["nose"] + points["left_ear"] + points["right_ear"]) / 3.0, 0.018 * size, SKIN)
    for side in ("left", "right"):
        edge = 0.12 * (points[f"{side}_shoulder"] - shoulders)
        _capsule(canvas, points[f"{side}_shoulder"] - edge, points[f"{side}_hip"], 0.030 * size, TRUNK)
    _capsule(canvas, points["left_shoulder"], points["right_shoulder"], 0.026 * size, TRUNK)
    _capsule(canvas, shoulders, hips, 0.052 * size, TRUNK)


def _head(canvas: Picture, points: dict[str, FloatArray]) -> None:
    middle = (points["left_ear"] + points["right_ear"] + points["nose"]) / 3.0
    size = canvas.shape[0]
    up = (points["left_eye"] + points["right_eye"]) / 2.0 - (points["mouth_left"] + points["mouth_right"]) / 2.0
    _capsule(canvas, middle + 0.5 * up, middle - 0.3 * up, 0.041 * size, SKIN)
    for eye in ("left_eye", "right_eye"):
        _capsule(canvas, points[eye], points[eye], 0.0055 * size, (50, 50, 60))


def _capsule(canvas: Picture, start: Point, end: Point, radius: float, colour: Colour) -> None:
    """A thick line with round ends and soft edges; only the pixels around it are touched."""
    if not (np.isfinite(start).all() and np.isfinite(end).all()):
        return
    height, width = canvas.shape[:2]
    left, top = np.floor(np.minimum(start, end) - radius - 1).astype(int)
    right, bottom = np.ceil(np.maximum(start, end) + radius + 2).astype(int)
    left, right = max(left, 0), min(right, width)
    top, bottom = max(top, 0), min(bottom, height)
    if left >= right or top >= bottom:
        return
    across = np.arange(left, right, dtype=np.float32)[None, :] - start[0]
    down = np.arange(top, bottom, dtype=np.float32)[:, None] - start[1]
    along = end - start
    length = max(float(along @ along), 1e-6)
    share = np.clip((across * along[0] + down * along[1]) / length, 0.0, 1.0)
    away = np.hypot(across - share * along[0], down - share * along[1])
    cover = np.clip(radius + 0.5 - away, 0.0, 1.0)[..., None]
    shade = 1.0 - 0.18 * np.clip(away / max(radius, 1.0), 0.0, 1.0)[..., None] ** 2
    area = canvas[top:bottom, left:right]
    paint = np.array(colour, dtype=np.float32) * shade
    area[...] = (area + cover * (paint - area)).astype(np.uint8)
