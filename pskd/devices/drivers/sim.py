"""``sim:[ACTIVITY][?seed=&body=&hand=&rate=&...]``: a watch on the wrist of the simulated performer. No hardware."""

from __future__ import annotations

import asyncio

import numpy as np

from pskd.clock import now_s
from pskd.devices.base import Capabilities, DeviceUri, Driver, Sink, check_options, pause, stream_info, stream_name
from pskd.devices.drivers import DRIVERS
from pskd.errors import PskdError
from pskd.performer import OPTIONS, Performance, Watch
from pskd.types import LinkState, SampleBlock, StreamKind

_OWN_OPTIONS = (
    {"name", "rate", "packet", "drift_ppm", "offset_s", "interval_ms", "jitter_ms", "resend", "stalls", "loss"}
    | {"range_g", "flaws", "gyroscope", "battery"}
    | {"stall_at", "stall_s", "drop_at"}
)
_BEHIND_S = 2.0
_PERCENT_S = 400.0


@DRIVERS.register("sim")
class SimulatedWatch(Driver):
    """The performer's watch. It follows ``perform`` (``label``, ``t_s``), as the simulated camera does.

    Options beside the performer's: ``rate`` (Hz), ``packet`` (samples), ``drift_ppm``, ``offset_s``, ``interval_ms``,
    ``jitter_ms``, ``resend``, ``stalls``, ``loss`` (shares from 0 to 1), ``range_g``, ``flaws``, ``gyroscope`` (0 or
    1), ``battery`` (percent at the start), ``name`` (of the stream), and faults on demand: silence for ``stall_s``
    seconds from ``stall_at`` on, a broken link after ``drop_at`` seconds.
    """

    def __init__(self, uri: DeviceUri) -> None:
        super().__init__(uri)
        check_options(uri, OPTIONS | _OWN_OPTIONS)
        self.performance = Performance(uri.path, uri.options)
        self.watch = _watch(uri, self.performance.style.seed)
        self._name = uri.options.get("name", "watch")
        self._gyroscope = bool(uri.number("gyroscope", 1, low=0, high=1))
        self._battery = int(uri.number("battery", 86, low=0, high=100))
        self._stall_at = uri.number("stall_at", float("inf"), low=0, high=1e9)
        self._stall_s = uri.number("stall_s", 5.0, low=0, high=1e9)
        self._drop_at = uri.number("drop_at", float("inf"), low=0, high=1e9)
        self._label: str | None = None

    async def prepare(self) -> Capabilities:
        """Nothing can be missing."""
        kinds = (StreamKind.ACCELEROMETER, StreamKind.GYROSCOPE)[: 1 + self._gyroscope]
        streams = (stream_info(self._name, kind, self.watch.rate_hz, self.uri, simulated=True) for kind in kinds)
        return Capabilities(tuple(streams), simulated=True, battery=True, device_time=True)

    async def run(self, sink: Sink, stop: asyncio.Event) -> None:
        """Stream, packet by packet, each at the moment when it would arrive."""
        style = self.performance.style
        sink.state(LinkState.CONNECTING, "Waking the simulated watch.")
        self._label = None
        sink.battery(self._battery)
        sink.state(LinkState.STREAMING, f"Simulated watch on the {style.hand} wrist of {style.who.name}.")
        start_s = now_s()
        number = self.watch.first_packet(start_s)
        while not stop.is_set():
            if self.watch.true_s(self.watch.samples(np.array([number])))[-1] < now_s() - _BEHIND_S:
                number = self.watch.first_packet(now_s())  # the computer slept: what was missed stays missed
            packets = np.arange(number, number + 16)
            for packet, arrival_s, lost in zip(
                packets, self.watch.arrival_s(packets), self.watch.lost(packets), strict=True
            ):
                if await pause(stop, arrival_s - now_s()):
                    break
                self._fail_on_demand(now_s() - start_s)
                if not lost and not self._silent(now_s() - start_s):
                    self._send(sink, int(packet))
            number = int(packets[-1]) + 1
            sink.battery(max(self._battery - int((now_s() - start_s) / _PERCENT_S), 0))
        sink.state(LinkState.IDLE, "The simulated watch is put away.")

    def command(self, name: str, **arguments: object) -> None:
        """``perform`` with ``label`` and ``t_s``; anything else is ignored."""
        if name == "perform":
            self.performance.perform(str(arguments["label"]), float(str(arguments["t_s"])))

    def _send(self, sink: Sink, packet: int) -> None:
        samples = self.watch.samples(np.array([packet]))
        label = self.performance.label_at(self.watch.true_s(samples[:1]))[0]
        if label != self._label:
            self._label = label
            sink.label(label)
        acceleration, turning = self.watch.measure(self.performance, samples)
        arrival_s, device_s = now_s(), self.watch.device_s(samples)
        sink.block(SampleBlock(self._name, arrival_s, acceleration, device_s, packet))
        if self._gyroscope:
            name = stream_name(self._name, StreamKind.GYROSCOPE)
            sink.block(SampleBlock(name, arrival_s, turning, device_s, packet))

    def _silent(self, since_s: float) -> bool:
        return self._stall_at <= since_s < self._stall_at + self._stall_s

    def _fail_on_demand(self, since_s: float) -> None:
        if since_s >= self._drop_at:
            raise PskdError(
                "The simulated watch went out of range.", code="device.lost", hint="Leave drop_at out of its address."
            )


def _watch(uri: DeviceUri, seed: int) -> Watch:
    return Watch(
        seed=seed,
        rate_hz=uri.number("rate", 50.0, low=1, high=1000),
        drift_ppm=uri.number("drift_ppm", 0.0, low=-1000, high=1000),
        offset_s=uri.number("offset_s", 0.0, low=-1e9, high=1e9),
        packet=int(uri.number("packet", 3, low=1, high=256)),
        interval_s=uri.number("interval_ms", 15.0, low=1, high=4000) / 1000.0,
        resend=uri.number("resend", 0.02, low=0, high=0.95),
        jitter_s=uri.number("jitter_ms", 1.0, low=0, high=10000) / 1000.0,
        stalls=uri.number("stalls", 0.0, low=0, high=1),
        loss=uri.number("loss", 0.0, low=0, high=1),
        range_g=uri.number("range_g", 8.0, low=1, high=64),
        flaws=uri.number("flaws", 1.0, low=0, high=100),
    )
