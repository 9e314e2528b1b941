"""``lsl:NAME[?channels=&unit=&scope=&...]``: any stream of the Lab Streaming Layer as a watch."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pskd.clock import now_s
from pskd.devices.base import Capabilities, DeviceUri, Driver, Sink, check_options, stream_info, unless
from pskd.devices.drivers import DRIVERS
from pskd.devices.lsl import channels, library
from pskd.devices.lsl.streams import Inlet, resolve
from pskd.devices.network.readings import BACK_S
from pskd.errors import PskdError, WrongUse
from pskd.types import LinkState, SampleBlock, StreamInfo, StreamKind, TimeArray

_OPTIONS = frozenset(
    {"channels", "unit", "turning", "turning_unit", "gyroscope", "source", "scope", "find_s", "name", "rate"}
)
FIND_S = 10.0
LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class _Part:
    """Three channels of the stream that make one of ours."""

    info: StreamInfo
    axes: tuple[int, int, int]
    worth: float


@DRIVERS.register("lsl")
class LslWatch(Driver):
    """Finds the stream, reads it, and looks for it again when it has gone.

    Device time is the sender's time stamp, brought to this computer's clock by LSL's own exchange of pings. Options:
    ``channels`` (three labels or numbers from 1) and ``unit`` where the stream does not say; ``turning`` and
    ``turning_unit`` likewise for a gyroscope, or ``gyroscope`` (1: told by the labels); ``rate`` (Hz) of a stream that
    says none; ``source`` (its identifier, where several have one name); ``scope`` (``machine``, or ``network`` for
    other computers too); ``find_s`` (how long to look at first); ``name`` (of the stream).
    """

    def __init__(self, uri: DeviceUri) -> None:
        super().__init__(uri)
        check_options(uri, _OPTIONS)
        self._source = uri.options.get("source", "")
        if not uri.path or "'" in uri.path + self._source:
            raise WrongUse(
                "Say which LSL stream.", code="device.uri", hint="pskd devices lists those of this computer."
            )
        self._scope = uri.options.get("scope", library.MACHINE)
        if self._scope not in library.SCOPES:
            raise WrongUse(f"scope={self._scope} is none of {', '.join(library.SCOPES)}.", code="device.option")
        self._find_s = uri.number("find_s", FIND_S, low=0.1, high=3600)
        self._rate_hz = uri.number("rate", 0.0, low=0.1, high=100_000)
        self._gyroscope = "turning" in uri.options or uri.number("gyroscope", 0, low=0, high=1) > 0
        self._name = uri.options.get("name", "watch")
        self._inlet: Inlet | None = None
        self._parts: list[_Part] = []
        self._known = False
        self._last_s = -np.inf

    async def prepare(self) -> Capabilities:
        """Find the stream and open it. The first time for ``find_s``; later until it is back.

        Raises:
            PskdError: LSL is not installed, there is no such stream, or its channels cannot be told.
        """
        inlet = await self._open()
        try:
            self._parts = self._choose(inlet)
        except BaseException:
            await asyncio.to_thread(inlet.close)
            raise
        self._inlet, self._known = inlet, True
        return Capabilities(tuple(part.info for part in self._parts), simulated=inlet.simulated, device_time=True)

    async def run(self, sink: Sink, stop: asyncio.Event) -> None:
        """Pass on what comes until ``stop``.

        Raises:
            PskdError: the stream is gone.
        """
        inlet, self._inlet = self._inlet, None
        assert inlet is not None
        loop = asyncio.get_running_loop()
        gone: asyncio.Future[None] = loop.create_future()
        self._last_s = -np.inf

        def end(error: PskdError) -> None:
            if not gone.done():
                gone.set_exception(error)

        def chunk(values: NDArray[Any], times: TimeArray, arrival_s: float) -> None:
            try:
                if not stop.is_set():
                    self._pass_on(sink, values, times, arrival_s)
            except PskdError as error:
                end(error)

        try:
            sink.state(LinkState.STREAMING, f"Reading the LSL stream {self.uri.path}.")
            inlet.start(lambda *content: _soon(loop, chunk, *content), lambda error: _soon(loop, end, error))
            await unless(stop, _wait(gone))
            sink.state(LinkState.IDLE, f"The LSL stream {self.uri.path} is no longer read.")
        finally:
            gone.cancel()
            await asyncio.to_thread(inlet.close)

    async def _open(self) -> Inlet:
        end_s = now_s() + (float("inf") if self._known else self._find_s)
        while (left_s := end_s - now_s()) > 0:
            found = await asyncio.to_thread(resolve, self.uri.path, self._source, min(LOOK_S, left_s), self._scope)
            if found is not None:
                self.announce(LinkState.CONNECTING, f"Opening the LSL stream {self.uri.path}.")
                return await asyncio.to_thread(Inlet, found, self._scope)
        where = "on this computer" if self._scope == library.MACHINE else "on the network"
        raise PskdError(
            f"There is no LSL stream {self.uri.path} {where}.",
            code="lsl.not-found",
            hint="Start the program that sends it"
            + ("; for one on another computer add scope=network." if self._scope == library.MACHINE else "."),
        )

    def _choose(self, inlet: Inlet) -> list[_Part]:
        options = self.uri.options
        parts = [self._part(inlet, StreamKind.ACCELEROMETER, options.get("channels", ""), options.get("unit", ""))]
        if self._gyroscope:
            said, unit = options.get("turning", ""), options.get("turning_unit", "")
            parts.append(self._part(inlet, StreamKind.GYROSCOPE, said, unit))
        return parts

    def _part(self, inlet: Inlet, kind: StreamKind, said: str, unit: str) -> _Part:
        places = channels.axes(inlet.channels, kind, said)
        worth = channels.worth([inlet.channels[place] for place in places], kind, unit)
        rate_hz = self._rate_hz or inlet.rate_hz
        return _Part(stream_info(self._name, kind, rate_hz, self.uri, simulated=inlet.simulated), places, worth)

    def _pass_on(self, sink: Sink, values: NDArray[Any], times: TimeArray, arrival_s: float) -> None:
        """On the loop: the parts of one chunk, without what is not newer or is no number.

        Raises:
            PskdError: the sender's clock was set back.
        """
        if times[-1] < self._last_s - BACK_S:
            raise PskdError("The sender's clock was set back.", code="device.clock", hint="Its stream begins anew.")
        newest = np.maximum.accumulate(np.append(self._last_s, times))[:-1]
        new = np.isfinite(times) & (times > newest)
        if not new.any():
            return
        self._last_s = float(times[new][-1])
        for part in self._parts:
            chosen = (values[new][:, part.axes].astype(np.float64) * part.worth).astype(np.float32)
            sound = np.isfinite(chosen).all(axis=1)
            if sound.any():
                sink.block(SampleBlock(part.info.name, arrival_s, chosen[sound], times[new][sound]))


async def _wait(gone: asyncio.Future[None]) -> None:
    await gone


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: object) -> None:
    """Call on the loop, from another thread; nothing where the loop has ended meanwhile."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *arguments)
