"""One key for each class: pressed or clicked while recording, it says what is being done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from app.style.metrics import GAP_S
from app.widgets.words import readable

KEYS = "1234567890QWERTYUIOP"
COLUMNS = 2
NAME_WIDTH = 88


class KeyStrip(QWidget):
    """Buttons with their keys; one may be on.

    Signals:
        pressed: class name of the button that was clicked.
    """

    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Class keys")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP_S)
        self.buttons: dict[str, QPushButton] = {}

    def set_classes(self, classes: Sequence[str]) -> None:
        """Show these classes, at most as many as there are keys."""
        for button in self.buttons.values():
            self._grid.removeWidget(button)
            button.deleteLater()
        self.buttons = {}
        for place, (key, label) in enumerate(zip(KEYS, classes, strict=False)):
            words = self.fontMetrics().elidedText(readable(label), Qt.TextElideMode.ElideMiddle, NAME_WIDTH)
            button = QPushButton(f"{key}   {words}")
            button.setProperty("kind", "key")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setToolTip(f"Press {key} when {readable(label)} begins, and again when it ends")
            button.setAccessibleName(f"{readable(label)}, key {key}")
            button.clicked.connect(lambda _=False, label=label: self.pressed.emit(label))
            self._grid.addWidget(button, place // COLUMNS, place % COLUMNS)
            self.buttons[label] = button

    def show_on(self, label: str) -> None:
        """Mark the class that is being done; empty for none."""
        for name, button in self.buttons.items():
            button.setChecked(name == label)
