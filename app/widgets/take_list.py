"""The list of takes: a table that stays smooth with thousands of rows, sorted and filtered without copying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.style.theme import colors
from app.widgets import axis

Index = QModelIndex | QPersistentModelIndex
ANY = ""


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
    """

    id: str
    subject: str
    session: str
    name: str
    labels: tuple[str, ...]
    state: str
    duration_s: float
    streams: str


LENGTH = 4
NARROW = 320
COLUMNS = ("Subject", "Session", "Take", "Class", "Length", "Streams", "State")


class TakeModel(QAbstractTableModel):
    """Rows of :class:`TakeRow`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[TakeRow] = []

    def set_rows(self, rows: Sequence[TakeRow]) -> None:
        """Show these takes."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def replace(self, row: TakeRow) -> None:
        """Show one take anew, where it is listed."""
        for number, old in enumerate(self._rows):
            if old.id == row.id:
                self._rows[number] = row
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))
                return

    def row(self, number: int) -> TakeRow:
        """The take of one row."""
        return self._rows[number]

    def number_of(self, take_id: str) -> int:
        """Which row a take is in, -1 where it is not listed."""
        return next((number for number, row in enumerate(self._rows) if row.id == take_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many takes."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column titles."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One cell."""
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == Qt.ItemDataRole.UserRole:
            return row.duration_s if column == 4 else _text(row, column).lower()
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.id
        if role == Qt.ItemDataRole.TextAlignmentRole and column == 4:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole:
            return _colour(row, column)
        return None


def _text(row: TakeRow, column: int) -> str:
    if column == 3:
        return ", ".join(row.labels) if row.labels else "not labelled"
    if column == 4:
        return axis.duration(row.duration_s)
    return (row.subject, row.session, row.name.partition("_")[0], "", "", row.streams, row.state)[column]


def _colour(row: TakeRow, column: int) -> QColor | None:
    colours = colors()
    if column == 6 and row.state != "complete":
        return QColor(colours.warn)
    faint = column in (1, 4, 5, 6) or (column == 3 and not row.labels)
    return QColor(colours.text_faint) if faint else None


class TakeFilter(QSortFilterProxyModel):
    """Keeps the takes of a subject, class, state and text; empty means any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSortRole(Qt.ItemDataRole.UserRole)
        self._subject = self._label = self._state = ANY
        self._words: tuple[str, ...] = ()
        self._only: frozenset[str] | None = None

    def keep(self, *, subject: str = ANY, label: str = ANY, state: str = ANY, text: str = "") -> None:
        """Set the filter; every word of ``text`` must occur in the take."""
        self.beginFilterChange()
        self._subject, self._label, self._state = subject, label, state
        self._words = tuple(text.lower().split())
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def keep_only(self, takes: Sequence[str] | None) -> None:
        """Keep only these takes (a cell of a confusion matrix); None keeps all."""
        self.beginFilterChange()
        self._only = None if takes is None else frozenset(takes)
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Whether a take passes."""
        model = self.sourceModel()
        assert isinstance(model, TakeModel)
        row = model.row(source_row)
        if self._only is not None and row.id not in self._only:
            return False
        if (self._subject and row.subject != self._subject) or (self._state and row.state != self._state):
            return False
        if self._label and self._label not in row.labels and not (self._label == "not labelled" and not row.labels):
            return False
        haystack = f"{row.id} {' '.join(row.labels)} {row.state} {row.streams}".lower()
        return all(word in haystack for word in self._words)


class TakeList(QTableView):
    """The table of takes."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.takes = TakeModel(self)
        self.filter = TakeFilter(self)
        self.filter.setSourceModel(self.takes)
        self.setModel(self.filter)
        self.setAccessibleName("Takes")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSortingEnabled(True)
        self.sortByColumn(2, Qt.SortOrder.AscendingOrder)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate((76, 96, 92, 150, 72, 120, 96)):
            self.setColumnWidth(column, width)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._tell)

    def show_take(self, take_id: str) -> bool:
        """Hold a take and bring it into view; False where it is filtered away."""
        number = self.takes.number_of(take_id)
        index = self.filter.mapFromSource(self.takes.index(number, 0)) if number >= 0 else QModelIndex()
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)
        return index.isValid()

    def current_id(self) -> str:
        """The held take, empty for none."""
        index = self.currentIndex()
        return self.takes.row(self.filter.mapToSource(index).row()).id if index.isValid() else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow list shows no lengths, so that classes stay legible."""
        self.setColumnHidden(LENGTH, event.size().width() < NARROW)
        super().resizeEvent(event)

    def _tell(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self.takes.row(self.filter.mapToSource(current).row()).id)
