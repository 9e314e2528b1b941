"""What the student says: the class large enough for the far end of a room, and the classes beside it as bars."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent

from app.style.theme import colors
from app.widgets import tones
from app.widgets.cue_banner import fitted, laid_out
from app.widgets.scaled import ScaledWidget

LEAST_PX = 14  # words that are too long even then are shown without their middle
ROWS = 5


class PredictionView(ScaledWidget):
    """The predicted class with its calibrated confidence; letters grow with the room they have."""

    def __init__(self) -> None:
        super().__init__("Prediction")
        self._label, self._colour, self._note = "", -1, ""
        self._confidence: float | None = None

    def set_prediction(self, label: str, confidence: float | None, colour: int, note: str = "") -> None:
        """Show a class.

        Args:
            label: what is said, such as a class or ``unsure``.
            confidence: 0 to 1, or None for a plain message.
            colour: class colour, -1 for calm grey (``unsure``, waiting).
            note: a small line below.
        """
        now = (label, confidence, colour, note)
        if now == (self._label, self._confidence, self._colour, self._note):
            return
        if label != self._label:
            self.setAccessibleDescription(label)
        self._label, self._confidence, self._colour, self._note = now
        self.update()

    def sizeHint(self) -> QSize:
        """Room for large letters."""
        return QSize(520, 260)

    def minimumSizeHint(self) -> QSize:
        """The least that stays readable."""
        return QSize(260, 150)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The class, a bar of confidence, a note."""
        painter, room, certain = self.painter(), self.room(), self._colour >= 0
        width, height = room.width(), room.height()
        painter.setPen(QColor(colors().text if certain else colors().text_faint))
        self._paint_label(painter, QRectF(width * 0.03, height * 0.06, width * 0.94, height * 0.52))
        below = height * 0.6
        if self._confidence is not None:
            self._paint_confidence(painter, QRectF(0, below, width, height * 0.24), self._confidence, certain)
            below = height * 0.86
        painter.setFont(self.font())
        painter.setPen(QColor(colors().text_faint))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(width * 0.03, below, width * 0.94, height - below), flags, self._note)

    def _paint_label(self, painter: QPainter, area: QRectF) -> None:
        """On one line or two; a plain message stays smaller than a class."""
        high = area.height() * (1.0 if self._confidence is not None else 0.36)
        lines, font = laid_out(self.font(), self._label, area.width(), high)
        font.setPixelSize(max(font.pixelSize(), LEAST_PX))
        metrics = QFontMetricsF(font)
        shown = [metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, area.width()) for line in lines]
        painter.setFont(font)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "\n".join(shown))

    def _paint_confidence(self, painter: QPainter, area: QRectF, confidence: float, certain: bool) -> None:
        colours = colors()
        share = min(max(confidence, 0.0), 1.0)
        fill = tones.class_colour(self._colour) if certain else QColor(colours.text_faint)
        text = f"{share:.0%}"
        painter.setFont(fitted(self.font(), "100%", area.width() * 0.3, area.height()))
        text_width = QFontMetricsF(painter.font()).horizontalAdvance("100%")
        bar_width = min(area.width() * 0.5, 560.0)
        left = area.center().x() - (bar_width + 20 + text_width) / 2
        thick = max(min(area.height() * 0.28, 22.0), 8.0)
        groove = QRectF(left, area.center().y() - thick / 2, bar_width, thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(groove, thick / 2, thick / 2)
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(left, groove.top(), max(bar_width * share, thick), thick), thick / 2, thick / 2)
        painter.setPen(QColor(colours.text if certain else colours.text_faint))
        box = QRectF(groove.right() + 20, area.top(), text_width + 4, area.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class ProbabilityBars(ScaledWidget):
    """The likeliest classes, one bar each; a line marks the least confidence that counts as sure."""

    def __init__(self) -> None:
        super().__init__("Likeliest classes")
        self._rows: tuple[tuple[str, float, int], ...] = ()
        self._threshold: float | None = None

    def set_rows(self, rows: Sequence[tuple[str, float, int]], threshold: float | None = None) -> None:
        """Show ``(class, probability, colour)`` rows, likeliest first, and the least sure confidence if known."""
        self._rows, self._threshold = tuple(rows), threshold
        self.update()

    def sizeHint(self) -> QSize:
        """Five rows."""
        return QSize(320, ROWS * 34)

    def minimumSizeHint(self) -> QSize:
        """Five tight rows."""
        return QSize(200, ROWS * 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, bar, percent."""
        painter, room = self.painter(), self.room()
        pitch = min(room.height() / max(len(self._rows), ROWS), 44.0)
        for number, (name, share, colour) in enumerate(self._rows):
            self._paint_row(painter, QRectF(0, number * pitch, room.width(), pitch), name, share, colour)

    def _paint_row(self, painter: QPainter, area: QRectF, name: str, share: float, colour: int) -> None:
        colours = colors()
        names = min(area.width() * 0.42, 220.0)
        painter.setPen(QColor(colours.text))
        text = QFontMetricsF(self.font()).elidedText(name, Qt.TextElideMode.ElideMiddle, names - 12)
        painter.drawText(QRectF(0, area.top(), names, area.height()), Qt.AlignmentFlag.AlignVCenter, text)
        groove = QRectF(names, area.center().y() - 5, area.width() - names - 54, 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(groove, 5, 5)
        if share > 0.005:
            painter.setBrush(tones.class_colour(colour))
            painter.drawRoundedRect(QRectF(groove.left(), groove.top(), max(groove.width() * share, 10), 10), 5, 5)
        if self._threshold is not None:
            x = groove.left() + groove.width() * self._threshold
            painter.fillRect(QRectF(x, groove.top() - 3, 1, 16), QColor(colours.text_faint))
        painter.setPen(QColor(colours.text_faint))
        box = QRectF(groove.right() + 6, area.top(), 48, area.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{share:.0%}")
