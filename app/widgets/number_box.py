"""A field for a whole number, with its text as far from the edge as in other fields."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox

from app.style.metrics import GAP_M


class NumberBox(QSpinBox):
    """A whole number from ``low`` to ``high``; arrows and wheel change it."""

    def __init__(self, name: str, low: int, high: int, suffix: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setRange(low, high)
        self.setSuffix(suffix)
        self.lineEdit().setTextMargins(GAP_M, 0, GAP_M, 0)
