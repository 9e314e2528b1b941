"""What happened and when, newest at the top."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from app.style.theme import color, theme

MOST = 200


class EventLog(QListWidget):
    """Short lines with the time of day; the oldest go when there are more than 200."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Events")
        self.setWordWrap(True)
        self.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.changed.connect(self._tint)

    def add(self, at: str, line: str, tone: str = "") -> None:
        """Add a line.

        Args:
            at: time of day or of the take, as it is to be read.
            line: what happened.
            tone: ``good warn bad`` or empty.
        """
        item = QListWidgetItem(f"{at}   {line}")
        item.setData(Qt.ItemDataRole.UserRole, tone or "text_soft")
        item.setForeground(color(tone or "text_soft"))
        self.insertItem(0, item)
        while self.count() > MOST:
            self.takeItem(self.count() - 1)

    def _tint(self) -> None:
        for item in map(self.item, range(self.count())):
            item.setForeground(color(str(item.data(Qt.ItemDataRole.UserRole))))

    def lines(self) -> list[str]:
        """All lines, newest first."""
        return [self.item(number).text() for number in range(self.count())]
