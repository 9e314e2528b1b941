"""Widgets that paint themselves and can be drawn larger as a whole, for a projector or the far end of a room."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget


class ScaledWidget(QWidget):
    """Subclasses paint with :meth:`painter` within :meth:`room`, as if one pixel always had the same size."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        self._scale = 1.0

    def set_scale(self, scale: float) -> None:
        """Draw everything this many times as large."""
        if scale != self._scale:
            self._scale = scale
            self.update()

    def painter(self) -> QPainter:
        """A painter that draws everything larger."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._scale, self._scale)
        return painter

    def room(self) -> QRectF:
        """Where there is to paint, in the painter's own pixels."""
        return QRectF(0.0, 0.0, self.width() / self._scale, self.height() / self._scale)
