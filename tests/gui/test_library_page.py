"""The library page: finding takes, looking at one, labelling it, undoing that."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bridge.library import Overview
from app.pages.library import LibraryPage
from app.pages.library_import import ImportSheet
from app.widgets.label_picker import LabelPicker
from app.widgets.segment_edit import Bar, Grip, Part, dragged, gap_at, grip_at
from app.widgets.take_list import TakeList, TakeRow
from app.window import MainWindow
from pskd import documents
from pskd.library.library import Library
from pskd.recording.take import Annotations


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow, opened: Library) -> LibraryPage:
    window.turn_to("library")
    found = window.pages["library"]
    assert isinstance(found, LibraryPage)
    qtbot.waitUntil(lambda: len(found.bridge.overview.rows) == 4)
    return found


def open_take(qtbot: QtBot, page: LibraryPage, number: int = 0) -> str:
    page.list.selectRow(number)
    qtbot.waitUntil(lambda: page.right.currentWidget() is page.take)
    assert page.take.editor is not None
    return page.take.editor.take_id


def on_disk(library: Library, take_id: str) -> list[str]:
    found = documents.load(library.take(take_id).folder / "annotations.json", Annotations)
    return [segment.label for segment in found.segments]


def test_the_overview_counts_takes_and_shows_what_is_missing(page: LibraryPage) -> None:
    overview = page.bridge.overview
    assert overview.classes == ("squat", "wave")
    assert overview.counts().tolist() == [[5, 5], [5, 5]]
    assert "Every subject has every class" in page.overview.missing.text()


def test_filters_narrow_the_list_and_say_how_many_are_left(qtbot: QtBot, page: LibraryPage) -> None:
    page.label.setCurrentIndex(page.label.findText("Wave"))
    assert page.list.takes.rowCount() == 2
    page.search.setText("sub-02")
    qtbot.waitUntil(lambda: page.list.takes.rowCount() == 1)
    assert page.count.text() == "1 of 4 takes"
    page._clear_filters()
    assert page.list.takes.rowCount() == 4


def test_a_bar_of_the_overview_leads_to_its_takes(qtbot: QtBot, page: LibraryPage) -> None:
    page.overview.coverage.chosen.emit("squat", "02")
    assert page.list.takes.rowCount() == 1


def test_a_take_shows_body_and_signal_at_one_cursor(qtbot: QtBot, page: LibraryPage) -> None:
    open_take(qtbot, page)
    assert page.take.heading.text().startswith("Subject 01")
    assert not page.take.simulated.isHidden()
    timeline = page.take.timeline
    qtbot.keyClick(timeline, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert timeline.cursor_s == pytest.approx(1.0)
    assert page.take.where.text().startswith("0:01.00 of")


def test_space_plays_and_pauses(qtbot: QtBot, page: LibraryPage) -> None:
    open_take(qtbot, page)
    page.take.toggle_play()
    qtbot.waitUntil(lambda: page.take.timeline.cursor_s > 0.1)
    page.take.toggle_play()
    stood = page.take.timeline.cursor_s
    qtbot.wait(80)
    assert page.take.timeline.cursor_s == stood


def test_labels_are_added_moved_undone_and_always_on_disk(qtbot: QtBot, page: LibraryPage, opened: Library) -> None:
    take_id = open_take(qtbot, page)
    editor = page.take.editor
    assert editor is not None
    before = on_disk(opened, take_id)
    editor.add(0.1, 0.8, "fall over")
    qtbot.waitUntil(lambda: page.bridge.saver.idle)
    assert on_disk(opened, take_id) == ["fall over", *before]
    assert "fall over" in Library.open(opened.path).classes()
    editor.delete(2)
    editor.move(0, 0.2, 0.7)
    for _ in range(3):
        page.take.undo_change()
    qtbot.waitUntil(lambda: page.bridge.saver.idle)
    assert on_disk(opened, take_id) == before
    page.take.redo_change()
    qtbot.waitUntil(lambda: page.bridge.saver.idle)
    assert on_disk(opened, take_id) == ["fall over", *before]
    assert page.take.undo.isEnabled() and page.take.redo.isEnabled()


def test_dragging_an_edge_moves_only_that_edge(qtbot: QtBot, page: LibraryPage) -> None:
    open_take(qtbot, page)
    editor, timeline = page.take.editor, page.take.timeline
    assert editor is not None
    first = editor.segments[0]
    lane = timeline._lane().center().y()
    scale = timeline._scale()
    start, end = (
        QPoint(round(scale.x(first.end_s)) - 1, round(lane)),
        QPoint(round(scale.x(first.end_s)) - 40, round(lane)),
    )
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(timeline, end)
    qtbot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=end)
    moved = editor.segments[0]
    assert moved.start_s == first.start_s
    assert moved.end_s == pytest.approx(first.end_s - 39 * scale.seconds_per_pixel, abs=0.1)
    assert moved.source == "person"


def test_the_picker_finds_a_class_by_a_few_letters(qtbot: QtBot, page: LibraryPage, opened: Library) -> None:
    open_take(qtbot, page)
    editor = page.take.editor
    assert editor is not None
    page.take.timeline.select(0)
    qtbot.keyClick(page.take.timeline, Qt.Key.Key_Return)
    picker = next(w for w in QApplication.topLevelWidgets() if isinstance(w, LabelPicker) and w.isVisible())
    qtbot.keyClicks(picker.field, "wav")
    qtbot.keyClick(picker.field, Qt.Key.Key_Return)
    assert editor.segments[0].label == "wave"
    qtbot.waitUntil(lambda: page.bridge.saver.idle)


def test_an_import_that_fails_says_why_and_changes_nothing(
    qtbot: QtBot, window: MainWindow, page: LibraryPage, opened: Library, tmp_path: Path
) -> None:
    page.import_data()
    sheet = window.findChild(ImportSheet)
    assert sheet is not None
    sheet.source.setText(str(tmp_path / "nothing-here.zip"))
    with qtbot.waitSignal(sheet.bridge.failed, timeout=10_000):
        sheet.go.click()
    assert "nothing-here.zip" in sheet.said.text()
    assert len(opened.takes()) == 4
    sheet.close_sheet()


def test_a_thousand_takes_filter_without_a_pause(qtbot: QtBot) -> None:
    takes = TakeList()
    qtbot.addWidget(takes)
    rows = [
        TakeRow(
            f"sub-{n % 8}/ses-a/take-{n:04d}", str(n % 8), "a", f"take-{n:04d}", ("squat",), "complete", 3.0, "watch"
        )
        for n in range(1000)
    ]
    began = time.perf_counter()
    takes.takes.set_rows(rows)
    takes.takes.keep(subject="3", text="squat")
    assert takes.takes.rowCount() == 125
    assert time.perf_counter() - began < 2.0


def test_an_empty_library_has_nothing_missing() -> None:
    assert Overview().counts().shape == (0, 0)
    assert np.sum(Overview().counts()) == 0


BARS = (Bar(1.0, 2.0, "a"), Bar(2.5, 4.0, "b"))


def test_grips_are_found_at_edges_and_inside() -> None:
    assert grip_at(BARS, 1.02, 0.05) == Grip(0, Part.START)
    assert grip_at(BARS, 1.5, 0.05) == Grip(0, Part.BODY)
    assert grip_at(BARS, 3.98, 0.05) == Grip(1, Part.END)
    assert grip_at(BARS, 2.2, 0.05) is None


def test_a_dragged_bar_never_overlaps_its_neighbour_or_leaves_the_take() -> None:
    assert dragged(BARS, Grip(0, Part.END), 2.0, 3.5, 5.0) == (1.0, 2.5)
    assert dragged(BARS, Grip(1, Part.BODY), 3.0, 9.0, 5.0) == (3.5, 5.0)
    assert dragged(BARS, Grip(0, Part.BODY), 1.5, -3.0, 5.0) == (0.0, 1.0)
    assert dragged(BARS, Grip(1, Part.START), 2.5, 9.0, 5.0)[0] < 4.0


def test_an_edge_snaps_to_a_marker_nearby() -> None:
    assert dragged(BARS, Grip(0, Part.END), 2.0, 2.25, 5.0, snap_s=[2.3]) == (1.0, 2.3)


def test_gaps_are_what_is_not_labelled() -> None:
    assert gap_at(BARS, 0.5, 5.0) == (0.0, 1.0)
    assert gap_at(BARS, 2.2, 5.0) == (2.0, 2.5)
    assert gap_at(BARS, 1.5, 5.0) is None
