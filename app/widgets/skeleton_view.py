"""Skeletons: left limbs and right limbs in two colours, joints that are hardly seen faded out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.metrics import RADIUS_L
from app.style.palette import DARK
from app.style.theme import color

SEEN = 0.5  # a landmark with less visibility is faded
Bones = Sequence[tuple[int, int]]

# On the dark stage in both themes.
_LEFT, _RIGHT, _MIDDLE = QColor(DARK.series[1]), QColor(DARK.series[0]), QColor("#F2F4F8")
_SHADE = QColor(10, 12, 16)


class Skeleton:
    """The constant facts of a skeleton that is drawn.

    Args:
        joints: joint names in order; names with ``left`` and ``right`` choose the colour.
        bones: pairs of joint indices.
    """

    def __init__(self, joints: Sequence[str], bones: Bones) -> None:
        self.bones = tuple(bones)
        self.colors = tuple(_LEFT if "left" in name else _RIGHT if "right" in name else _MIDDLE for name in joints)

    def bone_color(self, start: int, end: int) -> QColor:
        """The side's colour where both ends are on it, else the middle's."""
        return self.colors[start] if self.colors[start] is self.colors[end] else _MIDDLE


def paint_skeleton(
    painter: QPainter,
    skeleton: Skeleton,
    points: NDArray[np.float32],
    visibility: NDArray[np.float32] | None,
    area: QRectF,
) -> None:
    """Draw one pose.

    Args:
        painter: open on the widget.
        skeleton: joints and bones.
        points: ``(V, 2)``, 0 to 1 of ``area``; NaN where nothing is known.
        visibility: ``(V,)`` 0 to 1, or None where all are seen.
        area: where the picture lies.
    """
    known = [bool(np.isfinite(point).all()) for point in points]
    at = [QPointF(area.left() + x * area.width(), area.top() + y * area.height()) if k else QPointF()
          for (x, y), k in zip(points.tolist(), known, strict=True)]  # fmt: skip
    thick = max(2.0, area.height() / 150)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for start, end in skeleton.bones:
        if known[start] and known[end]:
            ink = QColor(skeleton.bone_color(start, end))
            line = QLineF(at[start], at[end])
            # opaque lines take a seventh of the time that see-through ones take, thirty times a second
            if visibility is None or min(visibility[start], visibility[end]) >= SEEN:
                painter.setPen(QPen(_SHADE, thick + 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawLine(line)
            else:
                ink.setAlphaF(0.3)
            painter.setPen(QPen(ink, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(line)
    painter.setPen(Qt.PenStyle.NoPen)
    for joint, point in enumerate(at):
        if known[joint]:
            faint = visibility is not None and visibility[joint] < SEEN
            ink = QColor(skeleton.colors[joint])
            ink.setAlphaF(0.35 if faint else 1.0)
            painter.setBrush(ink)
            painter.drawEllipse(point, thick * 0.95, thick * 0.95)


def project(world: NDArray[np.float32], up: Sequence[float], turn_rad: float = 0.0) -> NDArray[np.float32]:
    """Lay a body in metres flat for drawing, seen from the front, scaled to 0 to 1 around its middle.

    Args:
        world: ``(V, 3)`` metres, y up or down.
        up: the layout's unit vector that points up.
        turn_rad: turned about the upright axis.

    Returns:
        ``(V, 2)`` as :func:`paint_skeleton` takes it, 2.4 m across.
    """
    upward = world @ np.asarray(up, np.float32)
    sideways = world[:, 0] * np.cos(turn_rad) + world[:, 2] * np.sin(turn_rad)
    return np.stack([0.5 + sideways / 2.4, 0.5 - upward / 2.4], axis=1).astype(np.float32)


class SkeletonView(QWidget):
    """One skeleton on a dark stage, without a picture.

    Attributes:
        nobody: what is said where there is no skeleton.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Skeleton")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.nobody = ""
        self._skeleton: Skeleton | None = None
        self._points: NDArray[np.float32] | None = None
        self._visibility: NDArray[np.float32] | None = None

    def set_skeleton(self, skeleton: Skeleton | None) -> None:
        """Choose the joints and bones of the poses to come."""
        self._skeleton = skeleton
        self._points = None
        self.update()

    def set_pose(self, points: NDArray[np.float32] | None, visibility: NDArray[np.float32] | None = None) -> None:
        """Show a pose ``(V, 2)`` in 0 to 1 (see :func:`project`), or nobody."""
        self._points, self._visibility = points, visibility
        self.update()

    def sizeHint(self) -> QSize:
        """As high as wide."""
        return QSize(320, 320)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The stage and the body, in the largest square."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("stage"))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS_L, RADIUS_L)
        if self._skeleton is None:
            painter.setPen(QColor(DARK.text_faint))  # the stage is dark in both themes
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.nobody)
            return
        if self._points is None:
            return
        edge = min(self.width(), self.height())
        area = QRectF((self.width() - edge) / 2, (self.height() - edge) / 2, edge, edge)
        paint_skeleton(painter, self._skeleton, self._points, self._visibility, area)
