from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.bridge.session import Session
from app.style.theme import theme
from app.window import MainWindow
from pskd import config
from pskd.devices.lsl import library
from pskd.vision.pose import MODELS


def page_of(window: MainWindow) -> Any:
    window.turn_to("settings")
    return window.pages["settings"]


def test_a_theme_is_chosen_stored_and_put_on(qtbot: QtBot, window: MainWindow) -> None:
    page = page_of(window)
    qtbot.mouseClick(page.theme.buttons["dark"], Qt.MouseButton.LeftButton)
    assert theme.palette.name == "dark"
    assert config.load().theme == "dark"
    qtbot.mouseClick(page.theme.buttons["light"], Qt.MouseButton.LeftButton)
    assert theme.palette.name == "light"


def test_choices_are_kept_for_the_next_start(qtbot: QtBot, window: MainWindow) -> None:
    page = page_of(window)
    qtbot.mouseClick(page.pose_model.buttons["lite"], Qt.MouseButton.LeftButton)
    page.sounds.click()
    stored = config.load()
    assert (stored.pose_model, stored.sounds) == ("lite", False)


@pytest.mark.parametrize(
    ("there", "shown"), [(("lite", "full"), ["lite", "full"]), (MODELS, ["lite", "full", "heavy"])]
)
def test_pose_models_are_offered_where_they_are_installed(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...], shown: list[str]
) -> None:
    monkeypatch.setattr("pskd.vision.pose.installed_models", lambda: there)
    assert list(page_of(window).pose_model.buttons) == shown


def test_what_the_doctor_finds_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    page = page_of(window)
    qtbot.waitUntil(lambda: page._checks.count() > 6, timeout=30_000)
    assert not window.banners.banners


def test_licences_name_every_part(window: MainWindow) -> None:
    from app.bridge.computer import licences

    words = licences()
    for part in ("PySide6", "mediapipe", "torch", "Apache-2.0", "BlazePose"):
        assert part in words
    sheet = page_of(window).show_licences()
    assert sheet.isVisible()
    sheet.close_sheet()


def test_sending_to_lsl_is_off_until_it_is_switched_on(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "installed", lambda: True)
    page = page_of(window)
    assert page.lsl.isEnabled()
    assert not page.lsl.isChecked()
    assert any("opens ports on the local network" in label.text() for label in page.findChildren(QLabel))
    page.lsl.click()
    assert config.load().lsl


def test_sending_to_lsl_says_why_it_cannot_be_switched_on(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "installed", lambda: False)
    session.change(lsl=True)
    page = page_of(window)
    assert not page.lsl.isEnabled()
    assert not page.lsl.isChecked()
    assert any("not installed here" in label.text() for label in page.findChildren(QLabel))
