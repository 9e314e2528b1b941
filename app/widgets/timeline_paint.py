"""How the timeline is painted: ruler, segments, signal, visibility, markers, cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from app.style.theme import colors
from app.widgets import axis, tones
from app.widgets.segment_edit import Bar
from app.widgets.words import readable

RULER_H = 30.0
LANE_H = 34.0
STRIP_H = 5.0
PAD = 14.0
GAP_FACTOR = 4.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Seconds to pixels.

    Attributes:
        start_s: the moment at the left edge.
        end_s: the moment at the right edge.
        left: pixel of ``start_s``.
        width: pixels from ``start_s`` to ``end_s``.
    """

    start_s: float
    end_s: float
    left: float
    width: float

    def x(self, t_s: float) -> float:
        """The pixel of a moment."""
        return self.left + (t_s - self.start_s) / max(self.end_s - self.start_s, 1e-9) * self.width

    def t(self, x: float) -> float:
        """The moment of a pixel."""
        return self.start_s + (x - self.left) / max(self.width, 1.0) * (self.end_s - self.start_s)

    @property
    def seconds_per_pixel(self) -> float:
        """How much time one pixel is."""
        return (self.end_s - self.start_s) / max(self.width, 1.0)


def polyline(
    times_s: NDArray[np.float64], values: NDArray[np.float32], scale: Scale, rect: QRectF, low: float, high: float
) -> list[QPolygonF]:
    """One channel as lines in ``rect``, thinned to two points a pixel and broken where samples are missing.

    Args:
        times_s: ``(N,)`` rising.
        values: ``(N,)``.
        scale: time to x.
        rect: where to draw.
        low: value at the bottom.
        high: value at the top.
    """
    first, last = np.searchsorted(times_s, (scale.start_s, scale.end_s))
    view = slice(max(int(first) - 1, 0), int(last) + 1)
    t, v = times_s[view], values[view].astype(np.float64)
    if len(t) < 2:
        return []
    pace = float(np.median(np.diff(t)))
    lines = []
    breaks = (
        np.flatnonzero((np.diff(t) > GAP_FACTOR * max(pace, 1e-6)) | ~np.isfinite(v[1:]) | ~np.isfinite(v[:-1])) + 1
    )
    for piece_t, piece_v in zip(np.split(t, breaks), np.split(v, breaks), strict=True):
        keep = np.isfinite(piece_v)
        piece_t, piece_v = _thinned(piece_t[keep], piece_v[keep], scale.seconds_per_pixel)
        x = scale.left + (piece_t - scale.start_s) / (scale.end_s - scale.start_s) * scale.width
        y = rect.bottom() - (np.clip(piece_v, low, high) - low) / max(high - low, 1e-9) * rect.height()
        if len(x) >= 2:
            lines.append(QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]))
    return lines


def _thinned(
    t: NDArray[np.float64], v: NDArray[np.float64], pixel_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Keep each pixel's lowest and highest sample where there are many to a pixel."""
    if len(t) < 3 or (t[-1] - t[0]) / pixel_s * 3 > len(t):
        return t, v
    bins = np.floor((t - t[0]) / pixel_s).astype(np.int64)
    starts = np.flatnonzero(np.r_[True, np.diff(bins) > 0])
    lows, highs = np.minimum.reduceat(v, starts), np.maximum.reduceat(v, starts)
    return np.repeat(t[starts], 2), np.stack([lows, highs], axis=1).ravel()


def value_range(values: NDArray[np.float32] | None) -> tuple[float, float]:
    """A calm range for a signal: a little more than what it spans, at least 2 units."""
    finite = values[np.isfinite(values)] if values is not None and values.size else np.zeros(1, np.float32)
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 1.0)
    middle, half = (low + high) / 2, max((high - low) / 2 * 1.08, 1.0)
    return middle - half, middle + half


def paint_ruler(painter: QPainter, scale: Scale, rect: QRectF, signal: QRectF) -> None:
    """Times along the top and faint lines down through the signal."""
    colours = colors()
    wanted = max(int(rect.width() / 90), 2)
    pace = axis.step(scale.end_s - scale.start_s, wanted)
    decimals = 0 if pace >= 1 else (1 if pace >= 0.1 else 2)
    for moment in axis.ticks(scale.start_s, scale.end_s, wanted):
        x = round(scale.x(moment)) + 0.5
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(QPointF(x, signal.top()), QPointF(x, signal.bottom()))
        painter.drawLine(QPointF(x, rect.bottom() - 5), QPointF(x, rect.bottom()))
        painter.setPen(QColor(colours.text_faint))
        box = QRectF(x - 40, rect.top(), 80, rect.height() - 6)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, axis.clock(moment, decimals))


