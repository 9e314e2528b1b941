"""The answer on the whole screen, legible from the far end of a room."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QScreen, QShortcut
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.pages.live_view import LiveView
from app.style.metrics import GAP_L, GAP_XL, PAGE_MARGIN
from app.style.theme import theme
from app.widgets.basics import Card, row, text

SPAN_S = 16.0
SMALLEST = (1024, 640)  # on a screen of this size nothing is drawn larger than elsewhere


class Presentation(QWidget):
    """A window of its own over the whole screen. Escape or F11 closes it.

    Args:
        screen: where it comes up.

    Attributes:
        view: what it shows.
        simulated: says so where no hardware is involved.
        held: says that the picture is held.

    Signals:
        closed: it is gone.
        hold_wanted: Space was pressed.
        toggle_wanted: Ctrl+Enter was pressed.
    """

    closed = Signal()
    hold_wanted = Signal()
    toggle_wanted = Signal()

    def __init__(self, screen: QScreen) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("PSKD Studio: live")
        self.setProperty("page", "true")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Live presentation")
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.view = LiveView(SPAN_S)
        self.simulated, self.held = text("Simulated", "pill", tone="accent"), text("Held", "pill", tone="warn")
        for pill in (self.simulated, self.held):
            pill.hide()
        self._hint = text("Esc closes", "caption")
        self._build()
        for keys, signal in (("Space", self.hold_wanted), ("Ctrl+Return", self.toggle_wanted)):
            QShortcut(QKeySequence(keys), self).activated.connect(signal)
        for keys in ("Escape", "F11"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.close)

    def _build(self) -> None:
        layout = self._layout = QVBoxLayout(self)
        layout.setSpacing(GAP_XL)
        layout.addLayout(row(self.simulated, self.held, None, self._hint))
        layout.addWidget(self.view.answer, 5)
        card = Card(padding=GAP_L)
        card.body.addWidget(self.view.signal, 1)
        lower = row(card, self.view.bars, spacing=PAGE_MARGIN)
        lower.setStretch(0, 3)
        lower.setStretch(1, 2)
        layout.addLayout(lower, 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A larger screen stands farther away: everything on it grows."""
        width, height = SMALLEST
        scale = max(min(event.size().width() / width, event.size().height() / height), 1.0)
        self.view.set_scale(scale)
        self._layout.setContentsMargins(*4 * [round(PAGE_MARGIN * scale)])
        letters = theme.font_px("caption") * scale
        self._hint.setStyleSheet(f"font-size: {round(letters)}px;")
        for pill in (self.simulated, self.held):
            _enlarge(pill, letters)
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell the page."""
        self.closed.emit()
        super().closeEvent(event)


def _enlarge(pill: QLabel, pixels: float) -> None:
    """Letters of another size than the theme's, with edge and corners to match."""
    corner, pad = round(0.75 * pixels), round(0.25 * pixels)
    pill.setStyleSheet(f"font-size: {round(pixels)}px; border-radius: {corner}px; padding: {pad}px {corner}px;")
