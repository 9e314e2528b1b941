"""The camera's picture as in a mirror, with the skeleton drawn on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style import icons
from app.style.metrics import GAP_L, GAP_M, RADIUS_L
from app.style.theme import color, theme
from app.widgets.skeleton_view import Skeleton, paint_skeleton

SMALL = 260
_PAPER = "#EDF0F4"
_FAINT = "#8B95A3"


class CameraView(QWidget):
    """Newest picture and newest pose; repainted when it gets either, so feed it from a 30 Hz timer.

    Attributes:
        mirrored: left and right swapped, as people expect of a picture of themselves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Camera preview with skeleton")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.mirrored = True
        self._image: QImage | None = None
        self._skeleton: Skeleton | None = None
        self._points: NDArray[np.float32] | None = None
        self._visibility: NDArray[np.float32] | None = None
        self._message = ("No camera", "Choose one at the right.")
        self._tag = ""
        self._recording = ""
        self._hint = ""

    def set_picture(self, rgb: NDArray[np.uint8] | None) -> None:
        """Show ``(H, W, 3)`` uint8, or none."""
        if rgb is None:
            self._image = None
        else:
            pixels = np.ascontiguousarray(rgb)
            height, width = pixels.shape[:2]
            borrowed = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
            # a copy, in the format that Qt scales in half the time
            self._image = borrowed.convertToFormat(QImage.Format.Format_RGB32)
        self.update()

    def set_skeleton(self, skeleton: Skeleton | None) -> None:
        """Choose the joints and bones of the poses to come."""
        self._skeleton = skeleton
        self._points = None
        self.update()

    def set_pose(self, points: NDArray[np.float32] | None, visibility: NDArray[np.float32] | None = None) -> None:
        """Show a pose ``(V, 2)`` in 0 to 1 of the picture, not mirrored; None for nobody."""
        self._points, self._visibility = points, visibility
        self.update()

    def set_message(self, heading: str, explanation: str = "") -> None:
        """What is said while there is no picture."""
        self._message = (heading, explanation)
        self.update()

    def set_tag(self, tag: str) -> None:
        """A word at the top left, such as ``Simulated``; empty for none."""
        if tag != self._tag:
            self._tag = tag
            self.update()

    def set_hint(self, hint: str) -> None:
        """One sentence at the bottom of the picture, such as ``Nobody is in view.``; empty for none."""
        if hint != self._hint:
            self._hint = hint
            self.setAccessibleDescription(hint)
            self.update()

    def set_recording(self, elapsed: str) -> None:
        """The red sign at the top right with the time so far; empty while nothing is recorded."""
        if elapsed != self._recording:
            self._recording = elapsed
            self.update()

    def sizeHint(self) -> QSize:
        """Four to three."""
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:
        """Still useful."""
        return QSize(280, 180)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Stage, picture, skeleton, signs."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS_L, RADIUS_L)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), color("stage"))
        area = QRectF(self.rect())
        if self._image is None:
            self._paint_message(painter)
        else:
            area = self._area(self._image.width(), self._image.height())
            self._paint_picture(painter, self._image, area)
        if self.width() < SMALL:
            return  # in a corner of the cue there is no room for signs
        if self._tag:
            self._paint_sign(painter, area, self._tag, QColor(14, 17, 22, 190), left=True)
        if self._recording:
            self._paint_sign(painter, area, f"●  {self._recording}", color("record"), left=False)
        if self._hint and self._image is not None:
            self._paint_hint(painter, area)

    def _area(self, width: int, height: int) -> QRectF:
        scale = min(self.width() / width, self.height() / height)
        size = (width * scale, height * scale)
        return QRectF((self.width() - size[0]) / 2, (self.height() - size[1]) / 2, *size)

    def _paint_picture(self, painter: QPainter, image: QImage, area: QRectF) -> None:
        painter.save()
        if self.mirrored:
            painter.translate(2 * area.center().x(), 0)
            painter.scale(-1, 1)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, image)
        if self._skeleton is not None and self._points is not None:
            paint_skeleton(painter, self._skeleton, self._points, self._visibility, area)
        painter.restore()

    def _paint_message(self, painter: QPainter) -> None:
        """The second text begins below the first, however many lines that takes."""
        middle = self.height() / 2
        icons.draw(painter, "camera", _FAINT, QRectF(self.width() / 2 - 20, middle - 56, 40, 40))
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        place = QRectF(16, middle - 4, self.width() - 32, self.height() / 2)
        for words, role, ink in zip(self._message, ("heading", "small"), (_PAPER, _FAINT), strict=True):
            painter.setFont(_font(self.font(), role))
            painter.setPen(QColor(ink))
            painter.drawText(place, flags, words)
            place.setTop(place.top() + painter.boundingRect(place, flags, words).height() + GAP_M)

    def _paint_sign(self, painter: QPainter, area: QRectF, words: str, ground: QColor, *, left: bool) -> None:
        painter.setFont(_font(self.font(), "caption", bold=True))
        width = painter.fontMetrics().horizontalAdvance(words) + 2 * GAP_M + 4
        x = area.left() + 12 if left else area.right() - width - 12
        place = QRectF(x, area.top() + 12, width, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(place, 12, 12)
        painter.setPen(QColor("#FFFFFF"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_hint(self, painter: QPainter, area: QRectF) -> None:
        """Larger than the signs: it is read from where the person stands."""
        font = _font(self.font(), "heading", bold=True)
        font.setPixelSize(max(font.pixelSize(), round(area.height() / 18)))
        painter.setFont(font)
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        room = area.adjusted(GAP_L, 0, -GAP_L, 0)
        words = painter.fontMetrics().boundingRect(room.toRect(), flags, self._hint)
        height = words.height() + 2 * GAP_M
        width = min(words.width() + 2 * GAP_L + 4, area.width())
        place = QRectF(area.center().x() - width / 2, area.bottom() - height - GAP_L, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(14, 17, 22, 215))
        painter.drawRoundedRect(place, GAP_M, GAP_M)
        painter.setPen(QColor("#FFFFFF"))
        painter.drawText(place.adjusted(GAP_M, 0, -GAP_M, 0), flags, self._hint)


def _font(base: QFont, role: str, *, bold: bool = False) -> QFont:
    font = QFont(base)
    font.setPixelSize(theme.font_px(role))
    font.setWeight(QFont.Weight.DemiBold if bold or role == "heading" else QFont.Weight.Normal)
    return font
