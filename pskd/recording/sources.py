"""Watches and the camera as the recorder sees them: they bring items, have meters, and may come to an end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.clock import now_s
from pskd.devices.engine import DeviceEngine, DeviceHandle
from pskd.errors import WrongUse
from pskd.recording.meter import Meter
from pskd.recording.pings import WatchPing
from pskd.recording.status import StreamStatus
from pskd.sync.clockfit import Ping
from pskd.types import LinkState, PoseFrame, SampleBlock, StreamInfo, StreamKind
from pskd.uri import DeviceUri
from pskd.vision.client import VisionClient

LEAD_S = 0.25
CAMERA_TIMEOUT_S = 60.0
BEGIN_TIMEOUT_S = 5.0
POSE = "pose"  # the camera's only stream

CONNECTED = (LinkState.STREAMING, LinkState.STALLED)

OnState = Callable[["Source", LinkState, LinkState, str], None]


class Source:
    """What a watch and the camera have in common.

    Attributes:
        name: ``watch``, ``watch2``, ``camera``.
        uri: what was asked for.
        link: state of its connection.
        text: one plain sentence about it.
        meters: one a stream, by name.
        played: it is a recording that is played and ends by itself.
        ended: it has come to its end.
        fault: what is wrong with it though it may go on, or why it ended too early.
    """

    _ends_with: tuple[LinkState, ...] = (LinkState.IDLE,)

    def __init__(self, name: str, uri: str, on_state: OnState) -> None:
        self.name = name
        self.uri = uri
        self.link = LinkState.IDLE
        self.text = ""
        self.meters: dict[str, Meter] = {}
        self.played = False
        self.ended = False
        self.fault = ""
        self._streamed = False
        self._on_state = on_state

    @property
    def connected(self) -> bool:
        """The link stands, though perhaps nothing comes."""
        return self.link in CONNECTED

    @property
    def battery(self) -> int | None:
        """Charge in percent; None where it does not tell."""
        return None

    @property
    def infos(self) -> list[StreamInfo]:
        """Its streams."""
        return [meter.info for meter in self.meters.values()]

    def statuses(self, moment_s: float, written: Mapping[str, int]) -> list[StreamStatus]:
        """How its streams fare; ``written`` are the samples in the take, by stream name."""
        return [self._status(meter, moment_s, written) for meter in self.meters.values()]

    def command(self, name: str, **arguments: object) -> None:
        """Pass a hint to the device."""

    def close(self) -> None:
        """Let go of the device."""

    def _status(self, meter: Meter, moment_s: float, written: Mapping[str, int]) -> StreamStatus:
        reading, info = meter.read(moment_s), meter.info
        return StreamStatus(
            name=info.name,
            source=self.name,
            kind=info.kind,
            nominal_hz=info.rate_hz,
            rate_hz=reading.rate_hz,
            count=written.get(info.name, reading.count),
            age_s=None if reading.last_s is None else max(0.0, moment_s - reading.last_s),
            gaps=reading.gaps,
            link=self.link,
            text=self.text if self.link is not LinkState.STREAMING else "",
            simulated=info.simulated,
            ended=self.ended,
            missing_s=reading.missing_s,
            resumed_s=reading.resumed_s,
            fault=self.fault,
            battery=self.battery,
        )

    def _changed(self, link: LinkState, text: str) -> None:
        before, self.link, self.text = self.link, link, text
        self._streamed |= link is LinkState.STREAMING
        if self.played and self._streamed and link in self._ends_with:
            self.ended = True
        self._on_state(self, before, link, text)


class WatchSource(Source):
    """One watch.

    Args:
        name: its name in the take; the driver's stream names are changed to begin with it.
        uri: the watch.
        on_block: each packet, on the engine's thread.
        on_state: each change of its link.
        on_ping: each comparison of its clock with this computer's, on the engine's thread.
    """

    _ends_with = (LinkState.IDLE, LinkState.LOST)  # a played file that breaks is not tried again

    def __init__(
        self,
        name: str,
        uri: str,
        on_block: Callable[[SampleBlock], None],
        on_state: OnState,
        on_ping: Callable[[WatchPing], None],
    ) -> None:
        super().__init__(name, uri, on_state)
        self._on_block, self._on_ping = on_block, on_ping
        self._engine: DeviceEngine | None = None
        self._handle: DeviceHandle | None = None
        self._muted = False
        self._names: dict[str, str] = {}

    @property
    def battery(self) -> int | None:
        """Charge in percent, as the device told it last; None where it does not tell."""
        handle = self._handle  # read once: the thread that closes may take it away
        return handle.battery if handle is not None else None

    def open(self, engine: DeviceEngine) -> None:
        """Start connecting; :meth:`wait` waits for it."""
        self.ended = self._streamed = False
        self.fault = ""
        self._engine = engine
        self._handle = engine.open(self.uri, self._block, self._state, on_ping=self._ping)

    def wait(self) -> None:
        """Wait until its streams are known.

        Raises:
            WrongUse: it is a recording that is played as fast as it goes, which has no time of its own.
            PskdError: it cannot be used.
        """
        assert self._handle is not None
        capabilities = self._handle.capabilities
        if capabilities.speed == 0:
            raise WrongUse(
                f"{self.uri} plays everything at once, and that cannot be recorded: a take runs in real time.",
                code="recording.speed",
                hint="Leave speed=0 out, or give a speed such as speed=4.",
            )
        self.played = capabilities.ends
        for number, info in enumerate(capabilities.streams):
            name = renamed(self.name, info.name, number)
            self._names[info.name] = name
            if name not in self.meters:
                self.meters[name] = Meter(msgspec.structs.replace(info, name=name))

    def mute(self) -> None:
        """Let nothing through until :meth:`begin`."""
        self._muted = True

    def begin(self, t_s: float) -> None:
        """Play from the beginning, as if it had begun at ``t_s``; only what is played from then on comes through."""
        assert self._engine is not None
        if self.ended:
            self.open(self._engine)
            self.wait()

        async def restart() -> None:  # on the engine's thread, so that no packet comes in between
            if self._handle is not None:
                self._handle.command("start", t_s=t_s)
            self._muted = False

        self._engine.submit(restart()).result(BEGIN_TIMEOUT_S)

    def command(self, name: str, **arguments: object) -> None:
        """Pass a hint to the driver; returns at once, for the window's thread may not wait."""
        handle = self._handle
        if handle is not None and self._engine is not None and not self.ended:
            self._engine.call(lambda: handle.command(name, **arguments))

    def close(self) -> None:
        """Disconnect."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _block(self, block: SampleBlock) -> None:
        if self._muted:
            return
        name = self._names.get(block.stream)
        if name is None:  # the first packet can come before the one that opened it has asked for the names
            name = renamed(self.name, block.stream, 0)
        if name != block.stream:
            block = replace(block, stream=name)
        if name in self.meters:
            self.meters[name].add_block(block)
        self._on_block(block)

    def _ping(self, ping: Ping) -> None:
        self._on_ping(WatchPing(self.name, ping))

    def _state(self, link: LinkState, text: str) -> None:
        if self.played and self._streamed and link is LinkState.LOST:
            self.fault = text
        self._changed(link, text)


class CameraSource(Source):
    """The camera and the process that finds landmarks in its pictures."""

    def __init__(
        self,
        uri: str,
        model: str,
        on_frame: Callable[[PoseFrame], None],
        on_state: OnState,
        on_preview: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__("camera", uri, on_state)
        self.played = DeviceUri.parse(uri).scheme == "video"
        self.people: int | None = None
        self._facts: dict[str, Any] = {}
        self._model = model
        self._on_frame = on_frame
        self._client = VisionClient(self._frame, self._state, on_preview)

    @property
    def origin_s(self) -> float | None:
        """When the film began, for a film that has begun."""
        origin = self._facts.get("origin_s")
        return None if origin is None else float(origin)

    def open(self) -> None:
        """Open the camera; :meth:`wait` waits for it."""
        self.ended = self._streamed = False
        self.fault = ""
        self._facts = {}
        self._client.open(self.uri, model=self._model)

    def wait(self) -> None:
        """Wait until pictures come.

        Raises:
            PskdError: the camera cannot be used, or says nothing in time.
        """
        self._facts = self._client.wait_ready(CAMERA_TIMEOUT_S)
        self.meters.setdefault(POSE, Meter(self._info()))

    @property
    def facts(self) -> dict[str, Any]:
        """What is told of the camera in a take's manifest: ``model width height rate_hz latency_ms``."""
        names = ("model", "width", "height", "rate_hz", "latency_ms")
        return {name: self._facts[name] for name in names if name in self._facts}

    def keep_film(self, folder: Path, start_s: float) -> None:
        """Keep the pictures as a film in a take's folder until :meth:`end_film`."""
        self._client.keep_film(folder, start_s)

    def end_film(self) -> str:
        """Close the film; what is wrong with it in a sentence, which becomes the camera's too; empty where nothing."""
        film = self._client.end_film() or {}
        said = ""
        if film.get("problem"):
            said = f"The film of this take is not whole: {film['problem']}"
        elif film.get("dropped"):
            said = f"The film of this take is not whole: the disk was too slow for {film['dropped']} of its pictures."
        if said:
            self._changed(self.link, said)
        return said

    def preview(self) -> tuple[int, NDArray[np.uint8]] | None:
        """The newest picture with its number, where there is one."""
        return self._client.latest_preview()

    def command(self, name: str, **arguments: object) -> None:
        """Pass a hint to the camera."""
        self._client.command(name, **arguments)

    def close(self) -> None:
        """Close the camera and end its process."""
        self._client.close()

    def _info(self) -> StreamInfo:
        return StreamInfo(
            POSE,
            StreamKind.POSE,
            (),
            "m",
            float(self._facts.get("rate_hz") or 0.0),
            self.uri,
            layout=str(self._facts.get("layout") or "mediapipe-33"),
            simulated=bool(self._facts.get("simulated")),
        )

    def _frame(self, frame: PoseFrame) -> None:
        self.people = frame.people
        meter = self.meters.get(POSE)  # frames come before the thread that opened the camera has made it
        if meter is not None:
            meter.add_frame(frame, now_s())
        self._on_frame(frame)

    def _state(self, link: LinkState, text: str, facts: dict[str, Any]) -> None:
        said = f"{text} {facts.get('hint', '')}".rstrip()
        if "code" in facts:  # given up
            self.fault = said
        elif "fault" in facts:  # goes on
            self.fault = str(facts["fault"])
        self._changed(link, said)


