"""Makes the demo library of the simulated performer where it is missing, and opens it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from app.bridge.session import Session

if TYPE_CHECKING:
    from pskd.library.library import Library


class DemoBridge(QObject):
    """Opens the demo library.

    Signals:
        began: what is being made.
        progress: takes done, takes in all, and the step.
        ended: it is there, or it could not be made.
    """

    began = Signal(str)
    progress = Signal(int, int, str)
    ended = Signal()
    _told = Signal(int, int)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._running = False
        self._told.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def open(self, on_open: Callable[[], object] | None = None) -> None:
        """Make it if need be, open it, then call ``on_open``."""
        if self._running:
            return
        self._running = True
        self.began.emit("Preparing the demo library")

        def work() -> Library:
            from pskd.demo.sample import ensure

            return ensure(progress=self._told.emit)

        self._session.run(work, lambda library: self._made(library, on_open), self._failed)

    def _tell(self, done: int, total: int) -> None:
        self.progress.emit(done, total, "takes performed")

    def _made(self, library: Library, on_open: Callable[[], object] | None) -> None:
        self._running = False
        self.ended.emit()
        self._session.open_library(library.path, on_open)

    def _failed(self, error: Exception) -> None:
        self._running = False
        self.ended.emit()
        self._session.show_error(error)
