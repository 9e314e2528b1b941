"""What the camera shows: each picture with its own skeleton, and what is wrong with how the person stands."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pskd.clock import now_s
from pskd.types import PoseFrame
from pskd.vision import light
from pskd.vision.framing import Advisor

POSES_KEPT = 32
LONELY_S = 0.5  # a picture whose skeleton has not come by then is shown without
LIGHT_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One picture of the camera with what was found in it.

    Attributes:
        number: of the camera's frame.
        picture: ``(H, W, 3)`` uint8 RGB.
        pose: the landmarks in this very picture; None where nobody was seen, or where they are not known yet.
    """

    number: int
    picture: NDArray[np.uint8]
    pose: PoseFrame | None


class Sight:
    """Puts pictures and poses together. :meth:`add` is called by the camera's thread, the rest by the window's.

    Attributes:
        seen: the newest picture with its own skeleton; None before the first.
    """

    def __init__(self) -> None:
        self.seen: Seen | None = None
        self._poses: deque[PoseFrame] = deque(maxlen=POSES_KEPT)
        self._lonely_s = self._light_s = 0.0
        self._advisor = Advisor()
        self._advice = self._light = ""

    @property
    def pose(self) -> PoseFrame | None:
        """The newest pose, which may belong to a picture that is still to come."""
        return self._poses[-1] if self._poses else None

    def add(self, frame: PoseFrame) -> None:
        """One more frame."""
        if self._poses and frame.number <= self._poses[-1].number:
            self._poses.clear()  # the film begins again: an old number means another picture
        self._poses.append(frame)
        self._advice = self._advisor.update(frame)

    def look(self, found: tuple[int, NDArray[np.uint8]] | None) -> Seen | None:
        """The newest picture with its own skeleton; the one before while the skeleton is on its way.

        Args:
            found: the newest picture and its number, where there is one.
        """
        if found is None or (self.seen is not None and self.seen.number == found[0] and self.seen.pose is not None):
            return self.seen
        number, picture = found
        pose = next((pose for pose in reversed(list(self._poses)) if pose.number == number), None)
        moment_s = now_s()
        if pose is not None or self.seen is None or moment_s - self._lonely_s > LONELY_S:
            self.seen, self._lonely_s = Seen(number, picture, pose), moment_s
        return self.seen

    def advice(self, *, simulated: bool) -> str:
        """What is wrong, and what to do; empty where all is well. The light of a drawn picture is not judged."""
        if self.seen is not None and not simulated and now_s() - self._light_s > LIGHT_EVERY_S:
            self._light_s = now_s()
            self._light = light.hint(self.seen.picture, self.seen.pose)
        return self._advice or self._light
