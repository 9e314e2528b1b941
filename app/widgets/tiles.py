"""Numbers with a name: a row of tiles, and a two-column list of facts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.style.metrics import GAP_L, GAP_S
from app.style.theme import restyle
from app.widgets.basics import column, text

_ONE = {"takes": "take", "subjects": "subject", "classes": "class", "segments": "segment", "clips": "clip",
        "minutes": "minute"}  # fmt: skip


class Tiles(QWidget):
    """A few numbers side by side, each over its name."""

    def __init__(self, names: Sequence[str], role: str = "number") -> None:
        super().__init__()
        self._values: dict[str, QLabel] = {}
        self._names: dict[str, QLabel] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_L * 2)
        for name in names:
            self._values[name] = text("–", role)
            self._values[name].setAccessibleName(name)
            self._names[name] = text(name, "caption")
            layout.addLayout(column(self._values[name], self._names[name], spacing=0))
        layout.addStretch(1)

    def show_value(self, name: str, value: str) -> None:
        """Put a number on its tile."""
        self._values[name].setText(value)
        self._names[name].setText(_ONE.get(name, name) if value == "1" else name)


class FactList(QWidget):
    """Names on the left, values on the right; a value that needs a look is coloured."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP_L)
        self._grid.setVerticalSpacing(GAP_S + 2)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[QLabel, QLabel]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_facts(self, facts: Sequence[tuple[str, str, str, str]]) -> None:
        """Show ``(name, value, tone, tip)`` lines."""
        for number, (name, value, tone, tip) in enumerate(facts):
            if number == len(self._lines):
                self._add_line()
            left, right = self._lines[number]
            left.setText(name)
            right.setText(value)
            right.setToolTip(tip)
            restyle(right, tone=tone)
        for number, pair in enumerate(self._lines):
            for label in pair:
                label.setVisible(number < len(facts))

    def _add_line(self) -> None:
        left, right = text("", "small", tone="soft"), text("", "small", wrap=True)
        right.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        right.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(left, len(self._lines), 0, top)
        self._grid.addWidget(right, len(self._lines), 1, top)
        self._lines.append((left, right))
