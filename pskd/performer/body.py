"""Bodies and their forward kinematics: joint angles in, landmarks and the forearm's frame out.

Inside, X is the person's left, Y up and Z forward (right-handed). :func:`to_camera` turns that into MediaPipe's world:
x to the right of the picture, y down, z away from the camera.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pskd.errors import WrongUse
from pskd.performer.activities import INDEX
from pskd.skeleton import MEDIAPIPE_33
from pskd.types import TimeArray

JOINT = {name: position for position, name in enumerate(MEDIAPIPE_33.joints)}
SIGN = {"left": 1.0, "right": -1.0}
FLOOR_BLEND_M = 0.02


@dataclass(frozen=True, slots=True)
class Body:
    """One person: lengths in metres and a way of moving.

    Attributes:
        name: such as ``ada``.
        height_m: standing height; limbs follow the usual proportions of it.
        arms: arm length against the usual proportion.
        breadth: shoulder and hip breadth against the usual proportion.
        dominant: ``right`` or ``left``.
        speed: against usual speed.
        amplitude: size of movements against the usual.
        smoothness: above 1 softer, below 1 more abrupt.
    """

    name: str
    height_m: float
    arms: float = 1.0
    breadth: float = 1.0
    dominant: str = "right"
    speed: float = 1.0
    amplitude: float = 1.0
    smoothness: float = 1.0


BODIES = (
    Body("ada", 1.70),
    Body("ben", 1.83, 1.02, 1.06, "right", 0.92, 1.04, 1.10),
    Body("cleo", 1.60, 0.98, 0.95, "right", 1.10, 0.94, 0.90),
    Body("dora", 1.66, 1.00, 1.02, "left", 0.97, 1.06, 1.00),
    Body("emil", 1.90, 1.03, 1.02, "right", 0.86, 1.10, 1.20),
    Body("fay", 1.55, 0.96, 0.98, "right", 1.16, 1.00, 0.85),
    Body("gus", 1.75, 1.01, 1.12, "right", 0.90, 0.86, 1.15),
    Body("hana", 1.68, 1.02, 0.94, "left", 1.07, 0.92, 0.95),
)


def body(which: str) -> Body:
    """A body by number (from 0) or name; empty is the first.

    Raises:
        WrongUse: there is none.
    """
    if which.isdecimal() and int(which) < len(BODIES):
        return BODIES[int(which)]
    for candidate in BODIES:
        if candidate.name == (which.lower() or BODIES[0].name):
            return candidate
    raise WrongUse(
        f"There is no simulated body {which!r}.",
        code="performer.body",
        hint=f"Use 0 to {len(BODIES) - 1} or {', '.join(b.name for b in BODIES)}.",
    )


@dataclass(frozen=True, slots=True, eq=False)
class Posture:
    """Where a body is.

    Attributes:
        joints: ``(T, 33, 3)`` metres in the room (X left, Y up from the floor, Z towards the camera).
        forearms: for ``left`` and ``right`` ``(T, 3, 3)``, columns are the forearm's axes in the room.
    """

    joints: TimeArray
    forearms: Mapping[str, TimeArray]


def rot_x(angle: TimeArray) -> TimeArray:
    """Rotations about X: ``(T,)`` radians to ``(T, 3, 3)``."""
    return _rotation(angle, 1, 2)


def rot_y(angle: TimeArray) -> TimeArray:
    """Rotations about Y: ``(T,)`` radians to ``(T, 3, 3)``."""
    return _rotation(angle, 2, 0)


def rot_z(angle: TimeArray) -> TimeArray:
    """Rotations about Z: ``(T,)`` radians to ``(T, 3, 3)``."""
    return _rotation(angle, 0, 1)


def _rotation(angle: TimeArray, a: int, b: int) -> TimeArray:
    result = np.zeros((len(angle), 3, 3))
    result[:, 0, 0] = result[:, 1, 1] = result[:, 2, 2] = 1.0
    result[:, a, a] = result[:, b, b] = np.cos(angle)
    result[:, b, a] = np.sin(angle)
    result[:, a, b] = -result[:, b, a]
    return result


def to_camera(vectors: TimeArray) -> TimeArray:
    """From X left, Y up, Z towards the camera to MediaPipe's x right, y down, z away."""
    return vectors * np.array([1.0, -1.0, -1.0])


def posture(who: Body, angles: TimeArray, view_rad: TimeArray) -> Posture:
    """Forward kinematics.

    Args:
        who: the body.
        angles: ``(T, C)`` by :data:`pskd.performer.activities.CHANNELS`, radians (``jump`` metres).
        view_rad: ``(T,)`` how far the body is turned away from the camera, to its left.
    """
    return _Kinematics(who, angles, view_rad).solve()


