"""Learning curves: a few lines over the epochs, with round axes and a legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import colors
from app.widgets import axis, lettering, tones


@dataclass(frozen=True, slots=True)
class Curve:
    """One line.

    Attributes:
        name: for the legend.
        points: ``(epoch, value)`` in order.
        colour: which of the class colours.
        dashed: a second kind of line of the same thing.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    colour: int = 0
    dashed: bool = False


class CurvePlot(QWidget):
    """Lines over epochs; the whole of both axes is always in view."""

    def __init__(self, title: str, *, percent: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        self._title, self._percent = title, percent
        self._curves: tuple[Curve, ...] = ()
        self._epochs = 1.0

    def set_curves(self, curves: Sequence[Curve], epochs: float) -> None:
        """Show these lines; ``epochs`` is the right end of the axis."""
        self._curves, self._epochs = tuple(curves), max(epochs, 1.0)
        self.setAccessibleDescription("; ".join(f"{c.name}: {self._said(c.points[-1][1])}" for c in curves if c.points))
        self.update()

    def sizeHint(self) -> QSize:
        """Small enough for two side by side."""
        return QSize(360, 220)

    def minimumSizeHint(self) -> QSize:
        """The least that stays readable."""
        return QSize(220, 150)

    def _said(self, value: float) -> str:
        return f"{value:.0%}" if self._percent else f"{value:.2f}"

    def _top(self) -> float:
        if self._percent:
            return 1.0
        values = [value for curve in self._curves for _, value in curve.points if math.isfinite(value)]
        return max(values, default=1.0) * 1.05 or 1.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title, axes, lines."""
        colours = colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.text))
        painter.drawText(QRectF(0, 0, self.width(), 24), Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(lettering.font(self, "caption"))
        area = QRectF(44, 32, self.width() - 56, self.height() - 60)
        self._paint_axes(painter, area)
        for curve in self._curves:
            self._paint_curve(painter, curve, area)
        self._paint_legend(painter)

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        colours, top = colors(), self._top()
        pace = axis.step(top, 4)
        for value in axis.ticks(0, top, 4):
            y = area.bottom() - value / top * area.height()
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours.text_faint))
            text = f"{value:.0%}" if self._percent else axis.number(value, pace)
            box = QRectF(0, y - 9, area.left() - 8, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QColor(colours.text_faint))
        for epoch in axis.ticks(0, self._epochs, 5):
            x = area.left() + epoch / self._epochs * area.width()
            painter.drawText(QRectF(x - 30, area.bottom() + 5, 60, 18), Qt.AlignmentFlag.AlignCenter, f"{epoch:g}")

    def _paint_curve(self, painter: QPainter, curve: Curve, area: QRectF) -> None:
        top = self._top()
        points = [
            QPointF(
                area.left() + epoch / self._epochs * area.width(), area.bottom() - min(value / top, 1) * area.height()
            )
            for epoch, value in curve.points
            if math.isfinite(value)
        ]
        pen = QPen(tones.class_colour(curve.colour), 1.8)
        pen.setStyle(Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if points:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tones.class_colour(curve.colour))
            painter.drawEllipse(points[-1], 3, 3)

    def _paint_legend(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(painter.font())
        x = self.width() - 12.0
        for curve in reversed(self._curves):
            text = f"{curve.name} {self._said(curve.points[-1][1])}" if curve.points else curve.name
            x -= metrics.horizontalAdvance(text)
            painter.setPen(QColor(colors().text_faint))
            painter.drawText(QRectF(x, 0, metrics.horizontalAdvance(text) + 2, 24), Qt.AlignmentFlag.AlignVCenter, text)
            pen = QPen(tones.class_colour(curve.colour), 2)
            pen.setStyle(Qt.PenStyle.DotLine if curve.dashed else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(x - 18, 12), QPointF(x - 5, 12))
            x -= 30
