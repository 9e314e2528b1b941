"""One background thread that does things in the order in which they were asked for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

Work = Callable[[], object]
OnError = Callable[[Exception], object]


class Lane:
    """A queue with one daemon thread: what hangs in it cannot keep the program from ending.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._queue: queue.SimpleQueue[tuple[Work, OnError] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def do(self, work: Work, on_error: OnError) -> None:
        """Do this after all that was asked for before; ``on_error`` is called on the lane's thread."""
        self._queue.put((work, on_error))

    def close(self, timeout_s: float) -> bool:
        """Do what was asked for, then end; False where that took longer than ``timeout_s``."""
        self._queue.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            work, on_error = item
            try:
                work()
            except Exception as error:
                on_error(error)
