"""What the performer can do: one table of keyframes. To add an activity, add an entry here and nothing elsewhere.

A channel is one joint angle in degrees (``jump`` is in metres). ``d_`` is the dominant side, ``n_`` the other:

===========  ==================================================================================
``lean``     trunk forward                      ``side``    trunk to the dominant side
``twist``    dominant shoulder forward          ``nod``     head forward
``jump``     pelvis above standing, metres      ``turn``    head to the dominant side
``X_flex``   arm forward and up                 ``X_abd``   arm outward (at 90 flex: sideways)
``X_rot``    upper arm inward about itself      ``X_elbow`` bent          ``X_roll`` palm down
``X_hip``    thigh forward                      ``X_spread`` thigh outward  ``X_knee`` bent
===========  ==================================================================================
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from pskd.errors import WrongUse
from pskd.performer.curves import Keyframes

_SIDE = ("flex", "abd", "rot", "elbow", "roll", "hip", "spread", "knee")
CHANNELS: tuple[str, ...] = (
    "lean", "side", "twist", "nod", "turn", "jump", *(f"d_{c}" for c in _SIDE), *(f"n_{c}" for c in _SIDE),
)  # fmt: skip
INDEX = {name: position for position, name in enumerate(CHANNELS)}

_STANDING = {"flex": 4.0, "abd": 7.0, "rot": 8.0, "elbow": 14.0, "roll": 0.0, "hip": 1.0, "spread": 3.0, "knee": 4.0}


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing to do, over and over.

    Attributes:
        name: the class name.
        title: as a person reads it.
        period_s: one repetition at usual speed.
        channels: channel to keyframes (phase 0 up to 1, value), or to one number that stays; channels that are left
            out keep the standing posture.
        impacts: pairs of phase and strength in m/s^2 of what the pose does not show: a heel that strikes, hands
            that meet.
    """

    name: str
    title: str
    period_s: float
    channels: Mapping[str, Keyframes | float] = field(default_factory=dict)
    impacts: Keyframes = ()

    def keyframes(self, channel: str) -> Keyframes:
        """The keyframes of one channel, the standing posture where the activity says nothing."""
        given = self.channels.get(channel, _STANDING.get(channel[2:], 0.0))
        return given if isinstance(given, tuple) else ((0.0, float(given)),)


def _both(**channels: Keyframes | float) -> dict[str, Keyframes | float]:
    """The same for both sides at once."""
    return {f"{side}_{name}": value for name, value in channels.items() for side in "dn"}


def _alternate(**channels: Keyframes) -> dict[str, Keyframes | float]:
    """The dominant side as given, the other half a cycle later."""
    result: dict[str, Keyframes | float] = {}
    for name, keyframes in channels.items():
        result[f"d_{name}"] = keyframes
        result[f"n_{name}"] = tuple(sorted(((phase + 0.5) % 1.0, value) for phase, value in keyframes))
    return result


