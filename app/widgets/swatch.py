"""A dot and a name: one entry of a legend."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import color, colors, theme


class Swatch(QWidget):
    """Names the colour of one channel.

    Args:
        channel: its number.
        name: its name.
    """

    def __init__(self, channel: int, name: str) -> None:
        super().__init__()
        self._channel, self._name = channel, name
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Channel {name}")

    def sizeHint(self) -> QSize:
        """Dot, gap, letter."""
        return QSize(18 + self.fontMetrics().horizontalAdvance(self._name), 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Both."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        series = colors().series
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(series[self._channel % len(series)]))
        painter.drawEllipse(QRectF(0, self.height() / 2 - 4, 8, 8))
        font = QFont(self.font())
        font.setPixelSize(theme.font_px("caption"))
        painter.setFont(font)
        painter.setPen(color("text_soft"))
        painter.drawText(QRectF(12, 0, self.width() - 12, self.height()), Qt.AlignmentFlag.AlignVCenter, self._name)
