"""What was found in a take is shown in the Library, can be looked over again, and marks its row."""

from __future__ import annotations

from pathlib import Path

import pytest
from performed_takes import Act, write_act
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from pytestqt.qtbot import QtBot

from app.bridge.session import Session
from app.pages.record_result import ResultCard
from app.widgets.note_list import NoteList, QualityNote
from app.window import MainWindow
from pskd.library.library import Library
from pskd.library.wrists import wrist_of

LONG_MS = 60_000
SCRIPT = (("rest", 1.5), ("wave", 3.0), ("rest", 1.5))


@pytest.fixture
def wrong_wrist(tmp_path: Path) -> Library:
    """A library with one take whose watch is on the left wrist."""
    library = Library.create(tmp_path / "library")
    write_act(library.new_take("01", "s1", "wave"), Act(SCRIPT, {"seed": "1", "body": "dora"}))
    return library


def test_a_take_is_checked_and_its_wrist_changed(
    qtbot: QtBot, window: MainWindow, session: Session, wrong_wrist: Library
) -> None:
    session.open_library(wrong_wrist.path)
    window.turn_to("library")
    page = window.pages["library"]
    qtbot.waitUntil(lambda: len(page.bridge.overview.rows) == 1, timeout=LONG_MS)
    take_id = page.bridge.overview.rows[0].id
    session.go("library", take=take_id)
    qtbot.waitUntil(lambda: page.take.check.isVisible() and page.take.heading.text() != "", timeout=LONG_MS)
    assert page.take.check.text() == "Check this take"
    assert not page.take.notes.sentences()
    qtbot.mouseClick(page.take.check, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.take.check.text() == "Check again", timeout=LONG_MS)
    assert page.take.notes.sentences()[0].startswith("The watch seems to be on the left wrist.")
    index = page.list.takes.index(0, 2)
    assert isinstance(index.data(Qt.ItemDataRole.DecorationRole), QIcon)
    assert "left wrist" in index.data(Qt.ItemDataRole.ToolTipRole)
    qtbot.mouseClick(page.take.other_wrist, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.take.other_wrist.isVisible(), timeout=LONG_MS)
    assert wrist_of(wrong_wrist, "01") == "left"
    assert page.list.takes.index(0, 2).data(Qt.ItemDataRole.DecorationRole) is None


def test_what_is_well_is_one_line(qtbot: QtBot) -> None:
    notes = NoteList()
    qtbot.addWidget(notes)
    good = QualityNote("good", "The watch moved.", check="still")
    sync = QualityNote("good", "Camera and watch are in step within 8 ms.", check="sync")
    notes.show_notes([sync, good])
    assert notes.sentences() == [sync.text, "Streams, sensor and body are as they should be."]
    notes.show_notes([QualityNote("bad", "The sensor is stuck.", "Restart the watch."), good])
    assert notes.sentences() == ["The sensor is stuck. Restart the watch.", "Everything else is as it should be."]
    notes.show_notes([])
    assert notes.sentences() == []


def test_the_card_after_a_take_shows_the_notes(qtbot: QtBot, tmp_path: Path) -> None:
    from app.bridge.take_result import StreamResult, TakeResult

    card = ResultCard()
    qtbot.addWidget(card)
    note = QualityNote("warn", "The watch has a gap.", "Record again.", "gaps")
    streams = (StreamResult("watch", 50, 50.0, 1),)
    card.show_result(TakeResult(tmp_path / "take-001_x", 1.0, streams, {}, 1000, False, notes=(note,)))
    assert card.notes.sentences() == ["The watch has a gap. Record again."]