def begin_together(watches: Sequence[WatchSource], camera: CameraSource | None, *, film_open: bool) -> float:
    """Set films and replayed watches going; returns the take's start on the shared clock.

    A film says when it began, a moment ago, and the replayed watch is told to have begun then. Otherwise all who
    follow commands are given a moment that lies a little ahead.

    Args:
        watches: opened ones.
        camera: opened, unless it plays a film: that is opened now.
        film_open: the film has been shown before and is closed first.

    Raises:
        PskdError: a source does not come.
    """
    played = [watch for watch in watches if watch.played]
    for watch in played:
        watch.mute()
    start_s = now_s()
    if camera and camera.played:
        if film_open:
            camera.close()
        camera.open()
        camera.wait()
        start_s = camera.origin_s or now_s()
    elif played or any(info.simulated for source in (*watches, camera) if source for info in source.infos):
        start_s += LEAD_S
    for watch in played:
        watch.begin(start_s)
    return start_s


def renamed(source: str, stream: str, number: int) -> str:
    """A driver's stream name within a take: ``watch`` and ``watch-gyroscope`` of the second watch become
    ``watch2`` and ``watch2-gyroscope``."""
    head, dash, tail = stream.partition("-")
    return f"{source}-{tail}" if dash else source if number == 0 or stream == head == source else f"{source}-{stream}"
