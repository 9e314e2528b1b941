"""The drawing on Home: a body seen by a camera, and the signal of its watch."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.metrics import RADIUS_L
from app.style.palette import DARK
from app.style.theme import color
from app.widgets.skeleton_view import Skeleton, paint_skeleton

_JOINTS = (
    "head", "neck", "pelvis", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow",
    "right_wrist", "left_hip", "left_knee", "left_ankle", "right_hip", "right_knee", "right_ankle",
)  # fmt: skip
_BONES = (
    (0, 1), (1, 2), (1, 3), (3, 4), (4, 5), (1, 6), (6, 7), (7, 8),
    (2, 9), (9, 10), (10, 11), (2, 12), (12, 13), (13, 14),
)  # fmt: skip
_POSE = np.array(
    [
        [0.30, 0.17], [0.30, 0.30], [0.30, 0.54], [0.245, 0.315], [0.205, 0.43], [0.195, 0.54], [0.355, 0.315],
        [0.425, 0.37], [0.462, 0.235], [0.265, 0.55], [0.25, 0.71], [0.24, 0.87], [0.335, 0.55], [0.355, 0.71],
        [0.37, 0.87],
    ],
    np.float32,
)  # fmt: skip


class Hero(QWidget):
    """A still picture; it only says what this is about."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("A body seen by a camera, and the signal of its watch")
        self._skeleton = Skeleton(_JOINTS, _BONES)

    def sizeHint(self) -> QSize:
        """A little wider than high."""
        return QSize(380, 230)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Stage, skeleton, watch, signal."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("stage"))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS_L, RADIUS_L)
        edge = float(self.height())
        area = QRectF(self.width() * 0.02, 0, edge * 1.02, edge)
        paint_skeleton(painter, self._skeleton, _POSE, None, area)
        wrist = QPointF(area.left() + _POSE[8, 0] * area.width(), _POSE[8, 1] * edge)
        head = QPointF(area.left() + _POSE[0, 0] * area.width(), _POSE[0, 1] * edge)
        self._paint_signal(painter, wrist)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#F2F4F8"))
        painter.drawEllipse(head, edge * 0.055, edge * 0.055)
        painter.setBrush(color("stage"))
        painter.setPen(QPen(QColor("#FFFFFF"), 2.5))
        painter.drawEllipse(wrist, 6.5, 6.5)

    def _paint_signal(self, painter: QPainter, wrist: QPointF) -> None:
        left, right = wrist.x() + 26, self.width() - 24.0
        for channel, (height, pace, phase) in enumerate(((0.36, 1.0, 0.0), (0.52, 1.35, 1.2), (0.67, 0.8, 2.2))):
            points = QPolygonF()
            for step in range(161):
                t = step / 160
                swing = math.sin(16 * pace * t + phase) * math.exp(-((t - 0.48) ** 2) * 9)
                swing += 0.25 * math.sin(47 * t + phase) * math.exp(-((t - 0.5) ** 2) * 14)
                points.append(QPointF(left + t * (right - left), self.height() * (height - 0.075 * swing)))
            painter.setPen(QPen(QColor(DARK.series[channel]), 1.8))
            painter.drawPolyline(points)
