"""The answer on the whole screen, legible from the far end of a room."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.pages.live_view import LiveView
from app.style.metrics import GAP_L, GAP_XL, PAGE_MARGIN
from app.widgets.basics import Card, row, text


class Presentation(QWidget):
    """A window of its own over the whole screen. Escape or F11 closes it, Space holds.

    Attributes:
        view: what it shows.
        simulated: says so where no hardware is involved.

    Signals:
        closed: it is gone.
        hold_wanted: Space was pressed.
    """

    closed = Signal()
    hold_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("PSKD Studio: live")
        self.setProperty("page", "true")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Live presentation")
        self.view = LiveView(span_s=16.0)
        self.simulated = text("Simulated", "pill", tone="accent")
        self.simulated.hide()
        hint = text("Esc closes", "caption")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAGE_MARGIN, PAGE_MARGIN, PAGE_MARGIN, PAGE_MARGIN)
        layout.setSpacing(GAP_XL)
        layout.addLayout(row(self.simulated, None, hint))
        layout.addWidget(self.view.answer, 5)
        card = Card(padding=GAP_L)
        card.body.addWidget(self.view.signal, 1)
        lower = row(card, self.view.bars, spacing=PAGE_MARGIN)
        lower.setStretch(0, 3)
        lower.setStretch(1, 1)
        layout.addLayout(lower, 3)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape and F11 close, Space holds."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F11):
            self.close()
        elif event.key() == Qt.Key.Key_Space:
            self.hold_wanted.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell the page."""
        self.closed.emit()
        super().closeEvent(event)
