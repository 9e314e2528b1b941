"""The recorder: watches, camera and the take's file, joined for the command line and the window alike.

Devices are opened once and stay open between takes; a take is started and stopped in between. Data arrive on the
devices' threads, which only stamp and enqueue; one thread writes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pskd.clock import WallAnchor, now_s
from pskd.devices.engine import DeviceEngine
from pskd.errors import PskdError, WrongUse
from pskd.recording import disk, status
from pskd.recording.cues import segments_from_markers
from pskd.recording.layout import MARKERS
from pskd.recording.opening import open_sources
from pskd.recording.pings import WatchPing
from pskd.recording.sources import CONNECTED, LEAD_S, CameraSource, Source, WatchSource, begin_together
from pskd.recording.status import RecorderStatus
from pskd.recording.take import Problem, TakeManifest, TakeState
from pskd.recording.watchman import Watchman
from pskd.recording.writer import TakeWriter
from pskd.recording.writing import Item, WritingThread, moment_s
from pskd.types import LinkState, Marker, PoseFrame, SampleBlock, Segment, StreamInfo
from pskd.uri import shown

MISSING_S = 5.0
POLL_S = 0.05

NewTake = Callable[[str], Path]


class Recorder:
    """Records takes.

    Args:
        new_take: makes the folder of the next take, given its label (``Library.new_take`` of a subject and session).
        subject: who.
        session: which wearing.
        watches: URIs; the first is called ``watch``, the second ``watch2``.
        camera: URI, or None.
        model: pose model, ``lite``, ``full`` or ``heavy``.
        attributes: extra facts for every manifest.
        engine: the program's device engine; one is made and closed here where none is given.
        on_block: hears every packet, on the engine's thread; must be quick.
        on_frame: hears every camera frame, on the camera client's thread; must be quick.
        on_state: hears of every change of a link: name of the source, state, sentence.
        on_marker: hears every marker, whether a take runs or not, on the thread that brings it; must be quick.
        on_ping: hears every comparison of a watch's clock with this computer's, on the engine's thread; must be quick.
        on_preview: hears that a new picture can be fetched with :meth:`preview`.

    Attributes:
        keep_film: keep the camera's pictures beside the takes to come; only with the consent of those in them.
        failures: why :meth:`open` went on without a source, by its name (``watch``, ``watch2``, ``camera``).
    """

    def __init__(
        self,
        new_take: NewTake,
        subject: str,
        session: str,
        watches: Sequence[str] = (),
        camera: str | None = None,
        *,
        model: str = "full",
        attributes: dict[str, Any] | None = None,
        engine: DeviceEngine | None = None,
        on_block: Callable[[SampleBlock], None] | None = None,
        on_frame: Callable[[PoseFrame], None] | None = None,
        on_state: Callable[[str, LinkState, str], None] | None = None,
        on_marker: Callable[[Marker], None] | None = None,
        on_ping: Callable[[WatchPing], None] | None = None,
        on_preview: Callable[[int], None] | None = None,
    ) -> None:
        if not watches and camera is None:
            raise WrongUse("There is nothing to record from.", hint="Name a watch, a camera, or both.")
        self._new_take = new_take
        self._subject, self._session = subject, session
        self._attributes = dict(attributes or {})
        self._own_engine = engine is None
        self._engine = engine
        self._listen_block, self._listen_frame, self._listen_state = on_block, on_frame, on_state
        self._listen_marker, self._listen_ping = on_marker, on_ping
        self._watches = [
            WatchSource("watch" if n == 1 else f"watch{n}", uri, self._block, self._state, self._ping)
            for n, uri in enumerate(watches, 1)
        ]
        self._camera = CameraSource(camera, model, self._frame, self._state, on_preview) if camera else None
        self._lock = threading.Lock()
        self._early: list[Item] | None = None
        self._writing: WritingThread | None = None
        self._watchman: Watchman | None = None
        self._markers: list[Marker] = []
        self._start_s = 0.0
        self._open = self._film_open = False
        self.keep_film = False
        self.failures: dict[str, PskdError] = {}

    @property
    def sources(self) -> list[Source]:
        """Watches, then the camera."""
        return [*self._watches, *([self._camera] if self._camera else [])]

    @property
    def infos(self) -> list[StreamInfo]:
        """The streams that are known by now, with the markers."""
        return [*(info for source in self.sources for info in source.infos), MARKERS]

    @property
    def taking(self) -> bool:
        """A take has been started and not stopped."""
        return self._writing is not None

    @property
    def start_s(self) -> float:
        """Start of this take, or of the last one, on the monotonic clock."""
        return self._start_s

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What has gone wrong in this take, or in the last one; it is stored in the manifest."""
        return self._watchman.problems if self._watchman is not None else ()

    def assign(self, subject: str, session: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Who is recorded from the next take on; the devices stay open.

        Args:
            subject: who.
            session: which wearing.
            attributes: extra facts for every manifest from now on, in place of those before; as before where None.

        Raises:
            WrongUse: a take runs.
        """
        if self._writing is not None:
            raise WrongUse("A take runs.", code="recording.busy", hint="Stop it first.")
        self._subject, self._session = subject, session
        if attributes is not None:
            self._attributes = dict(attributes)

    def open(self, preview: bool = True, need_all: bool = True) -> None:
        """Connect to everything and wait until all streams are known.

        Args:
            preview: show a film before the take starts too; otherwise it is opened when the take starts.
            need_all: where False, a source that fails is left out and told by :attr:`failures`, as long as another
                one stays open.

        Raises:
            PskdError: a device that is needed cannot be used; everything is closed again.
        """
        if self._open:
            return
        self._engine = self._engine or DeviceEngine()
        self._open = True
        try:
            shown = self._camera if self._camera and (preview or not self._camera.played) else None
            self.failures = open_sources(self._engine, self._watches, shown, need_all=need_all)
        except BaseException:
            self.close()
            raise
        self._watches = [watch for watch in self._watches if watch.name not in self.failures]
        if self._camera and self._camera.name in self.failures:
            self._camera = None
        self._film_open = self._camera is not None and self._camera is shown and shown.played

    def start(self, label: str = "") -> Path:
        """Start a take; film and replayed watches begin with it.

        Args:
            label: what will be done all through, or empty. It makes one segment, and names the folder.

        Returns:
            the take's folder.

        Raises:
            WrongUse: the devices are not open, or a take runs.
            PskdError: a source does not come, or the disk refuses.
        """
        if not self._open or self._writing is not None:
            raise WrongUse("A take runs already." if self._writing else "The devices are not open.")
        with self._lock:
            self._early = []
        try:
            start_s = begin_together(self._watches, self._camera, film_open=self._film_open)
            self._film_open = self._camera is not None and self._camera.played
            folder = self._new_take(label)
            writer = TakeWriter.create(folder, self._manifest(start_s, folder.name))
        except BaseException:
            with self._lock:
                self._early = None
            raise
        self._markers = []
        self._attach(WritingThread(writer), start_s)
        self._watchman = Watchman(start_s, self.status, self._put)
        if self.keep_film and self._camera:
            self._camera.keep_film(writer.folder, start_s)
        if label:
            self.mark(Marker(start_s, "key", label, "start"))
        return writer.folder

    def mark(self, marker: Marker) -> None:
        """Store a marker; a cue or key also tells a simulated performer what to do.

        Raises:
            WrongUse: no take runs.
        """
        if self._writing is None:
            raise WrongUse("No take runs.", code="recording.idle", hint="Start one first.")
        self._markers.append(marker)
        self._put(marker)
        if marker.kind in ("cue", "key") and marker.phase in ("start", "end"):
            self.perform(marker.label if marker.phase == "start" else "rest", marker.t_s)

    def perform(self, label: str, t_s: float | None = None) -> None:
        """Tell simulated watches and camera to do ``label`` from ``t_s`` on, at the earliest in a quarter second.

        All hear the same words before that moment, so they show the same movement.
        """
        at_s = max(t_s or 0.0, now_s() + LEAD_S) if t_s != self._start_s else self._start_s
        for source in self._watches:
            source.command("perform", label=label, t_s=at_s)
        if self._camera:
            self._camera.command("perform", label=label, t_s=at_s)

    def missing(self, timeout_s: float = MISSING_S) -> str:
        """What does not arrive though it should, as a sentence; empty as soon as everything does.

        What is played comes only with the take and is not waited for.

        Args:
            timeout_s: so long it is waited for.
        """
        end_s, played = now_s() + timeout_s, {source.name for source in self.sources if source.played}
        while silent := [s for s in self.status().streams if s.silent and s.source not in played]:
            if now_s() > end_s:
                return status.silence_of(silent[0])
            time.sleep(POLL_S)
        return ""

    def status(self) -> RecorderStatus:
        """How everything stands now; cheap enough for ten times a second."""
        moment_s, writing = now_s(), self._writing
        counts = writing.writer.counts if writing else {}
        sources = self.sources if self._open else []
        streams = tuple(item for source in sources for item in source.statuses(moment_s, counts))
        elapsed_s = max(0.0, moment_s - self._start_s) if writing else 0.0
        failure = str(writing.failure) if writing and writing.failure else ""
        facts: dict[str, Any] = {
            "elapsed_s": elapsed_s,
            "queue_depth": writing.depth if writing else 0,
            "disk_free_bytes": disk.free_bytes(writing.writer.folder) if writing else None,
            "people": self._camera.people if self._camera else None,
        }
        refused = writing.refused if writing else ""
        state, verdict = status.judge(streams, taking=writing is not None, failure=failure, refused=refused, **facts)
        problems = self.problems if writing else ()
        size = writing.writer.size if writing else 0
        return RecorderStatus(state, verdict, streams, file_bytes=size, problems=problems, **facts)

    def preview(self) -> tuple[int, NDArray[np.uint8]] | None:
        """The newest picture ``(H, W, 3)`` with its number, where there is a camera that shows one."""
        return self._camera.preview() if self._camera else None

    def stop(self) -> Path:
        """End the take and keep it; the devices stay open.

        Raises:
            PskdError: the disk refused on the way (what was written is kept), or nothing at all had arrived (the
                take is set aside).
        """
        writing = self._detach()
        self._end_film()
        writing.drain()
        if not any(count for name, count in writing.writer.counts.items() if name != "markers"):
            writing.finish(TakeState.DISCARDED, lambda duration_s: (), self.problems)
            raise PskdError(
                "Nothing arrived while the take ran; it is set aside.",
                code="recording.empty",
                hint="Look at the state of watch and camera, then record again.",
            )
        return writing.finish(TakeState.COMPLETE, self._segments, self.problems)

    def discard(self) -> Path:
        """End the take and mark it as discarded; its files stay."""
        writing = self._detach()
        self._end_film()
        return writing.finish(TakeState.DISCARDED, self._segments, self.problems)

    def _end_film(self) -> None:
        said = self._camera.end_film() if self._camera else ""
        if said and self._watchman is not None:
            self._watchman.tell(now_s(), said)

    def close(self) -> None:
        """Stop a take that runs, then let go of every device."""
        try:
            if self._writing is not None:
                self.stop()
        finally:
            self._open = self._film_open = False
            for source in self.sources:
                source.close()
            if self._own_engine and self._engine is not None:
                self._engine.close()
                self._engine = None

    def __enter__(self) -> Recorder:
        self.open()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _manifest(self, start_s: float, name: str) -> TakeManifest:
        devices = {source.name: shown(source.uri) for source in self.sources}
        return TakeManifest(
            subject=self._subject,
            session=self._session,
            name=name,
            state=TakeState.RECORDING,
            start=WallAnchor.at(start_s),
            streams=tuple(info for source in self.sources for info in source.infos),
            attributes={**self._attributes, "devices": devices, **self._camera_facts()},
        )

    def _camera_facts(self) -> dict[str, Any]:
        if not self._camera:
            return {}
        return {"camera": self._camera.facts, "film": self.keep_film}

    def _attach(self, writing: WritingThread, start_s: float) -> None:
        with self._lock:
            early, self._early = self._early or [], None
            self._start_s = start_s
            self._writing = writing
            told = {item.label for item in early if isinstance(item, Marker) and item.t_s >= start_s}
            for source in self.sources:
                if source.connected and source.name not in told:
                    writing.put(Marker(start_s, "link", source.name, "start"))
            for source in self.sources:
                for meter in source.meters.values():
                    meter.reset()
            for item in early:
                self._put_unlocked(item)

    def _detach(self) -> WritingThread:
        if self._watchman is not None:
            self._watchman.close()
        with self._lock:
            writing, self._writing = self._writing, None
        if writing is None:
            raise WrongUse("No take runs.", code="recording.idle")
        return writing

    def _segments(self, duration_s: float) -> tuple[Segment, ...]:
        return segments_from_markers(
            [Marker(m.t_s - self._start_s, m.kind, m.label, m.phase, m.trial) for m in self._markers], duration_s
        )

    def _block(self, block: SampleBlock) -> None:
        self._put(block)
        if self._listen_block:
            self._listen_block(block)

    def _frame(self, frame: PoseFrame) -> None:
        self._put(frame)
        if self._listen_frame:
            self._listen_frame(frame)

    def _ping(self, ping: WatchPing) -> None:
        self._put(ping)
        if self._listen_ping:
            self._listen_ping(ping)

    def _state(self, source: Source, before: LinkState, link: LinkState, text: str) -> None:
        if link in CONNECTED and before not in CONNECTED:
            self._put(Marker(now_s(), "link", source.name, "start"))
        elif before in CONNECTED and link not in CONNECTED:
            self._put(Marker(now_s(), "link", source.name, "end"))
        elif link is not before:
            self._put(Marker(now_s(), "link", f"{source.name} {link}"))
        if self._listen_state:
            self._listen_state(source.name, link, text)

    def _put(self, item: Item) -> None:
        with self._lock:
            self._put_unlocked(item)
        if self._listen_marker and isinstance(item, Marker):
            self._listen_marker(item)

    def _put_unlocked(self, item: Item) -> None:
        """Into the take, or aside while it is being started; what was taken before its start is left out."""
        if self._early is not None:
            self._early.append(item)
        elif self._writing is not None and moment_s(item) >= self._start_s:
            self._writing.put(item)
