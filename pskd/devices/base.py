"""What a watch driver is: it announces its streams, then runs until it is told to stop."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from pskd.errors import PskdError
from pskd.sync.clockfit import Ping
from pskd.types import LinkState, SampleBlock, StreamInfo, StreamKind
from pskd.uri import DeviceUri, check_options

__all__ = [
    "Capabilities", "DeviceUri", "Driver", "Sink", "check_options", "own_failure", "pause", "readable", "stream_info",
    "stream_name", "unless",
]  # fmt: skip

MAX_NAME = 40
_UNITS = {StreamKind.ACCELEROMETER: "m/s^2", StreamKind.GYROSCOPE: "deg/s"}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a driver can do.

    Attributes:
        streams: what it will send.
        simulated: no hardware is involved; the window says so.
        battery: it reports its battery.
        device_time: its blocks carry the device's own clock.
        ends: it ends by itself (a recording that is played).
        speed: seconds of the device's clock in a second here; not 1 where a recording is played faster, 0 where it
            comes as fast as it can.
    """

    streams: tuple[StreamInfo, ...]
    simulated: bool = False
    battery: bool = False
    device_time: bool = False
    ends: bool = False
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Sink:
    """Where a driver puts what it has. All may be called from the driver's thread only and return at once.

    Attributes:
        block: one packet of samples.
        state: the link state and one plain sentence about it.
        battery: charge, 0 to 100 percent.
        label: what is being done from the next block on, where the source knows the truth (a simulation, a recording);
            empty where nobody knows.
        ping: one comparison of the device's clock with this computer's, where the device answers pings.
    """

    block: Callable[[SampleBlock], None]
    state: Callable[[LinkState, str], None]
    battery: Callable[[int], None] = lambda percent: None
    label: Callable[[str], None] = lambda label: None
    ping: Callable[[Ping], None] = lambda ping: None


class Driver(ABC):
    """One watch. A subclass is registered under its URI scheme in :data:`pskd.devices.drivers.DRIVERS`.

    The constructor checks the URI and opens nothing that blocks; ``prepare`` does what can fail (find, read a
    header) and returns the capabilities; ``run`` streams.
    """

    def __init__(self, uri: DeviceUri) -> None:
        self.uri = uri
        # Set by the engine: a link state that is already known while preparing, such as CONNECTING once it is found.
        self.announce: Callable[[LinkState, str], None] = lambda state, text: None

    @abstractmethod
    async def prepare(self) -> Capabilities:
        """Find the device and learn its streams; called again before each reconnection.

        Raises:
            PskdError: it cannot be used, with what to do.
        """

    @abstractmethod
    async def run(self, sink: Sink, stop: asyncio.Event) -> None:
        """Stream until ``stop`` is set or the source ends; states go CONNECTING, STREAMING, ..., IDLE.

        Must return within two seconds of ``stop``.
        """

    async def linger(self, stop: asyncio.Event, seconds: float) -> bool:
        """Wait before another try, ``seconds`` at most; True where ``stop`` was set.

        A driver that notices its device coming back waits no longer than that.
        """
        return await pause(stop, seconds)

    def command(self, name: str, **arguments: object) -> None:
        """A hint from the recorder, such as ``perform`` with ``label`` and ``t_s``; ignored by hardware."""


def readable(name: str) -> str:
    """A name that strangers chose, fit to be shown on one line."""
    return "".join(letter for letter in name if letter.isprintable()).strip()[:MAX_NAME]


def stream_name(name: str, kind: StreamKind) -> str:
    """What a watch's stream is called: ``watch``, and ``watch-gyroscope`` for how it turns."""
    return f"{name}-gyroscope" if kind is StreamKind.GYROSCOPE else name


def stream_info(name: str, kind: StreamKind, rate_hz: float, uri: DeviceUri, *, simulated: bool = False) -> StreamInfo:
    """A stream of a watch as every driver announces it: three axes, acceleration in m/s^2 or turning in deg/s.

    Args:
        name: of the watch, such as ``watch``.
        kind: accelerometer or gyroscope.
        rate_hz: nominal; 0 where irregular.
        uri: the watch.
        simulated: no hardware is involved.
    """
    called = stream_name(name, kind)
    return StreamInfo(called, kind, ("x", "y", "z"), _UNITS[kind], rate_hz, str(uri), simulated=simulated)


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait, or until ``stop`` is set; True where it was set. Zero or less only lets others run."""
    if seconds <= 0:
        await asyncio.sleep(0)
    else:
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            pass
    return stop.is_set()


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do the work unless ``stop`` comes first; True where it did. What the work raises is raised here."""
    doing, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            await doing
        return stop.is_set()
    finally:
        for task in (doing, stopping):
            task.cancel()
        await asyncio.gather(doing, stopping, return_exceptions=True)


def own_failure(error: BaseException) -> Exception:
    """What a driver raised; being cut off from outside goes on. Libraries cancel their own waiting where a link breaks.

    Raises:
        CancelledError: this very task was cancelled.
    """
    if isinstance(error, Exception):
        return error
    task = asyncio.current_task()
    if task is None or task.cancelling():
        raise error
    return PskdError("The connection broke.", code="device.lost", hint="It is looked for again.")
