"""``sim:[ACTIVITY][?fps=30&width=640&height=480&...]``: the simulated performer, with landmarks of its own."""

from __future__ import annotations

import math

import numpy as np

from pskd.clock import now_s
from pskd.performer import OPTIONS, Performance, picture
from pskd.types import PoseFrame
from pskd.uri import DeviceUri, check_options
from pskd.vision.base import Camera, CameraFacts, Resume, Shot
from pskd.vision.cameras import CAMERAS


@CAMERAS.register("sim")
class Sim(Camera):
    """The performer of :mod:`pskd.performer`, whose options the URI carries.

    Shots fall on a fixed grid of the shared clock, so a camera that is opened again shows the same performance.

    Raises:
        WrongUse: an option out of its bounds, or an unknown activity.
    """

    def __init__(self, uri: DeviceUri) -> None:
        super().__init__(uri)
        check_options(uri, OPTIONS | {"fps", "width", "height"})
        self._rate_hz = uri.number("fps", 30, low=1, high=240)
        self._width = int(uri.number("width", 640, low=64, high=1920))
        self._height = int(uri.number("height", 480, low=64, high=1920))
        self._performance = Performance(uri.path, uri.options)
        self._start_tick = 0
        self._tick = -1

    def open(self, resume: Resume | None = None) -> CameraFacts:
        """Begin with the next moment of the grid."""
        self._start_tick = math.ceil(now_s() * self._rate_hz)
        self._tick = self._start_tick - 1
        return CameraFacts(self._width, self._height, self._rate_hz, simulated=True, own_pose=True)

    def grab(self) -> Shot | None:
        """The next moment of the grid, drawn; moments that have passed are left out."""
        self._tick = max(self._tick + 1, math.floor(now_s() * self._rate_hz))
        grab_s = self._tick / self._rate_hz
        while (left_s := grab_s - now_s()) > 0:
            if self.interrupted.wait(left_s):
                return None
        if self.interrupted.is_set():
            return None
        seen = self._performance.landmarks(np.array([grab_s]), self._width / self._height)
        number = self._tick - self._start_tick
        pose = PoseFrame(grab_s, number, seen.world_m[0], seen.image[0], seen.visibility[0], people=1)
        return Shot(grab_s, number, picture(seen.image[0], self._width, self._height), pose)

    def close(self) -> None:
        """Nothing is held."""

    def command(self, name: str, arguments: dict[str, object]) -> None:
        """``perform`` with ``label`` and ``t_s``: do that from then on."""
        label, t_s = arguments.get("label"), arguments.get("t_s")
        if name == "perform" and isinstance(label, str) and isinstance(t_s, int | float):
            self._performance.perform(label, float(t_s))
