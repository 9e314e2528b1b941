"""A card that leads on: the whole of it is one button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QSizePolicy

from app.style.metrics import GAP_L, GAP_S
from app.style.theme import restyle
from app.widgets.basics import column, icon_label, row, text


class StepCard(QFrame):
    """Icon, heading, one sentence, and how it stands.

    Signals:
        clicked: by mouse, Enter or Space.
    """

    clicked = Signal()

    def __init__(self, icon: str, heading: str, explanation: str) -> None:
        super().__init__()
        self.setProperty("kind", "step")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(heading)
        self.setAccessibleDescription(explanation)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._state = text("", "caption")
        words = text(explanation, "small", tone="soft", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignTop)
        head = row(icon_label(icon, "accent", 24), None, icon_label("arrow-right", "text_faint", 18))
        layout = column(head, GAP_S, text(heading, "heading"), words, None, GAP_S, self._state, spacing=GAP_S)
        layout.setContentsMargins(GAP_L + 4, GAP_L, GAP_L + 4, GAP_L)
        self.setLayout(layout)
        self.setMinimumHeight(156)

    def show_state(self, state: str, tone: str = "") -> None:
        """How this step stands (``861 takes``), in a tone."""
        self._state.setText(state)
        restyle(self._state, tone=tone)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click within the card."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
            return
        super().keyPressEvent(event)
