"""What the wizard says of a library before anything is trained, and how it shows many or long names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from made_library import make_take
from pytestqt.qtbot import QtBot

from app.bridge.data_outline import DataOutline, outline_of
from app.bridge.plan_choices import estimate_s, ladder_rows
from app.widgets.confusion import ConfusionMatrix
from app.widgets.count_bars import CountBars
from app.widgets.words import listed, short, tip
from app.wizard.data import DataStep
from app.wizard.result import ResultStep
from app.wizard.split import said
from pskd.library.library import Library

SESSION = "20261122a"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.create(tmp_path / "library", "Made")


def fill(library: Library, *takes: tuple[str, Sequence[str]]) -> DataOutline:
    """The outline of a library in which each subject did these classes, a take each."""
    for subject, labels in takes:
        for label in labels:
            make_take(library, subject, SESSION, label)
    return outline_of(library)


def test_an_empty_library_says_that_nothing_is_labelled(library: Library) -> None:
    assert "No take is labelled" in outline_of(library).problems[0]
    assert "No take is labelled" in fill(library, ("01", [""])).problems[0]


def test_one_class_is_not_enough(library: Library) -> None:
    assert "only one class" in fill(library, ("01", ["wave", "wave"])).problems[0]


def test_a_take_of_each_class_is_not_enough_to_train_and_test(library: Library) -> None:
    assert "too few takes" in fill(library, ("01", ["wave", "squat"])).problems[0]


def test_a_split_that_leaves_one_class_to_train_on_cannot_be_chosen(library: Library) -> None:
    outline = fill(library, ("01", ["wave", "wave"]), ("02", ["wave", "wave", "squat", "squat"]))
    assert "one class" in outline.divisions["cross-subject"].why_not
    assert not outline.divisions["take"].why_not and not outline.problems


def test_damaged_takes_are_left_out_and_told(library: Library) -> None:
    outline = fill(library, ("01", ["wave", "wave", "squat", "squat"]), ("02", ["wave", "wave", "squat", "squat"]))
    whole = outline.clips
    next(iter(library.path.rglob("raw.xdf"))).unlink()
    outline = outline_of(library)
    assert outline.clips == whole - 1 and outline.unusable == 1
    assert any("1 take has no watch signal that can be read" in line for line in outline.warnings)


def test_labelled_takes_without_a_watch_are_not_called_unlabelled(library: Library) -> None:
    make_take(library, "01", SESSION, "wave", watches=(), pose="mediapipe-33")
    assert "has a watch signal" in outline_of(library).problems[0]


def test_leaving_each_person_out_counts_the_training_on_everybody(library: Library) -> None:
    division = fill(library, *[(who, ["wave", "squat"]) for who in ("01", "02", "03")]).divisions["loso"]
    assert said("loso", division).startswith("3 trainings, and one on everybody")
    rows = ladder_rows("quick", "nano", "acs")
    assert division.splits * division.train_clips == 12 and division.test_clips == 6
    assert estimate_s(rows, "nano", "quick", division) > 8.0


def test_long_names_keep_their_ends_in_a_sentence() -> None:
    left, right = (f"carrying_a_heavy_box_up_the_stairs_with_the_{side}_hand" for side in ("left", "right"))
    assert short(left) != short(right) and len(short(left)) <= 32 and short("wave") == "Wave"
    assert listed(["a", "b", "c"], 2) == "“A”, “B” and 1 more"


def test_a_name_that_looks_like_markup_is_shown_letter_by_letter() -> None:
    assert tip("<img src=x> & more") == "<qt>&lt;img src=x&gt; &amp; more</qt>"
    assert tip("Wave") == "Wave"


def test_the_data_step_fits_on_a_small_page_with_long_names(qtbot: QtBot, library: Library) -> None:
    step = DataStep()
    qtbot.addWidget(step)
    step.resize(760, 420)
    step.show()
    step.show_outline(fill(library, ("01", ["W" * 80, "wave", "wave"]), ("02", ["squat"]), ("01", [""])))
    qtbot.waitUntil(lambda: step.right.width() <= step.right_area.viewport().width())
    assert step.width() == 760
    assert step.right.height() >= step.right.heightForWidth(step.right.width())


def test_names_of_many_classes_are_thinned_out(qtbot: QtBot) -> None:
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    matrix.resize(500, 500)
    for count, several in ((6, False), (60, True)):
        matrix.set_matrix([f"class {n}" for n in range(count)], np.eye(count, dtype=np.int64), "Student")
        assert (matrix.names_pace() > 1) is several
        matrix.grab()


def test_a_class_says_its_whole_name(qtbot: QtBot) -> None:
    bars = CountBars()
    qtbot.addWidget(bars)
    bars.set_rows([("a_long_name", 3), ("wave", 1)])
    assert bars.said(4) == "A long name: 3 clips" and bars.said(30) == "Wave: 1 clip"
    assert bars.said(-1) == "" and bars.said(400) == ""


def test_an_empty_result_step_can_be_resized(qtbot: QtBot) -> None:
    step = ResultStep()
    qtbot.addWidget(step)
    step.resize(500, 400)
    step.show()
    step.resize(1200, 700)
    assert not step.ready()
