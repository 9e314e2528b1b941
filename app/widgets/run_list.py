"""Former runs in a table, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.style.theme import color, theme
from app.widgets import words

TONE = Qt.ItemDataRole.UserRole + 1
COLUMNS = ("Trained", "Test", "Plan", "Classes", "Student", "State")


class RunList(QTableWidget):
    """A line a run; Enter or a double click opens one.

    Signals:
        opened: the run's key.
    """

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self.setAccessibleName("Runs")
        self.setHorizontalHeaderLabels(list(COLUMNS))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(38)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for column, width in ((0, 205), (2, 90), (3, 80), (4, 150), (5, 130)):
            self.setColumnWidth(column, width)
        theme.changed.connect(self._tint)
        self.itemActivated.connect(lambda item: self.opened.emit(self._key(item.row())))

    def set_rows(self, rows: Sequence[tuple[str, Sequence[str], str, str]]) -> None:
        """Show runs as ``(key, one text a column, tool tip, tone of the last column)``."""
        held = self.current_key()
        self.setRowCount(len(rows))
        for line, (key, texts, told, tone) in enumerate(rows):
            for column, content in enumerate(texts):
                item = QTableWidgetItem(content)
                item.setData(Qt.ItemDataRole.UserRole, key)
                item.setToolTip(words.tip(told))
                if column == len(texts) - 1:
                    item.setData(TONE, tone or "text_soft")
                    item.setForeground(color(tone or "text_soft"))
                self.setItem(line, column, item)
            if key == held:
                self.selectRow(line)

    def _tint(self) -> None:
        last = len(COLUMNS) - 1
        for item in [self.item(line, last) for line in range(self.rowCount())]:
            if item is not None and item.data(TONE):
                item.setForeground(color(str(item.data(TONE))))

    def current_key(self) -> str:
        """The held run, or empty."""
        return self._key(self.currentRow())

    def _key(self, line: int) -> str:
        item = self.item(line, 0) if line >= 0 else None
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""
