"""Is the picture bright enough to find landmarks in? Judged from a few hundred pixels of it, in microseconds."""

from __future__ import annotations

import numpy as np

from pskd.skeleton import MEDIAPIPE_33
from pskd.types import PoseFrame
from pskd.vision.base import Picture

STEP = 12  # every so many pixels one is looked at
DARK = 50.0  # mean brightness of 255 below which landmarks get uncertain
SHADE = 75.0  # of the person
GLARE = 2.2  # so many times brighter than the person is what lies around

_BRIGHTNESS = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue (ITU-R BT.601)
_TRUNK = [
    MEDIAPIPE_33.joints.index(name) for name in ("nose", "left_shoulder", "right_shoulder", "left_hip", "right_hip")
]


def hint(picture: Picture, frame: PoseFrame | None = None) -> str:
    """What is wrong with the light, and what to do; empty where all is well.

    Args:
        picture: ``(H, W, 3)`` uint8 RGB.
        frame: the landmarks found in it, if any.
    """
    small = picture[::STEP, ::STEP].astype(np.float32) @ _BRIGHTNESS
    if not small.size:
        return ""
    person = _person(small, frame)
    around = float(small.mean())
    if person is not None and person < SHADE and around > GLARE * max(person, 1.0):
        return "Against the light: the person is dark. Turn away from the window or lamp."
    if around < DARK:
        return "It is too dark. Switch on a light."
    return ""


def _person(small: np.ndarray, frame: PoseFrame | None) -> float | None:
    """Mean brightness of head and trunk; None where nobody is seen."""
    if frame is None or not frame.people or len(frame.image) != len(MEDIAPIPE_33.joints):
        return None
    at = frame.image[_TRUNK]
    if not np.isfinite(at).all():
        return None
    height, width = small.shape
    left, top = np.clip(at.min(axis=0), 0, 1) * (width, height)
    right, bottom = np.clip(at.max(axis=0), 0, 1) * (width, height)
    box = small[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
    return float(box.mean()) if box.size else None
