"""The live page's side of pskd: a watch on the device engine, a student in its own process."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.bridge.live_feed import LiveFeed, LiveFrame
from app.bridge.runs import list_runs
from app.bridge.session import Session, explained
from app.bridge.sources import Choice, watches
from app.bridge.watch_memory import remembered

if TYPE_CHECKING:
    from pskd.devices.engine import DeviceEngine, DeviceHandle
    from pskd.live.client import LiveClient
    from pskd.types import LinkState, SampleBlock

READY_S = 60.0
HOP_S = 0.2
TURN_MS = 6000
MOST_TAKES = 60


@dataclass(frozen=True, slots=True)
class Opened:
    """What is running.

    Attributes:
        classes: of the student, in the order of its probabilities.
        unsure_below: confidence under which an answer is ``unsure``.
        window_s: how much signal one answer is made from.
        rate_hz: nominal rate of the watch.
        simulated: no hardware is involved.
        replayed: a recording is played.
        performer: it is the simulated performer, who can be told what to do.
    """

    classes: tuple[str, ...]
    unsure_below: float
    window_s: float
    rate_hz: float
    simulated: bool
    replayed: bool
    performer: bool


class LiveBridge(QObject):
    """One watch and one student at a time.

    Signals:
        runs_ready: a list of :class:`app.bridge.runs.RunRow` with a bundle.
        watches_ready: a list of :class:`app.bridge.sources.Choice`.
        opening: student and watch are being opened.
        opened: an :class:`Opened`.
        link_changed: the watch's link state and one sentence.
        student_changed: the live process's state and one sentence.
        failed: message and hint; nothing runs.
        closed: nothing runs.
    """

    runs_ready = Signal(object)
    watches_ready = Signal(object)
    opening = Signal()
    opened = Signal(object)
    link_changed = Signal(str, str)
    student_changed = Signal(str, str)
    failed = Signal(str, str)
    closed = Signal()
    _link = Signal(int, str, str)
    _student = Signal(int, str, str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.current: Opened | None = None
        self._feed: LiveFeed | None = None
        self._open: _LiveSession | None = None
        self._turn = 0
        self._performs = ""
        self._place = 0
        self._performer = QTimer(self)
        self._performer.setInterval(TURN_MS)
        self._performer.timeout.connect(self._next_activity)
        queued = Qt.ConnectionType.QueuedConnection
        self._link.connect(self._hear_link, queued)
        self._student.connect(self._hear_student, queued)

    @property
    def running(self) -> bool:
        """A session is open or being opened."""
        return self._open is not None

    def refresh(self) -> None:
        """Look for runs with a bundle."""
        library = self.session.library
        if library is None:
            self.runs_ready.emit([])
            return
        self.session.run(
            lambda: [row for row in list_runs(library.path) if row.has_bundle and not row.problem],
            self.runs_ready.emit,
        )

    def find_watches(self, run: Path | None) -> None:
        """Look for watches; those used before come first, then takes of the run's test subjects as replays."""
        library = self.session.library
        known = remembered(self.session)

        def work() -> list[Choice]:
            found = watches()
            held = _held_out(library, run) if library is not None and run is not None else []
            return [*found[:1], *known, *held, *found[1:]]

        self.session.run(work, self.watches_ready.emit)

    def start(self, run: Path, uri: str) -> None:
        """Load a run's student and open a watch; what ran before is closed."""
        self.stop()
        self._turn += 1
        turn = self._turn
        opened = _LiveSession(
            run, uri,
            lambda state, text: self._link.emit(turn, state, text),
            lambda state, text: self._student.emit(turn, state, text),
        )  # fmt: skip
        self._open = opened
        self.opening.emit()
        self.session.run(opened.start, lambda facts: self._began(turn, facts), lambda e: self._broke(turn, opened, e))

    def stop(self) -> None:
        """Close watch and student."""
        self._turn += 1
        self._performer.stop()
        opened, self._open = self._open, None
        self.current = None
        if opened is not None:
            self.session.run(opened.close)
            self.closed.emit()

    def shut(self) -> None:
        """Close everything and wait: the window closes."""
        self._turn += 1
        self._performer.stop()
        opened, self._open = self._open, None
        if opened is not None:
            opened.close()

    def frame(self) -> LiveFrame | None:
        """How everything stands; None while nothing runs."""
        return self._feed.frame() if self._feed is not None else None

    def clear(self) -> None:
        """Forget what was predicted so far."""
        if self._feed is not None:
            self._feed.clear()

    def perform(self, label: str) -> None:
        """Tell the simulated performer what to do; empty lets them do all classes in turn."""
        self._performs = label
        if self.current is None or not self.current.performer:
            return
        if label:
            self._performer.stop()
            self._command(label)
        else:
            self._next_activity()
            self._performer.start()

    def _next_activity(self) -> None:
        if self.current is not None and self.current.classes:
            self._command(self.current.classes[self._place % len(self.current.classes)])
            self._place += 1

    def _command(self, label: str) -> None:
        if self._open is not None:
            self._open.perform(label)

    def _began(self, turn: int, facts: Opened) -> None:
        if turn != self._turn or self._open is None:
            return
        self.current, self._feed = facts, self._open.feed
        self.opened.emit(facts)
        self._place = 0
        self.perform(self._performs if self._performs in facts.classes else "")

    def _broke(self, turn: int, opened: _LiveSession, error: Exception) -> None:
        self.session.run(opened.close)
        if turn == self._turn:
            self._open = self.current = None
            self.failed.emit(*explained(error))

    def _hear_link(self, turn: int, state: str, text: str) -> None:
        if turn == self._turn:
            self.link_changed.emit(state, text)

    def _hear_student(self, turn: int, state: str, text: str) -> None:
        if turn == self._turn:
            self.student_changed.emit(state, text)


