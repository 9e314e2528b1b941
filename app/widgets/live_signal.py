"""The moving signal with what was predicted as coloured bands below it, and the truth where it is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen

from app.style.theme import colors
from app.widgets import axis, lettering, tones
from app.widgets.scaled import ScaledWidget
from app.widgets.timeline_paint import Scale, paint_legend, polyline

BAND_H = 26.0
Band = tuple[float, float, str, int]


class LiveSignal(ScaledWidget):
    """The last seconds; the newest sample is at the right edge. A bare redraw, meant for a 30 Hz timer."""

    def __init__(self, span_s: float = 12.0) -> None:
        super().__init__("Moving signal with predictions")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.span_s = span_s
        self._now_s = 0.0
        self._times: NDArray[np.float64] = np.zeros(0)
        self._values: NDArray[np.float32] = np.zeros((0, 3), np.float32)
        self._bands: Sequence[Band] = ()
        self._truth: Sequence[Band] | None = None
        self._range = (-20.0, 20.0)

    def set_frame(
        self,
        now_s: float,
        times_s: NDArray[np.float64],
        values: NDArray[np.float32],
        bands: Sequence[Band],
        truth: Sequence[Band] | None = None,
    ) -> None:
        """Show one frame.

        Args:
            now_s: the right edge.
            times_s: ``(N,)``.
            values: ``(N, C)``.
            bands: predictions ``(start, end, name, colour)``; colour -1 is calm grey.
            truth: the same for what was really done, or None where nobody knows.
        """
        self._now_s, self._times, self._values, self._bands, self._truth = now_s, times_s, values, bands, truth
        if len(values):
            self._widen(float(np.nanmin(values)), float(np.nanmax(values)))
        self.update()

    def clear(self) -> None:
        """Show nothing and forget the range."""
        self._range = (-20.0, 20.0)
        self.set_frame(0.0, np.zeros(0), np.zeros((0, 3), np.float32), ())

    def _widen(self, low: float, high: float) -> None:
        """The range only grows, in steps, so the signal never jumps about."""
        if np.isfinite(low) and np.isfinite(high) and (low < self._range[0] or high > self._range[1]):
            reach = max(abs(low), abs(high), 20.0)
            reach = np.ceil(reach / 10) * 10
            self._range = (-reach, reach)

    def sizeHint(self) -> QSize:
        """Wide."""
        return QSize(700, 240)

    def minimumSizeHint(self) -> QSize:
        """The least that stays readable."""
        return QSize(300, 150)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Signal above, bands below."""
        painter, room = self.painter(), self.room()
        painter.setRenderHint(painter.RenderHint.Antialiasing, False)
        painter.fillRect(room, QColor(colors().surface))
        painter.setFont(lettering.font(self, "caption"))
        rows = 2 if self._truth is not None else 1
        foot = rows * (BAND_H + 4) + 22
        area = QRectF(74, 8, room.width() - 86, max(room.height() - foot - 12, 20))
        scale = Scale(self._now_s - self.span_s, self._now_s, area.left(), area.width())
        self._paint_grid(painter, area, room.bottom() - 20)
        painter.setClipRect(area)
        for channel in range(self._values.shape[1]):
            painter.setPen(QPen(tones.channel_colour(channel), 1))
            for line in polyline(self._times, self._values[:, channel], scale, area, *self._range):
                painter.drawPolyline(line)
        painter.setClipping(False)
        paint_legend(painter, ("x", "y", "z"), QPointF(area.right(), area.top() + 12), "m/s²")
        top = area.bottom() + 6
        self._paint_row(painter, "predicted", self._bands, scale, QRectF(area.left(), top, area.width(), BAND_H))
        if self._truth is not None:
            lane = QRectF(area.left(), top + BAND_H + 4, area.width(), BAND_H)
            self._paint_row(painter, "truth", self._truth, scale, lane)

    def _paint_grid(self, painter: QPainter, area: QRectF, foot: float) -> None:
        colours, (low, high) = colors(), self._range
        pace = axis.step(high - low, 4)
        for value in axis.ticks(low, high, 4):
            y = round(area.bottom() - (value - low) / (high - low) * area.height()) + 0.5
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours.text_faint))
            box = QRectF(0, y - 9, area.left() - 8, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, axis.number(value, pace))
        pace = axis.step(self.span_s, 6)
        for back in axis.ticks(0, self.span_s, 6):
            x = area.right() - back / self.span_s * area.width()
            text = "now" if back == 0 else f"−{axis.number(back, pace)} s"
            place = Qt.AlignmentFlag.AlignHCenter if back else Qt.AlignmentFlag.AlignRight
            place |= Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(x - 40, foot, 80 if back else 44, 18), place, text)

    def _paint_row(self, painter: QPainter, title: str, bands: Sequence[Band], scale: Scale, lane: QRectF) -> None:
        colours = colors()
        painter.setPen(QColor(colours.text_faint))
        painter.drawText(
            QRectF(0, lane.top(), lane.left() - 8, lane.height()),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            title,
        )
        painter.fillRect(lane, QColor(colours.raised))
        painter.setClipRect(lane)
        metrics = QFontMetricsF(painter.font())
        for start, end, name, colour in bands:
            if end < scale.start_s:
                continue
            box = QRectF(scale.x(start), lane.top() + 1, max(scale.x(end) - scale.x(start) - 1, 1), lane.height() - 2)
            face = tones.class_colour(colour) if colour >= 0 else QColor(colours.line)
            face.setAlpha(150 if colour >= 0 else 160)
            painter.fillRect(box, face)
            seen = box.intersected(lane).adjusted(6, 0, -4, 0)
            if seen.width() > 24:
                painter.setPen(QColor(colours.text if colour >= 0 else colours.text_faint))
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, seen.width())
                painter.drawText(seen, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.setClipping(False)
