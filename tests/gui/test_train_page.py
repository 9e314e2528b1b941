"""The train page: five steps to a student, a child that dies, former runs."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.bridge.data_outline import DataOutline, Division
from app.bridge.plan_choices import Choices, ladder_rows, plan_of
from app.bridge.run_state import Phase, RunState
from app.bridge.runs import runs_folder
from app.pages.train import TrainPage
from app.widgets.ladder_view import LadderView
from app.window import MainWindow
from app.wizard.data import DataStep
from app.wizard.plan import PlanStep
from app.wizard.split import SplitStep
from app.wizard.wizard import DATA, PLAN, RESULT, RUN, SPLIT
from pskd.library.library import Library

LONG = 240_000


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow, opened: Library) -> TrainPage:
    window.turn_to("train")
    found = window.pages["train"]
    assert isinstance(found, TrainPage)
    qtbot.waitUntil(lambda: found.wizard.data.outline is not None)
    return found


def lead_to_plan(page: TrainPage, epochs: int) -> None:
    wizard = page.wizard
    assert wizard.current == DATA and wizard.next.isEnabled()
    wizard.go_on()
    assert wizard.current == SPLIT
    wizard.go_on()
    assert wizard.current == PLAN
    wizard.plan.student.buttons["nano"].click()
    for number in range(4):
        wizard.plan.ladder.change(number, epochs=epochs)


def test_the_wizard_trains_a_student_and_shows_how_good_it_is(
    qtbot: QtBot, page: TrainPage, window: MainWindow, opened: Library
) -> None:
    wizard = page.wizard
    lead_to_plan(page, epochs=1)
    wizard.go_on()
    assert wizard.current == RUN
    assert page.busy()
    qtbot.waitUntil(lambda: wizard.current == RESULT, timeout=LONG)
    result = wizard.result.result
    assert result is not None and result.student.n == 10
    assert wizard.result.number.text() == f"{result.student.accuracy:.1%}"
    assert [model.name for model in result.teachers] == ["skeleton", "fused", "accelerometer"]
    assert "10 clips of subject 02" in result.split
    qtbot.waitUntil(lambda: len(page._rows) == 1)
    truth, answer = divmod(int(result.student.confusion.argmax()), 2)
    with qtbot.waitSignal(page.session.page_wanted, timeout=10_000) as wanted:
        wizard.result.matrix.cell_chosen.emit(truth, answer)
    key, arguments = wanted.args
    assert key == "library" and arguments["takes"] == [
        take.id for take in opened.takes() if take.subject == "02" and result.classes[truth] in take.labels
    ]
    assert window.current == "library"


def test_a_child_that_is_killed_is_told_and_the_run_goes_on(qtbot: QtBot, page: TrainPage, opened: Library) -> None:
    wizard, bridge = page.wizard, page.bridge
    lead_to_plan(page, epochs=60)
    wizard.go_on()
    qtbot.waitUntil(lambda: any(rung.epoch >= 1 for rung in bridge.state.rungs.values()), timeout=LONG)
    assert bridge._child is not None
    os.kill(bridge._child.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    qtbot.waitUntil(lambda: bridge.state.phase is Phase.FAILED, timeout=20_000)
    assert "ended unexpectedly" in wizard.run.message.text()
    assert not wizard.run.again.isHidden() and wizard.run.again.isEnabled()
    seen = max(rung.epoch for rung in bridge.state.rungs.values())
    wizard.run.again.click()
    qtbot.waitUntil(lambda: max(r.epoch for r in bridge.state.rungs.values()) > seen, timeout=LONG)
    bridge.cancel()
    qtbot.waitUntil(lambda: bridge.state.phase is Phase.CANCELLED, timeout=LONG)
    assert len(list(runs_folder(opened.path).iterdir())) == 1
    qtbot.waitUntil(lambda: any(row.resumable for row in page._rows.values()))


def test_a_run_under_way_is_in_the_list_and_every_step_leads_back_to_it(
    qtbot: QtBot, page: TrainPage, notices: list[tuple[str, str, str]]
) -> None:
    wizard, bridge = page.wizard, page.bridge
    lead_to_plan(page, epochs=60)
    wizard.go_on()
    qtbot.waitUntil(lambda: len(page.rows) == 1, timeout=LONG)
    page.show_runs()
    state = page.runs.item(0, page.runs.columnCount() - 1)
    assert state is not None and state.text() == "Being trained"
    page.open.click()
    assert wizard.current == RUN
    wizard.stepper.chosen.emit(PLAN)
    assert wizard.next.text() == "See the training"
    wizard.go_on()
    assert wizard.current == RUN
    wizard.stepper.chosen.emit(DATA)
    with qtbot.waitSignal(bridge.ended, timeout=LONG):
        bridge.stop()
        assert wizard.run.cancel.isEnabled()
    assert any("stopped" in message for _, message, _ in notices)
    assert "had not begun" in wizard.run.left.text()
    with qtbot.waitSignal(page.session.library_changed):
        page.session.close_library()
    assert page.pages.currentWidget() is page.empty and bridge.folder is None


def test_a_student_that_was_stopped_early_can_go_on_from_the_list(qtbot: QtBot, page: TrainPage) -> None:
    wizard, bridge = page.wizard, page.bridge
    lead_to_plan(page, epochs=1)
    wizard.plan.ladder.change(3, epochs=300)
    wizard.go_on()
    qtbot.waitUntil(lambda: any(r.name == "student" and r.epoch for r in bridge.state.rungs.values()), timeout=LONG)
    with qtbot.waitSignal(bridge.result_ready, timeout=60_000):
        bridge.stop()
    assert wizard.current == RESULT
    assert "Stopped early" in wizard.result.notes.text()
    qtbot.waitUntil(lambda: any(row.state == "stopped early" for row in page.rows.values()), timeout=60_000)
    page.show_runs()
    assert not page.again.isHidden() and page.open.isEnabled()
    page.again.click()
    qtbot.waitUntil(lambda: bridge.state.phase is Phase.RUNNING, timeout=LONG)
    with qtbot.waitSignal(bridge.ended, timeout=LONG):
        bridge.cancel()
    assert bridge.state.phase is Phase.CANCELLED


def test_a_split_that_is_impossible_is_grey_and_says_why(qtbot: QtBot) -> None:
    step = SplitStep()
    qtbot.addWidget(step)
    divisions = {
        "cross-subject": Division(why_not="It needs labelled takes of two subjects."),
        "loso": Division(why_not="It needs labelled takes of two subjects."),
        "trial": Division(why_not="It needs two trials."),
        "take": Division(train_clips=9, test_clips=3, train_subjects=("01",), test_subjects=("01",)),
    }
    step.show_outline(DataOutline(12, 0, 0, 12, 9.0, ("01",), {"a": 6, "b": 6}, {}, {}, divisions))
    assert step.protocol == "take" and step.ready()
    card = step.group.cards["cross-subject"]
    assert not card.radio.isEnabled() and "two subjects" in card.why_not.text()


def test_a_ladder_in_another_order_makes_a_plan_in_that_order(qtbot: QtBot) -> None:
    ladder = LadderView()
    qtbot.addWidget(ladder)
    ladder.set_rows(ladder_rows("quick", "small", "acs"))
    ladder.shift(2, -1)
    ladder.change(0, included=False)
    plan = plan_of(Path("library"), Choices("trial", rows=ladder.rows, custom=True))
    assert [rung.name for rung in plan.rungs] == ["accelerometer", "fused", "student"]
    assert plan.rungs[0].loss == "label" and plan.rungs[1].learns_from == ("accelerometer",)
    assert plan.preset == "custom"


@pytest.mark.parametrize("preset", ["quick", "best"])
def test_the_ladder_says_whom_each_rung_hears_and_other_epochs_leave_that_alone(qtbot: QtBot, preset: str) -> None:
    ladder = LadderView()
    qtbot.addWidget(ladder)
    ladder.set_rows(ladder_rows(preset, "small", "acs"))
    usual = plan_of(Path("library"), Choices("trial", preset=preset)).rungs
    ladder.change(3, epochs=7)
    changed = plan_of(Path("library"), Choices("trial", preset=preset, rows=ladder.rows, custom=True)).rungs
    assert [rung.learns_from for rung in changed] == [rung.learns_from for rung in usual]
    said = [words.text() for words in ladder.findChildren(QLabel, "said")]
    for words, rung in zip(said, changed, strict=True):
        heard = f"{', '.join(rung.learns_from)} and the labels" if rung.learns_from else "the labels"
        assert words.endswith(f"learns from {heard}.")


def test_a_rung_whose_usual_teachers_are_left_out_hears_the_others(qtbot: QtBot) -> None:
    ladder = LadderView()
    qtbot.addWidget(ladder)
    ladder.set_rows(ladder_rows("quick", "small", "acs"))
    ladder.change(1, included=False)
    plan = plan_of(Path("library"), Choices("trial", rows=ladder.rows, custom=True))
    assert [rung.learns_from for rung in plan.rungs] == [(), ("skeleton",), ("accelerometer",)]


def test_the_student_stays_at_the_foot_of_the_ladder(qtbot: QtBot) -> None:
    ladder = LadderView()
    qtbot.addWidget(ladder)
    ladder.set_rows(ladder_rows("quick", "small", "acs"))
    ladder.shift(3, -1)
    ladder.shift(2, 1)
    assert ladder.rows[-1].name == "student"


def test_the_state_of_a_run_is_the_same_whenever_events_are_heard_again() -> None:
    events = [
        {"event": "run-start", "folds": ["a"], "rungs": [{"name": "student", "epochs": 2}], "notes": []},
        {"event": "rung-start", "fold": "a", "rung": "student", "epochs": 2, "parameters": 5},
        {"event": "epoch", "fold": "a", "rung": "student", "epoch": 1, "of": 2, "loss": 1.0, "accuracy": 0.5,
         "rung_eta_s": 3.0, "eta_s": 3.0},
    ]  # fmt: skip
    state = RunState()
    for event in [*events, *events]:
        state.hear(event)
    assert state.phase is Phase.RUNNING and state.share == 0.5
    assert state.current is not None and state.current.loss == [(1.0, 1.0)]
    state.hear({"event": "exit", "code": -9, "log": ["last words"]})
    assert state.phase is Phase.FAILED and state.resumable and state.log == ("last words",)


def test_takes_without_labels_are_offered_to_the_teachers_and_can_be_left_out(qtbot: QtBot) -> None:
    step = DataStep()
    qtbot.addWidget(step)
    outline = DataOutline(12, 12, 0, 12, 9.0, ("01",), {"a": 6, "b": 6}, {}, {}, {})
    step.show_outline(outline)
    assert not step.unlabelled_card.isHidden() and step.unlabelled
    assert step.unlabelled_words.text() == "12 takes have no labels"
    step.use_unlabelled.click()
    plan = plan_of(Path("library"), PlanStep().choices(unlabelled=step.unlabelled))
    assert not plan.unlabelled
    step.show_outline(replace(outline, unlabelled=0))
    assert step.unlabelled_card.isHidden()
