"""Work that takes a while: what is done, how far it is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar

from app.style.metrics import GAP_M
from app.widgets.basics import Card, button, column, row, text


class WorkCard(Card):
    """Hidden while nothing goes on.

    Signals:
        stopped: the person wants it to end.
    """

    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._what = text("", "strong")
        self._where = text("", "caption")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self._stop = button("Stop", "plain", on_click=self.stopped.emit)
        self.body.addLayout(row(column(self._what, self._where, self.bar, spacing=6), self._stop, spacing=GAP_M * 2))
        self.hide()

    def begin(self, what: str) -> None:
        """Show it; how far it is comes later."""
        self._what.setText(what)
        self._where.setText("")
        self.bar.setRange(0, 0)
        self.setAccessibleName(what)
        self.show()

    def show_progress(self, done: int, total: int, step: str) -> None:
        """How far it is; a total of 0 is unknown."""
        self.bar.setRange(0, max(total, 0))
        self.bar.setValue(done)
        self._where.setText(f"{step.capitalize()}: {done} of {total}" if total else step.capitalize())

    def end(self) -> None:
        """It is over."""
        self.hide()
