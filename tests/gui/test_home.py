from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.bridge.next_step import ENOUGH, next_step
from app.bridge.session import Session
from app.pages.home_dialogs import NewLibrarySheet
from app.window import MainWindow
from pskd.library.library import Library


def test_a_newcomer_is_welcomed(window: MainWindow) -> None:
    page: Any = window.pages["home"]
    assert page.welcome.isVisible()
    assert not page.library_card.isVisible()


def test_a_library_is_made_by_typing_its_name(
    qtbot: QtBot, window: MainWindow, session: Session, tmp_path: Path
) -> None:
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    sheet = window.findChild(NewLibrarySheet)
    assert sheet is not None
    sheet.place.setText(str(tmp_path))
    sheet.name.selectAll()
    qtbot.keyClicks(sheet.name, "Living room")
    with qtbot.waitSignal(session.library_changed, timeout=10_000):
        qtbot.keyClick(sheet.name, Qt.Key.Key_Return)
    assert Library.open(tmp_path / "living-room").document.name == "Living room"
    page: Any = window.pages["home"]
    qtbot.waitUntil(lambda: page._next.text() == "Record the first take")
    assert session.settings.library == str(tmp_path / "living-room")


def test_a_name_is_needed(window: MainWindow) -> None:
    page: Any = window.pages["home"]
    page.ask_new()
    sheet = window.findChild(NewLibrarySheet)
    assert sheet is not None
    sheet.name.setText("  ")
    assert not sheet.create_button.isEnabled()
    sheet.close_sheet()


def test_an_open_library_is_counted_and_leads_on(qtbot: QtBot, window: MainWindow, opened: Library) -> None:
    page: Any = window.pages["home"]
    qtbot.waitUntil(lambda: page.tiles._values["takes"].text() == "4")
    assert page.library_card.isVisible()
    assert page._next.text() == "Ready to train"
    qtbot.mouseClick(page.cards["record"], Qt.MouseButton.LeftButton)
    assert window.current == "record"


def test_a_folder_that_is_no_library_is_told_in_words(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.session.open_library(tmp_path)
    qtbot.waitUntil(lambda: bool(window.banners.banners), timeout=10_000)
    assert "not a library" in window.banners.banners[0].message
    assert window.session.library is None


def test_recent_libraries_are_offered_and_can_be_forgotten(
    qtbot: QtBot, window: MainWindow, session: Session, opened: Library, tmp_path: Path
) -> None:
    first = str(opened.path)
    with qtbot.waitSignal(session.library_changed, timeout=10_000):
        session.create_library(tmp_path / "second", "Second")
    page: Any = window.pages["home"]
    assert list(page.recent.buttons) == [first]
    with qtbot.waitSignal(session.library_changed, timeout=10_000):
        qtbot.keyClick(page.recent.buttons[first], Qt.Key.Key_Return)
    assert list(page.recent.buttons) == [str(tmp_path / "second")]
    page.recent.forgotten.emit(str(tmp_path / "second"))
    assert not page.recent.buttons
    assert not page.recent.isVisible()


def test_the_tour_makes_and_opens_the_demo_library(
    qtbot: QtBot, window: MainWindow, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pskd.demo import sample

    monkeypatch.setenv("PSKD_DATA", str(tmp_path))
    monkeypatch.setattr(sample, "PEOPLE", sample.PEOPLE[:1])
    monkeypatch.setattr(sample, "CLASSES", ("rest", "squat"))
    with qtbot.waitSignal(session.library_changed, timeout=60_000):
        session.go("home", tour=True)
    assert "simulated" in session.library_name()


def facts(counts: dict[str, int], subjects: int = 2) -> dict[str, Any]:
    total = sum(counts.values())
    return {"takes": total, "segments": total, "class_counts": counts, "subjects": subjects}


def test_an_empty_library_needs_a_take() -> None:
    assert next_step({"takes": 0, "segments": 0, "class_counts": {}, "subjects": 0}).page == "record"


def test_takes_without_labels_lead_to_the_library() -> None:
    assert next_step({"takes": 3, "segments": 0, "class_counts": {}, "subjects": 1}).page == "library"


def test_one_class_is_not_enough() -> None:
    assert next_step(facts({"walk": 9})).heading == "Record a second class"


def test_the_scarcest_class_is_asked_for() -> None:
    step = next_step(facts({"walk": 9, "squat": 2}))
    assert step.heading == "Record more of “Squat”"
    assert step.arguments == {"label": "squat"}
    assert not step.ready


def test_enough_of_everything_can_be_trained_on() -> None:
    step = next_step(facts({"walk": ENOUGH, "squat": ENOUGH}, subjects=1))
    assert step.ready
    assert "second subject" in step.explanation
