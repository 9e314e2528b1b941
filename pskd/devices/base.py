"""What a watch driver is: it announces its streams, then runs until it is told to stop."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from pskd.errors import WrongUse
from pskd.types import LinkState, SampleBlock, StreamInfo


@dataclass(frozen=True, slots=True)
class DeviceUri:
    """``scheme:path?key=value``, such as ``sim:squat?seed=3`` or ``replay:take-003_squat?speed=4``.

    Attributes:
        scheme: which driver.
        path: what it should open; may be empty.
        options: the query, as text.
    """

    scheme: str
    path: str
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> DeviceUri:
        """Read a URI.

        Raises:
            WrongUse: it has no scheme.
        """
        scheme, colon, _ = text.partition(":")
        if not colon or not scheme.isidentifier():
            raise WrongUse(
                f"{text!r} is not a device.", code="device.uri", hint="Examples: sim:squat, replay:PATH, video:PATH."
            )
        rest = text[len(scheme) + 1 :]
        path, question, query = rest.rpartition("?")
        if not question or "=" not in query:
            path, query = rest, ""
        return cls(scheme, path, dict(parse_qsl(query)))

    def number(self, key: str, default: float, *, low: float, high: float) -> float:
        """A numeric option within bounds.

        Raises:
            WrongUse: not a number, or outside the bounds.
        """
        text = self.options.get(key)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise WrongUse(f"{key}={text!r} in {self} is not a number from {low:g} to {high:g}.", code="device.option")
        return value

    def __str__(self) -> str:
        query = "&".join(f"{key}={value}" for key, value in self.options.items())
        return f"{self.scheme}:{self.path}" + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a driver can do.

    Attributes:
        streams: what it will send.
        simulated: no hardware is involved; the window says so.
        battery: it reports its battery.
        device_time: its blocks carry the device's own clock.
        ends: it ends by itself (a recording that is played).
    """

    streams: tuple[StreamInfo, ...]
    simulated: bool = False
    battery: bool = False
    device_time: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Sink:
    """Where a driver puts what it has. All three may be called from the driver's thread only and return at once.

    Attributes:
        block: one packet of samples.
        state: the link state and one plain sentence about it.
        battery: charge, 0 to 100 percent.
    """

    block: Callable[[SampleBlock], None]
    state: Callable[[LinkState, str], None]
    battery: Callable[[int], None] = lambda percent: None


class Driver(ABC):
    """One watch. A subclass is registered under its URI scheme in :data:`pskd.devices.drivers.DRIVERS`.

    The constructor checks the URI and opens nothing that blocks; ``prepare`` does what can fail (find, read a
    header) and returns the capabilities; ``run`` streams.
    """

    def __init__(self, uri: DeviceUri) -> None:
        self.uri = uri

    @abstractmethod
    async def prepare(self) -> Capabilities:
        """Find the device and learn its streams.

        Raises:
            PskdError: it cannot be used, with what to do.
        """

    @abstractmethod
    async def run(self, sink: Sink, stop: asyncio.Event) -> None:
        """Stream until ``stop`` is set or the source ends; states go CONNECTING, STREAMING, ..., IDLE.

        Must return within two seconds of ``stop``.
        """

    def command(self, name: str, **arguments: object) -> None:
        """A hint from the recorder, such as ``perform`` with ``label`` and ``t_s``; ignored by hardware."""
