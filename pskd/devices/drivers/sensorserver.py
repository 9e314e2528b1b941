"""``ws:HOST[:PORT][?type=&gyroscope=&rate=&...]``: an Android or Wear OS device that runs the app SensorServer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pskd.clock import now_s
from pskd.devices.base import Capabilities, DeviceUri, Driver, Sink, check_options, stream_info, stream_name, unless
from pskd.devices.drivers import DRIVERS
from pskd.devices.network import sensorserver
from pskd.devices.network.rate import RateMeter
from pskd.devices.network.readings import Order
from pskd.devices.protocols.base import Malformed, Samples
from pskd.errors import PskdError, WrongUse
from pskd.types import LinkState, SampleBlock, StreamKind

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

_OPTIONS = frozenset({"type", "gyroscope", "rate", "name", "find_s"})
FIND_S = 10.0
OPEN_S = 5.0
AGAIN_S = 0.5
CLOSE_S = 1.0
PING_S = 5.0
# Android goes as slow as five samples a second, and a phone that sleeps sends nothing at all.
SILENT_S = 10.0


@DRIVERS.register("ws")
class SensorServerWatch(Driver):
    """Connects to the app, and again after a break. Device time is Android's, nanoseconds since the device started.

    Options: ``type`` (the sensor), ``gyroscope`` (0 or 1: a second stream), ``rate`` (Hz; set in the app, and measured
    where it is not said), ``name`` (of the stream), ``find_s`` (how long to try at first).

    Attributes:
        malformed: messages that could not be read.
    """

    def __init__(self, uri: DeviceUri) -> None:
        super().__init__(uri)
        check_options(uri, _OPTIONS)
        self._host, self._port = sensorserver.address(uri.path)
        sensor = uri.options.get("type", sensorserver.ACCELEROMETER)
        if sensor not in sensorserver.TYPES:
            raise WrongUse(
                f"{sensor} is no acceleration.", code="device.option", hint=f"Known: {', '.join(sensorserver.TYPES)}."
            )
        self._gyroscope = uri.number("gyroscope", 0, low=0, high=1) > 0
        types = (sensor, sensorserver.GYROSCOPE) if self._gyroscope else (sensor,)
        self._url = sensorserver.url(self._host, self._port, types)
        self._name = uri.options.get("name", "watch")
        self._rate_hz = uri.number("rate", 0.0, low=0.1, high=5000)
        self._find_s = uri.number("find_s", FIND_S, low=0.1, high=3600)
        self._socket: ClientConnection | None = None
        self._known = False
        self.malformed = 0

    async def prepare(self) -> Capabilities:
        """Connect and measure the rate.

        Raises:
            PskdError: nobody answers there, or it has no such sensor.
        """
        socket = await self._connect()
        try:
            self.announce(LinkState.CONNECTING, f"Connected to {self._host}, waiting for samples.")
            meter = RateMeter(known=self._rate_hz > 0 or self._known)
            while not meter.ready:
                meter.add(*await self._receive(socket))
        except BaseException:
            socket.transport.abort()
            raise
        self._socket, self._known = socket, True
        self._rate_hz = self._rate_hz or meter.rate_hz
        return self._capabilities()

    async def run(self, sink: Sink, stop: asyncio.Event) -> None:
        """Stream until ``stop``.

        Raises:
            PskdError: the connection broke, or the phone fell silent.
        """
        socket, self._socket = self._socket, None
        assert socket is not None
        try:
            sink.state(LinkState.STREAMING, f"Connected to SensorServer on {self._host}.")
            await unless(stop, self._pass_on(socket, sink))
            sink.state(LinkState.IDLE, f"Disconnected from {self._host}.")
        finally:
            await socket.close()

    async def _connect(self) -> ClientConnection:
        """Connect; the first time for ``find_s``, later once, for the engine tries again."""
        from websockets.asyncio.client import connect
        from websockets.exceptions import WebSocketException

        end_s = now_s() + (0.0 if self._known else self._find_s)
        while True:
            try:
                return await connect(
                    self._url,
                    host=self._host,  # said once more, so that no answer can send it elsewhere
                    port=self._port,
                    proxy=None,
                    compression=None,
                    open_timeout=min(OPEN_S, self._find_s),
                    close_timeout=CLOSE_S,
                    ping_interval=PING_S,
                    ping_timeout=PING_S,
                    max_size=sensorserver.MAX_MESSAGE,
                    user_agent_header=None,
                )
            except (OSError, ValueError, WebSocketException) as error:
                if now_s() + AGAIN_S >= end_s:
                    raise self._absent() from error
                await asyncio.sleep(AGAIN_S)

    async def _pass_on(self, socket: ClientConnection, sink: Sink) -> None:
        order = Order()
        while True:
            packet, arrival_s = await self._receive(socket)
            new = order.newer(packet)
            if new is not None:
                sink.block(SampleBlock(stream_name(self._name, new.kind), arrival_s, new.values, new.device_s))

    async def _receive(self, socket: ClientConnection) -> tuple[Samples, float]:
        """The next sample and its arrival; messages that cannot be read are counted."""
        from websockets.exceptions import ConnectionClosed

        while True:
            try:
                async with asyncio.timeout(SILENT_S):
                    message = await socket.recv()
                arrival_s = now_s()
                return sensorserver.decode(message), arrival_s
            except Malformed:
                self.malformed += 1
            except TimeoutError as error:
                raise PskdError(
                    f"{self._host} is connected but sends nothing.",
                    code="ws.silent",
                    hint="Keep the app open on the phone, with the screen on.",
                ) from error
            except ConnectionClosed as error:
                code = error.rcvd.code if error.rcvd else 0
                raise sensorserver.why_closed(code) from error

    def _absent(self) -> PskdError:
        return PskdError(
            f"No SensorServer answers at {self._host}, port {self._port}.",
            code="ws.not-found",
            hint="Start the server in the app, on the same network, and use the address that it shows.",
        )

    def _capabilities(self) -> Capabilities:
        kinds = (StreamKind.ACCELEROMETER, StreamKind.GYROSCOPE)[: 1 + self._gyroscope]
        return Capabilities(
            tuple(stream_info(self._name, kind, self._rate_hz, self.uri) for kind in kinds), device_time=True
        )
