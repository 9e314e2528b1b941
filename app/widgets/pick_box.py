"""A drop-down list of things with icons, some of which ask for more (``Film…``)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy

from app.style import icons
from app.style.theme import colors, theme
from app.widgets import words

Entry = tuple[str, str, str, str]
_ASK = "ask "


class PickBox(QComboBox):
    """Entries are chosen by a person; ``asks`` at the end do not stay chosen but say what was asked.

    Signals:
        picked: the key of the entry a person chose.
        asked: the key of the question a person chose.
    """

    picked = Signal(str)
    asked = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(12)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._key = ""
        self.activated.connect(self._activated)
        theme.changed.connect(self._tint)

    def set_entries(self, entries: Sequence[Entry], asks: Sequence[tuple[str, str, str]] = ()) -> None:
        """Offer these.

        Args:
            entries: key, name, icon and tool tip of each.
            asks: key, words and icon of what asks for more.
        """
        self.blockSignals(True)
        self.clear()
        for key, name, icon, tip in entries:
            self._add(key, name, icon, tip)
        if asks and entries:
            self.insertSeparator(self.count())
        for key, question, icon in asks:
            self._add(_ASK + key, question, icon, "")
        self.blockSignals(False)
        self.choose(self._key)

    def choose(self, key: str) -> bool:
        """Choose an entry without telling anyone; False where there is none."""
        place = self.findData(key)
        if place < 0:
            return False
        self._key = key
        self.setCurrentIndex(place)
        self.setToolTip(self.itemData(place, Qt.ItemDataRole.ToolTipRole) or words.tip(self.currentText()))
        return True

    def offer(self, entry: Entry) -> None:
        """Add an entry at the top unless it is there, and choose it."""
        if self.findData(entry[0]) < 0:
            self.insertItem(0, icons.themed(entry[2], "text_soft", colors(), 18), entry[1], entry[0])
            self.setItemData(0, entry[2], Qt.ItemDataRole.UserRole + 1)
            self.setItemData(0, words.tip(entry[3]), Qt.ItemDataRole.ToolTipRole)
        self.choose(entry[0])

    @property
    def key(self) -> str:
        """The key that is chosen."""
        return self._key

    def _add(self, key: str, name: str, icon: str, tip: str) -> None:
        self.addItem(icons.themed(icon, "text_soft", colors(), 18), name, key)
        place = self.count() - 1
        self.setItemData(place, icon, Qt.ItemDataRole.UserRole + 1)
        self.setItemData(place, words.tip(tip), Qt.ItemDataRole.ToolTipRole)

    def _activated(self, place: int) -> None:
        key = self.itemData(place)
        if not isinstance(key, str):
            return
        if key.startswith(_ASK):
            self.choose(self._key)
            self.asked.emit(key.removeprefix(_ASK))
        elif key != self._key:
            self.choose(key)
            self.picked.emit(key)

    def _tint(self) -> None:
        for place in range(self.count()):
            icon = self.itemData(place, Qt.ItemDataRole.UserRole + 1)
            if icon:
                self.setItemIcon(place, icons.themed(icon, "text_soft", colors(), 18))
