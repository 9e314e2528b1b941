"""The five steps in a row, with the buttons that lead through them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.bridge.data_outline import DataOutline
from app.bridge.run_state import Phase
from app.bridge.runs import RunResult
from app.bridge.training import TrainingBridge
from app.style.metrics import GAP_L
from app.widgets.basics import button, line, row
from app.widgets.stepper import Stepper
from app.wizard.data import DataStep
from app.wizard.plan import PlanStep
from app.wizard.result import ResultStep
from app.wizard.run import RunStep
from app.wizard.split import SplitStep
from app.wizard.step import Step

DATA, SPLIT, PLAN, RUN, RESULT = range(5)
NAMES = ("Data", "Split", "Plan", "Run", "Result")


class Wizard(QWidget):
    """Leads from takes to a student.

    Attributes:
        data, split, plan, run, result: the steps.

    Signals:
        left: a person wants the list of runs.
        live_wanted: use the student that is shown.
    """

    left = Signal()
    live_wanted = Signal()

    def __init__(self, bridge: TrainingBridge) -> None:
        super().__init__()
        self.bridge = bridge
        self.data, self.split, self.plan = DataStep(), SplitStep(), PlanStep()
        self.run, self.result = RunStep(bridge), ResultStep()
        self.steps: tuple[Step, ...] = (self.data, self.split, self.plan, self.run, self.result)
        self.stepper = Stepper(NAMES)
        self.stack = QStackedWidget()
        self.back = button("Back", on_click=self.go_back)
        self.next = button("Next", "primary", on_click=self.go_on)
        self._outline: DataOutline | None = None
        self._has_runs = False
        self._build()
        self._connect()
        self.show_step(DATA)

    def _build(self) -> None:
        for step in self.steps:
            self.stack.addWidget(step)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_L)
        layout.addWidget(self.stepper)
        layout.addWidget(self.stack, 1)
        layout.addWidget(line())
        layout.addLayout(row(self.back, None, self.next))

    def _connect(self) -> None:
        for step in self.steps:
            step.changed.connect(self._refresh)
        self.stepper.chosen.connect(self.show_step)
        self.result.live_wanted.connect(self.live_wanted)
        self.bridge.outline_ready.connect(self.show_outline)
        self.bridge.result_ready.connect(self.show_result)
        self.bridge.ended.connect(self._run_ended)

    @property
    def current(self) -> int:
        """Number of the step that is shown."""
        return self.stack.currentIndex()

    def show_step(self, number: int) -> None:
        """Turn to a step."""
        if number == PLAN and self._outline is not None:
            self.plan.show_outline(self._outline, self.split.protocol)
        self.stack.setCurrentIndex(number)
        self._refresh()

    def show_outline(self, outline: DataOutline) -> None:
        """Another library, or other takes in it."""
        self._outline = outline
        self.data.show_outline(outline)
        self.split.show_outline(outline)
        self.plan.show_outline(outline, self.split.protocol)

    def set_has_runs(self, has_runs: bool) -> None:
        """Whether there is a list of runs to go back to."""
        self._has_runs = has_runs
        self._refresh()

    def begin(self) -> None:
        """Start anew at the data; a run under way is shown instead."""
        self.show_step(RUN if self.bridge.state.busy else DATA)

    def open_run(self, folder: Path) -> None:
        """Show a finished run's result."""
        self.bridge.open_result(folder)

    def resume(self, folder: Path) -> None:
        """Go on with a run."""
        self.bridge.resume(folder)
        self.show_step(RUN)

    def look_at(self, folder: Path) -> None:
        """Show how far an unfinished run came."""
        self.bridge.look_at(folder)
        self.show_step(RUN)

    def show_result(self, result: RunResult) -> None:
        """Show a result."""
        self.result.show_result(result)
        self.show_step(RESULT)

    def go_on(self) -> None:
        """To the next step; from the plan the training starts."""
        if not self.steps[self.current].ready():
            return
        if self.current == PLAN and self.bridge.state.busy:
            self.show_step(RUN)
        elif self.current == PLAN:
            self._start()
        elif self.current == RUN and self.bridge.folder is not None:
            self.bridge.open_result(self.bridge.folder)
        elif self.current == RESULT:
            self.live_wanted.emit()
        else:
            self.show_step(self.current + 1)

    def go_back(self) -> None:
        """To the step before, or to the runs."""
        if self.current in (DATA, RUN, RESULT):
            self.left.emit()
        else:
            self.show_step(self.current - 1)

    def _start(self) -> None:
        if self.bridge.start(self.plan.choices(unlabelled=self.data.unlabelled)):
            self.show_step(RUN)

    def _run_ended(self) -> None:
        done = self.bridge.state.phase in (Phase.DONE, Phase.STOPPED) and self.bridge.state.report
        if done and self.current == RUN and self.isVisible() and self.bridge.folder is not None:
            self.bridge.open_result(self.bridge.folder)

    def _reached(self) -> int:
        if self.current == RESULT:
            return RESULT
        if self.current == RUN or self.bridge.state.busy:
            return RUN
        ready = 0
        for step in (self.data, self.split):
            if not step.ready():
                break
            ready += 1
        return min(ready, PLAN)

    def _refresh(self) -> None:
        self.stepper.set_step(self.current, self._reached())
        step = self.steps[self.current]
        words = "See the training" if self.current == PLAN and self.bridge.state.busy else step.next_words
        self.next.setText(words)
        self.next.setAccessibleName(words)
        self.next.setEnabled(step.ready())
        self.next.setVisible(self.current != RESULT)
        to_runs = self.current in (DATA, RUN, RESULT)
        self.back.setText("Runs" if to_runs else "Back")
        self.back.setVisible(self._has_runs or not to_runs)
