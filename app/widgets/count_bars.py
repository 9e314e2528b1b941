"""A bar a class: how much there is of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.style.theme import colors
from app.widgets.words import many, readable, tip

ROW_H = 26


class CountBars(QWidget):
    """Names, bars and counts; bars share one scale."""

    def __init__(self, few: int = 4) -> None:
        super().__init__()
        self._rows: tuple[tuple[str, int], ...] = ()
        self._few = few
        self.setAccessibleName("Clips by class")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_rows(self, rows: Sequence[tuple[str, int]]) -> None:
        """Show these classes with their counts."""
        self._rows = tuple(rows)
        self.setAccessibleDescription(", ".join(f"{name} {count}" for name, count in rows))
        self.setFixedHeight(max(len(rows), 1) * ROW_H + 4)
        self.update()

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(320, max(len(self._rows), 1) * ROW_H + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, bar, count."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        names = min(
            max((metrics.horizontalAdvance(readable(name)) for name, _ in self._rows), default=0) + 16,
            self.width() * 0.5,
        )
        top = max((count for _, count in self._rows), default=1) or 1
        for number, (name, count) in enumerate(self._rows):
            area = QRectF(0, number * ROW_H, self.width(), ROW_H)
            painter.setPen(QColor(colors().text))
            # classes may differ only in their last word
            text = metrics.elidedText(readable(name), Qt.TextElideMode.ElideMiddle, names - 12)
            painter.drawText(QRectF(0, area.top(), names, ROW_H), Qt.AlignmentFlag.AlignVCenter, text)
            self._paint_bar(painter, QRectF(names, area.center().y() - 4, self.width() - names - 48, 8), count, top)
            painter.setPen(QColor(colors().text_faint))
            right = QRectF(self.width() - 44, area.top(), 36, ROW_H)
            painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(count))

    def event(self, event: QEvent) -> bool:
        """The tool tip says the whole name."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), tip(self.said(event.pos().y())), self)
            return True
        return super().event(event)

    def said(self, y: int) -> str:
        """The row at a height in words; empty where there is none."""
        number = y // ROW_H
        if not 0 <= number < len(self._rows):
            return ""
        name, count = self._rows[number]
        return f"{readable(name)}: {many(count, 'clip')}"

    def _paint_bar(self, painter: QPainter, groove: QRectF, count: int, top: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors().raised))
        painter.drawRoundedRect(groove, 3, 3)
        painter.setBrush(QColor(colors().warn if count < self._few else colors().accent))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), max(groove.width() * count / top, 4), 8), 3, 3)
