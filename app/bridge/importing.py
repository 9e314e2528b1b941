"""Imports a data set off the window's thread, with progress, and can be stopped."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.bridge.session import Session


@dataclass(frozen=True, slots=True)
class DataSet:
    """One that can be imported.

    Attributes:
        name: as it is typed.
        title: as people know it.
        expects: what a source looks like.
        reference: who published it.
    """

    name: str
    title: str
    expects: str
    reference: str


class _Stopped(Exception):
    """The person asked to stop."""


class ImportBridge(QObject):
    """Runs one import at a time.

    Signals:
        progress: done, total, and the step in words.
        finished: one line on what was done; empty where it was stopped.
        failed: message and hint.
    """

    progress = Signal(int, int, str)
    finished = Signal(str)
    failed = Signal(str, str)
    _told = Signal(int, int, str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._stop = threading.Event()
        self.running = False
        self._told.connect(self.progress, Qt.ConnectionType.QueuedConnection)

    @staticmethod
    def data_sets() -> list[DataSet]:
        """Everything that can be imported."""
        from pskd.library.formats import IMPORTERS

        found = [(name, IMPORTERS.get(name)) for name in IMPORTERS]
        return [DataSet(name, kind.title, kind.expects, kind.reference) for name, kind in found]

    def start(self, name: str, source: Path, library: Path, *, skip_damaged: bool) -> None:
        """Begin; the library is as it was unless the whole import succeeds."""
        self._stop.clear()
        self.running = True

        def work() -> Any:
            from pskd.library.importing import import_dataset

            return import_dataset(name, source, library, progress=self._hear, skip_damaged=skip_damaged)

        self._session.run(work, self._done, self._broke)

    def stop(self) -> None:
        """Stop at the next trial; nothing is kept."""
        self._stop.set()

    def _hear(self, done: int, total: int, step: str) -> None:
        if self._stop.is_set():
            raise _Stopped
        if done % 5 == 0 or done == total:
            self._told.emit(done, total, step)

    def _done(self, report: Any) -> None:
        self.running = False
        self.finished.emit(report.text)
        self._session.takes_changed.emit()

    def _broke(self, error: Exception) -> None:
        from app.bridge.session import explained

        self.running = False
        if isinstance(error, _Stopped):
            self.finished.emit("")
        else:
            self.failed.emit(*explained(error))
