"""``replay:PATH[?speed=1&stream=watch&loop=0&gap_s=1]``: a recording played as if it were a live watch."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pskd.clock import now_s
from pskd.devices import recorded
from pskd.devices.base import Capabilities, DeviceUri, Driver, Sink, check_options, pause, stream_info, stream_name
from pskd.devices.drivers import DRIVERS
from pskd.devices.recorded import Recorded
from pskd.types import LinkState, SampleBlock, StreamInfo, StreamKind

_OPTIONS = frozenset({"speed", "stream", "loop", "gap_s", "name", "unit"})


@dataclass(slots=True)
class _Position:
    """How far the playing has come; all in recorded seconds, packets counted over all clips."""

    begun_s: float
    passed_s: float = 0.0
    packet: int = 0
    label: str = ""


@DRIVERS.register("replay")
class Replay(Driver):
    """Plays what was recorded: one clip, or several one after another.

    A clip is a take folder, a ``raw.xdf``, an ``*_inertial.mat`` of UTD-MHAD or a CSV (``time,x,y,z``); the path may
    name a folder of these, or several joined by ``;``. The command ``start`` with ``t_s`` plays it from
    the beginning, as if it had begun at ``t_s``.

    Options: ``speed`` (1 is true speed; ``max`` or 0 as fast as it goes), ``stream`` (of a take), ``loop`` (0 or 1),
    ``gap_s`` (silence between two clips), ``unit`` (``g`` or ``m/s2``, of a CSV), ``name`` (of the stream sent). The
    blocks' device time is the recording's own, whatever the speed.
    """

    def __init__(self, uri: DeviceUri) -> None:
        super().__init__(uri)
        check_options(uri, _OPTIONS)
        self._speed = 0.0 if uri.options.get("speed") == "max" else uri.number("speed", 1.0, low=0, high=10000)
        self._gap_s = uri.number("gap_s", 1.0, low=0, high=3600)
        self._loop = uri.number("loop", 0, low=0, high=1) > 0
        self._name = uri.options.get("name", "watch")
        self._files: list[Path] = []
        self._first: Recorded | None = None
        self._gyroscope = False
        self._start_s: float | None = None

    async def prepare(self) -> Capabilities:
        """Find the clips and read the first.

        Raises:
            BadFile: there is nothing to play, or the first clip cannot be read.
        """
        self._files = await asyncio.to_thread(recorded.find, self.uri.path)
        self._first = await self._read(self._files[0])
        self._gyroscope = self._first.gyroscope is not None
        streams = [self._stream(StreamKind.ACCELEROMETER, self._first)]
        if self._gyroscope:
            streams.append(self._stream(StreamKind.GYROSCOPE, self._first))
        return Capabilities(
            tuple(streams), simulated=self._first.simulated, device_time=True, ends=not self._loop, speed=self._speed
        )

    async def run(self, sink: Sink, stop: asyncio.Event) -> None:
        """Play all clips; state texts name each, labels come by ``sink.label``.

        Raises:
            BadFile: a later clip cannot be read.
        """
        sink.state(LinkState.CONNECTING, f"Opening {self.uri.path}.")
        position = _Position(now_s())
        number = 0
        while not stop.is_set() and (self._loop or number < len(self._files)):
            place = number % len(self._files)
            clip = self._first if number == 0 and self._first else await self._read(self._files[place])
            count = f" ({place + 1} of {len(self._files)})" if len(self._files) > 1 else ""
            sink.state(LinkState.STREAMING, f"Playing {clip.title}{count}{self._pace()}.")
            await self._play(clip, position, sink, stop)
            number += 1
            if self._start_s is not None:
                position, number, self._start_s = _Position(self._start_s), 0, None
        sink.state(LinkState.IDLE, "Stopped." if stop.is_set() else "Played to the end.")

    def command(self, name: str, **arguments: object) -> None:
        """``start`` with ``t_s``, a moment ahead or back; anything else is ignored."""
        if name == "start":
            self._start_s = float(str(arguments["t_s"]))

    async def _play(self, clip: Recorded, position: _Position, sink: Sink, stop: asyncio.Event) -> None:
        starts = np.append(0, np.flatnonzero(np.diff(clip.arrival_s) > 0) + 1)
        ends = np.append(starts[1:], len(clip.values))
        for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
            if await pause(stop, self._until(position, float(clip.arrival_s[first]))):
                return
            if self._start_s is not None:
                return
            self._send(clip, first, last, position, sink)
        position.passed_s += max(clip.duration_s, float(clip.times_s[-1])) + max(self._gap_s, 1.0 / clip.rate_hz)

    def _until(self, position: _Position, clip_s: float) -> float:
        """Seconds to wait until a moment of the clip is due."""
        if self._speed == 0.0:
            return 0.0
        return position.begun_s + (position.passed_s + clip_s) / self._speed - now_s()

    def _send(self, clip: Recorded, first: int, last: int, position: _Position, sink: Sink) -> None:
        label = clip.label_at(float(clip.times_s[first]))
        if label != position.label:
            position.label = label
            sink.label(label)
        arrival_s, device_s = now_s(), position.passed_s + clip.times_s[first:last]
        sink.block(SampleBlock(self._name, arrival_s, clip.values[first:last], device_s, position.packet))
        if self._gyroscope and clip.gyroscope is not None:
            turning = clip.gyroscope[first:last]
            name = stream_name(self._name, StreamKind.GYROSCOPE)
            sink.block(SampleBlock(name, arrival_s, turning, device_s, position.packet))
        position.packet += 1

    async def _read(self, file: Path) -> Recorded:
        stream, unit = self.uri.options.get("stream", "watch"), self.uri.options.get("unit", "")
        return await asyncio.to_thread(recorded.read, file, stream, unit)

    def _pace(self) -> str:
        if self._speed == 0.0:
            return " as fast as it goes"
        return "" if self._speed == 1.0 else f" at {self._speed:g} times its speed"

    def _stream(self, kind: StreamKind, clip: Recorded) -> StreamInfo:
        return stream_info(self._name, kind, clip.rate_hz, self.uri, simulated=clip.simulated)
