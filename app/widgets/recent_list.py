"""Libraries that were open before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal

from app.style.metrics import GAP_S
from app.widgets.basics import Card, column, icon_button, icon_label, row, text
from app.widgets.row_button import RowButton
from app.widgets.words import place


class RecentList(Card):
    """One line each; hidden while there are none.

    Signals:
        chosen: a path to open.
        forgotten: a path to take off the list.
    """

    chosen = Signal(str)
    forgotten = Signal(str)

    def __init__(self) -> None:
        super().__init__(heading="Recent libraries")
        self._rows = column(spacing=GAP_S)
        self.body.addLayout(self._rows)
        self.buttons: dict[str, RowButton] = {}

    def set_paths(self, paths: Sequence[str]) -> None:
        """Show these, newest first."""
        while item := self._rows.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.buttons = {}
        for path in paths:
            self._rows.addWidget(self._row(path))
        self.setVisible(bool(paths))

    def _row(self, path: str) -> RowButton:
        name, where = text(Path(path).name, "strong"), text(place(path), "caption")
        forget = icon_button("cross", f"Take {Path(path).name} off this list")
        forget.clicked.connect(lambda: self.forgotten.emit(path))
        layout = row(icon_label("folder", "text_faint"), column(name, where, spacing=0), None, forget, spacing=12)
        button = RowButton(f"Open {Path(path).name}", layout)
        button.clicked.connect(lambda: self.chosen.emit(path))
        self.buttons[path] = button
        return button