def paint_bars(painter: QPainter, bars: Sequence[Bar], scale: Scale, rect: QRectF, selected: int, hovered: int) -> None:
    """The labelled segments as coloured bars with their names."""
    colours = colors()
    metrics = QFontMetricsF(painter.font())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for index, bar in enumerate(bars):
        left, right = scale.x(bar.start_s), scale.x(bar.end_s)
        if right < rect.left() or left > rect.right():
            continue
        left, right = max(left, rect.left() - 8), min(right, rect.right() + 8)
        box = QRectF(left + 0.5, rect.top() + 3.5, max(right - left - 1, 2), rect.height() - 7)
        fill = tones.class_colour(bar.colour)
        face = QColor(fill)
        face.setAlpha(235 if index == selected else (120 if index == hovered else 80))
        painter.setBrush(face)
        painter.setPen(QPen(QColor(colours.text) if index == selected else fill, 1.6 if index == selected else 1))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(tones.on_colour(fill) if index == selected else QColor(colours.text))
        seen = box.intersected(rect).adjusted(8, 0, -6, 0)
        if seen.width() > 14:
            text = metrics.elidedText(readable(bar.label), Qt.TextElideMode.ElideRight, seen.width())
            painter.drawText(seen, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_signal(
    painter: QPainter,
    times_s: NDArray[np.float64],
    values: NDArray[np.float32],
    names: Sequence[str],
    scale: Scale,
    rect: QRectF,
    unit: str,
) -> None:
    """All channels in one lane, with three value ticks."""
    colours = colors()
    low, high = value_range(values)
    painter.setClipRect(rect.adjusted(0, -1, 0, 1))
    for channel in range(values.shape[1]):
        painter.setPen(QPen(tones.channel_colour(channel), 1))
        for line in polyline(times_s, values[:, channel], scale, rect, low, high):
            painter.drawPolyline(line)
    painter.setClipping(False)
    pace = axis.step(high - low, 4)
    painter.setPen(QColor(colours.text_faint))
    for value in axis.ticks(low, high, 4):
        y = rect.bottom() - (value - low) / (high - low) * rect.height()
        box = QRectF(0, y - 9, rect.left() - 8, 18)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, axis.number(value, pace))
    paint_legend(painter, names, QPointF(rect.right() - 4, rect.top() + 14), unit)


def paint_legend(painter: QPainter, names: Sequence[str], right_top: QPointF, unit: str) -> None:
    """Channel names in their colours, right-aligned."""
    metrics = QFontMetricsF(painter.font())
    x = right_top.x()
    whole = sum(metrics.horizontalAdvance(text) + 12 for text in (unit, *names))
    ground = QColor(colors().surface)
    ground.setAlpha(215)
    painter.fillRect(QRectF(x - whole, right_top.y() - metrics.ascent() - 2, whole + 4, metrics.height() + 4), ground)
    entries = [(name, tones.channel_colour(index)) for index, name in enumerate(names)]
    for text, pen in [(unit, QColor(colors().text_faint)), *reversed(entries)]:
        width = metrics.horizontalAdvance(text)
        painter.setPen(pen)
        painter.drawText(QPointF(x - width, right_top.y()), text)
        x -= width + 12


def paint_visibility(
    painter: QPainter, times_s: NDArray[np.float64], seen: NDArray[np.float32], scale: Scale, rect: QRectF
) -> None:
    """How well the body was seen, as a thin strip: full colour is fully seen."""
    if len(times_s) < 2:
        return
    edges = np.clip((np.linspace(scale.start_s, scale.end_s, max(int(rect.width() / 3), 2))), times_s[0], times_s[-1])
    rows = np.clip(np.searchsorted(times_s, edges), 0, len(seen) - 1)
    width = rect.width() / len(edges)
    painter.setPen(Qt.PenStyle.NoPen)
    for number, value in enumerate(np.nan_to_num(seen[rows]).tolist()):
        inside = times_s[0] < scale.t(rect.left() + number * width) <= times_s[-1]
        colour = QColor(colors().accent if inside else colors().line)
        colour.setAlphaF(0.15 + 0.85 * min(max(value, 0.0), 1.0) if inside else 0.4)
        painter.fillRect(QRectF(rect.left() + number * width, rect.top(), width + 0.5, rect.height()), colour)


def paint_markers(painter: QPainter, markers: Sequence[tuple[float, str]], scale: Scale, rect: QRectF) -> None:
    """Cues and key presses as small flags on the ruler's foot with a dashed line below."""
    pen = QPen(QColor(colors().text_faint), 1, Qt.PenStyle.DotLine)
    for t_s, _ in markers:
        if not scale.start_s <= t_s <= scale.end_s:
            continue
        x = round(scale.x(t_s)) + 0.5
        painter.setPen(pen)
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors().text_faint))
        painter.drawPolygon(
            QPolygonF([QPointF(x - 4, rect.top() - 5), QPointF(x + 4, rect.top() - 5), QPointF(x, rect.top() + 1)])
        )


def paint_cursor(painter: QPainter, t_s: float, scale: Scale, top: float, bottom: float) -> None:
    """The one cursor, with its time."""
    if not scale.start_s - 1e-9 <= t_s <= scale.end_s + 1e-9:
        return
    colours = colors()
    x = round(scale.x(t_s)) + 0.5
    painter.setPen(QPen(QColor(colours.accent), 1.5))
    painter.drawLine(QPointF(x, top + RULER_H - 8), QPointF(x, bottom))
    text = axis.clock(t_s, 2)
    font = QFont(painter.font())
    font.setBold(True)
    painter.setFont(font)
    width = QFontMetricsF(font).horizontalAdvance(text) + 14
    left = min(max(x - width / 2, scale.left - PAD), scale.left + scale.width + PAD - width)
    box = QRectF(left, top + 2, width, RULER_H - 8)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.accent))
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(tones.on_colour(QColor(colours.accent)))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
