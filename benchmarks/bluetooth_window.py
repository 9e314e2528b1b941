"""A Qt window whose thread computes in Python 60 of every 100 ms, as bad as a window can be to other threads."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

from pskd.clock import now_s

EVERY_MS = 100
BUSY_S = 0.06
TURN_MS = 10
GIVE_UP_S = 120.0


class BusyWindow:
    """Shown while the bench runs. The Python lock is held all of the busy time, except where Python takes it away."""

    def __init__(self) -> None:
        self._app = QApplication.instance() or QApplication([])
        self._window, self._label = QMainWindow(), QLabel()
        self._window.setCentralWidget(self._label)
        self._window.show()
        self._timer = QTimer(self._window)
        self._timer.timeout.connect(self._work)
        self._timer.start(EVERY_MS)
        self._begun_s, self._busy_s = now_s(), 0.0

    def run(self, seconds: float) -> None:
        """Let the window live for a while."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def until(self, true: Callable[[], object]) -> None:
        """Let the window live until something is true.

        Raises:
            TimeoutError: it did not come true within two minutes.
        """
        end_s = now_s() + GIVE_UP_S
        while not true():
            if now_s() > end_s:
                raise TimeoutError
            self.run(TURN_MS / 1000)

    def busy_share(self) -> float:
        """Share of the time since it was shown in which its thread computed."""
        return self._busy_s / (now_s() - self._begun_s)

    def _work(self) -> None:
        begun_s, turns = now_s(), 0
        while now_s() < begun_s + BUSY_S:
            turns += sum(range(100))
        self._label.setText(f"{time.monotonic():.1f} {turns}")
        self._busy_s += now_s() - begun_s
