"""Library: the list of takes, the library as a whole, and one take at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QLineEdit, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.bridge.library import LibraryBridge
from app.bridge.session import Session
from app.bridge.take_view import TakeView
from app.pages.library_forget import ForgetSheet
from app.pages.library_import import ImportSheet
from app.pages.library_overview import OverviewPanel
from app.pages.library_take import TakePanel
from app.pages.page import Page
from app.style.metrics import GAP_L, GAP_M
from app.widgets.basics import EmptyState, button, icon_button, row, text, wrapped
from app.widgets.take_list import NOT_LABELLED, TakeList, TakeRow
from app.widgets.words import many, readable

HIDDEN_COLUMNS = (1, 5, 6)


class LibraryPage(Page):
    """The library page.

    Attributes:
        bridge: reads and saves.
        list: the takes.
        take: the open take.
        overview: the library as a whole.
    """

    key = "library"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.bridge = LibraryBridge(session)
        self.list = TakeList()
        self.take = TakePanel(self.bridge)
        self.overview = OverviewPanel()
        self._wanted = ""
        self._build()
        self._connect()
        self._add_keys()
        self.bridge.refresh()

    def enter(self, take: str = "", takes: Sequence[str] | None = None, why: str = "", **filters: Any) -> None:
        """Come up.

        Args:
            take: id of a take to open.
            takes: show only these.
            why: why only those, in words.
            filters: ``label`` and ``subject`` to filter by.
        """
        if takes is not None:
            self._clear_filters()
            self.list.takes.keep_only(takes)
            self.only.setText(why or many(len(takes), "chosen take"))
            self.only_bar.show()
            self._wanted = takes[0] if takes else ""
        elif filters:
            self._narrow_to(str(filters.get("label", "")), str(filters.get("subject", "")))
        if take:
            self._clear_filters()
            self._wanted = take
        self._refresh_count()
        self._open_wanted()

    def leave(self) -> None:
        """Stop playing."""
        self.take.pause()

    def close_down(self) -> None:
        """Put on disk what is not there yet."""
        self.take.pause()
        self.bridge.saver.flush()

    # -- building

    def _build(self) -> None:
        self.back = button("Overview", "quiet", icon="table", tip="The library as a whole (Esc)",
                           on_click=self.show_overview)  # fmt: skip
        self.bring = button("Import…", icon="import", tip="Import a data set (Ctrl+I)", on_click=self.import_data)
        self.tools.addWidget(self.back)
        self.tools.addWidget(self.bring)
        self.right = QStackedWidget()
        self.right.addWidget(self.overview)
        self.right.addWidget(self.take)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self._left())
        split.addWidget(self.right)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setSizes([400, 620])
        split.setHandleWidth(GAP_L)
        split.setChildrenCollapsible(False)
        self.empty = EmptyState("library", "", "", "Record a take", self._lead_on)
        self.pages = QStackedWidget()
        self.pages.addWidget(split)
        self.pages.addWidget(self.empty)
        self.body.addWidget(self.pages, 1)

    def _left(self) -> QWidget:
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search takes")
        self.search.setAccessibleName("Search takes")
        self.search.setClearButtonEnabled(True)
        self.subject, self.label, self.state = (_combo(name) for name in ("Subject", "Class", "State"))
        self.only = text("", "small", tone="accent", wrap=True)
        undo_only = icon_button("cross", "Show all takes", on_click=self._clear_filters)
        self.only_bar = wrapped(row(self.only, None, undo_only))
        self.only_bar.hide()
        self.count = text("", "caption")
        for column in HIDDEN_COLUMNS:
            self.list.setColumnHidden(column, True)
        left = QWidget()
        layout = QVBoxLayout(left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M)
        layout.addWidget(self.search)
        layout.addLayout(row(self.subject, self.label, self.state))
        layout.addWidget(self.only_bar)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.count)
        return left

    def _connect(self) -> None:
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(120)
        self._typing.timeout.connect(self._filter)
        self.search.textChanged.connect(lambda _: self._typing.start())
        for combo in (self.subject, self.label, self.state):
            combo.currentIndexChanged.connect(lambda _: self._filter())
        self.list.chosen.connect(self._choose)
        self.overview.chosen.connect(self._narrow_to)
        self.overview.forget_wanted.connect(self.forget_subject)
        self.bridge.changed.connect(self._show_library)
        self.bridge.row_changed.connect(self._show_row)
        self.bridge.take_ready.connect(self._show_take)
        self.bridge.take_failed.connect(self._take_failed)

    def forget_subject(self) -> None:
        """Ask which subject is to be deleted for good."""
        if self.session.library is not None:
            self.take.pause()
            self.bridge.saver.flush()
            ForgetSheet(self.window(), self.session, self.session.library, self.bridge.overview.subjects)

    def _add_keys(self) -> None:
        for sequence, meaning, action in (
            ("Space", "Play or pause", self._play_key),
            ("Ctrl+F", "Search takes", self.search.setFocus),
            ("Ctrl+Z", "Undo", self.take.undo_change),
            ("Ctrl+Shift+Z", "Redo", self.take.redo_change),
            ("Ctrl+I", "Import a data set", self.import_data),
            ("Escape", "Back to the overview", self.show_overview),
        ):
            self.add_key(sequence, meaning, action)
        self._keys += [
            ("← →", "Move the cursor by a frame (Shift: a second)"),
            ("[  ]", "Put the held segment's start or end at the cursor"),
            (",  .", "Hold the segment before or after"),
            ("A", "Label from the cursor on"),
            ("Enter", "Relabel the held segment"),
            ("Delete", "Delete the held segment"),
        ]

    # -- list

    def _show_library(self) -> None:
        overview = self.bridge.overview
        library = self.session.library
        has = library is not None and bool(overview.rows)
        self.pages.setCurrentIndex(0 if has else 1)
        self.back.setVisible(has)
        self.bring.setEnabled(library is not None)
        self._explain_empty(library is not None)
        held = self.list.current_id()
        self.list.takes.set_rows(overview.rows)
        _fill(self.subject, "All subjects", overview.subjects)
        unlabelled = any(not row.labels for row in overview.rows)
        _fill(self.label, "All classes", (*overview.classes, *([NOT_LABELLED] if unlabelled else [])), readable)
        states = sorted({row.state for row in overview.rows})
        _fill(self.state, "All states", states, readable)
        self.state.setVisible(len(states) > 1)
        self.list.setColumnHidden(6, len(states) < 2)
        self.overview.show_overview(overview)
        self._filter()
        if held and not self._wanted and not self.list.show_take(held):
            self.show_overview()
        self._open_wanted()

    def _explain_empty(self, is_open: bool) -> None:
        if is_open:
            words = "Record a take with a camera and a watch, or import a published data set."
            self.empty.tell("No takes yet", words, "Record a take")
        else:
            self.empty.tell("No library is open", "Open or make a library on the Home page.", "Go to Home")

    def _lead_on(self) -> None:
        self.session.go("record" if self.session.library is not None else "home")

    def _show_row(self, take_row: TakeRow) -> None:
        self.list.takes.replace(take_row)
        overview = self.bridge.overview
        self.overview.show_overview(overview)
        _fill(self.label, "All classes", overview.classes, readable)

    def _filter(self) -> None:
        self.list.takes.keep(
            subject=_value(self.subject), label=_value(self.label), state=_value(self.state), text=self.search.text()
        )
        self._refresh_count()

    def _refresh_count(self) -> None:
        shown, total = self.list.takes.rowCount(), len(self.bridge.overview.rows)
        self.count.setText(many(total, "take") if shown == total else f"{shown:,} of {many(total, 'take')}")

    def _clear_filters(self) -> None:
        self.only_bar.hide()
        self.list.takes.keep_only(None)
        self.search.clear()
        for combo in (self.subject, self.label, self.state):
            combo.setCurrentIndex(0)
        self._filter()

    def _narrow_to(self, label: str, subject: str) -> None:
        self._clear_filters()
        self.label.setCurrentIndex(max(self.label.findData(label), 0))
        self.subject.setCurrentIndex(max(self.subject.findData(subject), 0))
        self.list.setFocus()

    # -- one take

    def _open_wanted(self) -> None:
        if self._wanted and self.list.show_take(self._wanted):
            self._wanted = ""

    def _choose(self, take_id: str) -> None:
        self.take.pause()
        self.bridge.load(take_id)

    def _show_take(self, view: TakeView) -> None:
        self.take.show_take(view)
        self.right.setCurrentWidget(self.take)

    def _take_failed(self, take_id: str, message: str, hint: str) -> None:
        self.session.say(message, hint, "warn")
        self.show_overview()

    def show_overview(self) -> None:
        """Leave the take for the library as a whole."""
        self.take.pause()
        self.bridge.load("")
        self.list.let_go()
        self.right.setCurrentWidget(self.overview)

    def _play_key(self) -> None:
        if self.right.currentWidget() is self.take:
            self.take.toggle_play()

    def import_data(self) -> None:
        """Open the import sheet."""
        if self.session.library is not None:
            ImportSheet(self.window(), self.session)


def _combo(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    combo.setMaxVisibleItems(20)
    return combo


def _fill(combo: QComboBox, everything: str, values: Sequence[str], shown: Callable[[str], str] = str) -> None:
    """Offer these values in words; what was chosen stays chosen where it still exists."""
    before = _value(combo)
    combo.blockSignals(True)
    combo.clear()
    combo.addItem(everything, "")
    for value in values:
        combo.addItem(shown(value), value)
    combo.setCurrentIndex(max(combo.findData(before), 0))
    combo.blockSignals(False)


def _value(combo: QComboBox) -> str:
    return str(combo.currentData() or "")
