"""The moving signals of one or two watches: beside each other where there is room, else one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.style.metrics import GAP_L, GAP_M, GAP_S
from app.widgets.basics import Card, column, row, text, wrapped
from app.widgets.segmented import Segmented
from app.widgets.signal_plot import SignalPlot
from app.widgets.swatch import Swatch

CHANNELS = ("x", "y", "z")
ROOM = 600  # narrower than this, two plots would be too small to read
LEAST_HEIGHT = 110
TITLE = "Acceleration"

Samples = tuple[NDArray[np.float64], NDArray[np.float32]]


class SignalPair(Card):
    """A card with one plot for each watch.

    Attributes:
        plots: by the watch's name.
        switch: which of two is shown where both find no room.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.plots = {name: SignalPlot(CHANNELS) for name in names}
        self._titles: dict[str, QLabel] = {name: text("", "caption") for name in names}
        self.switch = Segmented("Signal", [(name, name, "") for name in names])
        self._title = text(TITLE, "strong")
        self._shown = tuple(names[:1])
        self._panes: dict[str, QWidget] = {}
        both = row(spacing=GAP_L)
        for name, plot in self.plots.items():
            plot.setMinimumHeight(LEAST_HEIGHT)
            self._panes[name] = wrapped(column(self._titles[name], plot, spacing=0))
            both.addWidget(self._panes[name], 1)
        legend = row(self._title, self.switch, None, spacing=GAP_M + GAP_S)
        for channel, name in enumerate(CHANNELS):
            legend.addWidget(Swatch(channel, name))
        super().__init__(legend, both, padding=12, spacing=GAP_S)
        self.switch.chosen.connect(lambda _: self._arrange())
        self._arrange()

    @property
    def span_s(self) -> float:
        """How much time is shown."""
        return next(iter(self.plots.values())).span_s

    @property
    def drawn(self) -> list[str]:
        """The watches whose signal is seen: the others need no samples."""
        return [name for name, pane in self._panes.items() if pane.isVisibleTo(self)]

    def show_watches(self, titles: Mapping[str, str]) -> None:
        """Show a plot for each of these, by name, with what people call them."""
        self._shown = tuple(name for name in self.plots if name in titles) or tuple(self.plots)[:1]
        for name in self._shown:
            words = titles.get(name, "")
            self._titles[name].setText(words)
            self.switch.buttons[name].setText(words)
            self.switch.buttons[name].setMinimumWidth(self._bold().horizontalAdvance(words) + 2 * GAP_L)
            self.plots[name].setAccessibleName(f"{words}: moving signal in m/s²")
        if self.switch.choice not in self._shown:
            self.switch.choose(self._shown[0])
        self._arrange()

    def set_frame(self, name: str, now_s: float, samples: Samples) -> None:
        """Show one frame of a watch."""
        times_s, values = samples
        recent = np.searchsorted(times_s, now_s - self.span_s)
        self.plots[name].set_frame(now_s, times_s[recent:], values[recent:])

    def clear(self) -> None:
        """Show nothing."""
        for plot in self.plots.values():
            plot.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less room than before."""
        super().resizeEvent(event)
        self._arrange()

    def _bold(self) -> QFontMetrics:
        """The switch's letters where it is on, which its own size does not count."""
        font = QFont(self.switch.font())
        font.setBold(True)
        return QFontMetrics(font)

    def _arrange(self) -> None:
        two = len(self._shown) > 1
        wide = self.width() >= ROOM
        self.switch.setVisible(two and not wide)
        self._title.setVisible(not (two and not wide))
        for name, pane in self._panes.items():
            pane.setVisible(name in self._shown and (wide or not two or name == self.switch.choice))
            self._titles[name].setVisible(two and wide)
