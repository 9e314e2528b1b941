"""What a step of the wizard is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.style.metrics import GAP_L
from app.widgets.basics import column, text


class Step(QWidget):
    """One step: a question, its explanation, and what answers it.

    Attributes:
        body: the vertical layout below the explanation.
        next_words: on the button that leads on.

    Signals:
        changed: whether the step is answered may be otherwise now.
    """

    changed = Signal()
    next_words = "Next"

    def __init__(self, heading: str, words: str) -> None:
        super().__init__()
        self.setAccessibleName(heading)
        self.heading = text(heading, "heading")
        self.words = text(words, "body", tone="soft", wrap=True)
        self.body = QVBoxLayout()
        self.body.setSpacing(GAP_L)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(GAP_L)
        outer.addLayout(column(self.heading, self.words, spacing=2))
        outer.addLayout(self.body, 1)

    def ready(self) -> bool:
        """True where the next step may come."""
        return True
