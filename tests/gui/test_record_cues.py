"""Cues in the window: paused, redone and skipped by keys, clickers and hands; large enough; the watch without a camera;
a picture and its own skeleton."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from windowed import LONG_MS, record_page

from app.bridge.session import Session
from app.bridge.sounds import Sounds
from app.pages.record_camera import CameraSheet
from app.pages.record_cues import CueControl
from app.widgets.cue_banner import CueBanner, letter_share
from app.window import MainWindow
from pskd.library.library import Library
from pskd.recording.cues import CueProtocol, load_protocol, shipped_protocols
from pskd.recording.reader import read_segments, read_take
from pskd.types import Marker, PoseFrame
from tests.unit.vision.test_gestures import standing

FAST = (
    'name = "Fast"\nclasses = ["squat", "wave"]\nseconds = 1.2\nrest_s = 0.5\nrepeats = 1\norder = "turns"\n'
    "countdown_s = 0.8\n"
)


@pytest.fixture
def running(qtbot: QtBot, window: MainWindow, session: Session, opened: Library, tmp_path: Path) -> Iterator[Any]:
    """The Record page in a cued take of the simulated watch."""
    page = record_page(qtbot, window, session, camera="", watch="sim:", large_cues=False)
    protocol = tmp_path / "fast.toml"
    protocol.write_text(FAST)
    page.setup.show_mode("cues")
    page.setup._own_protocol(str(protocol))
    with qtbot.waitSignal(page.bridge.started, timeout=LONG_MS):
        page.start()
    window.setFocus()
    yield page


def says(page: Any) -> str:
    """What a screen reader would read of the cue."""
    return str(page.monitor.stage.cue.accessibleName())


def test_a_clicker_pauses_goes_on_and_redoes(qtbot: QtBot, window: MainWindow, running: Any) -> None:
    qtbot.waitUntil(lambda: says(running) == "Now: Squat", timeout=LONG_MS)
    qtbot.keyClick(window, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: says(running).startswith("Paused"), timeout=LONG_MS)
    qtbot.wait(1500)
    assert running.bridge.taking
    qtbot.keyClick(window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: says(running) == "Now: Wave", timeout=LONG_MS)
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    with qtbot.waitSignal(running.bridge.ended, timeout=LONG_MS) as ended:
        pass
    take = read_take(ended.args[0].folder)
    assert [(s.label, s.trial) for s in take.segments] == [("squat", 1), ("wave", 1)]
    controls = [(m.label, m.phase) for m in take.markers if m.kind == "control"]
    assert controls == [("pause", "start"), ("pause", "end"), ("redo", "")]
    assert sum(m.phase == "discarded" for m in take.markers) == 2


def test_a_trial_is_skipped_and_escape_ends_everything(qtbot: QtBot, window: MainWindow, running: Any) -> None:
    qtbot.waitUntil(lambda: says(running) == "Now: Squat", timeout=LONG_MS)
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: says(running) == "Now: Wave", timeout=LONG_MS)
    with qtbot.waitSignal(running.bridge.ended, timeout=LONG_MS) as ended:
        qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert read_segments(ended.args[0].folder) == ()


def test_arrows_belong_to_the_page_s_lists_again_after_the_cues(qtbot: QtBot, window: MainWindow, running: Any) -> None:
    assert all(shortcut.isEnabled() for shortcut in running.cue_keys.shortcuts)
    qtbot.waitUntil(lambda: running.bridge.status().streams[0].count > 10, timeout=LONG_MS)
    with qtbot.waitSignal(running.bridge.ended, timeout=LONG_MS):
        running.toggle()
    assert not any(shortcut.isEnabled() for shortcut in running.cue_keys.shortcuts)


class Steps:
    """A control with a clock and a person that are moved by hand."""

    def __init__(self, parent: QObject, *, hands: bool = True) -> None:
        self.banner, self.sounds = CueBanner(), Sounds(parent)
        self.sounds.on = False
        self.control = CueControl(self.banner, self.sounds, parent)
        self.control.hands_on = hands
        self.markers: list[Marker] = []
        protocol = CueProtocol(name="p", classes=["a", "b"], seconds=60, rest_s=5, repeats=1, countdown_s=2)
        self.control.begin(protocol, 0.0, self.markers.append)
        self.now_s, self.number = 0.0, 0

    def hold(self, seconds: float, *up: str) -> None:
        """Stand for a while with these hands up."""
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s, self.number = self.now_s + 1 / 30, self.number + 1
            seen = standing(self.now_s, *up)
            frame = PoseFrame(self.now_s, self.number, seen.world_m, seen.image, seen.visibility, 1)
            self.control.tick(self.now_s, frame)

    @property
    def paused(self) -> bool:
        """The protocol waits."""
        return self.control.run is not None and self.control.run.paused


def test_raised_hands_pause_go_on_redo_and_skip(qapp: QApplication) -> None:
    parent = QObject()
    steps = Steps(parent)
    steps.hold(3)
    steps.hold(1.2, "left", "right")
    assert 0.5 < steps.banner._hands[1] < 1.0
    assert not steps.paused
    steps.hold(0.5, "left", "right")
    assert steps.paused
    steps.hold(1)
    steps.hold(1.7, "left", "right")
    assert not steps.paused
    steps.hold(5)
    steps.hold(1.7, "left")  # means nothing while a trial runs
    assert not steps.paused
    steps.hold(1.7, "left", "right")
    steps.hold(1)
    steps.hold(1.7, "right")
    steps.hold(4)
    assert steps.banner.accessibleName() == "Now: B"
    assert [m.label for m in steps.markers if m.kind == "control"] == ["pause", "pause", "pause", "pause", "skip"]


def test_hands_can_be_switched_off(qapp: QApplication) -> None:
    parent = QObject()
    steps = Steps(parent, hands=False)
    steps.hold(8, "left", "right")
    assert not steps.paused


@pytest.mark.parametrize("size", [(1366, 768), (1280, 720), (1920, 1080), (1280, 800)])
def test_every_shipped_class_is_read_from_four_metres_on_a_full_screen(
    qapp: QApplication, size: tuple[int, int]
) -> None:
    labels = {label for path in shipped_protocols().values() for label in load_protocol(path).classes}
    for label in labels:
        assert letter_share(QFont(qapp.font()), label, *size) >= 0.14, label


def test_a_long_name_takes_two_lines_rather_than_small_letters(qapp: QApplication) -> None:
    font = QFont(qapp.font())
    assert letter_share(font, "swing_the_left_arm_wide", 1280, 720) > 1.4 * letter_share(
        font, "swingtheleftarmwideopen", 1280, 720
    )


def test_a_camera_that_cannot_be_opened_leaves_the_watch_open(
    qtbot: QtBot, window: MainWindow, session: Session, opened: Library, tmp_path: Path
) -> None:
    page = record_page(qtbot, window, session, camera=f"video:{tmp_path / 'nothing.mp4'}", watch="sim:")
    qtbot.waitUntil(lambda: bool(window.banners.banners), timeout=LONG_MS)
    assert "nothing.mp4" in window.banners.banners[0].message
    page.setup.label.setCurrentText("wave")
    with qtbot.waitSignal(page.bridge.started, timeout=LONG_MS):
        page.start()
    qtbot.waitUntil(lambda: page.bridge.status().streams[0].count > 10, timeout=LONG_MS)
    with qtbot.waitSignal(page.bridge.ended, timeout=LONG_MS) as ended:
        page.toggle()
    assert "watch" in read_take(ended.args[0].folder).streams


def test_a_picture_is_shown_with_its_own_skeleton(
    qtbot: QtBot, window: MainWindow, session: Session, opened: Library
) -> None:
    page = record_page(qtbot, window, session, camera="sim:squat", watch="")
    qtbot.waitUntil(lambda: page.bridge.seen() is not None, timeout=LONG_MS)
    pairs = set()
    for _ in range(40):
        qtbot.wait(25)
        seen = page.bridge.seen()
        assert seen.pose is not None and seen.pose.number == seen.number
        pairs.add(seen.number)
    assert len(pairs) > 8


def test_how_the_camera_is_used_is_chosen_in_a_sheet_and_kept(
    qtbot: QtBot, window: MainWindow, session: Session, opened: Library
) -> None:
    session.change(camera="", watch="")
    window.turn_to("record")
    page: Any = window.pages["record"]
    page.setup.show_camera_sheet()
    sheet: Any = window.findChild(CameraSheet)
    sheet.size_box.setCurrentIndex(3)
    sheet.size_box.activated.emit(3)
    sheet.mirrored.setChecked(False)
    assert not window.grab().isNull()
    asked: list[bool] = []
    page.setup.sources_changed.connect(lambda: asked.append(True))
    sheet.close_sheet()
    assert tuple(session.settings.camera_size) == (1280, 720)
    assert not page.monitor.stage.camera.mirrored
    assert asked == [True]
    assert np.isfinite(session.settings.camera_rate_hz)
