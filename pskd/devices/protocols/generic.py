"""Any sensor that notifies plain triplets: the address tells the UUIDs, the layout and the scale."""

from __future__ import annotations

import math
import re
from typing import ClassVar, TypeVar

import numpy as np

from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import PLAUSIBLE_MPS2, Malformed, Protocol, Samples, Wish, integers
from pskd.errors import WrongUse
from pskd.types import GRAVITY_MPS2

T = TypeVar("T")
_LAYOUTS = {"int8": "<i1", "int16": "<i2", "int16be": ">i2", "int32": "<i4", "float32": "<f4"}
_UNITS = {"g": GRAVITY_MPS2, "m/s2": 1.0}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHORT = re.compile(r"[0-9a-f]{4}")


@PROTOCOLS.register("generic")
class Generic(Protocol):
    """``ble:generic/ADDRESS?characteristic=UUID&layout=int16&per=1000&unit=g&skip=0&rate=50``.

    ``layout`` is int8, int16, int16be, int32 or float32; ``per`` how many counts are one unit; ``unit`` g or m/s2;
    ``skip`` how many bytes at the beginning of a packet are no samples; ``service`` the service to look for.
    """

    title: ClassVar[str] = "Any sensor (UUID, layout and scale by hand)"
    source: ClassVar[str] = "what you say in the address"
    service: ClassVar[str] = ""
    notify: ClassVar[tuple[str, ...]] = ()
    rates_hz: ClassVar[tuple[float, ...]] = (50.0,)
    options: ClassVar[frozenset[str]] = frozenset({"service", "characteristic", "layout", "per", "unit", "skip"})

    def __init__(self, wish: Wish | None = None) -> None:
        super().__init__(wish)
        options = dict(self.wish.options)
        self.notify = (uuid(options.get("characteristic", ""), "characteristic"),)  # type: ignore[misc]
        self.service = uuid(options["service"], "service") if "service" in options else ""  # type: ignore[misc]
        self._kind = _choice(options, "layout", "int16", _LAYOUTS)
        self._unit_mps2 = _choice(options, "unit", "g", _UNITS) / _number(options, "per", 1.0, 1e-6, 1e9)
        self._skip = int(_number(options, "skip", 0.0, 0.0, 64.0))

    def choose_rate(self) -> float:
        """What the person says; 50 where nothing was said."""
        return self.wish.rate_hz or self.rates_hz[0]

    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """Triplets in the layout that was told."""
        with np.errstate(invalid="ignore", over="ignore"):
            values = integers(packet[self._skip :], self._kind) * self._unit_mps2
            if not (np.abs(values) < PLAUSIBLE_MPS2).all():
                raise Malformed("no plausible acceleration; are layout and scale right?")
        return [Samples(values.astype(np.float32))]


def uuid(text: str, what: str) -> str:
    """A UUID in full, from four hexadecimal digits or all of it.

    Raises:
        WrongUse: it is none.
    """
    text = text.lower()
    if _SHORT.fullmatch(text):
        return f"0000{text}-0000-1000-8000-00805f9b34fb"
    if not _UUID.fullmatch(text):
        raise WrongUse(
            f"{what}={text!r} is not a UUID.",
            code="device.option",
            hint=f"Say {what}=2c1e or {what}=6e400003-b5a3-f393-e0a9-e50e24dcca9e.",
        )
    return text


def _choice(options: dict[str, str], key: str, default: str, choices: dict[str, T]) -> T:
    text = options.get(key, default)
    if text not in choices:
        raise WrongUse(f"{key}={text!r} is not known.", code="device.option", hint=f"Known: {', '.join(choices)}.")
    return choices[text]


def _number(options: dict[str, str], key: str, default: float, low: float, high: float) -> float:
    try:
        value = float(options.get(key, default))
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise WrongUse(f"{key}={options[key]!r} is not a number from {low:g} to {high:g}.", code="device.option")
    return value
