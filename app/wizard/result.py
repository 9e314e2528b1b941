"""Step 5: how good the student is, and what to do with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QFrame, QHBoxLayout, QHeaderView, QTableWidget, QTableWidgetItem

from app.bridge.runs import ModelResult, RunResult
from app.style.metrics import GAP_L, GAP_S, GAP_XL
from app.widgets.basics import Card, button, column, row, scrolled, text, wrapped
from app.widgets.confusion import ConfusionMatrix
from app.widgets.score_bars import ScoreBars
from app.widgets.words import many, readable, tip
from app.wizard.step import Step

WIDE = 880
MANY = 30  # classes
SEES = {
    "acceleration": "sees the watch alone",
    "accelerometer": "teacher, sees the watch",
    "skeleton": "teacher, sees the skeleton",
    "accelerometer + skeleton": "teacher, sees both",
}
TIPS = (
    "Recall: of its clips, how many were found",
    "Precision: of the answers with this class, how many were right",
    "Harmonic mean of both",
    "Test clips of this class",
)


class ResultStep(Step):
    """The student's number first, with how sure it is; then where it errs.

    Signals:
        cell_chosen: name of the model, then truth and answer by their classes.
        live_wanted: use the student.
        report_wanted: open ``report.html``.
        export_wanted: copy the bundle.
    """

    next_words = "Use it live"

    cell_chosen = Signal(str, str, str)
    live_wanted = Signal()
    report_wanted = Signal()
    export_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("How good is the student?", "On clips that it never learned from.")
        self.result: RunResult | None = None
        self.number = text("", "hero")
        self.interval = text("", "body", tone="soft", wrap=True)
        self.split = text("", "small", tone="soft", wrap=True)
        self.bars = ScoreBars()
        self.matrix = ConfusionMatrix()
        self.model = QComboBox()
        self.table = _table()
        self.notes = text("", "small", tone="soft", wrap=True)
        self._build()

    def _build(self) -> None:
        self.report = button("Open report", icon="document", on_click=self.report_wanted.emit)
        self.export = button("Export…", icon="export", on_click=self.export_wanted.emit)
        self.live = button("Use it live", "primary", icon="live", on_click=self.live_wanted.emit)
        big = column(text("Accuracy of the student, watch alone", "small", tone="soft"), self.number, self.interval,
                     None, spacing=0)  # fmt: skip
        top = row(big, GAP_XL, self.bars, spacing=GAP_L)
        top.setStretch(0, 2)
        top.setStretch(2, 3)
        upper = Card(top, self._actions(), spacing=GAP_L)
        self.model.setAccessibleName("Model of the confusion matrix")
        self.model.currentIndexChanged.connect(lambda _: self._show_model())
        self.matrix.cell_chosen.connect(self._cell)
        hint = text("A click on a cell shows its takes in the Library.", "caption")
        matrix = Card(row(text("Where it errs", "heading"), None, self.model), hint, self.matrix, None)
        classes = Card(text("Class by class", "heading"), self.table, None)
        self._middle = middle = row(matrix, classes, spacing=GAP_L)
        middle.setStretch(0, 5)
        middle.setStretch(1, 4)
        self.notes_card = Card(text("What to know about these numbers", "strong"), self.notes, spacing=GAP_S)
        inner = wrapped(column(upper, middle, self.notes_card, None, spacing=GAP_L))
        self.body.addWidget(scrolled(inner), 1)

    def _actions(self) -> QHBoxLayout:
        layout = row(self.split, self.report, self.export, self.live)
        layout.setStretch(0, 1)
        return layout

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow page shows matrix and table below each other."""
        self._arrange()
        super().resizeEvent(event)

    def _arrange(self) -> None:
        """Matrix and table side by side where there is room for both; many classes need the whole width."""
        classes = len(self.result.classes) if self.result is not None else 0
        across = self.width() >= WIDE and classes <= MANY
        self._middle.setDirection(QBoxLayout.Direction.LeftToRight if across else QBoxLayout.Direction.TopToBottom)

    def ready(self) -> bool:
        """There is a bundle to use."""
        return self.result is not None and self.result.row.has_bundle

    def show_result(self, result: RunResult) -> None:
        """Show a run's result."""
        self.result = result
        self._arrange()
        student = result.student
        self.number.setText(f"{student.accuracy:.1%}")
        self.number.setAccessibleName(f"Accuracy {student.accuracy:.1%}")
        right = round(student.accuracy * student.n)
        self.interval.setText(
            f"{right} of {many(student.n, 'test clip')} right. 95 % interval {student.low:.1%} to {student.high:.1%}. "
            f"Macro F1 {student.macro_f1:.1%}."
        )
        self.split.setText(result.split)
        self.bars.set_rows(
            [("Student", SEES.get(student.sees, student.sees), student.accuracy, student.low, student.high, True)]
            + [
                (readable(m.name), SEES.get(m.sees, f"sees {m.sees}"), m.accuracy, m.low, m.high, False)
                for m in result.teachers
            ]
        )
        self._fill_models(result)
        self.notes.setText("\n".join(f"•  {note}" for note in result.notes))
        self.notes_card.setVisible(bool(result.notes))
        for widget in (self.live, self.export):
            widget.setEnabled(result.row.has_bundle)
            widget.setToolTip("" if result.row.has_bundle else "This run's bundle is missing")
        self.changed.emit()

    def _fill_models(self, result: RunResult) -> None:
        self.model.blockSignals(True)
        self.model.clear()
        for model in (result.student, *result.teachers):
            self.model.addItem(readable(model.name))
        self.model.blockSignals(False)
        self._show_model()

    def _shown(self) -> ModelResult | None:
        if self.result is None:
            return None
        return (self.result.student, *self.result.teachers)[max(self.model.currentIndex(), 0)]

    def _show_model(self) -> None:
        model = self._shown()
        if model is None or self.result is None:
            return
        self.matrix.set_matrix(
            self.result.classes, model.confusion, f"{readable(model.name)}. {self.result.split.partition('. ')[0]}"
        )
        self._fill_table(model)

    def _fill_table(self, model: ModelResult) -> None:
        assert self.result is not None
        self.table.setSortingEnabled(False)
        self.table.setRowCount(len(self.result.classes))
        for line, (name, scores) in enumerate(zip(self.result.classes, model.per_class, strict=True)):
            item = QTableWidgetItem(readable(name))
            item.setToolTip(tip(readable(name)))
            self.table.setItem(line, 0, item)
            for place, value in enumerate((scores[1], scores[0], scores[2]), start=1):
                self.table.setItem(line, place, _number(float(value), f"{value:.0%}" if scores[3] else "–"))
            self.table.setItem(line, 4, _number(float(scores[3]), f"{scores[3]:.0f}"))
        self.table.setSortingEnabled(True)
        self.table.setFixedHeight(44 + 28 * len(self.result.classes))

    def _cell(self, truth: int, answer: int) -> None:
        model = self._shown()
        if self.result is not None and model is not None:
            self.cell_chosen.emit(model.name, self.result.classes[truth], self.result.classes[answer])


class _Item(QTableWidgetItem):
    """A number that sorts as a number."""

    def __lt__(self, other: QTableWidgetItem) -> bool:
        mine, theirs = self.data(Qt.ItemDataRole.UserRole), other.data(Qt.ItemDataRole.UserRole)
        return bool(mine < theirs)


def _number(value: float, words: str) -> QTableWidgetItem:
    item = _Item(words)
    item.setData(Qt.ItemDataRole.UserRole, value)
    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item


def _table() -> QTableWidget:
    table = QTableWidget(0, 5)
    table.setAccessibleName("Class by class")
    table.setHorizontalHeaderLabels(["Class", "Found", "Right", "F1", "Clips"])
    for place, words in enumerate(TIPS, start=1):
        item = table.horizontalHeaderItem(place)
        if item is not None:
            item.setToolTip(words)
    first = table.horizontalHeaderItem(0)
    if first is not None:
        first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(28)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # classes may differ only in their last word
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for place in range(1, 5):
        table.setColumnWidth(place, 62)
    table.setStyleSheet("QTableView { border: none; }")
    table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    return table
