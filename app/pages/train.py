"""Train: former runs, and the wizard that makes new ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from app.bridge.run_state import Phase
from app.bridge.runs import RunRow
from app.bridge.session import Session
from app.bridge.training import TrainingBridge
from app.pages.page import Page
from app.style.metrics import GAP_M
from app.widgets.basics import EmptyState, button, row
from app.widgets.run_list import RunList
from app.widgets.words import many, place, readable
from app.wizard.wizard import RUN, Wizard

TONES = {"finished": "good", "damaged": "bad", "newer version": "warn", "not finished": "warn"}


class TrainPage(Page):
    """The train page.

    Attributes:
        bridge: the training child and the runs.
        wizard: the five steps.
        runs: the former runs.
    """

    key = "train"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.bridge = TrainingBridge(session)
        self.wizard = Wizard(self.bridge)
        self.runs = RunList()
        self._rows: dict[str, RunRow] = {}
        self._first = True
        self._build()
        self._connect()
        self.add_key("Ctrl+N", "New run", self.new_run)
        self.add_key("Alt+Left", "Step back", self.wizard.go_back)
        self.add_key("Alt+Right", "Next step", self.wizard.go_on)
        self._library_changed()

    @property
    def rows(self) -> dict[str, RunRow]:
        """The runs that are listed, newest first, by their folder."""
        return dict(self._rows)

    def enter(self, run: str = "", **arguments: Any) -> None:
        """Come up; ``run`` is the folder of a run to open."""
        if self.session.library is not None and not self.bridge.state.busy:
            self.bridge.refresh()
        if run:
            self.wizard.open_run(Path(run))

    def busy(self) -> str:
        """A training would end with the window."""
        return "A student is being trained." if self.bridge.state.busy else ""

    def close_down(self) -> None:
        """Let the child go; its run can be resumed."""
        self.bridge.close()

    # -- building

    def _build(self) -> None:
        self.all_runs = button("Runs", "quiet", icon="list", on_click=self.show_runs)
        self.new = button("New run", icon="plus", tip="New run (Ctrl+N)", on_click=self.new_run)
        self.tools.addWidget(self.all_runs)
        self.tools.addWidget(self.new)
        self.open = button("Open", "primary", on_click=self._open_held)
        self.again = button("Resume", icon="play", on_click=self._resume_held)
        past = QWidget()
        layout = QVBoxLayout(past)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M)
        layout.addWidget(self.runs, 1)
        layout.addLayout(row(None, self.again, self.open))
        self.past = past
        self.empty = EmptyState("train", "No library is open", "Open or make a library on the Home page.",
                                "Go to Home", lambda: self.session.go("home"))  # fmt: skip
        self.pages = QStackedWidget()
        for widget in (self.wizard, self.past, self.empty):
            self.pages.addWidget(widget)
        self.body.addWidget(self.pages, 1)

    def _connect(self) -> None:
        self.session.library_changed.connect(self._library_changed)
        self.session.takes_changed.connect(self._takes_changed)
        self.bridge.runs_ready.connect(self._show_rows)
        self.bridge.result_ready.connect(lambda _: self._show(self.wizard))
        self.bridge.ended.connect(self._tell_end)
        self.runs.itemSelectionChanged.connect(self._refresh_buttons)
        self.runs.opened.connect(self._open)
        self.wizard.left.connect(self.show_runs)
        self.wizard.live_wanted.connect(self._use_live)
        self.wizard.result.cell_chosen.connect(self._show_cell)
        self.wizard.result.report_wanted.connect(self._open_report)
        self.wizard.result.export_wanted.connect(self._export)

    # -- library

    def _library_changed(self) -> None:
        self._first = True
        self._show(self.wizard if self.session.library is not None else self.empty)
        if not self.bridge.state.busy:
            self.bridge.forget()
            self.wizard.begin()
        self.bridge.refresh()

    def _takes_changed(self) -> None:
        if self.isVisible() or self._first:
            self.bridge.refresh()

    def _show_rows(self, rows: list[RunRow]) -> None:
        self._rows = {str(row.folder): row for row in rows}
        self.runs.set_rows([(key, *self._told(row)) for key, row in self._rows.items()])
        self.all_runs.setVisible(bool(rows) and self.pages.currentWidget() is self.wizard)
        self.wizard.set_has_runs(bool(rows))
        if self._first and rows and not self.bridge.state.busy and self.pages.currentWidget() is self.wizard:
            self.show_runs()
        self._first = False
        self._refresh_buttons()

    def _told(self, row: RunRow) -> tuple[tuple[str, ...], str, str]:
        """A run's texts, tool tip and tone."""
        state = "being trained" if self._trains(row) else row.state
        return (*_texts(row), readable(state)), row.problem or place(row.folder), TONES.get(state, "text_soft")

    def _show(self, widget: QWidget) -> None:
        self.pages.setCurrentWidget(widget)
        self.all_runs.setVisible(widget is self.wizard and bool(self._rows))
        self.new.setVisible(widget is self.past)

    # -- runs

    def show_runs(self) -> None:
        """Turn to the list of runs."""
        if not self._rows:
            self.wizard.show_step(0)
            return
        self._show(self.past)
        if self.runs.currentRow() < 0:
            self.runs.selectRow(0)
        self.runs.setFocus()

    def new_run(self) -> None:
        """Turn to the wizard."""
        if self.session.library is not None:
            self._show(self.wizard)
            self.wizard.begin()

    def _refresh_buttons(self) -> None:
        held = self._rows.get(self.runs.current_key())
        own = held is not None and self._trains(held)
        self.open.setEnabled(held is not None and (held.accuracy is not None or own))
        self.again.setVisible(held is not None and held.resumable and not own)
        self.again.setEnabled(not self.bridge.state.busy)

    def _open_held(self) -> None:
        self._open(self.runs.current_key())

    def _open(self, key: str) -> None:
        held = self._rows.get(key)
        if held is None:
            return
        if self._trains(held):
            self._show(self.wizard)
            self.wizard.show_step(RUN)
        elif held.accuracy is not None:
            self.wizard.open_run(held.folder)
        elif held.problem:
            self.session.say(held.problem, held.hint, "warn")
        elif self.bridge.state.busy:
            self.session.say("Another run is being trained.", "This one can be looked at and resumed after that.")
        else:
            self._show(self.wizard)
            self.wizard.look_at(held.folder)

    def _trains(self, run: RunRow) -> bool:
        return self.bridge.state.busy and run.folder == self.bridge.folder

    def _resume_held(self) -> None:
        held = self._rows.get(self.runs.current_key())
        if held is not None:
            self._show(self.wizard)
            self.wizard.resume(held.folder)

    def _tell_end(self) -> None:
        """Who looks at something else hears that the training is over."""
        if self.wizard.run.isVisible():
            return
        state = self.bridge.state
        if state.phase is Phase.FAILED:
            self.session.say("The training ended with a failure.", state.message, "warn")
        elif state.phase is Phase.DONE:
            self.session.say("The student is trained.", "The Train page shows how good it is.", "good")
        else:
            self.session.say(f"The training was {state.phase}.", "The Train page shows how far it came.")

    # -- a result

    def _show_cell(self, model: str, truth: str, answer: str) -> None:
        result = self.wizard.result.result
        if result is not None:
            self.bridge.takes_of(
                result, model, (truth, answer), lambda takes, why: self.session.go("library", takes=takes, why=why)
            )

    def _use_live(self) -> None:
        result = self.wizard.result.result
        if result is not None:
            self.session.go("live", run=str(result.row.folder))

    def _open_report(self) -> None:
        result = self.wizard.result.result
        if result is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(result.page))):
            self.session.say("No browser could be opened.", f"The report is {place(result.page)}.", "warn")

    def _export(self) -> None:
        result = self.wizard.result.result
        if result is None:
            return
        target = QFileDialog.getExistingDirectory(self, "Export into this folder")
        if target:
            self.bridge.export(result.row.folder, Path(target))


def _texts(row: RunRow) -> tuple[str, ...]:
    student = f"{row.accuracy:.1%} of {many(row.n, 'clip')}" if row.accuracy is not None else "–"
    return (
        row.created,
        readable(row.protocol),
        readable(row.preset),
        str(row.classes or "–"),
        student,
    )
