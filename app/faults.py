"""No failure kills the window: exceptions that nobody caught are logged and shown, and the program goes on."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, qInstallMessageHandler

from app.bridge.session import Session
from pskd import config

log = logging.getLogger("app")


class Faults(QObject):
    """Catches what slots and threads let through.

    Signals:
        caught: an exception, from whichever thread.
    """

    caught = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.caught.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over from Python's own handlers."""
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.caught.emit(error)

    def _thread_hook(self, arguments: threading.ExceptHookArgs) -> None:
        if isinstance(arguments.exc_value, Exception):
            self.caught.emit(arguments.exc_value)

    def _show(self, error: BaseException) -> None:
        self._session.show_error(error if isinstance(error, Exception) else RuntimeError(repr(error)))


def log_qt() -> None:
    """What Qt itself complains of goes to the log, not to a terminal that an installed program has not got."""
    qInstallMessageHandler(lambda kind, context, message: log.info("Qt %s: %s", kind.name, message))


def log_to_file() -> None:
    """Keep the program's log in the settings folder, at most two files of 1 MB; without it where that fails."""
    try:
        config.folder().mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            config.folder() / "studio.log", maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
