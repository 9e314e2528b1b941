"""The performer's options, as they stand in a ``sim:`` URI: read the same way by the watch and by the camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pskd.errors import WrongUse
from pskd.performer.body import Body, body
from pskd.performer.curves import mix, uniform
from pskd.uri import number_option

OPTIONS = frozenset({"seed", "body", "hand", "speed", "amplitude", "smoothness", "vary", "view", "noise", "every"})


@dataclass(frozen=True, slots=True)
class Style:
    """How one performance is danced.

    Attributes:
        seed: everything random follows from it.
        who: the body.
        hand: the wrist that the watch is on.
        speed: repetitions against the usual rate.
        amplitude: size of movements against the usual.
        blur_s: how softly keyframes are joined.
        vary: how much one repetition differs from the next; 0 is a machine.
        view_deg: how far the body is turned from the camera.
        noise: landmark noise against the usual; 0 is none.
        every_s: how long each activity of a medley lasts.
    """

    seed: int
    who: Body
    hand: str
    speed: float
    amplitude: float
    blur_s: float
    vary: float
    view_deg: float
    noise: float
    every_s: float


def style(options: Mapping[str, str]) -> Style:
    """Read the options; those of others (``rate``, ``fps``) are left alone.

    Raises:
        WrongUse: a value is not a number, out of bounds, or not a known name.
    """
    seed = int(number(options, "seed", 0, 0, 2**31 - 1))
    who = body(options.get("body", ""))
    hand = options.get("hand", who.dominant)
    if hand not in ("left", "right"):
        raise WrongUse(f"hand={hand!r} is neither left nor right.", code="performer.option")
    # The seed also makes a slightly different person of the same body.
    habit = [float(2.0 * uniform(mix(seed, 77, which))[0] - 1.0) for which in range(3)]
    return Style(
        seed=seed,
        who=who,
        hand=hand,
        speed=number(options, "speed", 1.0, 0.2, 4.0) * who.speed * (1.0 + 0.06 * habit[0]),
        amplitude=number(options, "amplitude", 1.0, 0.2, 2.0) * who.amplitude * (1.0 + 0.06 * habit[1]),
        blur_s=0.05 * number(options, "smoothness", 1.0, 0.3, 4.0) * who.smoothness * (1.0 + 0.10 * habit[2]),
        vary=number(options, "vary", 1.0, 0.0, 2.0),
        view_deg=number(options, "view", 0.0, -180.0, 180.0) + 6.0 * habit[0],
        noise=number(options, "noise", 1.0, 0.0, 10.0),
        every_s=number(options, "every", 6.0, 0.5, 600.0),
    )


def number(options: Mapping[str, str], key: str, default: float, low: float, high: float) -> float:
    """A numeric option within bounds; ``WrongUse`` where it is not."""
    return number_option(options, key, default, low, high, code="performer.option")
