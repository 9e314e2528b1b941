"""What to do now, large enough to read from four metres: the class, the time left, and what comes next."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.metrics import RADIUS_L
from app.style.theme import color, colors
from app.widgets.words import readable

LARGEST = 420  # pixels
_WHITE = QColor("#FFFFFF")


class CueBanner(QWidget):
    """Paints one cue. Its ground is the accent colour while something is to be done, dark while there is a pause."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._label = ""
        self._note = ""
        self._left_s = 0.0
        self._share = 0.0
        self._going = False

    def set_cue(self, label: str, note: str, left_s: float, share: float, *, going: bool) -> None:
        """Show a moment of the protocol.

        Args:
            label: the large word.
            note: the smaller line below (which trial, what comes next).
            left_s: seconds left of this phase.
            share: how much of the phase is over, 0 to 1.
            going: True while the class is to be done, False in pauses.
        """
        self._label, self._note, self._going = readable(label), note, going
        self._left_s, self._share = max(0.0, left_s), min(max(share, 0.0), 1.0)
        self.setAccessibleName(f"{'Now' if going else 'Next'}: {self._label}")
        self.update()

    def sizeHint(self) -> QSize:
        """Wide."""
        return QSize(640, 400)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, word, note, ring with the seconds left."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS_L, RADIUS_L)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), QColor(colors().accent) if self._going else color("stage"))
        width, height = float(self.width()), float(self.height())
        ring = min(height * 0.24, 150.0)
        self._paint_ring(painter, QRectF((width - ring) / 2, height * 0.09, ring, ring))
        word = QRectF(width * 0.04, height * 0.09 + ring, width * 0.92, height * 0.48)
        painter.setPen(_WHITE)
        painter.setFont(fitted(self.font(), self._label, word.width(), word.height()))
        painter.drawText(word, Qt.AlignmentFlag.AlignCenter, self._label)
        note = QRectF(width * 0.04, height * 0.8, width * 0.92, height * 0.16)
        painter.setPen(QColor(255, 255, 255, 215))
        painter.setFont(fitted(self.font(), self._note, note.width(), min(note.height(), 40), bold=False))
        painter.drawText(note, Qt.AlignmentFlag.AlignCenter, self._note)

    def _paint_ring(self, painter: QPainter, place: QRectF) -> None:
        thick = max(4.0, place.width() / 16)
        inside = place.adjusted(thick, thick, -thick, -thick)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(255, 255, 255, 60), thick))
        painter.drawEllipse(inside)
        painter.setPen(QPen(_WHITE, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(inside, 90 * 16, -round((1 - self._share) * 360 * 16))
        seconds = f"{self._left_s + 0.95:.0f}" if self._left_s < 100 else ""
        painter.setPen(_WHITE)
        painter.setFont(fitted(self.font(), "00", inside.width() * 0.62, inside.height() * 0.62))
        painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, seconds)


def fitted(base: QFont, words: str, width: float, height: float, *, bold: bool = True) -> QFont:
    """The largest font in which the words fit on one line."""
    font = QFont(base)
    font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    font.setPixelSize(100)
    measure = QFontMetricsF(font)
    wide = max(measure.horizontalAdvance(words), 1.0)
    size = min(100 * width / wide, 100 * height / max(measure.height(), 1.0), LARGEST)
    font.setPixelSize(max(int(size), 10))
    return font
