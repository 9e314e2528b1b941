"""A Bluetooth watch is looked for in the window and chosen from what is near."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from virtual.lsl_sender import LslSender

from app.bridge import watch_search
from app.bridge.sources import SIMULATED, Choice
from app.bridge.watch_memory import forget, remember, remembered
from app.bridge.watch_search import NearWatch
from app.pages.find_watch import NONE, FindWatchSheet
from app.widgets.device_signal import level, words
from app.widgets.signal_plot import SignalPlot
from app.window import MainWindow
from pskd import config
from pskd.errors import PskdError

POLAR = Choice("ble:polar/A0:9E:1A:01:02:03", "Polar Sense", "bluetooth", "polar  ·  -60 dBm")


def test_a_watch_that_is_near_can_be_chosen(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_search, "near", lambda: [POLAR])
    chosen: list[str] = []
    sheet = FindWatchSheet(window, window.session, chosen.append)
    qtbot.waitUntil(lambda: POLAR.uri in sheet.buttons)
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


def test_a_near_watch_shows_signal_and_battery_and_the_simulated_one_says_what_it_is(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = NearWatch(POLAR.uri, "Polar Sense", "bluetooth", "Polar sensor  ·  match 90 %", -65, 77)
    monkeypatch.setattr(watch_search, "near", lambda: [heard])
    sheet = FindWatchSheet(window, window.session, lambda uri: None)
    qtbot.waitUntil(lambda: POLAR.uri in sheet.buttons)
    shown = sheet.buttons[POLAR.uri]
    assert shown.bars.accessibleName() == "Signal good (-65 dBm)"
    assert shown.charge.text() == "77 %"
    assert not sheet.grab().isNull()
    assert "Simulated" in [label.text() for label in sheet.buttons[SIMULATED].findChildren(type(sheet.said))]
    sheet.close_sheet()


def test_a_watch_used_before_stands_on_top_without_waiting_and_once(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = NearWatch(POLAR.uri, "Polar Sense", "bluetooth", "Polar sensor", -85)
    monkeypatch.setattr(watch_search, "near", lambda: [heard])
    remember(window.session, POLAR.uri, "Polar Sense")
    sheet = FindWatchSheet(window, window.session, lambda uri: None)
    assert list(sheet.buttons) == [POLAR.uri]
    assert sheet.buttons[POLAR.uri].bars.isHidden()
    qtbot.waitUntil(lambda: not sheet.search.looking and SIMULATED in sheet.buttons)
    assert list(sheet.buttons) == [POLAR.uri, SIMULATED]
    assert sheet.buttons[POLAR.uri].bars.accessibleName() == "Signal very weak (-85 dBm)"
    sheet.close_sheet()


def test_watches_are_remembered_newest_first_and_kept_for_the_next_start(window: MainWindow) -> None:
    session = window.session
    for number in range(6):
        remember(session, f"ble:polar/A0:00:00:00:00:0{number}", f"Watch {number}")
    remember(session, "ble:polar/A0:00:00:00:00:03")
    remember(session, "sim:")
    assert [choice.name for choice in remembered(session)] == ["Watch 3", "Watch 5", "Watch 4", "Watch 2"]
    forget(session, "ble:polar/A0:00:00:00:00:05")
    assert [known.name for known in config.load().watches] == ["Watch 3", "Watch 4", "Watch 2"]


def test_the_window_names_no_address_of_the_command_line_where_bluetooth_is_missing(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[Choice]:
        raise PskdError(
            "This computer has no Bluetooth adapter.",
            code="ble.no-bluetooth",
            hint="Plug in a Bluetooth 4.0 or newer dongle, or use sim: or replay: as a watch.",
        )

    monkeypatch.setattr(watch_search, "near", broken)
    sheet = FindWatchSheet(window, window.session, lambda uri: None)
    qtbot.waitUntil(sheet.again.isEnabled)
    assert sheet.said.text().endswith("or choose the simulated watch or a replay.")
    assert sheet._mark.isVisible()
    sheet.buttons[SIMULATED].clicked.emit()
    assert not sheet.isVisible()


def test_signal_is_told_by_bars_and_words() -> None:
    assert [level(rssi) for rssi in (None, -95, -80, -70, -60, 0)] == [0, 1, 2, 3, 4, 4]
    assert words(None) == "Signal not heard"


def test_a_watch_that_was_found_is_offered_by_name_on_record_and_live(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = NearWatch(POLAR.uri, "Polar Sense", "bluetooth", "Polar sensor", -60)
    monkeypatch.setattr(watch_search, "near", lambda: [heard])
    page: Any = window.page("record")
    opened: list[str] = []
    page.setup.sources_changed.disconnect()
    page.setup.sources_changed.connect(lambda: opened.append(page.setup.watch.key))
    page.setup.watch.asked.emit("find")
    sheet = window.findChild(FindWatchSheet)
    assert sheet is not None
    qtbot.waitUntil(lambda: POLAR.uri in sheet.buttons)
    assert sheet.buttons[POLAR.uri].height() > 30
    qtbot.mouseClick(sheet.buttons[POLAR.uri], Qt.MouseButton.LeftButton)
    assert opened == [POLAR.uri]
    assert page.setup.watch.currentText() == "Polar Sense"
    live: Any = window.page("live")
    assert live.setup.uri == POLAR.uri
    with qtbot.waitSignal(live.bridge.watches_ready, timeout=10_000) as found:
        live.bridge.find_watches(None)
    assert "Polar Sense" in [choice.name for choice in found.args[0]]


def test_the_plot_draws_no_line_over_a_gap(window: MainWindow) -> None:
    plot = SignalPlot()
    near, apart = np.arange(6) * 0.02, np.array([0.0, 0.02, 0.04, 3.0, 3.02, 3.04])
    plot.set_frame(0.1, near, np.zeros((6, 3), np.float32))
    assert plot._curves[0].opts["connect"] == "all"
    plot.set_frame(3.1, apart, np.zeros((6, 3), np.float32))
    assert plot._curves[0].opts["connect"].tolist() == [True, True, False, True, True, False]
    plot.set_frame(3.1, np.zeros(0), np.zeros((0, 3), np.float32))
    plot.deleteLater()


def test_a_watch_used_before_can_be_forgotten(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_search, "near", lambda: [])
    remember(window.session, POLAR.uri, "Polar Sense")
    page: Any = window.page("record")
    sheet = FindWatchSheet(window, window.session, lambda uri: None)
    forget_it = sheet.buttons[POLAR.uri].forget
    assert forget_it is not None
    assert page.setup.watch.findData(POLAR.uri) >= 0
    qtbot.mouseClick(forget_it, Qt.MouseButton.LeftButton)
    assert POLAR.uri not in sheet.buttons
    assert config.load().watches == []
    assert page.setup.watch.findData(POLAR.uri) < 0
    sheet.close_sheet()
