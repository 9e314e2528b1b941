"""Raised hands, from the landmarks: how a person three metres away tells the program to wait, to go on, to redo."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pskd.skeleton import MEDIAPIPE_33
from pskd.types import PoseFrame

HOLD_S = 1.5
LAPSE_S = 0.25  # so long a raised hand may go unseen
SEEN = 0.5
ABOVE = 0.35  # of the way from shoulders to nose, counted from the nose up: about the crown of the head

_AT = {name: place for place, name in enumerate(MEDIAPIPE_33.joints)}


class Raised(StrEnum):
    """Which hands are above the head; ``left`` and ``right`` are the person's own."""

    NONE = ""
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Signal:
    """What the hands say at one moment.

    Attributes:
        hands: which are raised and count now.
        share: how much of :data:`HOLD_S` is over, 0 to 1.
        given: the hands that have just been held up long enough; told once, then not before they were down.
    """

    hands: Raised = Raised.NONE
    share: float = 0.0
    given: Raised = Raised.NONE


def raised(frame: PoseFrame) -> Raised:
    """Which wrists are above the head of the person in a frame of the layout ``mediapipe-33``."""
    if not frame.people or len(frame.image) != len(_AT):
        return Raised.NONE
    down = frame.image[:, 1]
    nose = float(down[_AT["nose"]])
    shoulders = float(down[[_AT["left_shoulder"], _AT["right_shoulder"]]].mean())
    crown = nose - ABOVE * (shoulders - nose)
    if not np.isfinite(crown) or shoulders <= nose:
        return Raised.NONE
    left, right = (_is_above(frame, f"{side}_wrist", crown) for side in ("left", "right"))
    return Raised.BOTH if left and right else Raised.LEFT if left else Raised.RIGHT if right else Raised.NONE


def _is_above(frame: PoseFrame, joint: str, crown: float) -> bool:
    place = _AT[joint]
    return bool(frame.visibility[place] >= SEEN and frame.image[place, 1] < crown)


class HandSignal:
    """Waits for hands that are held up for :data:`HOLD_S`; feed it every frame."""

    def __init__(self) -> None:
        self._hands = Raised.NONE
        self._since_s = self._seen_s = 0.0
        self._spent = False

    def update(self, frame: PoseFrame, wanted: Collection[Raised]) -> Signal:
        """Look at one frame.

        Args:
            frame: the newest one.
            wanted: which hands mean something now; others are as good as none.
        """
        seen, at_s = raised(frame), frame.grab_s
        if seen not in wanted:
            seen = Raised.NONE
        if seen is self._hands and seen is not Raised.NONE:
            self._seen_s = at_s
        elif at_s - self._seen_s > LAPSE_S or (seen is not Raised.NONE and self._hands is Raised.NONE):
            self._spent = self._spent and seen is not Raised.NONE
            self._hands, self._since_s, self._seen_s = seen, at_s, at_s
        if self._hands is Raised.NONE or self._spent:
            return Signal()
        share = (at_s - self._since_s) / HOLD_S
        if share >= 1.0 and seen is self._hands:
            self._spent = True
            return Signal(self._hands, 1.0, self._hands)
        return Signal(self._hands, min(max(share, 0.0), 1.0))
