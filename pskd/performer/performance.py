"""A performance: what a simulated person does, as a pure function of the shared clock."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pskd.performer import activities, camera
from pskd.performer.activities import CHANNELS, MEDLEY, Activity
from pskd.performer.body import JOINT, Posture, posture, rot_x, rot_y, rot_z, to_camera
from pskd.performer.curves import bits, evaluate, fourier, mix, smoothstep, uniform, value_noise
from pskd.performer.options import style
from pskd.types import GRAVITY_MPS2, Segment, TimeArray

TRANSITION_S = 0.4
STEP_S = 0.004
SHOCK_S = 0.012
_UNITS = np.array([1.0 if name == "jump" else np.pi / 180.0 for name in CHANNELS])


@dataclass(frozen=True, slots=True)
class Command:
    """From ``t_s`` on, do ``label``."""

    t_s: float
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """What a perfect sensor at the wrist would feel, in its own turning frame.

    Attributes:
        acceleration_mps2: ``(T, 3)`` second derivative of the wrist's position, plus gravity.
        turning_dps: ``(T, 3)`` angular velocity in degrees a second.
    """

    acceleration_mps2: TimeArray
    turning_dps: TimeArray


class Performance:
    """One simulated person. Two that are made alike and told alike show the same, in any process.

    Args:
        activity: name of an activity, ``medley`` for one after another, or empty for rest.
        options: as in a ``sim:`` URI; see :data:`pskd.performer.options.OPTIONS`. Others are ignored.

    Raises:
        WrongUse: no such activity, or an option that makes no sense.
    """

    def __init__(self, activity: str = "", options: Mapping[str, str] | None = None) -> None:
        self.style = style(options or {})
        self.medley = activities.plain(activity) == MEDLEY
        self._base = "rest" if self.medley else activities.known(activity).name
        self._told: tuple[Command, ...] = ()
        self._curves: dict[str, NDArray[np.complex128]] = {}
        self._mount = self._sensor_mount()

    def perform(self, label: str, t_s: float) -> None:
        """From time ``t_s`` on do ``label``; a class that is not in the table becomes a made-up gesture.

        May be called from any thread.
        """
        self._told = tuple(sorted((*self._told, Command(t_s, label)), key=lambda command: command.t_s))

    def commands(self, start_s: float, end_s: float) -> list[Command]:
        """Who is told what, as far as it shows between two times; the first may lie before ``start_s``."""
        told = self._told
        script = [Command(0.0, self._base)]
        if self.medley:
            last = min([end_s, *(command.t_s for command in told[:1])])
            script = self._medley(start_s, last)
        script += told
        shows = [c for c in script if start_s - TRANSITION_S < c.t_s <= end_s]
        before = [c for c in script if c.t_s <= start_s - TRANSITION_S]
        return [*before[-1:], *shows] or script[:1]

    def label_at(self, t_s: TimeArray) -> list[str]:
        """The truth: what is being done at each time."""
        t_s = np.asarray(t_s, dtype=np.float64)
        if not t_s.size:
            return []
        script = self.commands(float(t_s.min()), float(t_s.max()))
        which = np.searchsorted([c.t_s for c in script], t_s, side="right") - 1
        return [script[max(int(i), 0)].label for i in which]

    def segments(self, start_s: float, end_s: float) -> tuple[Segment, ...]:
        """The truth between two times, as labelled segments that count from ``start_s``."""
        script = self.commands(start_s, end_s)
        ends = [*(c.t_s for c in script[1:]), end_s]
        spans = [(max(c.t_s, start_s), min(end, end_s), c.label) for c, end in zip(script, ends, strict=True)]
        return tuple(Segment(a - start_s, b - start_s, label, "import") for a, b, label in spans if b > a)

    def posture(self, t_s: TimeArray) -> Posture:
        """The whole body in the room: ``(T,)`` times to joints and forearm frames."""
        t_s = np.atleast_1d(np.asarray(t_s, dtype=np.float64))
        view = np.radians(self.style.view_deg) + 0.08 * value_noise(t_s / 3.0, self.style.seed + 11, 1)[:, 0]
        return posture(self.style.who, self._angles(t_s), view)

    def pose(self, t_s: TimeArray) -> TimeArray:
        """The true landmarks: ``(F, 33, 3)`` metres as MediaPipe gives them (origin between the hips, y down)."""
        return camera.world(self.posture(t_s).joints)

    def landmarks(self, t_s: TimeArray, aspect: float = 4.0 / 3.0) -> camera.Landmarks:
        """What a pose model sees at each time: landmarks with its noise, and now and then a limb it cannot see.

        Args:
            t_s: ``(F,)`` times of the frames.
            aspect: width of the picture against its height.
        """
        t_s = np.atleast_1d(np.asarray(t_s, dtype=np.float64))
        joints = self.posture(t_s).joints
        return camera.see(joints, t_s, self.style.seed, self.style.noise, aspect)

    def wrist(self, t_s: TimeArray) -> TimeArray:
        """The true wrist that wears the watch: ``(T, 3)`` metres in the room, in the camera's axes."""
        return to_camera(self.posture(t_s).joints[:, JOINT[f"{self.style.hand}_wrist"]])

    def acceleration(self, t_s: TimeArray) -> TimeArray:
        """What a perfect accelerometer shows: ``(T, 3)`` m/s^2 in the sensor's own frame, with gravity."""
        return self.motion(t_s).acceleration_mps2

    def motion(self, t_s: TimeArray) -> Motion:
        """What a perfect sensor shows; derivatives are central differences over 4 ms."""
        t_s = np.atleast_1d(np.asarray(t_s, dtype=np.float64))
        count = len(t_s)
        there = self.posture(np.concatenate([t_s - STEP_S, t_s, t_s + STEP_S]))
        wrist = there.joints[:, JOINT[f"{self.style.hand}_wrist"]].reshape(3, count, 3)
        frames = (there.forearms[self.style.hand] @ self._mount).reshape(3, count, 3, 3)
        force = (wrist[0] - 2.0 * wrist[1] + wrist[2]) / STEP_S**2
        force[:, 1] += GRAVITY_MPS2
        turned = frames[0].swapaxes(-1, -2) @ frames[2]
        turning = np.stack([turned[:, i, j] - turned[:, j, i] for i, j in ((2, 1), (0, 2), (1, 0))], axis=-1)
        return Motion(
            np.einsum("tij,ti->tj", frames[1], force),
            np.degrees(turning / (4.0 * STEP_S)),
        )

    def shocks(self, t_s: TimeArray) -> TimeArray:
        """What the pose does not show but a watch feels (heels, hands that meet): ``(T, 3)`` m/s^2, sensor frame."""
        t_s = np.atleast_1d(np.asarray(t_s, dtype=np.float64))
        size = np.zeros(len(t_s))
        for command, weight in self._weights(t_s):
            activity = activities.for_label(command.label)
            if activity.impacts:
                size = size * (1.0 - weight) + weight * self._pulses(activity, command, t_s)
            else:
                size *= 1.0 - weight
        if not size.any():
            return np.zeros((len(t_s), 3))
        frames = self.posture(t_s).forearms[self.style.hand] @ self._mount
        return np.einsum("tij,i->tj", frames, np.array([0.2, 0.9, 0.4])) * size[:, None]

    def _weights(self, t_s: TimeArray) -> list[tuple[Command, TimeArray]]:
        """The commands in order, each with how far it has replaced those before it."""
        if not t_s.size:
            return []
        script = self.commands(float(t_s.min()), float(t_s.max()))
        weights = [smoothstep((t_s - command.t_s) / TRANSITION_S) for command in script]
        weights[0] = np.ones_like(t_s)
        return list(zip(script, weights, strict=True))

    def _angles(self, t_s: TimeArray) -> TimeArray:
        angles = np.zeros((len(t_s), len(CHANNELS)))
        for command, weight in self._weights(t_s):
            activity = activities.for_label(command.label)
            angles += weight[:, None] * (self._dance(activity, command, t_s) - angles)
        sway = 1.2 * value_noise(t_s * 0.6, self.style.seed + 5, len(CHANNELS))
        sway[:, activities.INDEX["jump"]] = 0.0
        return (angles + sway) * _UNITS

    def _cycles(self, activity: Activity, command: Command, t_s: TimeArray) -> tuple[TimeArray, int]:
        """How many repetitions have been done, some longer than others, and the seed of their differences."""
        seed = int(mix(self.style.seed, zlib.crc32(activity.name.encode()), bits(np.array([command.t_s])))[0] >> 2)
        even = (t_s - command.t_s) * self.style.speed / activity.period_s
        return even + 0.07 * self.style.vary * value_noise(even, seed, 1)[:, 0], seed

    def _dance(self, activity: Activity, command: Command, t_s: TimeArray) -> TimeArray:
        curves = self._curve(activity)
        cycles, seed = self._cycles(activity, command, t_s)
        swing = evaluate(curves, cycles) - curves[0].real
        vary = self.style.vary
        size = self.style.amplitude * (1.0 + 0.14 * vary * value_noise(cycles, seed + 1, 1))
        reach = np.abs(curves[1:]).sum(axis=0)
        shape = 0.16 * vary * reach * value_noise(cycles * 0.7, seed + 2, len(CHANNELS))
        return curves[0].real + size * swing + shape

    def _pulses(self, activity: Activity, command: Command, t_s: TimeArray) -> TimeArray:
        cycles, seed = self._cycles(activity, command, t_s)
        period_s = activity.period_s / self.style.speed
        total = np.zeros(len(t_s))
        for number, (phase, strength) in enumerate(activity.impacts):
            nearest = np.rint(cycles - phase)
            away_s = (cycles - phase - nearest) * period_s
            luck = 0.6 + 0.8 * uniform(mix(seed, number, nearest.astype(np.int64)))
            total += strength * luck * np.exp(-0.5 * (away_s / SHOCK_S) ** 2)
        return total

    def _curve(self, activity: Activity) -> NDArray[np.complex128]:
        if activity.name not in self._curves:
            period_s = activity.period_s / self.style.speed
            columns = [fourier(activity.keyframes(name), self.style.blur_s, period_s) for name in CHANNELS]
            curves = np.stack(columns, axis=1)
            heard = np.flatnonzero(np.abs(curves).max(axis=1) > 1e-4)
            self._curves[activity.name] = curves[: max(int(heard.max(initial=0)) + 1, 2)]
        return self._curves[activity.name]

    def _medley(self, start_s: float, end_s: float) -> list[Command]:
        every = self.style.every_s
        first = int(np.floor((start_s - TRANSITION_S) / every)) - 1
        table = activities.names()
        result = []
        for turn in range(first, int(np.floor(end_s / every)) + 1):
            lap, place = divmod(turn, len(table))
            order = np.argsort(mix(self.style.seed, lap, np.arange(len(table))))
            result.append(Command(turn * every, table[int(order[place])]))
        return result

    def _sensor_mount(self) -> TimeArray:
        """Sensor axes in the forearm's frame: y to the fingers, z out of the dial, a little askew by seed."""
        sign = 1.0 if self.style.hand == "left" else -1.0
        straight = np.array([[0.0, 0.0, sign], [0.0, -1.0, 0.0], [sign, 0.0, 0.0]])
        askew = np.radians(10.0) * (2.0 * uniform(mix(self.style.seed, 41, np.arange(3))) - 1.0)
        tilt = rot_x(askew[:1]) @ rot_y(askew[1:2]) @ rot_z(askew[2:])
        result: TimeArray = straight @ tilt[0]
        return result
