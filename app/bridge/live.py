"""The live page's side of pskd: a watch on the device engine, a student in its own process."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.bridge.live_feed import LiveFrame
from app.bridge.live_session import LiveSession, Opened
from app.bridge.runs import RunRow, list_runs
from app.bridge.session import Session, explained
from app.bridge.sources import Choice, watches
from app.bridge.watch_memory import remembered
from app.bridge.watch_words import plain
from pskd.clock import now_s

TURN_MS = 6000
MOST_TAKES = 60
GONE_HINT = "Choose another student, or train one."


class _Newest:
    """Work off the window's thread of which only the answer that was asked for last is heard."""

    def __init__(self, session: Session, hear: Callable[[Any], object]) -> None:
        self._session, self._hear = session, hear
        self._turn = 0

    def ask(self, work: Callable[[], Any]) -> None:
        self._turn += 1
        turn = self._turn
        self._session.run(work, lambda found: self._hear(found) if turn == self._turn else None)


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
    _over = Signal(int, object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.current: Opened | None = None
        self._open: LiveSession | None = None
        self._before: LiveSession | None = None
        self._runs = _Newest(session, self.runs_ready.emit)
        self._watches = _Newest(session, self.watches_ready.emit)
        self._turn = 0
        self._performs = ""
        self._place = 0
        self._performer = QTimer(self)
        self._performer.setInterval(TURN_MS)
        self._performer.timeout.connect(self._next_activity)
        queued = Qt.ConnectionType.QueuedConnection
        self._link.connect(self._hear_link, queued)
        self._student.connect(self._hear_student, queued)
        self._over.connect(self._hear_over, queued)

    @property
    def running(self) -> bool:
        """A session is open or being opened."""
        return self._open is not None

    @property
    def run(self) -> Path | None:
        """The run whose student is open or being opened."""
        return self._open.run if self._open is not None else None

    @property
    def uri(self) -> str:
        """The watch that is open or being opened; empty where none is."""
        return self._open.uri if self._open is not None else ""

    @property
    def student_pid(self) -> int | None:
        """Process id of the live process, or None."""
        return self._open.student_pid if self._open is not None else None

    def refresh(self) -> None:
        """Look for runs with a bundle."""
        library = self.session.library
        self._runs.ask(lambda: _usable(library.path) if library is not None else [])

    def find_watches(self, run: Path) -> None:
        """Look for watches; those used before come first, then takes of the run's test subjects as replays."""
        library = self.session.library
        known = remembered(self.session)

        def work() -> list[Choice]:
            found = watches()
            held = _held_out(library, run) if library is not None else []
            return [*found[:1], *known, *held, *found[1:]]

        self._watches.ask(work)

    def start(self, run: Path, uri: str) -> None:
        """Load a run's student and open a watch; what ran before is closed, and gone before the watch is opened."""
        self.stop()
        turn = self._turn
        opened = LiveSession(
            run, uri,
            lambda state, text: self._link.emit(turn, state, text),
            lambda state, text: self._student.emit(turn, state, text),
            lambda error: self._over.emit(turn, error),
            after=self._before,
        )  # fmt: skip
        self._open, self._before = opened, None
        self.opening.emit()
        self.session.run(opened.start, lambda facts: self._began(turn, facts), lambda e: self._hear_over(turn, e))

    def stop(self) -> None:
        """Close watch and student."""
        if self._let_go():
            self.closed.emit()

    def shut(self) -> None:
        """Close everything and wait: the window closes."""
        opened = self._detach()
        if opened is not None:
            opened.close()

    def frame(self) -> LiveFrame | None:
        """How everything stands; None until student and watch are open."""
        feed = self._open.feed if self._open is not None and self.current is not None else None
        return feed.frame(now_s()) if feed is not None else None

    def clear(self) -> None:
        """Forget what was predicted so far."""
        if self._open is not None and self._open.feed is not None:
            self._open.feed.clear()

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
        if turn != self._turn:
            return
        self.current = facts
        self.opened.emit(facts)
        self._place = 0
        self.perform(self._performs if self._performs in facts.classes else "")

    def _let_go(self) -> bool:
        """Close what runs, off-thread; False where nothing ran."""
        opened = self._detach()
        if opened is None:
            return False
        self._before = opened
        self.session.run(opened.close)
        return True

    def _detach(self) -> LiveSession | None:
        """Nothing more is heard of what runs; it is left to be closed."""
        self._turn += 1
        self._performer.stop()
        opened, self._open, self.current = self._open, None, None
        return opened

    def _hear_over(self, turn: int, error: Exception) -> None:
        """It could not be opened, or the student was given up; what was stopped meanwhile is missed by nobody."""
        if turn == self._turn:
            self._let_go()
            message, hint = explained(error)
            self.failed.emit(message, GONE_HINT if getattr(error, "code", "") == "bundle.missing" else plain(hint))

    def _hear_link(self, turn: int, state: str, text: str) -> None:
        if turn == self._turn:
            self.link_changed.emit(state, text)

    def _hear_student(self, turn: int, state: str, text: str) -> None:
        if turn == self._turn:
            self.student_changed.emit(state, text)


def _usable(library: Path) -> list[RunRow]:
    return [row for row in list_runs(library) if row.has_bundle and not row.problem]


def _held_out(library: Any, run: Path) -> list[Choice]:
    """Takes of the run's test subjects as replays; none where it set nobody aside."""
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
