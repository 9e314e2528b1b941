"""Camera picture and cue share one place: the cue takes all of it, the picture goes into a corner."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.camera_view import CameraView
from app.widgets.cue_banner import MARGIN, CueBanner, corner_size


class Stage(QWidget):
    """Holds both.

    Attributes:
        camera: the picture.
        cue: the cue, hidden unless one is shown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 220)
        self.cue = CueBanner()
        self.cue.setParent(self)
        self.camera = CameraView()
        self.camera.setParent(self)
        self.cue.hide()

    def show_cue(self, on: bool) -> None:
        """Let the cue take the place, or give it back to the picture."""
        self.cue.setVisible(on)
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay both out anew."""
        self._lay_out()

    def _lay_out(self) -> None:
        whole = self.rect()
        self.cue.setGeometry(whole)
        if self.cue.isVisibleTo(self):
            width, height = corner_size(whole.width())
            self.camera.setGeometry(QRect(whole.right() - width - MARGIN, MARGIN, width, height))
        else:
            self.camera.setGeometry(whole)
        self.camera.raise_()
