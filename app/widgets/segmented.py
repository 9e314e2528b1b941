"""A row of choices of which one is on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QSizePolicy

from app.style.metrics import GAP_S
from app.widgets.basics import row


class _Segment(QPushButton):
    """Wide enough for its words in the bold of the choice that is on, so that turning it on neither cuts nor moves."""

    def sizeHint(self) -> QSize:
        hint, bold = super().sizeHint(), QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        more = QFontMetrics(bold).horizontalAdvance(self.text()) - self.fontMetrics().horizontalAdvance(self.text())
        return QSize(hint.width() + max(0, more), hint.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Segmented(QFrame):
    """Two to four short choices.

    Attributes:
        buttons: by key.

    Signals:
        chosen: the key of the choice a person made.
    """

    chosen = Signal(str)

    def __init__(self, name: str, choices: Sequence[tuple[str, str, str]]) -> None:
        """Build it.

        Args:
            name: what is chosen, for screen readers.
            choices: key, words and tool tip of each.
        """
        super().__init__()
        self.setProperty("kind", "inset")
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        layout = row(spacing=2)
        for key, words, tip in choices:
            button = _Segment(words)
            button.setProperty("kind", "segment")
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAccessibleName(f"{name}: {words}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            self.buttons[key] = button
            layout.addWidget(button)
        layout.setContentsMargins(GAP_S - 1, GAP_S - 1, GAP_S - 1, GAP_S - 1)
        self.setLayout(layout)
        self.choose(choices[0][0])

    def choose(self, key: str) -> None:
        """Turn a choice on without telling anyone."""
        if key in self.buttons:
            self.buttons[key].setChecked(True)

    @property
    def choice(self) -> str:
        """The key that is on."""
        return next((key for key, button in self.buttons.items() if button.isChecked()), "")