_TABLE = (
    Activity("rest", "Rest", 4.0, {"lean": ((0.0, 1.0), (0.5, 2.0))}),
    Activity(
        "walk", "Walk", 1.1,
        {**_alternate(flex=((0.0, -20.0), (0.5, 26.0)), elbow=((0.0, 14.0), (0.5, 34.0)),
                      hip=((0.0, 20.0), (0.55, -12.0)), knee=((0.0, 6.0), (0.15, 12.0), (0.4, 6.0), (0.75, 48.0))),
         "lean": 4.0, "twist": ((0.0, -6.0), (0.5, 6.0))},
        ((0.0, 5.0), (0.5, 5.0)),
    ),
    Activity(
        "run_in_place", "Run in place", 0.72,
        {**_alternate(flex=((0.0, -42.0), (0.5, 28.0)), elbow=((0.0, 80.0), (0.5, 98.0)),
                      hip=((0.0, 62.0), (0.5, 4.0)), knee=((0.0, 78.0), (0.5, 10.0))),
         "lean": 8.0, "jump": ((0.0, 0.05), (0.25, 0.0), (0.5, 0.05), (0.75, 0.0)),
         "twist": ((0.0, -10.0), (0.5, 10.0))},
        ((0.25, 14.0), (0.75, 14.0)),
    ),
    Activity(
        "march", "March", 1.25,
        {**_alternate(flex=((0.0, -24.0), (0.5, 44.0)), elbow=((0.0, 10.0), (0.5, 40.0)),
                      hip=((0.0, 84.0), (0.3, 2.0), (0.7, 2.0)), knee=((0.0, 88.0), (0.3, 3.0), (0.7, 3.0)))},
        ((0.28, 7.0), (0.78, 7.0)),
    ),
    Activity(
        "stairs", "Climb stairs", 1.35,
        {**_alternate(hip=((0.0, 58.0), (0.3, 32.0), (0.6, 2.0), (0.8, 15.0)),
                      knee=((0.0, 66.0), (0.3, 36.0), (0.6, 4.0), (0.8, 62.0))),
         "lean": 13.0, "nod": 14.0, "side": ((0.0, 3.0), (0.5, -3.0)),
         "d_flex": ((0.0, -6.0), (0.5, 16.0)), "d_elbow": 28.0,
         "n_flex": ((0.0, 46.0), (0.5, 34.0)), "n_elbow": ((0.0, 36.0), (0.5, 58.0)), "n_abd": 16.0},
        ((0.15, 6.0), (0.65, 6.0)),
    ),
    Activity(
        "squat", "Squat", 2.7,
        {**_both(hip=((0.0, 2.0), (0.42, 98.0), (0.52, 98.0), (0.92, 2.0)),
                 knee=((0.0, 3.0), (0.42, 104.0), (0.52, 104.0), (0.92, 3.0)), spread=12.0,
                 flex=((0.0, 6.0), (0.42, 84.0), (0.52, 84.0), (0.92, 6.0)), elbow=12.0, roll=25.0),
         "lean": ((0.0, 1.0), (0.42, 30.0), (0.52, 30.0), (0.92, 1.0))},
    ),
    Activity(
        "jumping_jack", "Jumping jack", 1.08,
        {**_both(abd=((0.0, 8.0), (0.42, 158.0), (0.55, 158.0), (0.95, 8.0)), elbow=12.0,
                 spread=((0.0, 3.0), (0.42, 25.0), (0.55, 25.0), (0.95, 3.0)), knee=((0.0, 20.0), (0.22, 4.0),
                 (0.45, 18.0), (0.75, 4.0))),
         "jump": ((0.0, 0.0), (0.24, 0.09), (0.46, 0.0), (0.54, 0.0), (0.76, 0.09))},
        ((0.46, 12.0), (0.97, 12.0)),
    ),
    Activity(
        "wave", "Wave", 0.8,
        {"d_flex": 14.0, "d_abd": 72.0, "d_rot": -84.0, "d_elbow": ((0.0, 68.0), (0.5, 118.0)), "d_roll": 20.0,
         "side": 3.0},
    ),
    Activity(
        "clap", "Clap", 0.66,
        {**_both(flex=((0.0, 44.0), (0.5, 34.0)), abd=((0.0, 2.0), (0.5, 16.0)), rot=((0.0, 46.0), (0.5, 10.0)),
                 elbow=82.0)},
        ((0.0, 22.0),),
    ),
    Activity(
        "drink", "Drink", 5.2,
        {"d_flex": ((0.0, 22.0), (0.22, 52.0), (0.3, 62.0), (0.58, 66.0), (0.66, 50.0), (0.88, 22.0)),
         "d_abd": ((0.0, 8.0), (0.3, 24.0), (0.6, 28.0), (0.88, 8.0)),
         "d_rot": ((0.0, 12.0), (0.3, 30.0), (0.6, 34.0), (0.88, 12.0)),
         "d_elbow": ((0.0, 62.0), (0.22, 126.0), (0.58, 134.0), (0.88, 62.0)),
         "d_roll": ((0.0, 0.0), (0.3, 10.0), (0.45, 46.0), (0.58, 50.0), (0.7, 0.0)),
         "nod": ((0.0, 6.0), (0.3, 0.0), (0.45, -22.0), (0.58, -24.0), (0.7, 6.0))},
    ),
    Activity(
        "phone_call", "Phone call", 7.5,
        {"d_flex": ((0.0, 30.0), (0.5, 36.0)), "d_abd": ((0.0, 42.0), (0.4, 36.0)), "d_rot": 4.0,
         "d_elbow": ((0.0, 144.0), (0.5, 148.0)), "d_roll": -35.0, "turn": ((0.0, 4.0), (0.5, -8.0)), "nod": 6.0,
         "side": ((0.0, 1.0), (0.5, 4.0)), "n_elbow": ((0.0, 20.0), (0.3, 70.0), (0.4, 55.0), (0.6, 22.0))},
    ),
    Activity(
        "wipe_table", "Wipe a table", 1.35,
        {"lean": 32.0, "nod": 12.0, "d_flex": ((0.0, 58.0), (0.5, 70.0)), "d_abd": ((0.0, -14.0), (0.5, 38.0)),
         "d_rot": ((0.0, 40.0), (0.5, 0.0)), "d_elbow": ((0.0, 48.0), (0.5, 30.0)), "d_roll": 80.0,
         "twist": ((0.0, 10.0), (0.5, -8.0)), "n_flex": 48.0, "n_elbow": 24.0, **_both(hip=14.0, knee=6.0)},
    ),
    Activity(
        "sweep_floor", "Sweep the floor", 1.9,
        {"lean": 20.0, "nod": 20.0, "twist": ((0.0, -22.0), (0.5, 26.0)),
         "d_flex": ((0.0, 24.0), (0.5, 56.0)), "d_elbow": ((0.0, 84.0), (0.5, 52.0)),
         "d_rot": ((0.0, 14.0), (0.5, 48.0)), "n_flex": ((0.0, 58.0), (0.5, 36.0)),
         "n_elbow": ((0.0, 58.0), (0.5, 88.0)), "n_rot": ((0.0, 52.0), (0.5, 22.0)), "n_roll": 40.0},
    ),
    Activity(
        "punch", "Punch", 1.15,
        {**_alternate(flex=((0.0, 32.0), (0.14, 84.0), (0.22, 84.0), (0.4, 32.0), (0.9, 30.0)),
                      elbow=((0.0, 128.0), (0.14, 10.0), (0.2, 12.0), (0.4, 130.0), (0.9, 132.0)),
                      roll=((0.0, 10.0), (0.15, 75.0), (0.22, 75.0), (0.4, 10.0))),
         "twist": ((0.0, -6.0), (0.16, 26.0), (0.5, 6.0), (0.66, -26.0)), "lean": 8.0, **_both(knee=16.0, hip=14.0)},
    ),
    Activity(
        "throw", "Throw", 2.8,
        {"d_flex": ((0.0, 6.0), (0.3, 20.0), (0.42, 64.0), (0.5, 96.0), (0.6, 40.0), (0.75, 6.0)),
         "d_abd": ((0.0, 8.0), (0.3, 92.0), (0.42, 58.0), (0.52, 6.0), (0.75, 8.0)),
         "d_rot": ((0.0, 8.0), (0.3, -88.0), (0.42, -50.0), (0.52, 30.0), (0.75, 8.0)),
         "d_elbow": ((0.0, 16.0), (0.3, 106.0), (0.42, 84.0), (0.5, 12.0), (0.75, 16.0)),
         "twist": ((0.0, 0.0), (0.3, -34.0), (0.5, 38.0), (0.75, 0.0)),
         "lean": ((0.0, 1.0), (0.3, -6.0), (0.52, 18.0), (0.75, 1.0)),
         "n_flex": ((0.0, 6.0), (0.3, 62.0), (0.55, 6.0)), "n_hip": ((0.0, 2.0), (0.35, 24.0), (0.6, 2.0))},
    ),
    Activity(
        "arm_circle", "Arm circles", 1.5,
        {**_both(abd=((0.0, 118.0), (0.125, 110.0), (0.25, 90.0), (0.375, 70.0), (0.5, 62.0), (0.625, 70.0),
                      (0.75, 90.0), (0.875, 110.0)),
                 flex=((0.0, 4.0), (0.125, 24.0), (0.25, 32.0), (0.375, 24.0), (0.5, 4.0), (0.625, -16.0),
                       (0.75, -24.0), (0.875, -16.0)), elbow=6.0)},
    ),
    Activity(
        "sit_stand", "Sit down and stand up", 4.4,
        {**_both(hip=((0.0, 2.0), (0.12, 30.0), (0.3, 88.0), (0.6, 88.0), (0.8, 30.0), (0.92, 2.0)),
                 knee=((0.0, 4.0), (0.3, 90.0), (0.62, 90.0), (0.92, 4.0)), spread=6.0,
                 flex=((0.0, 5.0), (0.3, 30.0), (0.6, 34.0), (0.92, 5.0)),
                 elbow=((0.0, 14.0), (0.32, 62.0), (0.58, 62.0), (0.92, 14.0)), roll=30.0),
         "lean": ((0.0, 1.0), (0.18, 38.0), (0.34, 4.0), (0.54, 6.0), (0.7, 40.0), (0.92, 1.0))},
        ((0.31, 6.0),),
    ),
    Activity(
        "pick_up", "Pick something up", 3.4,
        {"lean": ((0.0, 2.0), (0.35, 68.0), (0.45, 68.0), (0.8, 2.0)),
         "nod": ((0.0, 5.0), (0.35, 20.0), (0.8, 5.0)),
         **_both(hip=((0.0, 2.0), (0.4, 48.0), (0.8, 2.0)), knee=((0.0, 4.0), (0.4, 56.0), (0.8, 4.0))),
         "d_flex": ((0.0, 6.0), (0.35, 62.0), (0.45, 62.0), (0.7, 34.0), (0.88, 20.0)),
         "d_elbow": ((0.0, 16.0), (0.4, 8.0), (0.7, 96.0), (0.85, 92.0)),
         "n_flex": ((0.0, 4.0), (0.4, 30.0), (0.8, 4.0))},
    ),
    Activity(
        "knock", "Knock at a door", 0.62,
        {"d_flex": 58.0, "d_abd": 6.0, "d_elbow": ((0.0, 84.0), (0.35, 112.0), (0.8, 98.0)), "d_roll": 30.0,
         "d_rot": 2.0},
        ((0.0, 20.0),),
    ),
    Activity(
        "brush_teeth", "Brush teeth", 0.42,
        {"d_flex": 50.0, "d_abd": 34.0, "d_rot": ((0.0, 36.0), (0.5, 25.0)), "d_elbow": ((0.0, 124.0), (0.5, 131.0)),
         "d_roll": 40.0, "nod": 10.0},
    ),
    Activity(
        "type", "Type on a keyboard", 0.9,
        {**_both(flex=16.0, abd=10.0, rot=14.0, roll=75.0),
         "d_elbow": ((0.0, 86.0), (0.2, 89.0), (0.35, 86.0), (0.6, 88.0), (0.8, 86.0)),
         "n_elbow": ((0.0, 88.0), (0.3, 86.0), (0.5, 89.0), (0.7, 86.0)),
         "d_rot": ((0.0, 12.0), (0.5, 17.0)), "nod": 14.0},
        ((0.2, 1.5), (0.6, 1.5)),
    ),
    Activity(
        "stir", "Stir a pot", 1.0,
        {"d_flex": ((0.0, 34.0), (0.25, 42.0), (0.5, 50.0), (0.75, 42.0)), "d_elbow": ((0.0, 92.0), (0.5, 70.0)),
         "d_rot": ((0.0, 20.0), (0.25, 36.0), (0.5, 20.0), (0.75, 4.0)), "d_abd": 14.0, "d_roll": 55.0, "nod": 16.0},
    ),
)  # fmt: skip

