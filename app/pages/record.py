"""Record: a camera and a watch on one clock, with a label for what is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.bridge.cameras import asked
from app.bridge.recorder import RecorderBridge, TakeResult
from app.bridge.session import Session, explained
from app.bridge.sounds import Sounds
from app.pages.home_dialogs import NewLibrarySheet
from app.pages.page import Page
from app.pages.record_cues import CueControl
from app.pages.record_keys import CueKeys
from app.pages.record_monitor import Monitor
from app.pages.record_result import ResultCard
from app.pages.record_setup import SetupPanel
from app.style.metrics import GAP_L, GAP_M, GAP_S
from app.style.theme import restyle, set_icon
from app.widgets.basics import button, column, icon_button, scrolled, text
from app.widgets.key_strip import KEYS
from app.widgets.sheet import Question
from app.widgets.words import readable
from pskd.clock import now_s
from pskd.errors import PskdError, WrongUse
from pskd.types import Marker

FRAME_MS = 33
FACTS_EVERY = 5  # frames
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
        self._alarmed = False
        self._doing = ""
        self._last: TakeResult | None = None
        self._frame = 0
        self._busy = False
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
            self._reopen()

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
        if self._busy:
            return
        if self.bridge.taking:
            self.stop()
        else:
            self.try_start()

    def try_start(self) -> None:
        """Start, after asking where something that is needed is missing."""
        library = self.session.library
        if library is None:
            sheet = NewLibrarySheet(self.window())
            sheet.accepted.connect(lambda path, name: self.session.create_library(path, name, self.try_start))
            return
        problem = self._unready()
        if problem is not None:
            self.session.show_error(problem)
            return
        missing = self.monitor.missing(self.bridge.status(), self.setup.watch.key, self.setup.camera.key)
        if missing:
            Question(self.window(), "Record without it?", missing, [("Record anyway", "primary", self.start)])
            return
        self.start()

    def start(self) -> None:
        """Start at once."""
        library = self.session.library
        if library is None or self._busy:
            return
        self._busy = True
        self.result.hide()
        label = self.setup.wanted_label() if self.setup.mode.choice == "one" else ""
        self._lock_button("Starting…")
        self.bridge.start(library, self.setup.wanted_subject(), label, film=self.setup.privacy.film_wanted)

    def stop(self) -> None:
        """End the take and keep it."""
        self._busy = True
        self._lock_button("Stopping…")
        self.cues.stop(now_s())
        self.cues.end()
        self.bridge.stop()

    def _lock_button(self, words: str) -> None:
        """A button that is switched off hands its focus to the next in line, which is the rail: the page takes it."""
        if self.record_button.hasFocus():
            self.setFocus()
        self.record_button.setEnabled(False)
        self.record_button.setText(words)

    def press(self, label: str) -> None:
        """A class's key: it begins, or ends where it was on."""
        if not self.bridge.taking or self.setup.mode.choice != "keys":
            self.setup.keys.show_on("")
            return
        if self._doing:
            self.bridge.mark(Marker(now_s(), "key", self._doing, "end"))
        self._doing = "" if label == self._doing else label
        if self._doing:
            self.bridge.mark(Marker(now_s(), "key", self._doing, "start"))
        self.setup.keys.show_on(self._doing)
        self.monitor.log(f"{readable(label)} {'begins' if self._doing else 'ends'}", self.bridge.start_s)

    def _build(self) -> None:
        self.tools.addWidget(
            icon_button("expand", "Large cue", tip="Large cue, to be read from afar (F11)", on_click=self._toggle_big)
        )
        right = QWidget()
        side = QVBoxLayout(right)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(GAP_M + GAP_S)
        side.addWidget(self.setup)
        side.addStretch(1)
        area = scrolled(right)
        self.record_button.setMinimumHeight(56)
        foot = column(self.result, self.verdict, self.record_button, spacing=GAP_M)
        self._right = QWidget()
        whole = QVBoxLayout(self._right)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GAP_M + GAP_S)
        whole.addWidget(area, 1)
        whole.addLayout(foot)
        self._right.setFixedWidth(self.setup.width())
        layout = QHBoxLayout()
        layout.setSpacing(GAP_L)
        layout.addWidget(self.monitor, 1)
        layout.addWidget(self._right)
        self.body.addLayout(layout, 1)

    def _connect(self) -> None:
        self.setup.sources_changed.connect(self._reopen)
        self.setup.keys.pressed.connect(self.press)
        self.session.library_changed.connect(self._read_people)
        self.session.settings_changed.connect(self._settings_changed)
        self.session.takes_changed.connect(self._read_people)
        bridge = self.bridge
        bridge.opening.connect(self._opening)
        bridge.opened.connect(self._opened)
        bridge.closed.connect(self._closed)
        bridge.link_changed.connect(self._link_changed)
        bridge.started.connect(self._started)
        bridge.ended.connect(self._ended)
        bridge.set_aside.connect(self._was_set_aside)
        bridge.failed.connect(self._failed)
        self.result.kept.connect(self._keep)
        self.result.redone.connect(self._redo)
        self.cues.over.connect(self._cues_over)
        self.cues.told.connect(lambda words: self.monitor.log(words, self.bridge.start_s))

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
        if self.bridge.taking and not self._busy:
            act(now_s())

    def _start_only(self) -> None:
        if not self.bridge.taking:
            self.toggle()

    def _escape(self) -> None:
        """Leave the large cue; without it, end the protocol and the take."""
        if self._big:
            self._set_big(False)
        elif self.bridge.taking and not self._busy:
            self.stop()

    def _space(self) -> None:
        """Space presses the button that has the focus, as everywhere; otherwise it records."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton) and focus is not self.record_button:
            focus.click()
        else:
            self.toggle()

    def _return(self) -> None:
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton):
            focus.click()
        elif self.result.isVisible():
            self._keep()

    def _backspace(self) -> None:
        if self.result.isVisible():
            self._redo()

    def _class_key(self, place: int) -> None:
        labels = list(self.setup.keys.buttons)
        if place < len(labels):
            self.press(labels[place])

    def _unready(self) -> PskdError | None:
        """What must be chosen first."""
        mode = self.setup.mode.choice
        if not self.setup.wanted_subject():
            return WrongUse("No subject is named.", hint="Type a name or number at the right.")
        if mode == "one" and not self.setup.wanted_label():
            return WrongUse("No class is named.", hint="Type what will be done, or choose Keys or Cues.")
        if mode == "cues" and self.setup.wanted_protocol() is None:
            return WrongUse("No protocol is chosen.", hint="Choose one at the right.")
        if not self.setup.camera.key and not self.setup.watch.key:
            return WrongUse("There is nothing to record from.", hint="Choose a watch, a camera, or both.")
        return None

    def _reopen(self) -> None:
        settings = self.session.settings
        camera = asked(settings) if self.setup.camera.key == settings.camera else self.setup.camera.key
        self.bridge.open(self.setup.watch.key, camera, settings.pose_model)

    def _opening(self) -> None:
        self.record_button.setEnabled(False)
        self.monitor.connecting(self.setup.camera.key, self.setup.watch.key)
        for name, box in (("camera", self.setup.camera), ("watch", self.setup.watch)):
            self.setup.badges[name].set_state("connecting" if box.key else "idle")

    def _opened(self) -> None:
        self._busy = False
        self.record_button.setEnabled(True)
        self.monitor.opened(self.bridge.layout_name(), self.setup.camera.key, self.setup.watch.key)
        self.monitor.mirror(self.session.settings.mirrored, self.setup.camera.key)

    def _closed(self) -> None:
        for badge in self.setup.badges.values():
            badge.set_state("idle")

    def _link_changed(self, source: str, state: str, sentence: str) -> None:
        if source in self.setup.badges:
            played = self._uri(source).startswith(("video:", "replay:"))
            shown = "ended" if state == "idle" and played and self.bridge.is_open else state
            self.setup.badges[source].set_state(shown, sentence)
        if state in ("stalled", "lost"):
            self.monitor.log(f"{source}: {sentence}", self.bridge.start_s if self.bridge.taking else 0.0, "bad")

    def _uri(self, source: str) -> str:
        return (self.setup.camera if source == "camera" else self.setup.watch).key

    def _started(self, folder: Path) -> None:
        self._busy = False
        self._doing = ""
        self.session.recording_changed.emit(True)
        self.setup.set_recording(True)
        self._show_button(True)
        self.monitor.begin(folder.name)
        protocol = self.setup.wanted_protocol()
        if self.setup.mode.choice == "cues" and protocol is not None:
            self.cues.hands_on = self.session.settings.hands
            self.cues.begin(protocol, self.bridge.start_s, self.bridge.mark)
            self.monitor.stage.show_cue(True)
            self.cue_keys.hear(True)
            self._set_big(self.session.settings.large_cues and self.isVisible())

    def _ended(self, result: TakeResult) -> None:
        self._finish()
        self._last = result
        self.result.show_result(result)
        self.session.takes_changed.emit()

    def _finish(self) -> None:
        self._busy, self._doing, self._alarmed = False, "", False
        self.cues.end()
        self.cue_keys.hear(False)
        self.session.recording_changed.emit(False)
        self._set_big(False)
        self.monitor.stage.show_cue(False)
        self.monitor.end()
        self.setup.set_recording(False)
        self.setup.keys.show_on("")
        self._show_button(False)
        if self.session.settings and not self.isVisible():
            self.leave()

    def _keep(self) -> None:
        if self._last is not None:
            self.session.say(f"{self._last.name} is in the library.", tone="good")
        self._last = None
        self.result.hide()

    def _redo(self) -> None:
        if self._last is not None:
            self.bridge.discard(self._last.folder)
        self._last = None
        self.result.hide()

    def _was_set_aside(self, name: str) -> None:
        self.session.say(f"{name} is set aside; nothing was deleted.")
        self.session.takes_changed.emit()

    def _failed(self, error: Exception, what: str) -> None:
        if what in ("open", "camera"):
            error = self._without_terminal(error)
            self.monitor.stage.camera.set_message(*explained(error))
        if what == "camera":  # the watch is open
            self.setup.badges["camera"].set_state("idle")
            self.session.show_error(error)
            return
        if what == "open":
            self._closed()
        if what in ("start", "stop"):
            self._finish()
            self.session.takes_changed.emit()
        self._busy = False
        self.record_button.setEnabled(True)
        self.session.show_error(error)

    def _without_terminal(self, error: Exception) -> Exception:
        """Hints for the command line make no sense here."""
        message, hint = explained(error)
        if "sim:" not in hint:
            return error
        return PskdError(message, code="record.open", hint="Plug one in, or choose another at the right.")

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
        self.monitor.show_frame(self.bridge.seen(), *self.bridge.signal(), moment_s)
        self._frame += 1
        if self._frame % FACTS_EVERY:
            return
        status = self.bridge.status()
        self.monitor.show_status(status)
        verdict = status.verdict if status is not None else ""
        bad = status is not None and status.alarm
        self.monitor.show_advice(self.bridge.advice(), verdict if bad and self.bridge.taking else "")
        self._sound_alarm(bad and self.bridge.taking)
        self.verdict.setText("" if verdict in ("Ready.", "Recording.") else verdict)
        self.verdict.setVisible(bool(self.verdict.text()))
        restyle(self.verdict, tone="bad" if bad else "soft")
        if status is not None and self.bridge.taking and not self._busy and status.all_ended:
            self.stop()

    def _sound_alarm(self, on: bool) -> None:
        """Once for each time that something falls silent while a take runs."""
        if on and not self._alarmed:
            self.sounds.play("alarm")
        self._alarmed = on

    def _cues_over(self) -> None:
        if self.bridge.taking and not self._busy:
            self.stop()

    def _toggle_big(self) -> None:
        self._set_big(not self._big)

    def _set_big(self, on: bool) -> None:
        if on == self._big:
            return
        self._big = on
        self._right.setVisible(not on)
        self.header.setVisible(not on)
        self.monitor.set_big(on)
        self.session.full_screen_wanted.emit(on)
