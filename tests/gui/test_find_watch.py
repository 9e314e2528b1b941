"""A Bluetooth watch is looked for in the window and chosen from what is near."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from virtual.lsl_sender import LslSender

from app.bridge import watch_search
from app.bridge.sources import Choice
from app.pages.find_watch import NONE, FindWatchSheet
from app.window import MainWindow
from pskd.errors import PskdError

POLAR = Choice("ble:polar/A0:9E:1A:01:02:03", "Polar Sense", "bluetooth", "polar  ·  -60 dBm")


def test_a_watch_that_is_near_can_be_chosen(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_search, "near", lambda: [POLAR])
    chosen: list[str] = []
    sheet = FindWatchSheet(window, window.session, chosen.append)
    qtbot.waitUntil(lambda: bool(sheet.buttons))
    qtbot.mouseClick(sheet.buttons[POLAR.uri], Qt.MouseButton.LeftButton)
    assert chosen == [POLAR.uri]
    assert not sheet.isVisible()


def test_where_a_phone_is_can_be_typed(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_search, "near", lambda: [])
    chosen: list[str] = []
    sheet = FindWatchSheet(window, window.session, chosen.append)
    for typed, why in (("", "is not a device"), ("http:0.0.0.0:8000", "token"), ("ws:", "names no phone")):
        sheet.address.setText(typed)
        qtbot.keyClick(sheet.address, Qt.Key.Key_Return)
        assert why in sheet.wrong.text()
        assert sheet.wrong.isVisible()
    assert not chosen
    sheet.address.setText(" ws:192.168.0.102:8080 ")
    qtbot.keyClick(sheet.address, Qt.Key.Key_Return)
    assert chosen == ["ws:192.168.0.102:8080"]


def test_streams_of_other_programs_are_listed_even_without_bluetooth(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[Choice]:
        raise PskdError("Bluetooth is off.", code="ble.off")

    monkeypatch.setattr(watch_search, "_bluetooth", broken)
    with LslSender() as sender:
        assert f"lsl:{sender.name}" in [choice.uri for choice in watch_search.near()]


def test_where_nothing_is_near_or_bluetooth_is_off_it_is_said_and_can_be_tried_again(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_search, "near", lambda: [])
    sheet = FindWatchSheet(window, window.session, lambda uri: None)
    qtbot.waitUntil(lambda: sheet.said.text() == NONE)

    def broken() -> list[Choice]:
        raise PskdError("Bluetooth is off.", code="ble.off", hint="Switch it on.")

    monkeypatch.setattr(watch_search, "near", broken)
    sheet.again.click()
    assert not sheet.again.isEnabled()
    qtbot.waitUntil(lambda: sheet.said.text() == "Bluetooth is off. Switch it on.")
    assert sheet.again.isEnabled()
    sheet.close_sheet()
