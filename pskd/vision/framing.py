"""Does the person stand well before the camera? Told in plain words from the landmarks of one frame."""

from __future__ import annotations

import numpy as np

from pskd.skeleton import MEDIAPIPE_33
from pskd.types import PoseFrame

LASTS_S = 1.0  # what is seen for a moment only is not said
SEEN = 0.5
SLACK = 0.02  # of the picture, that a landmark may lie outside of it
LEAST_HEIGHT = 0.3  # of the picture, from nose to ankles: less is too far away
EDGE = 0.1  # of the picture's width, within which the middle of the body should not be

_AT = {name: place for place, name in enumerate(MEDIAPIPE_33.joints)}
_TRUNK = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")


def advice(frame: PoseFrame) -> str:
    """What is wrong with where the person stands, and what to do; empty where all is well.

    Args:
        frame: in the layout ``mediapipe-33``; frames of other layouts are never judged.
    """
    if frame.people == 0:
        return "Nobody is in view."
    if frame.people > 1:
        return "Two people are in view. Only one should be."
    if len(frame.image) != len(_AT):
        return ""
    return _cut_off(frame) or _place(frame)


def _cut_off(frame: PoseFrame) -> str:
    head, knees, feet = _inside(frame, "nose"), _inside(frame, "knee"), _inside(frame, "ankle")
    if not head:
        return "Your head is not in view. " + ("Tilt the camera up." if feet else "Step back.")
    if not knees and not feet:
        return "Only half of you is in view. Step back."
    return "" if feet else "Your feet are not in view. Step back."


def _place(frame: PoseFrame) -> str:
    seen = frame.image[[_AT[name] for name in ("nose", *_TRUNK, "left_ankle", "right_ankle")]]
    if float((seen.max(axis=0) - seen.min(axis=0)).max()) < LEAST_HEIGHT:
        return "You are too far away. Come closer."
    middle = float(frame.image[[_AT[name] for name in _TRUNK], 0].mean())
    return "" if EDGE <= middle <= 1 - EDGE else "You are at the edge of the picture. Step to the middle."


def _inside(frame: PoseFrame, part: str) -> bool:
    """One of the part's landmarks at least is seen within the picture."""
    places = [place for name, place in _AT.items() if name == part or name.endswith(f"_{part}")]
    at = frame.image[places]
    within = (np.isfinite(at) & (at >= -SLACK) & (at <= 1 + SLACK)).all(axis=1)
    return bool((within & (frame.visibility[places] >= SEEN)).any())


class Advisor:
    """Says an advice only once it has held for :data:`LASTS_S`."""

    def __init__(self) -> None:
        self._newest = self.said = ""
        self._since_s = -np.inf

    def update(self, frame: PoseFrame) -> str:
        """The advice that holds after one more frame; empty for none."""
        found = advice(frame)
        if found != self._newest:
            self._newest, self._since_s = found, frame.grab_s
        if frame.grab_s - self._since_s >= LASTS_S or not found:
            self.said = found
        return self.said