ACTIVITIES: dict[str, Activity] = {activity.name: activity for activity in _TABLE}

MEDLEY = "medley"


def names() -> list[str]:
    """The names of all activities, in the order of the table."""
    return list(ACTIVITIES)


def plain(label: str) -> str:
    """A label as the table writes names: lower case, words joined by ``_``."""
    return "_".join("".join(c if c.isalnum() else " " for c in label.lower()).split())


def known(name: str) -> Activity:
    """The activity called ``name``; empty means ``rest``.

    Raises:
        WrongUse: there is none.
    """
    activity = ACTIVITIES.get(plain(name) or "rest")
    if activity is None:
        raise WrongUse(
            f"The simulated performer has no activity called {name!r}.",
            code="performer.unknown",
            hint=f"Known: {', '.join(names())}, or {MEDLEY} for one after another.",
        )
    return activity


def for_label(label: str) -> Activity:
    """What the performer does when asked for any class: the one of that name, or a gesture made up from the name.

    Made-up gestures are the same every time, and those of different names differ, so that a person's own classes can
    be tried without hardware.
    """
    name = plain(label)
    if name in ACTIVITIES or not name:
        return ACTIVITIES[name or "rest"]
    return _invented(name)


def _invented(name: str) -> Activity:
    dice = np.random.default_rng(zlib.crc32(name.encode()))
    centre = {"flex": 45.0, "abd": 30.0, "rot": 0.0, "elbow": 65.0, "roll": 20.0}
    reach = {"flex": 40.0, "abd": 30.0, "rot": 35.0, "elbow": 50.0, "roll": 30.0}
    channels: dict[str, Keyframes | float] = {}
    for channel, middle in centre.items():
        values = middle + reach[channel] * dice.uniform(-1.0, 1.0, 4)
        channels[f"d_{channel}"] = tuple((phase / 4.0, float(value)) for phase, value in enumerate(values))
    return Activity(name, name.replace("_", " ").capitalize(), float(dice.uniform(0.9, 2.6)), channels)
