"""How strong a device's radio signal is, as four bars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import color, theme

BARS = 4
WORDS = ("not heard", "very weak", "weak", "good", "strong")
_LEAST_DBM = (-60, -70, -80)
_BAR, _GAP, _HIGH = 4, 2, 18


def level(rssi: int | None) -> int:
    """How many of the four bars are lit at ``rssi`` dBm; 0 where the device was not heard."""
    return 0 if rssi is None else 1 + sum(rssi >= least for least in _LEAST_DBM)


def words(rssi: int | None) -> str:
    """The same in words, such as ``Signal good (-65 dBm)``."""
    return f"Signal {WORDS[level(rssi)]}" + ("" if rssi is None else f" ({rssi} dBm)")


class SignalBars(QWidget):
    """Four rising bars; the number of lit ones tells the strength, not their colour."""

    def __init__(self, rssi: int | None = None) -> None:
        super().__init__()
        self._lit = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.set_rssi(rssi)

    def set_rssi(self, rssi: int | None) -> None:
        """Show a strength in dBm; None where the device was not heard."""
        self._lit = level(rssi)
        self.setToolTip(words(rssi))
        self.setAccessibleName(words(rssi))
        self.update()

    def sizeHint(self) -> QSize:
        """Four bars and the gaps between them."""
        return QSize(BARS * _BAR + (BARS - 1) * _GAP, _HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bars, the unlit ones as pale as a border."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for place in range(BARS):
            high = _HIGH * (place + 1) / BARS
            painter.setBrush(QColor(color("text_soft" if place < self._lit else "line_strong")))
            painter.drawRoundedRect(QRectF(place * (_BAR + _GAP), _HIGH - high, _BAR, high), 1.5, 1.5)
