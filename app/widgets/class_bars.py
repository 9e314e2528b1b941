"""How much there is of each class, as bars."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import color, theme
from app.widgets.words import many, readable

ROW = 26
MOST = 8
NAME_WIDTH = 132


class ClassBars(QWidget):
    """Up to eight classes, the scarcest first; a class with too little is shown in the warning colour."""

    def __init__(self, enough: int) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._enough = enough
        self._counts: list[tuple[str, int]] = []
        self._more = 0

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Show segments by class."""
        ordered = sorted(counts.items(), key=lambda item: item[1])
        self._counts, self._more = ordered[:MOST], max(0, len(ordered) - MOST)
        self.setAccessibleName("Segments by class: " + ", ".join(f"{name} {n}" for name, n in ordered[:MOST]))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A line each."""
        return QSize(300, ROW * (len(self._counts) + (1 if self._more else 0)))

    def minimumSizeHint(self) -> QSize:
        """Never cut off."""
        return QSize(240, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, track, bar, number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(theme.font_px("small"))
        painter.setFont(font)
        most = max([count for _, count in self._counts] + [self._enough])
        for number, (name, count) in enumerate(self._counts):
            self._paint_row(painter, number * ROW, name, count, most)
        if self._more:
            painter.setPen(color("text_faint"))
            place = QRectF(0, len(self._counts) * ROW, self.width(), ROW)
            painter.drawText(
                place, Qt.AlignmentFlag.AlignVCenter, f"and {many(self._more, 'class', 'classes')} with as many or more"
            )

    def _paint_row(self, painter: QPainter, top: int, name: str, count: int, most: int) -> None:
        painter.setPen(color("text_soft"))
        words = painter.fontMetrics().elidedText(readable(name), Qt.TextElideMode.ElideRight, NAME_WIDTH - 8)
        painter.drawText(QRectF(0, top, NAME_WIDTH, ROW), Qt.AlignmentFlag.AlignVCenter, words)
        track = QRectF(NAME_WIDTH, top + ROW / 2 - 3, self.width() - NAME_WIDTH - 48, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("raised"))
        painter.drawRoundedRect(track, 3, 3)
        if count:
            painter.setBrush(color("accent" if count >= self._enough else "warn"))
            painter.drawRoundedRect(QRectF(track.left(), track.top(), max(6.0, track.width() * count / most), 6), 3, 3)
        painter.setPen(color("text_soft" if count >= self._enough else "warn"))
        painter.drawText(QRectF(self.width() - 44, top, 44, ROW), int(
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), f"{count}")  # fmt: skip