class _LiveSession:
    """Watch and student of one session; ``start`` and ``close`` may wait, so they run off the window's thread."""

    def __init__(self, run: Path, uri: str, on_link: Any, on_student: Any) -> None:
        self.run, self.uri = run, uri
        self.feed: LiveFeed | None = None
        self._on_link, self._on_student = on_link, on_student
        self._engine: DeviceEngine | None = None
        self._client: LiveClient | None = None
        self._handle: DeviceHandle | None = None
        self._stream = ""
        self._ready = threading.Event()
        self._refused: tuple[str, str] | None = None
        self._lock = threading.Lock()
        self._closed = False

    def start(self) -> Opened:
        """Load the student, then open the watch.

        Raises:
            PskdError: one of them cannot be used.
        """
        from pskd.devices.engine import DeviceEngine
        from pskd.errors import PskdError
        from pskd.export.bundle import find_bundle, read_manifest
        from pskd.live.agreement import Referee
        from pskd.live.client import LiveClient

        folder = find_bundle(self.run)
        manifest = read_manifest(folder)
        feed = self.feed = LiveFeed(Referee(list(manifest.classes), manifest.sensor.window_s))
        with self._lock:
            if self._closed:
                raise PskdError("It was closed meanwhile.", code="live.closed")
            self._client = LiveClient(feed.take_prediction, self._hear_student)
            self._engine = DeviceEngine()
        self._client.open(folder, hop_s=HOP_S)
        if not self._ready.wait(READY_S) or self._refused is not None:
            message, hint = self._refused or ("The live process did not start.", "Close other programs and try again.")
            raise PskdError(message, code="live.start", hint=hint)
        self._handle = self._engine.open(self.uri, self._take_block, self._hear_link, on_label=feed.take_label)
        return self._facts(manifest, feed)

    def perform(self, label: str) -> None:
        """Tell the simulated performer what to do from now on."""
        from pskd.clock import now_s

        if self._handle is not None:
            self._handle.command("perform", label=label, t_s=now_s())

    def close(self) -> None:
        """Close both; safe to call twice and while ``start`` waits."""
        with self._lock:
            self._closed = True
        self._ready.set()
        if self._engine is not None:
            self._engine.close()
        if self._client is not None:
            self._client.close()

    def _facts(self, manifest: Any, feed: LiveFeed) -> Opened:
        from pskd.errors import PskdError
        from pskd.types import StreamKind
        from pskd.uri import shown

        assert self._handle is not None and self._client is not None
        found = self._handle.capabilities
        stream = next((s for s in found.streams if s.kind is StreamKind.ACCELEROMETER), None)
        if stream is None:
            raise PskdError(
                f"{shown(self.uri)} has no accelerometer.", code="live.stream", hint="Choose another watch."
            )
        self._client.reset(rate_hz=stream.rate_hz)
        self._stream = stream.name
        scheme = self.uri.partition(":")[0]
        return Opened(
            tuple(manifest.classes), manifest.calibration.unsure_below, manifest.sensor.window_s, stream.rate_hz,
            found.simulated, scheme == "replay", scheme == "sim",
        )  # fmt: skip

    def _take_block(self, block: SampleBlock) -> None:
        if block.stream == self._stream and self.feed is not None and self._client is not None:
            self.feed.take_block(block)
            self._client.push(block)

    def _hear_link(self, state: LinkState, text: str) -> None:
        if str(state) == "streaming" and self.feed is not None:
            self.feed.replay_goes_on()
        if not self._closed:
            self._on_link(str(state), text)

    def _hear_student(self, state: LinkState, text: str, facts: dict[str, Any]) -> None:
        if str(state) == "lost" and "classes" not in facts:
            self._refused = (text, "")
            self._ready.set()
        elif str(state) in ("stalled", "streaming"):
            self._ready.set()
        if not self._closed:
            self._on_student(str(state), text)


def _held_out(library: Any, run: Path) -> list[Choice]:
    """Replays of the run's test subjects, and of all takes where it has none."""
    from pskd.errors import PskdError
    from pskd.evaluation.report import read_report

    try:
        subjects: Sequence[str] = read_report(run).split.test_subjects
    except PskdError:
        subjects = ()
    takes = [take for take in library.takes() if take.usable]
    found = []
    for subject in subjects:
        own = [str(take.folder.resolve()) for take in takes if take.subject == subject]
        random.Random(0).shuffle(own)
        if own:
            uri = f"replay:{';'.join(own[:MOST_TAKES])}?gap_s=1"
            found.append(
                Choice(uri, f"Takes of subject {subject} (test)", "play", "Never learned from; the truth is known.")
            )
    return found
