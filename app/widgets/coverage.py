"""What is there and what is missing: how many labelled segments each class has from each subject."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.style.theme import colors
from app.widgets.words import many, readable, tip

ROW_H = 26
HEAD_H = 28
TOTAL_W = 54


class Coverage(QWidget):
    """A table of small bars, class by subject; a missing pair is marked. A click asks for those takes."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What is missing")
        self._classes: tuple[str, ...] = ()
        self._subjects: tuple[str, ...] = ()
        self._counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self._names_w: float | None = None
        self._cell = (-1, -1)

    def set_counts(self, classes: Sequence[str], subjects: Sequence[str], counts: NDArray[np.int64]) -> None:
        """Show how often each class occurs.

        Args:
            classes: K names.
            subjects: S names.
            counts: ``(K, S)``.
        """
        self._classes, self._subjects, self._counts = tuple(classes), tuple(subjects), counts
        self._cell = (-1, -1)
        self._names_w = None
        missing = int((counts == 0).sum())
        self.setAccessibleDescription(f"{len(classes)} classes, {len(subjects)} subjects, {missing} pairs missing")
        self.setFixedHeight(HEAD_H + ROW_H * len(self._classes) + 6)
        self.update()

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(420, HEAD_H + ROW_H * max(len(self._classes), 1) + 6)

    def _name_width(self) -> float:
        if self._names_w is None:
            metrics = QFontMetricsF(self.font())
            self._names_w = (
                max((metrics.horizontalAdvance(readable(name)) for name in self._classes), default=60.0) + 18
            )
        return min(self._names_w, self.width() * 0.4)

    def changeEvent(self, event: QEvent) -> None:
        """Other letters have other widths."""
        self._names_w = None
        super().changeEvent(event)

    def _box(self, row: int, column: int) -> QRectF:
        left = self._name_width()
        width = (self.width() - left - TOTAL_W) / max(len(self._subjects), 1)
        return QRectF(left + column * width, HEAD_H + row * ROW_H, width, ROW_H)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names, bars, totals."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_head(painter)
        top = max(int(self._counts.max()), 1) if self._counts.size else 1
        exposed = event.rect()
        for row in range(len(self._classes)):
            if HEAD_H + (row + 1) * ROW_H >= exposed.top() and HEAD_H + row * ROW_H <= exposed.bottom():
                self._paint_row(painter, row, top)

    def _paint_head(self, painter: QPainter) -> None:
        painter.setPen(QColor(colors().text_faint))
        for column, subject in enumerate(self._subjects):
            box = QRectF(self._box(0, column).left(), 0, self._box(0, column).width(), HEAD_H)
            text = QFontMetricsF(self.font()).elidedText(subject, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        total = QRectF(self.width() - TOTAL_W, 0, TOTAL_W - 8, HEAD_H)
        painter.drawText(total, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "total")

    def _paint_row(self, painter: QPainter, row: int, top: int) -> None:
        colours = colors()
        name = QRectF(0, HEAD_H + row * ROW_H, self._name_width() - 12, ROW_H)
        painter.setPen(QColor(colours.text))
        text = QFontMetricsF(self.font()).elidedText(
            readable(self._classes[row]), Qt.TextElideMode.ElideRight, name.width()
        )
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        for column in range(len(self._subjects)):
            self._paint_cell(painter, row, column, top)
        painter.setPen(QColor(colours.text_faint))
        total = QRectF(self.width() - TOTAL_W, name.top(), TOTAL_W - 8, ROW_H)
        painter.drawText(
            total, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(int(self._counts[row].sum()))
        )

    def _paint_cell(self, painter: QPainter, row: int, column: int, top: int) -> None:
        colours = colors()
        count, box = int(self._counts[row, column]), self._box(row, column)
        groove = QRectF(box.left() + 4, box.center().y() - 4, box.width() - 8, 8)
        painter.setPen(QColor(colours.accent) if (row, column) == self._cell else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(groove, 3, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        if count == 0:
            painter.setBrush(QColor(colours.warn))
            painter.drawEllipse(QPointF(groove.left() + 4, groove.center().y()), 2.5, 2.5)
            return
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), max(groove.width() * count / top, 4), 8), 3, 3)

    def _cell_at(self, position: QPointF) -> tuple[int, int]:
        row = int((position.y() - HEAD_H) // ROW_H)
        width = (self.width() - self._name_width() - TOTAL_W) / max(len(self._subjects), 1)
        column = int((position.x() - self._name_width()) // max(width, 1))
        if 0 <= row < len(self._classes):
            return row, column if 0 <= column < len(self._subjects) else -1
        return -1, -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        self._move(self._cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the takes of a cell, or of a whole class."""
        self._ask(*self._cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the cell."""
        if not self.hasFocus():
            self._move((-1, -1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk through the cells, Enter asks for their takes."""
        shift = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        key = Qt.Key(event.key())
        if key in shift and self._classes:
            row, column = self._cell[0] + shift[key][0], self._cell[1] + shift[key][1]
            self._move((min(max(row, 0), len(self._classes) - 1), min(max(column, 0), len(self._subjects) - 1)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._ask(*self._cell)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The tool tip says the count."""
        if isinstance(event, QHelpEvent):
            row, column = self._cell_at(QPointF(event.pos()))
            if row >= 0 and column >= 0:
                count = int(self._counts[row, column])
                said = many(count, "labelled segment") if count else "nothing yet"
                what = f"{readable(self._classes[row])}, {self._subjects[column]}: {said}"
                QToolTip.showText(event.globalPos(), tip(what), self)
            return True
        return super().event(event)

    def _move(self, cell: tuple[int, int]) -> None:
        if cell != self._cell:
            self._cell = cell
            self.update()

    def _ask(self, row: int, column: int) -> None:
        if row >= 0:
            self.chosen.emit(self._classes[row], self._subjects[column] if column >= 0 else "")
