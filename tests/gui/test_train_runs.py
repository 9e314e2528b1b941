"""Former runs in the list: damaged, newer, half done, of another library; and what their logs say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_bundles import made_report
from made_library import make_take
from pytestqt.qtbot import QtBot

from app.bridge.run_state import Phase, RunState
from app.bridge.runs import list_runs, read_result, read_row, runs_folder, split_words, takes_of_cell
from app.bridge.session import Session
from app.bridge.training import TrainingBridge, replay
from app.wizard.run import RunStep, _why_no_result
from pskd.errors import WrongUse
from pskd.evaluation.report import write_report
from pskd.library.library import Library
from pskd.training import plan as plans
from pskd.training.presets import make_plan


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library.create(tmp_path / "library", "Made")
    make_take(made, "01", "20261122a", "wave")
    return made


def planned(place: Path, name: str, **changes: Any) -> Path:
    """A run's folder with its plan, changed as a stranger might."""
    folder = runs_folder(place) / name
    folder.mkdir(parents=True)
    plans.save(folder, make_plan(str(place.resolve()), "cross-subject"))
    path = folder / "plan.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return folder


def test_one_strange_run_does_not_hide_the_others(library: Library) -> None:
    good = planned(library.path, "20261120-101010_good")
    planned(library.path, "20261119-101010_null", library="a\0b")
    planned(library.path, "20261118-101010_elsewhere", library="/elsewhere")
    (runs_folder(library.path) / "20261117-101010_cut" / "plan.json").parent.mkdir()
    (runs_folder(library.path) / "20261117-101010_cut" / "plan.json").write_text('{"proto')
    rows = list_runs(library.path)
    assert [(row.folder.name, row.state) for row in rows] == [
        (good.name, "not finished"),
        ("20261117-101010_cut", "damaged"),
    ]
    assert rows[1].problem and rows[1].hint


def test_runs_that_were_moved_with_their_library_are_still_its_own(library: Library, tmp_path: Path) -> None:
    planned(library.path, "20261120-101010_run")
    moved = tmp_path / "another-disk"
    moved.mkdir()
    for folder in (library.path, runs_folder(library.path)):
        folder.rename(moved / folder.name)
    (row,) = list_runs(moved / "library")
    assert row.library == str(moved / "library") and row.resumable


def test_no_two_runs_of_a_list_look_alike(library: Library) -> None:
    for name in ("20261120-101010_a", "20261120-101010_a-2", "20261120-101011_a", "20261120-101110_a"):
        planned(library.path, name)
    assert [row.created for row in list_runs(library.path)] == [
        "20 Nov 2026, 10:11",
        "20 Nov 2026, 10:10:11",
        "20 Nov 2026, 10:10:10 (2)",
        "20 Nov 2026, 10:10:10 (1)",
    ]


def test_a_run_of_a_newer_version_is_not_called_damaged(library: Library) -> None:
    row = read_row(planned(library.path, "run", schema=99))
    assert row.state == "newer version" and "Update" in row.hint and not row.resumable


def test_a_run_that_was_stopped_early_can_go_on_while_its_checkpoint_is_there(library: Library) -> None:
    folder = planned(library.path, "run")
    assert read_row(folder).resumable
    report = made_report()
    report.notes = ["Stopped early: the student learned for 1 of 9 epochs."]
    write_report(folder, report)
    assert read_row(folder).state == "stopped early" and not read_row(folder).resumable
    (folder / "last.pt").write_bytes(b"")
    assert read_row(folder).resumable


def test_a_result_of_another_library_leads_to_no_take_of_this_one(library: Library, tmp_path: Path) -> None:
    folder = planned(library.path, "run", library=str(tmp_path / "other"))
    write_report(folder, made_report())
    with pytest.raises(WrongUse, match="another library"):
        takes_of_cell(library, read_result(folder), "student", "wave", "wave")


def test_many_tested_people_are_counted_and_few_are_named() -> None:
    report = made_report()
    report.split.test_subjects = ["02", "04"]
    assert "of subjects 02, 04." in split_words(report)
    report.split.test_subjects = [f"{number:02d}" for number in range(40)]
    assert "of 40 subjects." in split_words(report)


def test_a_run_without_an_end_in_its_log_is_not_finished_and_not_cancelled(tmp_path: Path) -> None:
    assert replay(tmp_path).phase is Phase.HALTED
    line = {"event": "run-start", "folds": ["a"], "rungs": [{"name": "student", "epochs": 2}]}
    (tmp_path / "events.jsonl").write_text(json.dumps(line) + '\n{"event": "epo')
    assert replay(tmp_path).phase is Phase.HALTED
    with (tmp_path / "events.jsonl").open("a") as log:
        log.write("\n" + json.dumps({"event": "cancelled", "resumable": True}) + "\n")
    assert replay(tmp_path).phase is Phase.CANCELLED


def test_a_log_that_is_no_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").mkdir()
    assert replay(tmp_path).phase is Phase.HALTED


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just("student"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "epochs", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = ("fold", "rung", "folds", "rungs", "epochs", "epoch", "of", "loss", "accuracy", "eta_s", "notes", "report")
KINDS = ("run-start", "rung-start", "epoch", "rung-end", "done", "stopped", "error", "exit")


# a machine that is busy with the rest of the suite may take seconds over the first example
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4)),
        max_size=6,
    )
)
def test_whatever_a_log_says_there_is_a_picture_of_it(events: list[tuple[str, dict[str, Any]]]) -> None:
    state = RunState()
    for kind, fields in events:
        state.hear({"event": kind, **fields})
    assert 0.0 <= state.share <= 1.0
    assert all(isinstance(rung.name, str) and rung.epoch >= 0 for rung in state.rungs.values())
    state.ladder(state.fold)


def test_a_stop_without_a_result_says_what_was_missing() -> None:
    one = RunState(Phase.STOPPED, folds=("cross-subject",))
    assert "had not begun" in _why_no_result(one)
    assert "Not everybody" in _why_no_result(replace(one, folds=("loso-01", "loso-02", "all")))


def test_a_run_of_several_trainings_does_not_promise_to_keep_a_student(qtbot: QtBot, session: Session) -> None:
    step = RunStep(TrainingBridge(session))
    qtbot.addWidget(step)
    start = {"event": "run-start", "rungs": [{"name": "student", "epochs": 2}], "notes": ["Few clips have a skeleton."]}
    step.bridge.state.hear({**start, "folds": ["cross-subject"]})
    step.show_state()
    assert step.stop.text() == "Stop and keep" and step.notes.text() == "Few clips have a skeleton."
    step.bridge.state.hear({**start, "folds": ["loso-01", "loso-02", "all"]})
    step.show_state()
    assert step.stop.text() == "Stop" and "Resume" in step.stop.toolTip()
    step.bridge.state.hear({"event": "cancelled", "resumable": True})
    step.show_state()
    assert not step.stop.isVisibleTo(step)
