"""The list of takes: a table that stays smooth with thousands of rows, sorted and filtered without copying."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.style.icons import themed
from app.style.theme import colors
from app.widgets import axis
from app.widgets.note_list import SIGNS
from app.widgets.words import readable

Index = QModelIndex | QPersistentModelIndex
ANY = ""
NOT_LABELLED = "not labelled"


@dataclass(frozen=True, slots=True)
class TakeRow:
    """What the list shows of one take.

    Attributes:
        id: within the library.
        subject: who.
        session: which wearing.
        name: folder name.
        labels: classes of its segments, in order, each once.
        state: how it stands.
        duration_s: length.
        streams: what it holds, such as ``watch + camera``.
        mark: ``warn`` or ``bad`` where something was found when it was looked over, else empty.
        why: what was found, one sentence a line.
    """

    id: str
    subject: str
    session: str
    name: str
    labels: tuple[str, ...]
    state: str
    duration_s: float
    streams: str
    mark: str = ""
    why: str = ""


RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
LENGTH = 4
MARKED = 2
MARK_EDGE = 14
NARROW = 320
COLUMNS = ("Subject", "Session", "Take", "Class", "Length", "Streams", "State")


class TakeModel(QAbstractTableModel):
    """Rows of :class:`TakeRow`, filtered and sorted here: a proxy would ask Python once for each comparison."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: list[TakeRow] = []
        self._shown: list[TakeRow] = []
        self._column, self._order = 0, Qt.SortOrder.AscendingOrder
        self._subject = self._label = self._state = ANY
        self._words: tuple[str, ...] = ()
        self._only: frozenset[str] | None = None

    def set_rows(self, rows: Sequence[TakeRow]) -> None:
        """Show these takes; they keep their order where the sorting does not part them."""
        self._all = list(rows)
        self._refresh()

    def keep(self, *, subject: str = ANY, label: str = ANY, state: str = ANY, text: str = "") -> None:
        """Filter by subject, class and state, empty for any; every word of ``text`` must occur in the take."""
        self._subject, self._label, self._state = subject, label, state
        self._words = tuple(text.lower().split())
        self._refresh()

    def keep_only(self, takes: Sequence[str] | None) -> None:
        """Keep only these takes (a cell of a confusion matrix); None keeps all."""
        self._only = None if takes is None else frozenset(takes)
        self._refresh()

    def replace(self, row: TakeRow) -> None:
        """Show one take anew, where it is listed."""
        self._all = [row if old.id == row.id else old for old in self._all]
        number = self.number_of(row.id)
        if number >= 0:
            self._shown[number] = row
            self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; equal takes keep the library's order."""
        self._column, self._order = column, order
        self._refresh()

    def row(self, number: int) -> TakeRow:
        """The take of one shown row."""
        return self._shown[number]

    def number_of(self, take_id: str) -> int:
        """Which row a take is in, -1 where it is not shown."""
        return next((number for number, row in enumerate(self._shown) if row.id == take_id), -1)

    def _refresh(self) -> None:
        self.beginResetModel()
        shown = [row for row in self._all if self._passes(row)]
        shown.sort(key=lambda row: _key(row, self._column), reverse=self._order == Qt.SortOrder.DescendingOrder)
        self._shown = shown
        self.endResetModel()

    def _passes(self, row: TakeRow) -> bool:
        if self._only is not None and row.id not in self._only:
            return False
        if (self._subject and row.subject != self._subject) or (self._state and row.state != self._state):
            return False
        if self._label and self._label not in (row.labels or (NOT_LABELLED,)):
            return False
        haystack = f"{row.id} {' '.join(row.labels)} {_text(row, 3)} {row.state} {row.streams}".lower()
        return all(word in haystack for word in self._words)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many takes are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column titles."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == LENGTH:
            return RIGHT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One cell."""
        row, column = self._shown[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.id}\n{row.why}" if row.why else row.id
        if role == Qt.ItemDataRole.DecorationRole and column == MARKED and row.mark:
            return themed(SIGNS[row.mark], row.mark, colors(), MARK_EDGE)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and column == MARKED:
            return row.why or None
        if role == Qt.ItemDataRole.TextAlignmentRole and column == LENGTH:
            return RIGHT
        if role == Qt.ItemDataRole.ForegroundRole:
            return _colour(row, column)
        return None


def _key(row: TakeRow, column: int) -> tuple[object, ...]:
    return (row.duration_s,) if column == LENGTH else natural(_text(row, column))


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key by which ``take 2`` stands before ``take 10``."""
    parts = re.split(r"(\d+)", text.lower())
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part)


def _text(row: TakeRow, column: int) -> str:
    if column == 3:
        return ", ".join(readable(label) for label in row.labels) if row.labels else NOT_LABELLED
    if column == 4:
        return axis.duration(row.duration_s)
    return (row.subject, row.session, row.name.partition("_")[0], "", "", row.streams, row.state)[column]


def _colour(row: TakeRow, column: int) -> QColor | None:
    colours = colors()
    if column == 6 and row.state != "complete":
        return QColor(colours.warn)
    faint = column in (1, 4, 5, 6) or (column == 3 and not row.labels)
    return QColor(colours.text_faint) if faint else None


class TakeList(QTableView):
    """The table of takes."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.takes = TakeModel(self)
        self._held = ""
        self.setModel(self.takes)
        self.setAccessibleName("Takes")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate((76, 96, 112, 150, 72, 120, 96)):
            self.setColumnWidth(column, width)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._tell)
        self.takes.modelReset.connect(self._hold_again)

    def show_take(self, take_id: str) -> bool:
        """Hold a take and bring it into view; False where it is filtered away."""
        number = self.takes.number_of(take_id)
        if number >= 0:
            self.selectRow(number)
            self.scrollTo(self.takes.index(number, 0))
        return number >= 0

    def let_go(self) -> None:
        """Hold no take."""
        self._held = ""
        self.clearSelection()
        self.setCurrentIndex(QModelIndex())

    def current_id(self) -> str:
        """The held take, empty for none."""
        index = self.currentIndex()
        return self.takes.row(index.row()).id if index.isValid() else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow list shows no lengths, so that classes stay legible."""
        self.setColumnHidden(LENGTH, event.size().width() < NARROW)
        super().resizeEvent(event)

    def _hold_again(self) -> None:
        """A filter or another order leaves the held take held, without telling of it again."""
        number = self.takes.number_of(self._held)
        if number >= 0:
            self.selectRow(number)

    def _tell(self, current: QModelIndex, previous: QModelIndex) -> None:
        if not current.isValid():
            return
        take_id = self.takes.row(current.row()).id
        if take_id != self._held:
            self._held = take_id
            self.chosen.emit(take_id)
