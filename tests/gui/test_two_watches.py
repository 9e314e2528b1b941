"""One watch on each wrist: chosen, recorded, shown, and looked at in the device panel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from windowed import LONG_MS, record_for, record_page

from app.bridge import watch_search
from app.bridge.session import Session
from app.bridge.sources import SIMULATED, worn
from app.bridge.watch_feed import WatchFeed
from app.bridge.watch_memory import is_remembered, known, remember
from app.bridge.watch_words import spoken
from app.pages.find_watch import FindWatchSheet
from app.pages.record_monitor import Monitor
from app.widgets.link_badge import LOOKS
from app.widgets.sheet import Question
from app.window import MainWindow
from pskd import config
from pskd.library.library import Library
from pskd.recording.reader import read_take
from pskd.sync.clockfit import Ping
from pskd.types import SampleBlock

POLAR = "ble:polar/A0:9E:1A:01:02:03"


@pytest.fixture
def two(qtbot: QtBot, window: MainWindow, session: Session, opened: Library) -> Iterator[Any]:
    """The Record page with two simulated watches and no camera."""
    both = {"watch": SIMULATED, "second_watch": SIMULATED, "first_wrist": "right"}
    page = record_page(qtbot, window, session, camera="", **both)
    page.links.open()
    qtbot.waitUntil(
        lambda: not page.monitor.missing(page.bridge.status(), page.setup.watches.titles, "sim:").count("watch"),
        timeout=LONG_MS,
    )
    yield page


def test_two_watches_are_two_streams_with_their_wrists(qtbot: QtBot, two: Any) -> None:
    two.setup.label.setCurrentText("wave")
    take = read_take(record_for(qtbot, two, 1500))
    assert take.manifest.attributes["sides"] == {"watch": "right", "watch2": "left"}
    assert take.manifest.attributes["side"] == "right"
    first, second = take.streams["watch"], take.streams["watch2"]
    assert min(len(first.values), len(second.values)) > 40
    assert not np.allclose(first.values[:20], second.values[:20])  # each follows its own wrist
    assert {"watch-gyroscope", "watch2-gyroscope"} <= set(take.streams)
    words = [label.text() for label in two.result.findChildren(type(two.verdict))]
    assert {"Right watch", "Left watch", "Left gyroscope"} <= set(words)


def test_the_library_draws_whichever_signal_is_chosen(
    qtbot: QtBot, window: MainWindow, two: Any, session: Session
) -> None:
    two.setup.label.setCurrentText("wave")
    take = read_take(record_for(qtbot, two, 1200))
    window.turn_to("library")
    page: Any = window.pages["library"]
    qtbot.waitUntil(lambda: len(page.bridge.overview.rows) == 5, timeout=LONG_MS)
    page.bridge.load(next(row.id for row in page.bridge.overview.rows if row.id.endswith(take.folder.name)))
    panel = page.take
    qtbot.waitUntil(lambda: panel.signal.count() == 4, timeout=LONG_MS)
    assert [panel.signal.itemText(i) for i in range(4)] == [
        "Right watch", "Left watch", "Right gyroscope", "Left gyroscope",
    ]  # fmt: skip
    panel.timeline.set_cursor(0.5)
    panel.timeline.zoom(0.5)
    shown = panel.timeline._view
    for place, stream, unit in ((1, "watch2", "m/s²"), (2, "watch-gyroscope", "°/s")):
        panel.signal.setCurrentIndex(place)
        panel.signal.activated.emit(place)
        assert np.array_equal(panel.timeline._track.values, take.streams[stream].values)
        assert panel.timeline._track.unit == unit
    assert panel.timeline._view == shown and panel.timeline.cursor_s == 0.5


def test_both_signals_and_tiles_are_shown(qtbot: QtBot, window: MainWindow, two: Any) -> None:
    window.resize(1400, 860)
    qtbot.waitUntil(lambda: all(plot.isVisible() for plot in two.monitor.plot.plots.values()))
    qtbot.waitUntil(lambda: two.monitor.tiles["watch2"].accessibleName().startswith("Left watch"))
    window.resize(900, 620)
    qtbot.waitUntil(two.monitor.plot.switch.isVisible)
    qtbot.mouseClick(two.monitor.plot.switch.buttons["watch2"], Qt.MouseButton.LeftButton)
    assert [plot.isVisible() for plot in two.monitor.plot.plots.values()] == [False, True]


def test_a_second_watch_finds_its_tile_where_there_was_room_for_the_take_s(qtbot: QtBot) -> None:
    monitor = Monitor()
    qtbot.addWidget(monitor)
    monitor.resize(500, 500)
    monitor.show()
    monitor.show_watches({"watch": "Watch"})
    monitor.show_watches({"watch": "Right watch", "watch2": "Left watch"})
    qtbot.waitUntil(lambda: monitor.tiles["watch2"].geometry().left() > monitor.tiles["watch"].geometry().right())
    assert monitor.tiles["camera"].geometry().left() > monitor.tiles["watch2"].geometry().right()
    assert not monitor.tiles["take"].isVisible()


def test_one_watch_changes_its_wrist_and_so_does_the_other(two: Any) -> None:
    first, second = two.setup.watches.slots
    first.wrist.buttons["left"].click()
    assert two.setup.watches.wrists == {"watch": "left", "watch2": "right"}
    second.wrist.buttons["left"].click()
    assert two.setup.watches.wrists == {"watch": "right", "watch2": "left"}
    assert config.load().first_wrist == "right"


def test_a_second_watch_is_added_and_removed(
    qtbot: QtBot, window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_search, "near", lambda: [])
    session.change(camera="", watch=SIMULATED)
    page: Any = window.page("record")
    watches = page.setup.watches
    assert not watches.two
    assert watches.wrists == {}
    qtbot.mouseClick(watches.add, Qt.MouseButton.LeftButton)
    sheet = window.findChild(FindWatchSheet)
    assert sheet is not None
    qtbot.waitUntil(lambda: SIMULATED in sheet.buttons)
    sheet.buttons[SIMULATED].clicked.emit()
    assert watches.two
    assert watches.uris == [SIMULATED, SIMULATED]
    watches.slots[0].remove.click()
    assert watches.uris == [SIMULATED]
    assert config.load().second_watch == ""


def test_one_watch_is_not_worn_twice(window: MainWindow, session: Session, notices: list[tuple[str, str, str]]) -> None:
    page: Any = window.page("record")
    page.setup.sources_changed.disconnect()
    page.setup.use(watch=POLAR)
    page.setup.watches.use(1, POLAR)
    assert page.setup.watches.uris == [POLAR]
    assert notices[-1][1] == "This watch is chosen already."


def test_the_device_panel_tells_how_every_watch_fares(qtbot: QtBot, two: Any) -> None:
    qtbot.waitUntil(two.monitor.tiles["watch2"].isVisible)
    with qtbot.waitSignal(two.monitor.details_wanted):
        qtbot.mouseClick(two.monitor.tiles["watch2"], Qt.MouseButton.LeftButton)
    sheet = two.show_devices()
    card = sheet.cards["watch2"]

    def said() -> str:
        return " ".join(label.text() for label in card.facts.findChildren(type(two.verdict)))

    qtbot.waitUntil(lambda: "lock of its own" in said() or "drift" in said(), timeout=LONG_MS)
    assert card.state.text() == "Streaming"
    assert card.role.text() == "Left watch"
    assert "of 50 Hz" in said()
    assert "86 %" in said()
    assert not sheet.forget["watch2"].isVisible()
    for each in two.window().findChildren(type(sheet)):
        each.close_sheet()


def test_every_link_state_has_an_icon_of_its_own() -> None:
    states = ("idle", "scanning", "connecting", "streaming", "stalled", "lost", "ended")
    assert len({LOOKS[state].icon for state in states}) == len(states)


def test_a_remembered_watch_goes_by_its_name_and_can_be_forgotten(window: MainWindow, session: Session) -> None:
    remember(session, POLAR, "Anna's Polar")
    page: Any = window.page("record")
    page.setup.sources_changed.disconnect()
    page.setup.use(watch=POLAR)
    assert page.setup.watch.currentText() == "Anna's Polar"
    sheet = page.show_devices()
    assert sheet.cards["watch"].name.text() == "Anna's Polar"
    sheet.forget["watch"].click()
    assert not is_remembered(session, POLAR)
    sheet.close_sheet()


def test_a_sentence_names_the_watch_not_its_address(session: Session) -> None:
    assert spoken(f"Looking for {POLAR}.", POLAR, "My watch") == "Looking for My watch."
    assert spoken("A0:9E:1A:01:02:03 was not found.", POLAR, "My watch") == "My watch was not found."
    assert spoken("Looking for sim:.", "sim:", "Simulated watch") == "Looking for Simulated watch."
    missing = "Cannot read /home/me/walk.csv: no such file or folder."
    assert spoken(missing, "replay:/home/me/walk.csv", "Replay: walk.csv") == missing
    assert known(session, "sim:").name == "Simulated watch"


@pytest.mark.parametrize(
    ("uri", "side", "opened"),
    [
        ("sim:", "left", "sim:?hand=left"),
        ("sim:squat?seed=3", "left", "sim:squat?seed=3&hand=left"),
        ("sim:?hand=right", "left", "sim:?hand=right"),
        ("sim:", "", "sim:"),
        (POLAR, "left", POLAR),
    ],
)
def test_a_simulated_watch_follows_the_wrist_it_is_on(uri: str, side: str, opened: str) -> None:
    assert worn(uri, side) == opened


@pytest.fixture
def half(qtbot: QtBot, window: MainWindow, session: Session, opened: Library, tmp_path: Path) -> Iterator[Any]:
    """The Record page with a first watch that cannot be opened and a second one that can."""
    missing = f"replay:{tmp_path / 'nothing.csv'}"
    half = {"watch": missing, "second_watch": SIMULATED, "first_wrist": "right"}
    page = record_page(qtbot, window, session, camera="", **half)
    qtbot.waitUntil(lambda: bool(window.banners.banners), timeout=LONG_MS)
    qtbot.waitUntil(
        lambda: page.monitor.missing(page.bridge.status(), page.setup.watches.titles, "x").count("watch") == 1
    )
    yield page


def test_a_watch_that_cannot_be_opened_says_so_and_the_other_one_stays(
    qtbot: QtBot, window: MainWindow, half: Any
) -> None:
    first, second = half.setup.watches.slots
    assert (first.badge.text(), second.badge.text()) == ("Lost", "Streaming")
    assert "nothing.csv" in first.said.text()
    assert second.said.text() == ""
    (banner,) = window.banners.banners
    assert banner.message.startswith("Right watch: ")
    assert half.setup.watches.join.text() == "Try again"
    sheet = half.show_devices()
    assert "nothing.csv" in sheet.cards["watch"].sentence.text()
    assert sheet.cards["watch2"].state.text() == "Streaming"
    sheet.close_sheet()


def test_what_was_said_of_a_watch_goes_once_another_try_has_opened_it(
    qtbot: QtBot, window: MainWindow, half: Any, tmp_path: Path
) -> None:
    lines = [f"{number / 50},0,9.8,0" for number in range(2000)]
    (tmp_path / "nothing.csv").write_text("\n".join(lines) + "\n")
    with qtbot.waitSignal(half.bridge.opened, timeout=LONG_MS):
        half.setup.watches.join.click()
    qtbot.waitUntil(lambda: half.setup.watches.slots[0].badge.text() == "Streaming", timeout=LONG_MS)
    assert not window.banners.banners


def test_recording_without_one_of_two_watches_asks_first(qtbot: QtBot, window: MainWindow, half: Any) -> None:
    half.setup.label.setCurrentText("wave")
    half.toggle()
    (question,) = window.findChildren(Question)
    words = " ".join(label.text() for label in question.findChildren(type(half.verdict)))
    assert "The right watch is not connected. Only one wrist would be recorded." in words
    assert not half.bridge.taking
    with qtbot.waitSignal(half.bridge.started, timeout=LONG_MS):
        question.buttons["Record anyway"].click()
    qtbot.waitUntil(lambda: half.bridge.status().streams[0].count > 20, timeout=LONG_MS)
    with qtbot.waitSignal(half.bridge.ended, timeout=LONG_MS) as ended:
        half.toggle()
    attributes = read_take(ended.args[0].folder).manifest.attributes
    assert (attributes["side"], attributes["sides"]) == ("left", {"watch2": "left"})


def test_the_clock_s_verdict_rests_on_pings_where_the_watch_answers_them() -> None:
    feed = WatchFeed()
    for number in range(400):
        own_s = 0.02 * number
        feed.push(SampleBlock("watch", 100.0 + own_s, np.zeros((1, 3), np.float32), np.array([own_s])))
    assert feed.clock_verdict().startswith("Good")
    feed.ping(Ping(sent_s=101.9, heard_s=102.0, device_s=2.0))  # a tenth of a second is all that it bounds
    assert feed.clock_verdict().startswith("Rough")
