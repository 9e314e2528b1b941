"""Step 4: the training under way."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QProgressBar, QVBoxLayout

from app.bridge.run_state import Phase, RungState, RunState
from app.bridge.training import TrainingBridge
from app.style.metrics import GAP_L, GAP_M, GAP_S
from app.style.theme import restyle
from app.widgets import axis
from app.widgets.basics import Card, button, column, row, scrolled, text, wrapped
from app.widgets.curve_plot import Curve, CurvePlot
from app.widgets.rung_list import RungLine, RungList
from app.widgets.words import many, readable
from app.wizard.step import Step

NAMES = {"calibration": "confidence", "all": "final student"}
STOP_OF_ONE = ("Stop and keep", "End now, judge and keep the student as it is")
STOP_OF_SEVERAL = ("Stop", "End now; half of the people tested give no honest number, but Resume goes on")
WORDS = {
    Phase.IDLE: "Nothing is being trained",
    Phase.STARTING: "Reading the library",
    Phase.RUNNING: "Training",
    Phase.STOPPING: "Ending",
    Phase.DONE: "Finished",
    Phase.STOPPED: "Stopped early",
    Phase.CANCELLED: "Cancelled",
    Phase.HALTED: "Not finished",
    Phase.FAILED: "Something went wrong",
}


class RunStep(Step):
    """Progress, time left, curves; stop, cancel, resume."""

    next_words = "See the result"

    def __init__(self, bridge: TrainingBridge) -> None:
        super().__init__(
            "Training",
            "The program can be used meanwhile. What was learned is kept after every epoch.",
        )
        self.bridge = bridge
        self.rungs = RungList()
        self.loss = CurvePlot("Loss on training clips")
        self.accuracy = CurvePlot("Accuracy on training clips", percent=True)
        self._since = QElapsedTimer()
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._show_time)
        self._build()
        bridge.state_changed.connect(self.show_state)

    def _build(self) -> None:
        self.phase = text("", "strong")
        self.left = text("", "body", tone="soft")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Progress of the whole run")
        self.stop = button("Stop and keep", icon="stop", on_click=self.bridge.stop)
        self.cancel = button("Cancel", "quiet", tip="Leave at once; the folder stays and can be resumed",
                             on_click=self.bridge.cancel)  # fmt: skip
        self.again = button("Resume", "primary", icon="play", tip="Go on where it stands", on_click=self._resume)
        head = row(column(self.phase, self.left, spacing=0), None, self.stop, self.cancel, self.again)
        self.body.addWidget(Card(head, self.bar, spacing=GAP_M))
        self.trouble = self._trouble()
        self.body.addWidget(self.trouble)
        self.notes = text("", "caption", wrap=True)
        left = Card(text("Ladder", "strong"), scrolled(wrapped(column(self.rungs, self.notes, None))))
        curves = Card(self.loss, self.accuracy, spacing=GAP_L)
        lower = row(left, curves, spacing=GAP_L)
        lower.setStretch(0, 2)
        lower.setStretch(1, 3)
        self.body.addLayout(lower, 1)

    def _trouble(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("kind", "banner")
        frame.setProperty("tone", "bad")
        self.message, self.hint = text("", "strong", wrap=True), text("", "small", wrap=True)
        self.more = button("What the process wrote", "quiet", on_click=self._toggle_log)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumHeight(120)
        self.log.setAccessibleName("What the process wrote")
        self.log.hide()
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(GAP_L, GAP_M, GAP_L, GAP_M)
        layout.setSpacing(GAP_S)
        for part in (self.message, self.hint):
            layout.addWidget(part)
        layout.addLayout(row(self.more, None))
        layout.addWidget(self.log)
        frame.hide()
        return frame

    def ready(self) -> bool:
        """There is a report."""
        return self.bridge.state.report and not self.bridge.state.busy

    def show_state(self) -> None:
        """Show how the run stands."""
        state = self.bridge.state
        if state.busy != self._second.isActive():
            (self._second.start if state.busy else self._second.stop)()
        self.phase.setText(_phase_words(state))
        restyle(self.phase, tone={Phase.DONE: "good", Phase.FAILED: "bad"}.get(state.phase, ""))
        self.bar.setRange(0, 0 if state.phase is Phase.STARTING else 1000)
        self.bar.setValue(1000 if state.phase is Phase.DONE else round(state.share * 1000))
        self._since.start()
        self._show_time()
        self._show_buttons(state)
        self._show_trouble(state)
        self._show_rungs(state)
        self._show_curves(state.current)
        self.changed.emit()

    def _show_time(self) -> None:
        state = self.bridge.state
        if state.phase is Phase.STARTING:
            self.left.setText("This takes a few seconds.")
        elif state.phase is Phase.STOPPING:
            self.left.setText("What was learned so far is kept.")
        elif state.busy and state.remaining_s is not None:
            passed = self._since.elapsed() / 1000 if self._since.isValid() else 0.0
            self.left.setText(f"About {axis.duration(max(state.remaining_s - passed, 0))} left")
        elif state.phase in (Phase.CANCELLED, Phase.HALTED):
            self.left.setText("The folder is kept. Resume goes on where it stands.")
        elif state.phase is Phase.STOPPED and not state.report:
            self.left.setText(f"{_why_no_result(state)}, so there is no result yet. Resume goes on.")
        else:
            self.left.setText("")

    def _show_buttons(self, state: RunState) -> None:
        self.stop.setVisible(state.busy)
        self.cancel.setVisible(state.busy)
        self.stop.setEnabled(state.phase is Phase.RUNNING)
        words, tip = STOP_OF_SEVERAL if len(state.folds) > 1 else STOP_OF_ONE
        self.stop.setText(words)
        self.stop.setAccessibleName(words)
        self.stop.setToolTip(tip)
        self.again.setVisible(not state.busy and state.resumable and self.bridge.folder is not None)

    def _show_trouble(self, state: RunState) -> None:
        failed = state.phase is Phase.FAILED
        self.trouble.setVisible(failed)
        self.message.setText(state.message)
        self.hint.setText(state.hint)
        self.hint.setVisible(bool(state.hint))
        self.more.setVisible(failed and bool(state.log))
        self.log.setPlainText("\n".join(state.log))

    def _show_rungs(self, state: RunState) -> None:
        fold = state.fold or (state.folds[0] if state.folds else "")
        lines = [_line(rung, rung.name == state.rung and state.busy) for rung in state.ladder(fold)]
        self.rungs.set_lines(lines)
        self.notes.setText("\n".join(state.notes))
        self.notes.setVisible(bool(state.notes))

    def _show_curves(self, rung: RungState | None) -> None:
        if rung is None:
            self.loss.set_curves([], 1)
            self.accuracy.set_curves([], 1)
            return
        name = rung_words(rung.name)
        self.loss.set_curves([Curve(name, tuple(rung.loss), 0)], rung.epochs)
        self.accuracy.set_curves([Curve(name, tuple(rung.accuracy), 0)], rung.epochs)

    def _resume(self) -> None:
        if self.bridge.folder is not None:
            self.bridge.resume(self.bridge.folder)

    def _toggle_log(self) -> None:
        self.log.setVisible(self.log.isHidden())


def rung_words(name: str) -> str:
    """A rung as people read it."""
    return readable(NAMES.get(name, name))


def _phase_words(state: RunState) -> str:
    words = WORDS[state.phase]
    if state.phase is Phase.RUNNING and state.rung:
        words = f"Training: {rung_words(state.rung)}"
        if len(state.folds) > 1:
            number = state.folds.index(state.fold) + 1 if state.fold in state.folds else 1
            words += f", training {number} of {len(state.folds)}"
    return words


def _why_no_result(state: RunState) -> str:
    return "Not everybody has been tested" if len(state.folds) > 1 else "The student had not begun"


def _line(rung: RungState, current: bool) -> RungLine:
    learns = f"learns from {', '.join(rung.learns_from)}" if rung.learns_from else "learns from the labels"
    if rung.name == "calibration":
        learns = "finds out how far the confidence can be trusted"
    share = min(rung.epoch / rung.epochs, 1.0) if rung.epochs > 0 else 0.0
    right = many(rung.epochs, "epoch")
    if rung.done:
        right = f"{rung.accuracy[-1][1]:.0%} on training clips" if rung.accuracy else "done"
    elif current and rung.loss:
        right = f"epoch {rung.epoch} of {rung.epochs}"
    return RungLine(rung_words(rung.name), learns, share, right, current, rung.done)
