"""The confusion matrix: it says which split it shows and which axis is the truth, and every cell can be opened."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.style.theme import colors
from app.widgets import lettering, tones
from app.widgets.words import many, readable, tip

CAPTION_H = 30.0


class ConfusionMatrix(QWidget):
    """Rows are the truth, columns what was predicted; colour is the share of the row. A click opens a cell."""

    cell_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Confusion matrix")
        self._classes: tuple[str, ...] = ()
        self._counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self._caption = ""
        self._cell = (-1, -1)
        self._names_w: float | None = None

    def set_matrix(self, classes: Sequence[str], counts: NDArray[np.int64], caption: str) -> None:
        """Show a matrix.

        Args:
            classes: K names.
            counts: ``(K, K)``, truth by prediction.
            caption: which model and which split, in words.
        """
        self._classes, self._counts, self._caption = tuple(classes), counts, caption
        self._cell = (-1, -1)
        self._names_w = None
        right = int(np.trace(counts))
        self.setAccessibleDescription(f"{caption}. {right} of {int(counts.sum())} right. Rows are the truth.")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """About square."""
        return QSize(560, self.heightForWidth(560))

    def minimumSizeHint(self) -> QSize:
        """The least that stays readable."""
        return QSize(280, 240)

    def hasHeightForWidth(self) -> bool:
        """The cells stay square."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height that keeps the cells square."""
        names = self._names_width()
        cell = self._side(width)
        return round(CAPTION_H + names + cell * len(self._classes) + 26)

    def _names_width(self) -> float:
        if self._names_w is None:  # measured once: every cell's place asks for it
            metrics = QFontMetricsF(self._small())
            longest = max((metrics.horizontalAdvance(readable(name)) for name in self._classes), default=40.0)
            self._names_w = min(longest + 14, 150.0)
        return self._names_w

    def changeEvent(self, event: QEvent) -> None:
        """Other letters have other widths."""
        self._names_w = None
        super().changeEvent(event)

    def _side(self, width: float) -> float:
        return min((width - self._names_width() - 34) / max(len(self._classes), 1), 56.0)

    def _small(self) -> QFont:
        font = lettering.font(self, "caption")
        if len(self._classes) > 16:
            font.setPixelSize(max(round(font.pixelSize() * 0.88), 9))
        return font

    def _origin(self) -> QPointF:
        return QPointF(24 + self._names_width(), CAPTION_H + self._names_width())

    def _box(self, row: int, column: int) -> QRectF:
        side, origin = self._side(self.width()), self._origin()
        return QRectF(origin.x() + column * side, origin.y() + row * side, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Caption, names, cells."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colors().text_faint))
        caption = painter.fontMetrics().elidedText(self._caption, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, 0, self.width(), CAPTION_H), Qt.AlignmentFlag.AlignVCenter, caption)
        if not self._classes:
            return
        painter.setFont(self._small())
        pace = self.names_pace()
        for index, name in enumerate(self._classes):
            for held, paint in zip(self._cell, (self._paint_row_name, self._paint_column_name), strict=True):
                if _is_named(index, held, pace):
                    paint(painter, index, name, QColor(colors().text if index == held else colors().text_faint))
        self._paint_axes(painter)
        exposed = event.region()
        for row in range(len(self._classes)):
            for column in range(len(self._classes)):
                box = self._box(row, column)
                if exposed.intersects(box.toAlignedRect()):
                    self._paint_cell(painter, row, column, box.adjusted(0.75, 0.75, -0.75, -0.75))

    def names_pace(self) -> int:
        """Every how many-th class is named, so that no name is written over another."""
        return max(math.ceil(QFontMetricsF(self._small()).height() * 0.85 / max(self._side(self.width()), 1.0)), 1)

    def _elided(self, painter: QPainter, name: str) -> str:
        room = self._names_width() - 10
        return QFontMetricsF(painter.font()).elidedText(readable(name), Qt.TextElideMode.ElideMiddle, room)

    def _paint_row_name(self, painter: QPainter, index: int, name: str, colour: QColor) -> None:
        area = QRectF(24, self._box(index, index).center().y() - 10, self._names_width() - 8, 20)
        painter.setPen(colour)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._elided(painter, name))

    def _paint_column_name(self, painter: QPainter, index: int, name: str, colour: QColor) -> None:
        painter.setPen(colour)
        painter.save()
        painter.translate(self._box(index, index).center().x(), self._origin().y() - 8)
        painter.rotate(-90)
        area = QRectF(0, -10, self._names_width(), 20)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self._elided(painter, name))
        painter.restore()

    def _paint_axes(self, painter: QPainter) -> None:
        painter.setPen(QColor(colors().text_faint))
        origin, span = self._origin(), self._side(self.width()) * len(self._classes)
        painter.save()
        painter.translate(14, origin.y() + span / 2)
        painter.rotate(-90)
        painter.drawText(QRectF(-span / 2, -10, span, 20), Qt.AlignmentFlag.AlignCenter, "done (truth)")
        painter.restore()
        foot = QRectF(origin.x(), origin.y() + span + 4, span, 20)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, "predicted")

    def _paint_cell(self, painter: QPainter, row: int, column: int, box: QRectF) -> None:
        colours = colors()
        count, total = int(self._counts[row, column]), int(self._counts[row].sum())
        share = count / total if total else 0.0
        face = QColor(colours.raised)
        if count:
            face = tones.blend(
                QColor(colours.raised), QColor(colours.accent if row == column else colours.bad), 0.15 + 0.85 * share
            )
        chosen = (row, column) == self._cell
        painter.setPen(QPen(QColor(colours.text), 1.5) if chosen else Qt.PenStyle.NoPen)
        painter.setBrush(face)
        painter.drawRoundedRect(box, min(3.0, box.width() / 5), min(3.0, box.width() / 5))
        if count and box.width() > 15:
            painter.setPen(tones.on_colour(face))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(count))

    def _cell_at(self, position: QPointF) -> tuple[int, int]:
        side, origin = self._side(self.width()), self._origin()
        column, row = int((position.x() - origin.x()) // side), int((position.y() - origin.y()) // side)
        inside = 0 <= row < len(self._classes) and 0 <= column < len(self._classes)
        return (row, column) if inside else (-1, -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        cell = self._cell_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if self._count(cell) else Qt.CursorShape.ArrowCursor)
        self._move(cell)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open a cell."""
        self._open(self._cell_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk through the cells, Enter opens one."""
        shift = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        key, last = Qt.Key(event.key()), len(self._classes) - 1
        if key in shift and last >= 0:
            row, column = (self._cell[0] + shift[key][0], self._cell[1] + shift[key][1])
            self._move((min(max(row, 0), last), min(max(column, 0), last)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open(self._cell)
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the cell."""
        self._move((-1, -1))

    def event(self, event: QEvent) -> bool:
        """The tool tip says a cell in words."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), tip(self.said(*self._cell_at(QPointF(event.pos())))), self)
            return True
        return super().event(event)

    def said(self, row: int, column: int) -> str:
        """A cell in words."""
        if row < 0:
            return ""
        count, total = self._count((row, column)), int(self._counts[row].sum())
        truth, answer = readable(self._classes[row]), readable(self._classes[column])
        what = f"{many(total, 'clip')} of “{truth}”"
        if row == column:
            return f"{count} of {what} found"
        return f"{count} of {what} taken for “{answer}”"

    def _count(self, cell: tuple[int, int]) -> int:
        return int(self._counts[cell]) if cell[0] >= 0 else 0

    def _move(self, cell: tuple[int, int]) -> None:
        if cell == self._cell:
            return
        for row, column in (self._cell, cell):
            if row >= 0:
                self.update(self._box(row, column).toAlignedRect().adjusted(-1, -1, 1, 1))
        origin = self._origin().toPoint()
        self.update(0, 0, self.width(), origin.y())  # the names of both axes
        self.update(0, 0, origin.x(), self.height())
        self._cell = cell

    def _open(self, cell: tuple[int, int]) -> None:
        if self._count(cell):
            self.cell_chosen.emit(*cell)


def _is_named(index: int, held: int, pace: int) -> bool:
    """Whether a class's name is written: every ``pace``-th, and that of the held cell in place of those too near."""
    if index == held or held < 0:
        return index == held or index % pace == 0
    return index % pace == 0 and abs(index - held) >= pace
