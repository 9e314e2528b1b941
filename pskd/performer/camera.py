"""How a camera and a pose model see the performer: world landmarks, picture coordinates, visibility, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pskd.performer.body import JOINT, to_camera
from pskd.performer.curves import bits, normal, smoothstep, value_noise
from pskd.types import FloatArray, TimeArray

DISTANCE_M = 3.2
HEIGHT_M = 1.05
FOCAL = 1.25  # focal length against the picture's height
JITTER_M = np.array([0.003, 0.003, 0.008])  # frame to frame; depth is what a pose model knows worst
WANDER_M = np.array([0.005, 0.005, 0.014])  # slow, as tracked landmarks wander

_HIPS = [JOINT["left_hip"], JOINT["right_hip"]]


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """What a pose model says, frame by frame, in the layout ``mediapipe-33``.

    Attributes:
        world_m: ``(F, 33, 3)`` float32 metres, origin between the hips, y down, z away from the camera.
        image: ``(F, 33, 2)`` float32, 0 to 1 of the picture's width and height.
        visibility: ``(F, 33)`` float32, 0 to 1.
    """

    world_m: FloatArray
    image: FloatArray
    visibility: FloatArray


def world(joints: TimeArray) -> TimeArray:
    """Joints in the room ``(F, 33, 3)`` as world landmarks around the hips."""
    return to_camera(joints - joints[:, _HIPS].mean(axis=1, keepdims=True))


def picture_points(joints: TimeArray, aspect: float) -> TimeArray:
    """Joints in the room ``(F, 33, 3)`` as picture coordinates ``(F, 33, 2)`` from 0 to 1."""
    depth = DISTANCE_M - joints[..., 2]
    across = 0.5 + FOCAL / aspect * joints[..., 0] / depth
    down = 0.5 + FOCAL * (HEIGHT_M - joints[..., 1]) / depth
    return np.stack([across, down], axis=-1)


def see(joints: TimeArray, t_s: TimeArray, seed: int, noise: float, aspect: float) -> Landmarks:
    """Landmarks of the joints as a pose model gives them.

    Args:
        joints: ``(F, 33, 3)`` in the room.
        t_s: ``(F,)`` the frames' times, from which the noise follows.
        seed: which noise.
        noise: against the usual; 0 is none, with everything visible.
        aspect: width of the picture against its height.
    """
    count = len(t_s)
    hidden = _hidden(t_s, seed) * min(noise, 1.0)
    key = bits(t_s)[:, None]
    channel = np.arange(99, dtype=np.int64)[None, :]
    jitter = normal(seed + 21, channel, key).reshape(count, 33, 3) * JITTER_M
    wander = value_noise(t_s * 2.0, seed + 22, 99).reshape(count, 33, 3) * WANDER_M
    error = noise * (jitter + wander) * (1.0 + 5.0 * hidden[..., None])
    seen = joints + to_camera(error)
    flicker = 0.02 * min(noise, 1.0) * (1.0 + value_noise(t_s * 3.0, seed + 23, 33))
    visibility = np.clip(0.995 - flicker - 0.8 * hidden, 0.0, 1.0)
    return Landmarks(
        world(seen).astype(np.float32),
        picture_points(seen, aspect).astype(np.float32),
        visibility.astype(np.float32),
    )


def _hidden(t_s: TimeArray, seed: int) -> TimeArray:
    """How hidden each landmark is, 0 to 1: once in a while one arm or leg for about a second."""
    limb = smoothstep((value_noise(t_s / 2.5, seed + 24, 4) - 0.80) / 0.12)
    result = np.zeros((len(t_s), 33))
    for number, (side, parts) in enumerate(_LIMBS):
        result[:, [JOINT[f"{side}_{part}"] for part in parts]] = limb[:, number, None]
    return result


_ARM, _LEG = ("elbow", "wrist", "pinky", "index", "thumb"), ("knee", "ankle", "heel", "foot_index")
_LIMBS = (("left", _ARM), ("right", _ARM), ("left", _LEG), ("right", _LEG))
