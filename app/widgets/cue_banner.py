"""What to do now, large enough to read from four metres: the class, the time left, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.metrics import RADIUS_L
from app.style.palette import LIGHT
from app.style.theme import color, colors
from app.widgets.words import readable

LARGEST = 420  # pixels
MARGIN = 12  # between the camera's picture and the corner in which it stands
_WHITE = QColor("#FFFFFF")
_SOFT = QColor(255, 255, 255, 215)
_WARN = QColor(LIGHT.bad)  # the same in both themes: it lies on the banner's own ground


class CueBanner(QWidget):
    """Paints one cue. Its ground is the accent colour while something is to be done, dark while there is a pause."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._heading = self._word = self._note = self._warning = ""
        self._left_s = self._share = 0.0
        self._going = False
        self._cue: tuple[str, str, str, float, float, bool] | None = None
        self._hands = ("", 0.0)

    def set_cue(self, label: str, note: str, left_s: float, share: float, *, going: bool, heading: str = "") -> None:
        """Show a moment of the protocol.

        Args:
            label: the large word.
            note: the smaller line below (which trial, what comes next).
            left_s: seconds left of this phase; no ring where it is 0.
            share: how much of the phase is over, 0 to 1.
            going: True while the class is to be done, False in pauses.
            heading: a line above the word, where there is no ring (``Paused``).
        """
        shown = (readable(label), note, heading, max(0.0, left_s), min(max(share, 0.0), 1.0), going)
        if shown == self._cue:  # called with every frame: while it waits nothing is painted anew
            return
        self._cue = shown
        self._word, self._note, self._heading, self._left_s, self._share, self._going = shown
        name = f"{heading or ('Now' if going else 'Next')}: {self._word}"
        if name != self.accessibleName():
            self.setAccessibleName(name)
        self.update()

    def set_warning(self, words: str) -> None:
        """A red strip across the top, such as ``Nobody is in view.``; empty for none."""
        if words != self._warning:
            self._warning = words
            self.update()

    def set_hands(self, words: str, share: float) -> None:
        """A ring that fills while hands are held up, and what they will do; share 0 for none."""
        if (words, share) != self._hands:
            self._hands = (words, share)
            self.update()

    def sizeHint(self) -> QSize:
        """Wide."""
        return QSize(640, 400)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, word, note, ring with the seconds left; over it what is wrong and what the hands say."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS_L, RADIUS_L)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), QColor(colors().accent) if self._going else color("stage"))
        width, height = float(self.width()), float(self.height())
        if self._hands[1] > 0:
            self._paint_hands(painter, width, height)
        elif self._left_s > 0:
            edge = min(height * 0.24, 150.0)
            seconds = f"{self._left_s + 0.95:.0f}" if self._left_s < 100 else ""
            self._paint_ring(painter, QRectF((width - edge) / 2, height * 0.09, edge, edge), 1 - self._share, seconds)
        else:
            above = beside_corner(width, height * 0.12, height * 0.16)
            self._paint_line(painter, self._heading, above, 64)
        self._paint_word(painter, word_area(width, height))
        self._paint_line(painter, self._note, QRectF(width * 0.04, height * 0.8, width * 0.92, height * 0.16), 76)
        if self._warning:
            self._paint_warning(painter, width, height)

    def _paint_word(self, painter: QPainter, area: QRectF) -> None:
        lines, font = laid_out(self.font(), self._word, area.width(), area.height())
        painter.setPen(_WHITE)
        painter.setFont(font)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "\n".join(lines))

    def _paint_line(self, painter: QPainter, words: str, area: QRectF, most: float) -> None:
        painter.setPen(_SOFT)
        painter.setFont(fitted(self.font(), words, area.width(), min(area.height(), most), bold=False))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_hands(self, painter: QPainter, width: float, height: float) -> None:
        words, share = self._hands
        edge = min(height * 0.24, 150.0)
        self._paint_ring(painter, QRectF((width - edge) / 2, height * 0.05, edge, edge), share, "")
        self._paint_line(painter, words, beside_corner(width, height * 0.05 + edge, height * 0.06), 32)

    def _paint_warning(self, painter: QPainter, width: float, height: float) -> None:
        strip = QRectF(0, 0, width, max(28.0, min(height * 0.09, 64.0)))
        painter.fillRect(strip, _WARN)
        painter.setPen(_WHITE)
        inside = beside_corner(width, 4, strip.height() - 8)
        painter.setFont(fitted(self.font(), self._warning, inside.width(), inside.height()))
        painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, self._warning)

    def _paint_ring(self, painter: QPainter, place: QRectF, full: float, words: str) -> None:
        thick = max(4.0, place.width() / 16)
        inside = place.adjusted(thick, thick, -thick, -thick)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(255, 255, 255, 60), thick))
        painter.drawEllipse(inside)
        painter.setPen(QPen(_WHITE, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(inside, 90 * 16, -round(full * 360 * 16))
        painter.setPen(_WHITE)
        painter.setFont(fitted(self.font(), "00", inside.width() * 0.62, inside.height() * 0.62))
        painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, words)


def corner_size(width: float) -> tuple[int, int]:
    """Width and height of the camera's picture in the corner of a banner that is this wide."""
    wide = int(max(140, min(width // 5, 320)))
    return wide, wide * 3 // 4


def beside_corner(width: float, top: float, height: float) -> QRectF:
    """A line in the middle of a banner that the camera's picture in the corner leaves free."""
    side = corner_size(width)[0] + 2 * MARGIN
    return QRectF(side, top, max(width - 2 * side, 80.0), height)


def word_area(width: float, height: float) -> QRectF:
    """Where the large word stands in a banner of this size."""
    ring = min(height * 0.24, 150.0)
    return QRectF(width * 0.04, height * 0.09 + ring, width * 0.92, height * 0.48)


def letter_share(base: QFont, label: str, width: float, height: float) -> float:
    """Height of a capital letter of the large word as a share of the banner's height.

    At four metres, letters of 23 mm are read with ease (20 minutes of arc): 0.14 of a screen that is 165 mm high.
    """
    area = word_area(width, height)
    _, font = laid_out(base, readable(label), area.width(), area.height())
    return QFontMetricsF(font).capHeight() / height


def laid_out(base: QFont, words: str, width: float, height: float) -> tuple[list[str], QFont]:
    """The words on one line or two, whichever lets them be larger, with their font."""
    found = [[words]]
    parts = words.split()
    found += [[" ".join(parts[:cut]), " ".join(parts[cut:])] for cut in range(1, len(parts))]
    fonts = [(lines, _fitted_lines(base, lines, width, height)) for lines in found]
    return max(fonts, key=lambda each: each[1].pixelSize())


def _fitted_lines(base: QFont, lines: Sequence[str], width: float, height: float) -> QFont:
    fonts = [fitted(base, line, width, height / len(lines)) for line in lines]
    return min(fonts, key=lambda font: font.pixelSize())


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
