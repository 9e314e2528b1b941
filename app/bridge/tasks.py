"""Work off the window's thread: the window never waits for a disk, a device or a network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal


class Task(QObject):
    """One piece of work on a thread of its own.

    Signals:
        done: the work's result; heard on the window's thread.
        failed: the exception it ended with; heard on the window's thread.
    """

    done = Signal(object)
    failed = Signal(object)

    def __init__(self, work: Callable[[], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._thread = threading.Thread(target=self._run, name="task", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end, when the program closes; False where it took too long."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            result = self._work()
        except Exception as error:
            self._tell(self.failed, error)
        else:
            self._tell(self.done, result)

    def _tell(self, signal: Any, value: object) -> None:
        try:
            signal.emit(value)
        except RuntimeError:
            return  # the window has closed meanwhile: nobody is left to be told


class Tasks(QObject):
    """Starts tasks, holds them while they run, and passes their failures on.

    Signals:
        failed: an exception that the caller did not want to handle itself.
    """

    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: set[Task] = set()

    def run(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], object] | None = None,
        on_failed: Callable[[Exception], object] | None = None,
    ) -> Task:
        """Do ``work`` on another thread.

        Args:
            work: must not touch widgets.
            on_done: called with its result on the window's thread.
            on_failed: called with its exception on the window's thread; without it ``failed`` is emitted.
        """
        task = Task(work, self)
        self._running.add(task)

        def finish(action: Callable[[Any], object] | None, value: Any) -> None:
            self._running.discard(task)
            task.deleteLater()
            if action is not None:
                action(value)

        queued = Qt.ConnectionType.QueuedConnection
        relay = _Relay(self, lambda value: finish(on_done, value), lambda e: finish(on_failed or self.failed.emit, e))
        task.done.connect(relay.done, queued)
        task.failed.connect(relay.failed, queued)
        relay.setParent(task)
        task.start()
        return task

    @property
    def busy(self) -> bool:
        """True while any work is going on."""
        return bool(self._running)

    def wait(self, timeout_s: float = 5.0) -> None:
        """Give what is running a little time to end, when the program closes."""
        for task in list(self._running):
            task.wait(timeout_s)


class _Relay(QObject):
    """Lives on the window's thread, so that a queued signal is delivered there."""

    def __init__(self, parent: QObject, on_done: Callable[[Any], object], on_failed: Callable[[Any], object]) -> None:
        super().__init__(parent)
        self._on_done = on_done
        self._on_failed = on_failed

    def done(self, value: object) -> None:
        self._on_done(value)

    def failed(self, value: object) -> None:
        self._on_failed(value)
