"""Where a person stands in a row of steps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style import icons
from app.style.theme import colors

RADIUS = 13.0


class Stepper(QWidget):
    """Numbered steps on a line; those behind can be clicked.

    Signals:
        chosen: number of a step that may be gone back to.
    """

    chosen = Signal(int)

    def __init__(self, steps: Sequence[str]) -> None:
        super().__init__()
        self._steps = tuple(steps)
        self._current = 0
        self._reached = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.set_step(0, 0)

    def set_step(self, current: int, reached: int) -> None:
        """Show the current step; steps up to ``reached`` may be clicked."""
        self._current, self._reached = current, reached
        self.setAccessibleName(f"Step {current + 1} of {len(self._steps)}: {self._steps[current]}")
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(520, 40)

    def _boxes(self) -> list[QRectF]:
        metrics = QFontMetricsF(self._bold())
        widths = [RADIUS * 2 + 10 + metrics.horizontalAdvance(step) for step in self._steps]
        room = max((min(float(self.width()), 860.0) - sum(widths) - 4) / max(len(widths) - 1, 1), 24.0)
        boxes, x = [], 2.0
        for width in widths:
            boxes.append(QRectF(x, 0, width, self.height()))
            x += width + room
        return boxes

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """Circles, names, lines between."""
        colours = colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes = self._boxes()
        for number, (box, step) in enumerate(zip(boxes, self._steps, strict=True)):
            if number:
                painter.setPen(QPen(QColor(colours.accent if number <= self._reached else colours.line_strong), 1.5))
                y = box.center().y()
                painter.drawLine(QPointF(boxes[number - 1].right() + 12, y), QPointF(box.left() - 12, y))
            self._paint_step(painter, box, number, step)

    def _paint_step(self, painter: QPainter, box: QRectF, number: int, step: str) -> None:
        colours = colors()
        here, done = number == self._current, number < self._current
        centre = QPointF(box.left() + RADIUS, box.center().y())
        ring = colours.accent if here or done or number <= self._reached else colours.line_strong
        painter.setPen(QPen(QColor(ring), 1.5))
        painter.setBrush(QColor(colours.accent if here else colours.accent_soft if done else colours.surface))
        painter.drawEllipse(centre, RADIUS - 1, RADIUS - 1)
        circle = QRectF(centre.x() - RADIUS, centre.y() - RADIUS, RADIUS * 2, RADIUS * 2)
        if done:
            icons.draw(
                painter, "check", colours.accent if not colours.dark else colours.text, circle.adjusted(6, 6, -6, -6)
            )
        else:
            painter.setFont(self._bold())
            painter.setPen(QColor(colours.on_accent if here else colours.text_faint))
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(number + 1))
        painter.setFont(self._bold() if here else self.font())
        painter.setPen(
            QColor(colours.text if here else colours.text_soft if number <= self._reached else colours.text_faint)
        )
        words = box.adjusted(RADIUS * 2 + 10, 0, 4, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, step)
        if here and self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawLine(words.bottomLeft() + QPointF(0, -5), words.bottomRight() + QPointF(-4, -5))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go back to a step."""
        for number, box in enumerate(self._boxes()):
            if box.contains(event.position()):
                self._choose(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand over what can be clicked."""
        over = any(box.contains(event.position()) and n <= self._reached for n, box in enumerate(self._boxes()))
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the step before or after, where it may be gone to."""
        shift = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if shift is None:
            super().keyPressEvent(event)
        else:
            self._choose(self._current + shift)

    def _choose(self, number: int) -> None:
        if 0 <= number <= self._reached and number != self._current:
            self.chosen.emit(number)
