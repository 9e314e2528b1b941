"""The recorder as the Record page sees it: everything that may wait happens on one thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal

from app.bridge import sending
from app.bridge.lane import Lane
from app.bridge.quality import review_notes
from app.bridge.session import Session, log
from app.bridge.sight import Seen, Sight
from app.bridge.take_result import next_session, result_of, set_aside
from app.bridge.watch_feed import WatchFeed
from pskd.clock import now_s
from pskd.errors import PskdError
from pskd.types import LinkState, Marker, PoseFrame, SampleBlock, StreamKind

if TYPE_CHECKING:
    from pskd.library.library import Library
    from pskd.recording.pings import WatchPing
    from pskd.recording.recorder import Recorder
    from pskd.recording.sources import Source
    from pskd.recording.status import RecorderStatus

WATCHES = ("watch", "watch2")  # what the recorder calls them: one for each wrist


class RecorderBridge(QObject):
    """One recorder at a time; its devices stay open between takes.

    Signals:
        opening: devices are being opened.
        opened: all streams are known.
        closed: nothing is open.
        link_changed: source (``watch``, ``watch2`` or ``camera``), link state, sentence.
        started: the take's folder.
        ended: a :class:`app.bridge.take_result.TakeResult`.
        set_aside: name of a take that was marked as discarded.
        failed: an exception, and what was tried (``open start stop discard lsl``), or which source is left out.
    """

    opening = Signal()
    opened = Signal()
    closed = Signal()
    link_changed = Signal(str, str, str)
    started = Signal(object)
    ended = Signal(object)
    set_aside = Signal(str)
    failed = Signal(object, str)
    _call = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._lane = Lane("recorder")
        self._recorder: Recorder | None = None  # set on the lane: read it once, it may be gone at the next look
        self._engine: Any = None
        self._library: Library | None = None
        self._who = ("", "")
        self._sessions: dict[tuple[str, str], str] = {}
        self._feeds = {name: WatchFeed() for name in WATCHES}
        self._sight = Sight()
        self._sending = sending.Sending()
        self._turn = 0
        self._taking = threading.Event()
        self._call.connect(lambda action: action(), Qt.ConnectionType.QueuedConnection)

    @property
    def is_open(self) -> bool:
        """Devices are open."""
        return self._recorder is not None

    @property
    def taking(self) -> bool:
        """A take runs."""
        return self._taking.is_set()

    @property
    def start_s(self) -> float:
        """Start of the take, shared clock."""
        recorder = self._recorder
        return recorder.start_s if recorder is not None else 0.0

    def open(self, watches: Sequence[str], camera: str, model: str) -> None:
        """Close what is open and open these. A later call overtakes an earlier one.

        A watch or camera that cannot be opened is told by ``failed``, and the others stay open without it.

        Args:
            watches: none, one or two URIs.
            camera: URI; empty for none.
            model: pose model.
        """
        self._turn += 1
        turn = self._turn
        self.opening.emit()
        self._do(lambda: self._open(turn, tuple(watches), camera, model), "open")

    def close(self) -> None:
        """Let go of all devices; a take that runs is stopped and kept."""
        self._turn += 1
        self._do(self._close, "stop")

    def shut(self, timeout_s: float = 8.0) -> None:
        """Close everything and wait, when the program ends."""
        self._turn += 1
        self._do(self._close_all, "stop")
        if not self._lane.close(timeout_s):
            log.warning("the recorder did not close in time; the program ends without waiting for it")

    def start(
        self,
        library: Library,
        subject: str,
        label: str = "",
        *,
        film: bool = False,
        wrists: Mapping[str, str] | None = None,
    ) -> None:
        """Start a take; ``started`` or ``failed`` tells. A subject's takes until the program ends are one session.

        Args:
            library: where it goes.
            subject: who.
            label: what will be done all through, or empty.
            film: keep the camera's pictures too.
            wrists: ``left`` or ``right`` by the name of the watch, stored with the take; nothing where the subject's
                own wrist holds.
        """
        self._do(lambda: self._start(library, subject, label, film, dict(wrists or {})), "start")

    def stop(self) -> None:
        """End the take and keep it; ``ended`` or ``failed`` tells."""
        self._do(self._stop, "stop")

    def discard(self, folder: Path) -> None:
        """Mark a take that has ended as discarded; its files stay."""
        self._do(lambda: self._discard(folder), "discard")

    def mark(self, marker: Marker) -> None:
        """Store a marker in the take that runs; nothing where it has just ended."""
        recorder = self._recorder
        if recorder is not None and recorder.taking:
            recorder.mark(marker)

    def status(self) -> RecorderStatus | None:
        """How everything stands; None while nothing is open."""
        recorder = self._recorder
        return recorder.status() if recorder is not None else None

    def signal(self, watch: str = WATCHES[0]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """A watch's newest samples: times ``(N,)`` on the shared clock and ``(N, 3)`` m/s^2."""
        return self._feeds[watch].signal()

    def clock_verdict(self, watch: str = WATCHES[0]) -> str:
        """How well a watch's clock is known by now; takes milliseconds and may be asked on any thread."""
        return self._feeds[watch].clock_verdict()

    def pose(self) -> PoseFrame | None:
        """The newest pose, which may belong to a picture that is still to come."""
        return self._sight.pose

    def seen(self) -> Seen | None:
        """The newest picture with its own skeleton; the one before while the skeleton is on its way."""
        recorder = self._recorder
        return self._sight.look(recorder.preview()) if recorder is not None else None

    def advice(self) -> str:
        """What is wrong with how the person stands or with the light, and what to do; empty where all is well."""
        return self._sight.advice(simulated=self._simulated())

    def _simulated(self) -> bool:
        return any(
            info.simulated for source in self._sources() for info in source.infos if info.kind == StreamKind.POSE
        )

    def _sources(self) -> Sequence[Source]:
        recorder = self._recorder
        return recorder.sources if recorder is not None else []

    def layout_name(self) -> str:
        """Joint layout of the camera's poses, or empty."""
        for source in self._sources():
            for info in source.infos:
                if info.kind == StreamKind.POSE:
                    return info.layout
        return ""

    def _do(self, work: Callable[[], object], what: str) -> None:
        self._lane.do(work, lambda error: self._tell(lambda: self.failed.emit(error, what)))

    def _tell(self, action: Callable[[], object]) -> None:
        try:
            self._call.emit(action)
        except RuntimeError:
            return  # the window has closed meanwhile

    def _open(self, turn: int, watches: tuple[str, ...], camera: str, model: str) -> None:
        from pskd.devices.engine import DeviceEngine
        from pskd.recording.recorder import Recorder

        self._close()
        if turn != self._turn or not (watches or camera):
            return
        self._engine = self._engine or DeviceEngine()
        self._feeds = {name: WatchFeed() for name in WATCHES}
        self._sight = Sight()
        recorder = Recorder(
            self._new_take,
            "",
            "",
            watches,
            camera or None,
            model=model,
            engine=self._engine,
            on_block=self._block,
            on_frame=self._frame,
            on_state=self._state,
            on_marker=self._sending.marker,
            on_ping=self._ping,
        )
        recorder.open(need_all=False)
        if turn != self._turn:
            recorder.close()
            return
        self._recorder = recorder
        self._tell(self.opened.emit)
        for source, failure in recorder.failures.items():
            self._tell(partial(self.failed.emit, failure, source))
        self._send(recorder)

    def _send(self, recorder: Recorder) -> None:
        if not (self._session.settings.lsl and sending.installed()):
            return
        try:
            self._sending.open(recorder.infos)
        except PskdError as error:
            self._tell(partial(self.failed.emit, error, "lsl"))

    def _close(self) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        try:
            if recorder.taking:
                self._finish(recorder)
        finally:
            recorder.close()
            self._sending.close()
            self._taking.clear()
            self._tell(self.closed.emit)

    def _close_all(self) -> None:
        try:
            self._close()
        finally:
            if self._engine is not None:
                self._engine.close()

    def _start(self, library: Library, subject: str, label: str, film: bool, wrists: dict[str, str]) -> None:
        recorder = self._need()
        recorder.keep_film = film
        key = (str(library.path), subject)
        session = self._sessions.setdefault(key, next_session(library, subject, date.today()))
        self._library, self._who = library, (subject, session)
        worn = {source.name: wrists[source.name] for source in recorder.sources if source.name in wrists}
        recorder.assign(subject, session, {"side": next(iter(worn.values())), "sides": worn} if worn else {})
        folder = recorder.start(label)
        self._sending.add(recorder.infos)
        self._taking.set()
        self._tell(lambda: self.started.emit(folder))

    def _stop(self) -> None:
        recorder = self._need()
        try:
            self._finish(recorder)
        finally:
            self._taking.clear()

    def _finish(self, recorder: Recorder) -> None:
        status = recorder.status()
        folder = recorder.stop()
        recorder.perform("rest")  # a simulated person stops too
        notes = review_notes(self._library, folder, self._who[0]) if self._library is not None else ()
        result = result_of(folder, status, notes)
        self._taking.clear()  # before it is told: who hears of the end may let go of the devices at once
        self._tell(lambda: self.ended.emit(result))

    def _discard(self, folder: Path) -> None:
        set_aside(folder)
        self._tell(lambda: self.set_aside.emit(folder.name))

    def _need(self) -> Recorder:
        if self._recorder is None:
            raise PskdError("Nothing is connected.", code="record.closed", hint="Choose a watch or a camera first.")
        return self._recorder

    def _new_take(self, label: str) -> Path:
        assert self._library is not None
        return self._library.new_take(*self._who, label)

    def _block(self, block: SampleBlock) -> None:
        self._sending.block(block)
        feed = self._feeds.get(block.stream)
        if feed is not None:
            feed.push(block)

    def _ping(self, ping: WatchPing) -> None:
        self._feeds[ping.source].ping(ping.ping)

    def _frame(self, frame: PoseFrame) -> None:
        self._sending.frame(frame)
        self._sight.add(frame)

    def _state(self, source: str, link: LinkState, text: str) -> None:
        if link is LinkState.CONNECTING and source in self._feeds:
            self._feeds[source].connected(now_s())
        self._tell(lambda: self.link_changed.emit(source, str(link), text))
