"""Record: a camera and a watch on one clock, with a label for what is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.bridge.recorder import RecorderBridge
from app.bridge.session import Session
from app.bridge.sounds import Sounds
from app.pages.device_panel import DeviceSheet
from app.pages.page import Page
from app.pages.record_cues import CueControl
from app.pages.record_keys import CueKeys
from app.pages.record_links import Links
from app.pages.record_monitor import Monitor
from app.pages.record_result import ResultCard
from app.pages.record_setup import SetupPanel
from app.pages.record_take import TakeControl
from app.style.metrics import GAP_L, GAP_M, GAP_S, GAP_XL, PAGE_MARGIN
from app.style.theme import restyle, set_icon
from app.widgets.basics import button, column, icon_button, scrolled, text
from app.widgets.key_strip import KEYS
from app.widgets.stream_tile import StreamTile
from pskd.clock import now_s

FRAME_MS = 33
FACTS_EVERY = 5  # frames
GUTTER = 14  # where the scroll bar stands
SUGGESTED = ("wave", "clap", "drink", "squat", "walk", "rest")  # for a library that has no classes yet


class RecordPage(Page):
    """The page.

    Attributes:
        bridge: the recorder.
        setup: what is chosen.
        monitor: what is seen.
        record_button: starts and stops.
        result: the take that has just ended.
        cues: the protocol that runs.
        takes: starts and ends takes.
        links: opens what is chosen.
    """

    key = "record"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.bridge = RecorderBridge(session)
        self.setup = SetupPanel(session)
        self.monitor = Monitor()
        self.result = ResultCard()
        self.sounds = Sounds(self)
        self.record_button = button("Record", "record", icon="record", tip="Space", on_click=self.toggle)
        self.verdict = text("", "small", tone="soft", wrap=True)
        self.cues = CueControl(self.monitor.stage.cue, self.sounds, self)
        self.links = Links(session, self.bridge, self.setup, self.monitor)
        self.takes = TakeControl(self, session, self.bridge, self.setup, self.monitor, self.result, self.cues)
        self._alarmed = False
        self._frame = 0
        self._big = False
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)
        self._build()
        self.result.shown.connect(self.setup.make_room)
        self._connect()
        self._add_keys()

    def enter(self, **arguments: Any) -> None:
        """Connect to the sources chosen last; ``label`` presets the class, ``camera`` and ``watch`` the sources."""
        self.sounds.on = self.session.settings.sounds
        if arguments.get("label"):
            self.setup.show_mode("one")
            self.setup.choose_label(str(arguments["label"]))
        self._read_people()
        self._timer.start()
        if "camera" in arguments or "watch" in arguments:
            self.setup.use(arguments.get("camera"), arguments.get("watch"))
        elif not self.bridge.is_open:
            self.links.enter()

    def leave(self) -> None:
        """Let go of camera and watch, unless a take runs."""
        self._set_big(False)
        if not self.bridge.taking:
            self._timer.stop()
            self.bridge.close()

    def busy(self) -> str:
        """A take runs."""
        return "A take is being recorded." if self.bridge.taking else ""

    def close_down(self) -> None:
        """The window closes."""
        self._timer.stop()
        self.bridge.shut()

    def toggle(self) -> None:
        """Start a take, or stop the one that runs."""
        self.takes.toggle()

    def start(self) -> None:
        """Start a take at once, without asking."""
        self.takes.start()

    def stop(self) -> None:
        """End the take and keep it."""
        self.takes.stop()

    def show_devices(self) -> DeviceSheet:
        """Show how every watch fares."""
        return DeviceSheet(self.window(), self.session, self.bridge, self.links, self.setup.watches)

    def _lock_button(self, words: str) -> None:
        """A button that is switched off hands its focus to the next in line, which is the rail: the page takes it."""
        if self.record_button.hasFocus():
            self.setFocus()
        self.record_button.setEnabled(False)
        self.record_button.setText(words)

    def _build(self) -> None:
        self.tools.addWidget(
            icon_button("expand", "Large cue", tip="Large cue, to be read from afar (F11)", on_click=self._toggle_big)
        )
        self._right = self._side()
        layout = QHBoxLayout()
        layout.setSpacing(GAP_L)
        layout.addWidget(self.monitor, 1)
        layout.addWidget(self._right)
        self.body.addLayout(layout, 1)
        header = self.header.layout()
        if header is not None:
            header.setContentsMargins(0, 0, GUTTER, 0)
        self._leave_gutter(True)

    def _side(self) -> QWidget:
        """What is chosen, scrolled where it finds no room, above the button that records."""
        upper = QWidget()
        upper.setLayout(column(self.setup, None, spacing=GAP_M + GAP_S))
        self.record_button.setMinimumHeight(56)
        foot = column(self.result, self.verdict, self.record_button, spacing=GAP_M)
        foot.setContentsMargins(0, 0, GUTTER, 0)
        side = QWidget()
        whole = QVBoxLayout(side)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GAP_M + GAP_S)
        whole.addWidget(scrolled(upper), 1)
        whole.addLayout(foot)
        side.setFixedWidth(self.setup.width() + GUTTER)
        return side

    def _leave_gutter(self, on: bool) -> None:
        """Let the bar that scrolls the right side stand in the page's margin, not on its cards."""
        outer = self.layout()
        if outer is not None:
            outer.setContentsMargins(PAGE_MARGIN, GAP_XL, PAGE_MARGIN - GUTTER * on, GAP_XL)

    def _connect(self) -> None:
        self.session.library_changed.connect(self._read_people)
        self.session.settings_changed.connect(self._settings_changed)
        self.session.takes_changed.connect(self._read_people)
        self.links.ready.connect(self._ready)
        self.takes.waits.connect(self._lock_button)
        self.takes.began.connect(self._began)
        self.takes.over.connect(self._over)
        for part in (self.setup.watches, self.monitor):
            part.details_wanted.connect(lambda _: self.show_devices())

    def _add_keys(self) -> None:
        self.add_key("Space", "Record, stop", self._space)
        self.add_key("Return", "Keep the take", self._return)
        self.add_key("Backspace", "Redo: set the take aside", self._backspace)
        self.add_key("F11", "Large cue", self._toggle_big)
        self.add_key("F5", "Record (clickers)", self._start_only)
        self.cue_keys = CueKeys(self, self.cues, self._wish, self._escape)
        for place, key in enumerate(KEYS):
            self.add_key(key, "", partial(self._class_key, place)).setAutoRepeat(False)
        self._keys = [entry for entry in self._keys if entry[1]] + [("1 … 9, 0, Q … P", "Class begins or ends (Keys)")]

    def _settings_changed(self) -> None:
        settings = self.session.settings
        self.monitor.mirror(settings.mirrored, self.setup.camera.key)
        self.cues.hands_on = settings.hands

    def _wish(self, act: Callable[[float], object]) -> None:
        if self.bridge.taking and not self.takes.waiting:
            act(now_s())

    def _start_only(self) -> None:
        if not self.bridge.taking:
            self.toggle()

    def _escape(self) -> None:
        """Leave the large cue; without it, end the protocol and the take."""
        if self._big:
            self._set_big(False)
        else:
            self.takes.stop_if_taking()

    def _space(self) -> None:
        """Space presses what has the focus, as everywhere; otherwise it records."""
        if QApplication.focusWidget() is self.record_button or not self._press_focus():
            self.toggle()

    def _return(self) -> None:
        if not self._press_focus() and self.result.isVisible():
            self.takes.keep()

    def _press_focus(self) -> bool:
        """Press the button or open the tile that has the focus; False where neither has."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton):
            focus.click()
        elif isinstance(focus, StreamTile):
            focus.opened.emit()
        else:
            return False
        return True

    def _backspace(self) -> None:
        if self.result.isVisible():
            self.takes.redo()

    def _class_key(self, place: int) -> None:
        labels = list(self.setup.keys.buttons)
        if place < len(labels):
            self.takes.press(labels[place])

    def _ready(self, on: bool) -> None:
        if on:
            self.takes.waiting = False
        self.record_button.setEnabled(on)

    def _began(self, cued: bool) -> None:
        self._show_button(True)
        if cued:
            self.cue_keys.hear(True)
            self._set_big(self.session.settings.large_cues and self.isVisible())

    def _over(self) -> None:
        self._alarmed = False
        self.cue_keys.hear(False)
        self._set_big(False)
        self._show_button(False)
        if not self.isVisible():
            self.leave()

    def _show_button(self, recording: bool) -> None:
        self.record_button.setEnabled(True)
        self.record_button.setText("Stop" if recording else "Record")
        self.record_button.setAccessibleName(self.record_button.text())
        set_icon(self.record_button, "stop" if recording else "record", "on_accent", 20)

    def _read_people(self) -> None:
        library = self.session.library
        if library is None:
            self.setup.set_people([], SUGGESTED)
            return
        self.session.run(
            lambda: (library.subjects(), library.classes()),
            lambda found: self.setup.set_people(found[0], found[1] or SUGGESTED),
        )

    def _tick(self) -> None:
        """One frame: picture, pose and signal; the numbers a few times a second."""
        moment_s = now_s()
        self.cues.tick(moment_s, self.bridge.pose())
        self.monitor.show_seen(self.bridge.seen())
        for name in self.monitor.plot.drawn:
            self.monitor.show_signal(name, self.bridge.signal(name), moment_s)
        self._frame += 1
        if self._frame % FACTS_EVERY:
            return
        status = self.bridge.status()
        self.monitor.show_status(status)
        verdict = self.links.spoken(status.verdict) if status is not None else ""
        bad = status is not None and status.alarm
        self.monitor.show_advice(self.bridge.advice(), verdict if bad and self.bridge.taking else "")
        self._sound_alarm(bad and self.bridge.taking)
        self.verdict.setText("" if verdict in ("Ready.", "Recording.") else verdict)
        self.verdict.setVisible(bool(self.verdict.text()))
        restyle(self.verdict, tone="bad" if bad else "soft")
        if status is not None and status.all_ended:
            self.takes.stop_if_taking()

    def _sound_alarm(self, on: bool) -> None:
        """Once for each time that something falls silent while a take runs."""
        if on and not self._alarmed:
            self.sounds.play("alarm")
        self._alarmed = on

    def _toggle_big(self) -> None:
        self._set_big(not self._big)

    def _set_big(self, on: bool) -> None:
        if on == self._big:
            return
        self._big = on
        self._right.setVisible(not on)
        self._leave_gutter(not on)
        self.header.setVisible(not on)
        self.monitor.set_big(on)
        self.session.full_screen_wanted.emit(on)
