"""Consent, the film of a session, and deleting a subject, by clicks."""

from __future__ import annotations

from typing import Any

from pytestqt.qtbot import QtBot
from windowed import LONG_MS, record_for, record_page

from app.bridge.session import Session
from app.pages.library_forget import ForgetSheet
from app.pages.record_privacy import ConsentSheet
from app.window import MainWindow
from pskd.library import consent
from pskd.library.library import Library


def sheet_of(qtbot: QtBot, window: MainWindow, kind: type) -> Any:
    """The sheet of a kind that is up."""
    qtbot.waitUntil(lambda: any(sheet.isVisible() for sheet in window.findChildren(kind)), timeout=LONG_MS)
    return next(sheet for sheet in window.findChildren(kind) if sheet.isVisible())


def test_a_film_is_kept_only_with_consent_to_it_and_only_for_that_subject(
    qtbot: QtBot, window: MainWindow, session: Session, opened: Library
) -> None:
    page = record_page(qtbot, window, session, camera="sim:", watch="")
    privacy = page.setup.privacy
    page.setup.subject.setCurrentText("01")
    qtbot.waitUntil(privacy.film.isEnabled, timeout=LONG_MS)
    privacy.film.click()
    assert not privacy.film_wanted
    sheet = sheet_of(qtbot, window, ConsentSheet)
    sheet.by.setText("AB")
    sheet.film.setChecked(True)
    sheet.agree.click()
    qtbot.waitUntil(lambda: consent.consents(opened.path).get("01") is not None, timeout=LONG_MS)
    given = consent.consents(opened.path)["01"]
    assert (given.by, given.film, given.text) == ("AB", True, consent.read_text(opened.path))
    qtbot.waitUntil(lambda: "film too" in privacy._line.text(), timeout=LONG_MS)
    privacy.film.click()
    assert privacy.film_wanted

    page.setup.label.setCurrentText("squat")
    folder = record_for(qtbot, page, 1500)
    assert (folder / "film.avi").stat().st_size == page.takes._last.film_bytes > 1000
    assert len((folder / "film_times.csv").read_text().splitlines()) > 15

    page.setup.subject.setCurrentText("02")
    assert not privacy.film_wanted


def test_a_consent_can_be_withdrawn(qtbot: QtBot, window: MainWindow, session: Session, opened: Library) -> None:
    consent.give(opened.path, "01")
    session.change(camera="", watch="")
    window.turn_to("record")
    page: Any = window.pages["record"]
    page.setup.subject.setCurrentText("")
    page.setup.subject.setCurrentText("01")
    qtbot.waitUntil(lambda: "Consent of" in page.setup.privacy._line.text(), timeout=LONG_MS)
    page.setup.privacy.show_sheet()
    sheet_of(qtbot, window, ConsentSheet).withdraw.click()
    qtbot.waitUntil(lambda: not consent.consents(opened.path), timeout=LONG_MS)


def test_a_subject_is_deleted_after_it_was_said_what_goes(qtbot: QtBot, window: MainWindow, opened: Library) -> None:
    who = opened.subjects()[0]
    window.turn_to("library")
    page: Any = window.pages["library"]
    qtbot.waitUntil(lambda: bool(page.bridge.overview.rows), timeout=LONG_MS)
    page.show_overview()
    page.overview.forget.click()
    sheet = sheet_of(qtbot, window, ForgetSheet)
    sheet.subject.setCurrentText(who)
    qtbot.waitUntil(sheet.delete.isEnabled, timeout=LONG_MS)
    assert sheet.what.text().startswith("2 takes")
    assert "cannot be undone" in sheet.what.text()
    assert not window.grab().isNull()
    sheet.delete.click()
    qtbot.waitUntil(lambda: who not in page.bridge.overview.subjects, timeout=LONG_MS)
    assert not (opened.path / f"sub-{who}").exists()
