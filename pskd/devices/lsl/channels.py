"""Which channels of an LSL stream are the three axes, and what their unit is worth. Pure; the words are strangers'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pskd.devices.network.readings import DEG_PER_RAD
from pskd.errors import PskdError, WrongUse
from pskd.types import GRAVITY_MPS2, StreamKind

_AXIS = re.compile(r"(?P<before>[a-z]*?)(?P<axis>[xyz])(?P<after>[a-z]*)")
_WORDS = {
    StreamKind.ACCELEROMETER: {"", "a", "acc", "accel", "acceleration", "accelerometer"},
    StreamKind.GYROSCOPE: {"g", "gyr", "gyro", "gyroscope", "rotationrate", "angularvelocity"},
}
_TYPES = {"acc": StreamKind.ACCELEROMETER, "accelerometer": StreamKind.ACCELEROMETER}
_TYPES |= {"gyr": StreamKind.GYROSCOPE, "gyro": StreamKind.GYROSCOPE, "gyroscope": StreamKind.GYROSCOPE}
_WORTH = {
    StreamKind.ACCELEROMETER: {
        **dict.fromkeys(("m/s^2", "m/s2", "m/s²", "m/s/s", "ms-2", "m*s^-2"), 1.0),
        **dict.fromkeys(("g", "gravity"), GRAVITY_MPS2),
        **dict.fromkeys(("mg", "milli-g", "millig"), GRAVITY_MPS2 / 1000.0),
    },
    StreamKind.GYROSCOPE: {
        **dict.fromkeys(("deg/s", "dps", "°/s", "degrees/s"), 1.0),
        **dict.fromkeys(("rad/s", "rads/s", "radians/s"), DEG_PER_RAD),
    },
}
_SAID = {StreamKind.ACCELEROMETER: "channels", StreamKind.GYROSCOPE: "turning"}


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel as its stream describes it; all may be empty.

    Attributes:
        label: its name.
        unit: its unit.
        type: what it is, such as ``ACC``.
    """

    label: str
    unit: str
    type: str


def axes(channels: Sequence[Channel], kind: StreamKind, wanted: str = "") -> tuple[int, int, int]:
    """Places of x, y and z.

    Args:
        channels: all of the stream.
        kind: accelerometer or gyroscope.
        wanted: three labels or numbers from 1, with commas, as the person says; empty to tell by the labels.

    Raises:
        WrongUse: what is wanted is not there.
        PskdError: it cannot be told.
    """
    if wanted:
        return _said(channels, kind, wanted)
    found = {axis: [n for n, one in enumerate(channels) if _is(one, kind) == axis] for axis in "xyz"}
    if all(len(places) == 1 for places in found.values()):
        return found["x"][0], found["y"][0], found["z"][0]
    if len(channels) == 3 and kind is StreamKind.ACCELEROMETER:
        return 0, 1, 2
    raise PskdError(
        f"Which channels are x, y and z of the {kind} cannot be told.",
        code="lsl.channels",
        hint=f"Say {_SAID[kind]}=... with three of: {_listed(channels)}.",
    )


def worth(channels: Sequence[Channel], kind: StreamKind, said: str = "") -> float:
    """What a count is worth in m/s^2 or deg/s.

    Args:
        channels: the three axes.
        kind: accelerometer or gyroscope.
        said: the unit as the person says; empty to take the stream's word.

    Raises:
        WrongUse: an unknown unit was said.
        PskdError: the stream does not say, or says a unit that is not known.
    """
    known = _WORTH[kind]
    units = {one.unit.strip().lower() for one in channels} if not said else {said.strip().lower()}
    if len(units) == 1 and (unit := units.pop()) in known:
        return known[unit]
    if said:
        raise WrongUse(f"There is no unit {said!r}.", code="device.option", hint=f"Known: {', '.join(known)}.")
    raise PskdError(
        f"The stream does not say the unit of its {kind} in words that are known here.",
        code="lsl.unit",
        hint=f"Say {'unit' if kind is StreamKind.ACCELEROMETER else 'turning_unit'}=... ({', '.join(known)}).",
    )


def _said(channels: Sequence[Channel], kind: StreamKind, wanted: str) -> tuple[int, int, int]:
    labels = [one.label for one in channels]
    places = []
    for word in (word.strip() for word in wanted.split(",")):
        if word in labels:
            places.append(labels.index(word))
        elif word.isascii() and word.isdecimal() and len(word) < 6 and 1 <= int(word) <= len(channels):
            places.append(int(word) - 1)
    if len(places) != 3 or len(set(places)) != 3 or wanted.count(",") != 2:
        raise WrongUse(
            f"{_SAID[kind]}={wanted} does not name three channels.",
            code="lsl.channels",
            hint=f"There are: {_listed(channels)}.",
        )
    return places[0], places[1], places[2]


def _is(channel: Channel, kind: StreamKind) -> str:
    """``x``, ``y`` or ``z`` where the channel is that axis of that kind; else empty."""
    declared = _TYPES.get(channel.type.strip().lower())
    if declared not in (None, kind):
        return ""
    word = "".join(letter for letter in channel.label.lower() if letter.isalpha())
    for match in (_AXIS.fullmatch(word), re.fullmatch(r"(?P<before>[a-z]+)(?P<axis>[xyz])(?P<after>)", word)):
        if match is not None:
            named = match["before"] + match["after"]
            if named in _WORDS[kind] or (declared is kind and not named):
                return match["axis"]
    return ""


def _listed(channels: Sequence[Channel]) -> str:
    shown = [f"{n} {one.label}".strip() for n, one in enumerate(channels[:12], 1)]
    return ", ".join(shown) + (", ..." if len(channels) > 12 else "")