class _Kinematics:
    """One evaluation; the parts of the body one after another."""

    def __init__(self, who: Body, angles: TimeArray, view_rad: TimeArray) -> None:
        self.who = who
        self.angles = angles
        self.joints = np.zeros((len(angles), 33, 3))
        self.forearms: dict[str, TimeArray] = {}
        self.dominant = SIGN[who.dominant]
        self.pelvis = rot_y(view_rad)
        spine = rot_x(self.angle("lean")) @ rot_z(-self.dominant * self.angle("side"))
        self.trunk = self.pelvis @ spine @ rot_y(-self.dominant * self.angle("twist"))

    def angle(self, channel: str) -> TimeArray:
        return self.angles[:, INDEX[channel]]

    def side_angle(self, side: str, channel: str) -> TimeArray:
        return self.angle(f"{'d' if side == self.who.dominant else 'n'}_{channel}")

    def solve(self) -> Posture:
        for side in SIGN:
            self.leg(side)
            self.arm(side)
        self.head()
        self.joints += self.place()[:, None, :]
        return Posture(self.joints, self.forearms)

    def put(self, name: str, start: TimeArray, frame: TimeArray, x: float, y: float, z: float) -> TimeArray:
        """A landmark at an offset (share of body height) in a frame."""
        offset = np.array([x, y, z]) * self.who.height_m
        point = start + frame @ offset
        self.joints[:, JOINT[name]] = point
        return point

    def arm(self, side: str) -> None:
        sign, long = SIGN[side], self.who.arms
        hips = np.zeros((len(self.angles), 3))
        shoulder = self.put(f"{side}_shoulder", hips, self.trunk, sign * 0.105 * self.who.breadth, 0.29, 0.0)
        flex, abd, rot, elbow, roll = (self.side_angle(side, name) for name in ("flex", "abd", "rot", "elbow", "roll"))
        upper = self.trunk @ rot_x(-flex) @ rot_z(sign * abd) @ rot_y(-sign * rot)
        fore = upper @ rot_x(-elbow) @ rot_y(-sign * roll)
        self.forearms[side] = fore
        joint = self.put(f"{side}_elbow", shoulder, upper, 0.0, -0.172 * long, 0.0)
        wrist = self.put(f"{side}_wrist", joint, fore, 0.0, -0.150 * long, 0.0)
        self.put(f"{side}_index", wrist, fore, 0.0, -0.056, 0.012)
        self.put(f"{side}_pinky", wrist, fore, 0.0, -0.050, -0.014)
        self.put(f"{side}_thumb", wrist, fore, -sign * 0.006, -0.030, 0.022)

    def leg(self, side: str) -> None:
        sign = SIGN[side]
        centre = np.zeros((len(self.angles), 3))
        hip = self.put(f"{side}_hip", centre, self.pelvis, sign * 0.062 * self.who.breadth, 0.0, 0.0)
        flex, spread, bend = (self.side_angle(side, name) for name in ("hip", "spread", "knee"))
        thigh = self.pelvis @ rot_x(-flex) @ rot_z(sign * spread)
        shin = thigh @ rot_x(bend)
        knee = self.put(f"{side}_knee", hip, thigh, 0.0, -0.245, 0.0)
        ankle = self.put(f"{side}_ankle", knee, shin, 0.0, -0.240, 0.0)
        # The foot gives back most of the shin's tilt, as a foot on the floor does.
        foot = shin @ rot_x(0.8 * (flex - bend))
        self.put(f"{side}_heel", ankle, foot, 0.0, -0.035, -0.025)
        self.put(f"{side}_foot_index", ankle, foot, sign * 0.012, -0.038, 0.095)

    def head(self) -> None:
        frame = self.trunk @ rot_y(-self.dominant * self.angle("turn")) @ rot_x(self.angle("nod"))
        neck = self.trunk @ (np.array([0.0, 0.335, 0.005]) * self.who.height_m)
        self.put("nose", neck, frame, 0.0, 0.060, 0.062)
        for side, sign in SIGN.items():
            self.put(f"{side}_eye_inner", neck, frame, sign * 0.009, 0.078, 0.055)
            self.put(f"{side}_eye", neck, frame, sign * 0.018, 0.078, 0.052)
            self.put(f"{side}_eye_outer", neck, frame, sign * 0.027, 0.078, 0.046)
            self.put(f"{side}_ear", neck, frame, sign * 0.043, 0.068, 0.004)
            self.put(f"mouth_{side}", neck, frame, sign * 0.014, 0.038, 0.052)

    def place(self) -> TimeArray:
        """Where the pelvis is: feet on the floor and under the body's middle."""
        ankles = self.joints[:, [JOINT["left_ankle"], JOINT["right_ankle"]]]
        # A soft maximum: a hard one would kink, and a kink is an endless acceleration.
        reach = FLOOR_BLEND_M * np.logaddexp(-ankles[:, 0, 1] / FLOOR_BLEND_M, -ankles[:, 1, 1] / FLOOR_BLEND_M)
        result = -ankles.mean(axis=1)
        result[:, 1] = reach + 0.039 * self.who.height_m + self.angle("jump")
        return result
