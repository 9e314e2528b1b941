"""What a watch driver is: it announces its streams, then runs until it is told to stop."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from pskd.types import LinkState, SampleBlock, StreamInfo
from pskd.uri import DeviceUri

__all__ = ["Capabilities", "DeviceUri", "Driver", "Sink"]


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
