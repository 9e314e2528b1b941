"""A moving plot of one sensor's channels; redrawn by a timer from whole arrays, never sample by sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGraphicsItem, QVBoxLayout, QWidget

from app.style.theme import color, colors, theme

GAP_S = 0.5  # samples further apart are not joined
STEP = 10.0  # the range grows in steps of this, so that the plot does not jump about


class SecondsAxis(pg.AxisItem):
    """Seconds before now."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """``−3 s``, ``now``."""
        return [f"{value:g} s".replace("-", "−") if value else "now" for value in values]


class SignalPlot(QWidget):
    """The last seconds of a signal, newest at the right edge.

    Pens one pixel wide without anti-aliasing, and axes painted from a cache: that is what keeps 30 frames a second
    cheap.

    Args:
        channels: their names.
        unit: of the values, for the axis.
        span_s: how much time is shown.
        reach: the vertical range is at least from ``-reach`` to ``reach``.
    """

    def __init__(
        self, channels: Sequence[str] = ("x", "y", "z"), unit: str = "m/s²", span_s: float = 8.0, reach: float = 20.0
    ) -> None:
        super().__init__()
        self.setAccessibleName(f"Moving signal in {unit}")
        self.span_s = span_s
        self._least = reach
        self._reach = reach
        self._plot = pg.PlotWidget(axisItems={"bottom": SecondsAxis("bottom")})
        self._plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._item = self._plot.getPlotItem()
        self._item.hideButtons()
        self._item.setMenuEnabled(False)
        self._item.setMouseEnabled(False, False)
        self._item.setXRange(-span_s, 0, padding=0)
        self._item.setLabel("left", unit)
        self._item.showGrid(x=True, y=True, alpha=0.18)
        self._item.setContentsMargins(0, 4, 8, 0)
        self._curves = [pg.PlotCurveItem(skipFiniteCheck=True) for _ in channels]
        for curve in self._curves:
            self._item.addItem(curve)
        for side in ("left", "bottom"):
            self._item.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._item.getAxis("left").setWidth(52)
        self._item.setYRange(-reach, reach, padding=0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_frame(self, now_s: float, times_s: NDArray[np.float64], values: NDArray[np.float32]) -> None:
        """Show one frame.

        Args:
            now_s: the right edge.
            times_s: ``(N,)``, rising, on the same clock.
            values: ``(N, C)`` finite.
        """
        x = times_s - now_s
        joined = np.append(np.diff(times_s) <= GAP_S, False) if len(times_s) else np.zeros(0, bool)
        connect = "all" if joined[:-1].all() else joined  # no line is drawn over what is missing
        for channel, curve in enumerate(self._curves):
            shown = values[:, channel] if values.shape[1] > channel else np.zeros(len(x), np.float32)
            curve.setData(x, shown, connect=connect)
        if values.size:
            self._widen(float(np.abs(values).max()))

    def clear(self) -> None:
        """Show nothing, and forget the range."""
        for curve in self._curves:
            curve.setData(np.zeros(0), np.zeros(0))
        self._reach = self._least
        self._item.setYRange(-self._reach, self._reach, padding=0)

    def _widen(self, largest: float) -> None:
        if largest > self._reach:
            self._reach = float(np.ceil(largest / STEP) * STEP)
            self._item.setYRange(-self._reach, self._reach, padding=0)

    def _restyle(self) -> None:
        palette = colors()
        self._plot.setBackground(palette.surface)
        font = QFont(self.font())
        font.setPixelSize(theme.font_px("caption") - 1)
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setPen(pg.mkPen(color("line_strong")))
            axis.setTextPen(pg.mkPen(color("text_faint")))
            axis.setStyle(tickLength=0, tickTextOffset=6, tickFont=font)
        for channel, curve in enumerate(self._curves):
            curve.setPen(pg.mkPen(palette.series[channel % len(palette.series)], width=1))
