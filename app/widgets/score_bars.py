"""Accuracies side by side, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import colors
from app.widgets import lettering

ROW_H = 44.0
Row = tuple[str, str, float, float, float, bool]


class ScoreBars(QWidget):
    """One bar a model: ``(name, what it sees, accuracy, low, high, is the student)``."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Row, ...] = ()
        self.setAccessibleName("Student and teachers")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these models."""
        self._rows = tuple(rows)
        self.setFixedHeight(round(max(len(rows), 1) * ROW_H))
        self.setAccessibleDescription("; ".join(f"{name}: {share:.1%}" for name, _, share, *_ in rows))
        self.update()

    def sizeHint(self) -> QSize:
        """All bars."""
        return QSize(360, round(max(len(self._rows), 1) * ROW_H))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, bar with interval, percent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, row in enumerate(self._rows):
            self._paint_row(painter, QRectF(0, number * ROW_H, self.width(), ROW_H), row)

    def _paint_row(self, painter: QPainter, area: QRectF, row: Row) -> None:
        name, sees, share, low, high, own = row
        palette = colors()
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if own else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(palette.text))
        painter.drawText(QRectF(0, area.top() + 3, 180, 20), Qt.AlignmentFlag.AlignVCenter, name)
        painter.drawText(
            QRectF(area.right() - 64, area.top(), 64, ROW_H),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            f"{share:.1%}",
        )
        painter.setFont(lettering.font(self, "caption"))
        painter.setPen(QColor(palette.text_faint))
        painter.drawText(QRectF(0, area.top() + 21, 180, 18), Qt.AlignmentFlag.AlignVCenter, sees)
        groove = QRectF(184, area.center().y() - 5, area.width() - 184 - 76, 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.raised))
        painter.drawRoundedRect(groove, 4, 4)
        painter.setBrush(QColor(palette.accent if own else palette.line_strong))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), groove.width() * share, 10), 4, 4)
        painter.setPen(QPen(QColor(palette.text_soft), 1.4))
        y = groove.center().y()
        left, right = groove.left() + groove.width() * low, groove.left() + groove.width() * high
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for x in (left, right):
            painter.drawLine(QPointF(x, y - 4), QPointF(x, y + 4))
