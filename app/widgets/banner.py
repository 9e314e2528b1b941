"""Messages inside the window: banners that stay, toasts that go. No box ever stops the work."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.style.metrics import GAP_L, GAP_M, GAP_S, GAP_XL
from app.style.theme import restyle, set_icon
from app.widgets.basics import button, column, icon_button, icon_label, row, text

TOAST_MS = 5000
MOST = 3

_ICONS = {
    "bad": ("error", "bad"),
    "warn": ("warning", "warn"),
    "good": ("check-circle", "good"),
    "info": ("info", "accent"),
}


class Banner(QFrame):
    """One message: what happened, what to do, and a way to close it.

    Signals:
        closed: the person closed it.
    """

    closed = Signal()

    def __init__(
        self, tone: str, message: str, hint: str = "", actions: dict[str, Callable[[], object]] | None = None
    ) -> None:
        super().__init__()
        self.setProperty("kind", "banner")
        self.setProperty("tone", tone)
        self.message = message
        self.hint = hint
        self.setAccessibleName(message)
        self.setAccessibleDescription(hint)
        icon, role = _ICONS.get(tone, _ICONS["info"])
        words = column(text(message, "strong", wrap=True), spacing=2)
        if hint:
            words.addWidget(text(hint, "small", tone="soft", wrap=True))
        parts = [button(label, "quiet", on_click=self._closing(action)) for label, action in (actions or {}).items()]
        layout = row(icon_label(icon, role), spacing=GAP_M + GAP_S)
        layout.addLayout(words, 1)
        for part in parts:
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(icon_button("cross", "Close this message", on_click=self.closed.emit))
        layout.setContentsMargins(GAP_L, GAP_M, GAP_M, GAP_M)
        self.setLayout(layout)

    def _closing(self, action: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            self.closed.emit()
            action()

        return run


class BannerArea(QWidget):
    """Banners below each other, newest first, at most three; the same message is not stacked twice."""

    def __init__(self) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(GAP_XL, GAP_M + GAP_S, GAP_XL, 0)
        self._layout.setSpacing(GAP_M)
        self.banners: list[Banner] = []
        self.hide()

    def add(
        self, tone: str, message: str, hint: str = "", actions: dict[str, Callable[[], object]] | None = None
    ) -> Banner:
        """Show a message until it is closed; ``actions`` are words and what they do."""
        self.settle(message)
        while len(self.banners) >= MOST:
            self.remove(self.banners[-1])
        banner = Banner(tone, message, hint, actions)
        banner.closed.connect(lambda: self.remove(banner))
        self.banners.insert(0, banner)
        self._layout.insertWidget(0, banner)
        self.show()
        return banner

    def settle(self, message: str) -> None:
        """Take away what says this."""
        for banner in [banner for banner in self.banners if banner.message == message]:
            self.remove(banner)

    def remove(self, banner: Banner) -> None:
        """Take one away."""
        if banner not in self.banners:
            return
        self.banners.remove(banner)
        self._layout.removeWidget(banner)
        banner.hide()
        banner.deleteLater()
        self.setVisible(bool(self.banners))


class Toast(QFrame):
    """A short message at the window's foot that goes by itself.

    Args:
        parent: it floats above this widget, bottom centre.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._below = parent
        self.setProperty("kind", "card")
        self._icon = icon_label("info", "accent")
        self.words = text("", "strong")
        layout = row(self._icon, self.words, spacing=GAP_M)
        layout.setContentsMargins(GAP_L, GAP_M + 2, GAP_L, GAP_M + 2)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def tell(self, tone: str, message: str, hint: str = "") -> None:
        """Show a message for a few seconds; it replaces the one before."""
        set_icon(self._icon, *_ICONS.get(tone, _ICONS["info"]))
        self.words.setText(f"{message} {hint}".rstrip())
        self.setAccessibleName(self.words.text())
        restyle(self, tone="")
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start(TOAST_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the foot when the window changes size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        parent = self._below
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - GAP_XL)
