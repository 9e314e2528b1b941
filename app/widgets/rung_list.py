"""The rungs of a run as it climbs: done, under way, to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style import icons
from app.style.theme import colors
from app.widgets import lettering

ROW_H = 64.0


@dataclass(frozen=True, slots=True)
class RungLine:
    """One rung.

    Attributes:
        name: of the rung.
        words: what it learns from, or how it went.
        share: done, 0 to 1.
        right: at the right end: time left, or its accuracy.
        current: it is climbed now.
        done: it was climbed.
    """

    name: str
    words: str
    share: float
    right: str = ""
    current: bool = False
    done: bool = False


class RungList(QWidget):
    """One line a rung, joined by a thin ladder."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[RungLine, ...] = ()
        self.setAccessibleName("Rungs")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_lines(self, lines: Sequence[RungLine]) -> None:
        """Show these rungs."""
        if len(lines) != len(self._lines):
            self.setFixedHeight(round(max(len(lines), 1) * ROW_H))
        self._lines = tuple(lines)
        self.setAccessibleDescription("; ".join(f"{line.name} {line.share:.0%}" for line in lines))
        self.update()

    def sizeHint(self) -> QSize:
        """All rungs."""
        return QSize(320, round(max(len(self._lines), 1) * ROW_H))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Sign, name, bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, line in enumerate(self._lines):
            top = number * ROW_H
            if number + 1 < len(self._lines):
                painter.setPen(QPen(QColor(colors().accent if line.done else colors().line_strong), 1.5))
                painter.drawLine(QPointF(12, top + 28), QPointF(12, top + ROW_H + 4))
            self._paint_sign(painter, QPointF(12, top + 16), line)
            self._paint_line(painter, QRectF(36, top, self.width() - 40, ROW_H), line)

    def _paint_sign(self, painter: QPainter, centre: QPointF, line: RungLine) -> None:
        palette = colors()
        ring = palette.accent if line.done or line.current else palette.line_strong
        painter.setPen(QPen(QColor(ring), 1.5))
        painter.setBrush(QColor(palette.accent if line.done else palette.surface))
        painter.drawEllipse(centre, 9, 9)
        if line.done:
            icons.draw(painter, "check", palette.on_accent, QRectF(centre.x() - 6, centre.y() - 6, 12, 12))
        elif line.current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.accent))
            painter.drawEllipse(centre, 4, 4)

    def _paint_line(self, painter: QPainter, area: QRectF, line: RungLine) -> None:
        palette = colors()
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if line.current or line.done else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(palette.text if line.current or line.done else palette.text_soft))
        head = QRectF(area.left(), area.top() + 4, area.width(), 24)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, line.name)
        painter.setFont(lettering.font(self, "caption"))
        painter.setPen(QColor(palette.text_faint))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, line.right)
        below = QRectF(area.left(), area.top() + 26, area.width(), 18)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, line.words)
        if line.current or 0 < line.share < 1:
            groove = QRectF(area.left(), area.top() + 48, area.width(), 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.raised))
            painter.drawRoundedRect(groove, 2, 2)
            painter.setBrush(QColor(palette.accent))
            painter.drawRoundedRect(QRectF(groove.left(), groove.top(), groove.width() * line.share, 4), 2, 2)
