"""A watch that sends to this computer: listen, wait for the first samples, measure their rate, pass them on."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pskd.devices.base import (
    Capabilities,
    DeviceUri,
    Driver,
    Sink,
    check_options,
    readable,
    stream_info,
    stream_name,
    unless,
)
from pskd.devices.listen.gate import Gate, Place
from pskd.devices.network.rate import RateMeter
from pskd.devices.network.readings import Order
from pskd.devices.protocols.base import Samples
from pskd.errors import PskdError
from pskd.types import LinkState, SampleBlock, StreamKind

OPTIONS = frozenset({"token", "name", "rate", "gyroscope", "wait_s", "unit"})
WAIT_S = 50.0
WAITING = 256


class Listener(Protocol):
    """What :class:`pskd.devices.listen.http.HttpListener` and its like have in common."""

    async def open(self) -> Place:
        """Start to listen; returns where."""

    async def close(self) -> None:
        """Stop."""


@dataclass(frozen=True, slots=True)
class _Delivery:
    packets: Sequence[Samples]
    arrival_s: float
    sender: str


class Pushed(Driver):
    """A source that is sent to one place of this computer. Subclasses listen and decode.

    Options: ``token`` (required where others can reach the place), ``name`` (of the stream), ``rate`` (Hz; measured
    where it is not said), ``gyroscope`` (0 or 1: a second stream), ``wait_s`` (how long to wait for the first
    samples), ``unit`` (``g`` or ``m/s2``).

    Attributes:
        place: where it listens.
        gate: who may send.
        malformed: deliveries that could not be read.
        lost: deliveries that came faster than they could be taken.
    """

    def __init__(self, uri: DeviceUri, options: frozenset[str] = frozenset()) -> None:
        super().__init__(uri)
        check_options(uri, OPTIONS | options)
        self.place = Place.parse(uri.scheme, uri.path)
        self.gate = Gate(self.place, uri.options.get("token", ""))
        self.malformed = self.lost = 0
        self.gyroscope = uri.number("gyroscope", 0, low=0, high=1) > 0
        self._name = uri.options.get("name", "watch")
        self._rate_hz = uri.number("rate", 0.0, low=0.1, high=5000)
        self._wait_s = uri.number("wait_s", WAIT_S, low=0.1, high=3600)
        self._listener: Listener | None = None
        self._queue: asyncio.Queue[_Delivery | PskdError] = asyncio.Queue(WAITING)

    @abstractmethod
    def listener(self) -> Listener:
        """A new listener for ``place`` that hands what it gets to :meth:`deliver`."""

    @abstractmethod
    def where(self) -> str:
        """The place as the person types it into the app."""

    async def prepare(self) -> Capabilities:
        """Listen, and wait for the first samples.

        Raises:
            PskdError: the place cannot be used, or nobody sends.
        """
        self._queue = asyncio.Queue(WAITING)
        self._listener = self.listener()
        try:
            await self._open(self._listener)
            meter = await self._first_samples()
        except BaseException:
            await self._close()
            raise
        return self._capabilities(self._rate_hz or meter.rate_hz, device_time=meter.device_time)

    async def run(self, sink: Sink, stop: asyncio.Event) -> None:
        """Pass on what comes until ``stop``.

        Raises:
            PskdError: another phone sends now, or the sender's clock was set back.
        """
        try:
            sink.state(LinkState.STREAMING, f"Samples come to {self.where()}.")
            await unless(stop, self._pass_on(sink))
            sink.state(LinkState.IDLE, f"No longer listening at {self.where()}.")
        finally:
            await self._close()

    def deliver(self, packets: Sequence[Samples], sender: str, arrival_s: float) -> bool:
        """Take what one sender brought; False where it is another's turn. On the engine's loop."""
        if not packets:
            return True
        try:
            if not self.gate.admit(sender):
                return False
            self._queue.put_nowait(_Delivery(packets, arrival_s, sender))
        except PskdError as error:
            if not self._queue.full():
                self._queue.put_nowait(error)
        except asyncio.QueueFull:
            self.lost += 1
            self.gate.complain(f"More comes to {self.where()} than can be taken.")
        return True

    async def _open(self, listener: Listener) -> None:
        try:
            self.place = await listener.open()
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise PskdError(
                f"Cannot listen at {self.place}: {why}.",
                code="device.listen",
                hint="Choose another port, and an address that this computer has.",
            ) from error
        self.announce(LinkState.SCANNING, f"Waiting for samples at {self.where()}.")

    async def _first_samples(self) -> RateMeter:
        meter = RateMeter(known=self._rate_hz > 0)
        heard = ""
        try:
            async with asyncio.timeout(self._wait_s) as limit:
                while not meter.ready:
                    delivery = await self._next()
                    if not heard:
                        heard = delivery.sender
                        limit.reschedule(asyncio.get_running_loop().time() + self._wait_s)
                        self.announce(LinkState.CONNECTING, f"The first samples came from {readable(heard)}.")
                    for packet in delivery.packets:
                        meter.add(packet, delivery.arrival_s)
        except TimeoutError as error:
            raise self._nobody(heard) from error
        return meter

    def _nobody(self, heard: str) -> PskdError:
        if heard:
            return PskdError(
                f"Only few samples came to {self.where()}, not enough to tell their rate.",
                code="device.rate",
                hint="Let the app send accelerometer samples without a break, or say rate=....",
            )
        refused = f" {self.gate.refused} tries were refused." if self.gate.refused else ""
        unread = f" {self.malformed} packets could not be read." if self.malformed else ""
        return PskdError(
            f"No samples came to {self.where()} within {self._wait_s:g} s.{refused}{unread}",
            code="device.silent",
            hint="Start sending in the app, with this address and token, from the same network.",
        )

    async def _pass_on(self, sink: Sink) -> None:
        order = Order()
        while True:
            delivery = await self._next()
            for packet in delivery.packets:
                new = order.newer(packet)
                if new is not None:
                    name = stream_name(self._name, new.kind)
                    sink.block(SampleBlock(name, delivery.arrival_s, new.values, new.device_s))

    async def _next(self) -> _Delivery:
        item = await self._queue.get()
        if isinstance(item, PskdError):
            raise item
        return item

    async def _close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            await listener.close()

    def _capabilities(self, rate_hz: float, *, device_time: bool) -> Capabilities:
        kinds = (StreamKind.ACCELEROMETER, StreamKind.GYROSCOPE)[: 1 + self.gyroscope]
        return Capabilities(
            tuple(stream_info(self._name, kind, rate_hz, self.uri) for kind in kinds), device_time=device_time
        )
