"""Live: a student and a watch; what is being done, as it is being done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QStackedWidget, QVBoxLayout, QWidget

from app.bridge import watch_memory
from app.bridge.live import LiveBridge
from app.bridge.live_feed import LiveFrame
from app.bridge.live_session import Opened
from app.bridge.session import Session
from app.bridge.watch_words import spoken
from app.pages.live_present import Presentation
from app.pages.live_setup import NAME_LENGTH, LiveSetup
from app.pages.live_view import LiveView, Said
from app.pages.page import Page
from app.style.metrics import GAP_L, GAP_S
from app.style.theme import set_icon
from app.widgets.basics import Card, EmptyState, button, icon_button, row, text
from app.widgets.event_log import EventLog
from app.widgets.link_badge import LinkBadge
from app.widgets.tiles import Tiles
from app.widgets.words import short
from pskd.clock import now_s
from pskd.errors import PskdError

TICK_MS = 33
WIDE = 960
STATS = ("rate", "latency", "agrees with truth")
IDLE = ("Not started", "Choose a student and a watch, then start.")
LOADING = ("Loading the student", "")
CONNECTING = "Connecting to the watch"


class LivePage(Page):
    """The live page.

    Attributes:
        bridge: watch and student.
        view: answer, bars, signal.
        log: every change of the answer.
    """

    key = "live"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.bridge = LiveBridge(session)
        self.view = LiveView()
        self.log = EventLog()
        self._waiting = {"watch": "", "student": ""}
        self._student_said = ("unloaded", "")
        self._lost = False
        self._words = IDLE
        self._last = ""
        self._held = False
        self._present: Presentation | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._build()
        self._connect()
        self._add_keys()
        self._show_idle()

    def enter(self, run: str = "", watch: str = "", **arguments: Any) -> None:
        """Come up; ``run`` is the folder of a run to use, ``watch`` the URI of a watch."""
        self.setup.want(run, watch)
        self.bridge.refresh()
        if self.bridge.running:
            self._timer.start()

    def leave(self) -> None:
        """Nothing is drawn while another page is up; watch and student go on."""
        if self._present is None:
            self._timer.stop()

    def close_down(self) -> None:
        """Let go of watch and student."""
        self._timer.stop()
        if self._present is not None:
            self._present.close()
        self.bridge.shut()

    # -- building

    def _build(self) -> None:
        self.setup = LiveSetup(self.session, self.bridge)
        self.run, self.watch = self.setup.run, self.setup.watch
        self.go = button("Start", "primary", icon="play", tip="Start or stop (Ctrl+Enter)", on_click=self.toggle)
        self.full = button("Present", "quiet", icon="expand", tip="On the whole screen (F11)", on_click=self.present)
        self.tools.addWidget(self.full)
        self.tools.addWidget(self.go)
        upper = row(self._answer_card(), self._side_card(), spacing=GAP_L)
        upper.setStretch(0, 5)
        upper.setStretch(1, 3)
        lower = row(self._signal_card(), self._log_card(), spacing=GAP_L)
        lower.setStretch(0, 5)
        lower.setStretch(1, 3)
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_L)
        layout.addWidget(self.setup)
        layout.addLayout(upper, 6)
        layout.addLayout(lower, 5)
        self.empty = EmptyState("live", "No student yet", "Train one first; it takes a few minutes.", "Train",
                                self._lead_on)  # fmt: skip
        self.pages = QStackedWidget()
        self.pages.addWidget(whole)
        self.pages.addWidget(self.empty)
        self.body.addWidget(self.pages, 1)

    def _answer_card(self) -> Card:
        self.link, self.student = LinkBadge("Watch"), LinkBadge("Student")
        self.simulated, self.held = text("Simulated", "pill", tone="accent"), text("Held", "pill", tone="warn")
        for pill in (self.simulated, self.held):
            pill.hide()
        words = text("Watch", "caption"), text("Student", "caption")
        self._captions = words
        head = row(words[0], self.link, GAP_S, words[1], self.student, None, self.held, self.simulated)
        card = Card(head)
        card.body.addWidget(self.view.answer, 1)
        return card

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow page lets the badges speak for themselves."""
        for caption in self._captions:
            caption.setVisible(event.size().width() >= WIDE)
        super().resizeEvent(event)

    def _side_card(self) -> Card:
        self.stats = Tiles(STATS)
        card = Card(text("Likeliest classes", "strong"))
        card.body.addWidget(self.view.bars, 1)
        card.body.addWidget(self.stats)
        return card

    def _signal_card(self) -> Card:
        self.hold = icon_button("pause", "Hold", tip="Hold the picture (Space)", on_click=self.toggle_hold)
        self.wipe = icon_button("trash", "Clear", tip="Clear (C)", on_click=self.clear)
        card = Card(row(text("Signal and predictions", "strong"), None, self.hold, self.wipe), padding=GAP_L)
        card.body.addWidget(self.view.signal, 1)
        return card

    def _log_card(self) -> Card:
        self.log.setFrameShape(EventLog.Shape.NoFrame)
        self.log.setStyleSheet("QListWidget { border: none; }")
        card = Card(text("What was said", "strong"), padding=GAP_L)
        card.body.addWidget(self.log, 1)
        return card

    def _connect(self) -> None:
        self.session.library_changed.connect(self._library_changed)
        self.setup.chosen.connect(self._start_again)
        self.setup.listed.connect(self._show_listed)
        self.bridge.opening.connect(self._opening)
        self.bridge.opened.connect(self._opened)
        self.bridge.closed.connect(self._show_idle)
        self.bridge.failed.connect(self._failed)
        self.bridge.link_changed.connect(self._link_changed)
        self.bridge.student_changed.connect(self._student_changed)

    def _add_keys(self) -> None:
        self.add_key("Ctrl+Return", "Start or stop", self.toggle)
        self.add_key("Space", "Hold the picture", self._space)
        self.add_key("C", "Clear", self.clear)
        self.add_key("F11", "Show on the whole screen", self.present)

    # -- choosing

    def _library_changed(self) -> None:
        self.bridge.stop()
        self.bridge.refresh()

    def _show_listed(self, any_run: bool) -> None:
        self.pages.setCurrentIndex(0 if any_run else 1)
        for widget in (self.go, self.full):
            widget.setVisible(any_run)
        if self.session.library is not None:
            self.empty.tell("No student yet", "Train one first; it takes a few minutes.", "Train")
        else:
            self.empty.tell("No library is open", "Open or make a library on the Home page.", "Go to Home")

    def _lead_on(self) -> None:
        self.session.go("train" if self.session.library is not None else "home")

    def _start_again(self) -> None:
        """Something else was chosen while it runs."""
        if self.bridge.running:
            self.start()

    def use_watch(self, uri: str) -> None:
        """Choose a watch by its URI, as a person would."""
        self.setup.use_watch(uri)

    # -- running

    def toggle(self) -> None:
        """Start, or stop what runs."""
        if self.bridge.running:
            self.bridge.stop()
        else:
            self.start()

    def start(self) -> None:
        """Start with what is chosen."""
        if self.setup.folder is not None:
            self.bridge.start(self.setup.folder, self.setup.uri)

    def toggle_hold(self) -> None:
        """Hold the picture, or let it go on; watch and student go on meanwhile."""
        self._show_held(not self._held and self.bridge.current is not None)

    def _show_held(self, held: bool) -> None:
        self._held = held
        set_icon(self.hold, "play" if held else "pause")
        self.hold.setAccessibleName("Go on" if held else "Hold")
        self.hold.setToolTip("Go on (Space)" if held else "Hold the picture (Space)")
        self.held.setVisible(held)
        if self._present is not None:
            self._present.held.setVisible(held)

    def _space(self) -> None:
        """Space presses or opens what has the focus, as everywhere; otherwise it holds the picture."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton):
            focus.click()
        elif isinstance(focus, QComboBox):
            focus.showPopup()
        else:
            self.toggle_hold()

    def clear(self) -> None:
        """Forget what was predicted so far."""
        self.bridge.clear()
        self.log.clear()
        self._last = ""

    def present(self) -> None:
        """Show the answer on the whole screen."""
        if self._present is not None:
            self._present.close()
            return
        shown = self._present = Presentation(self.screen())
        shown.closed.connect(self._presented)
        shown.hold_wanted.connect(self.toggle_hold)
        shown.toggle_wanted.connect(self.toggle)
        shown.held.setVisible(self._held)
        self._show_simulated()
        shown.view.show_idle(*self._words)
        self._draw(shown.view)
        shown.showFullScreen()

    def _presented(self) -> None:
        self._present = None
        if not self.isVisible():
            self.leave()

    def _opening(self) -> None:
        self._set_running(True)
        self._show_words(*LOADING)
        self._last = ""

    def _opened(self, opened: Opened) -> None:
        self._show_simulated()
        self.setup.offer_activities(opened.classes)
        if self.isVisible() or self._present is not None:
            self._timer.start()

    def _show_simulated(self) -> None:
        opened = self.bridge.current
        for pill in [self.simulated, *([self._present.simulated] if self._present is not None else [])]:
            pill.setText("Simulated recording" if opened is not None and opened.replayed else "Simulated")
            pill.setVisible(opened is not None and opened.simulated)

    def _failed(self, message: str, hint: str) -> None:
        self._show_idle()
        self._show_words(IDLE[0], f"{message} {hint}".strip())
        self.session.say(message, hint, "bad")
        self.bridge.refresh()  # its run may be gone

    def _set_running(self, running: bool) -> None:
        self._show_held(False)
        self.go.setText("Stop" if running else "Start")
        self.go.setAccessibleName(self.go.text())
        set_icon(self.go, "stop" if running else "play", "on_accent", 18)
        for widget in (self.hold, self.wipe):
            widget.setEnabled(running)

    def _show_idle(self) -> None:
        self._timer.stop()
        self._set_running(False)
        self.simulated.hide()
        self.link.set_state("idle")
        self._student_said, self._lost = ("unloaded", ""), False
        for name in STATS:
            self.stats.show_value(name, "–")
        self._waiting = dict.fromkeys(self._waiting, "")
        self._show_student()
        self._show_simulated()
        self._show_words(*IDLE)

    def _show_words(self, words: str, note: str) -> None:
        """What is said large while there is nothing to predict from."""
        self._words = words, note
        for view in self._views():
            view.show_idle(words, note)

    def _views(self) -> list[LiveView]:
        return [self.view, *([self._present.view] if self._present is not None else [])]

    def _link_changed(self, state: str, sentence: str) -> None:
        said = self._by_name(sentence)
        if self.bridge.current is None:
            self._show_words(CONNECTING, said)
        elif state == "idle":
            state = "ended"
        self.link.set_state(state, said)
        self._waiting["watch"] = "" if state == "streaming" else said
        self._show_student()
        self._log_link(state, said)

    def _log_link(self, state: str, said: str) -> None:
        """Once when the watch is lost, however often it is looked for, and once when it is back."""
        if state == "lost" and not self._lost:
            self._log(f"Watch: {said}", "bad")
        elif state == "streaming" and self._lost:
            self._log("Watch: it streams again.", "good")
        elif state == "ended":
            self._log(f"Watch: {said}")
        self._lost = state == "lost" or (self._lost and state != "streaming")

    def _by_name(self, sentence: str) -> str:
        """A sentence about the watch with its name in place of its address."""
        try:
            return spoken(sentence, self.bridge.uri, watch_memory.known(self.session, self.bridge.uri).name)
        except PskdError:
            return sentence

    def _student_changed(self, state: str, sentence: str) -> None:
        self._student_said = state, sentence
        self._waiting["student"] = "" if state == "streaming" else sentence
        self._show_student()
        if state == "lost":
            self._log("Student: " + sentence, "bad")

    def _show_student(self) -> None:
        """A student predicts while its watch streams; without one it waits, though it does not know."""
        state, sentence = self._student_said
        idle = bool(self._waiting["watch"])
        looks = {"stalled": "waiting", "streaming": "waiting" if idle else "predicting"}
        self.student.set_state(looks.get(state, state), self._waiting["watch"] if idle else sentence)

    def _tick(self) -> None:
        if self._held:
            return
        frame = self._draw(*self._views())
        if frame is None:
            return
        self.stats.show_value("rate", f"{frame.rate_hz:.0f} Hz" if frame.rate_hz else "–")
        self.stats.show_value("latency", f"{frame.latency_ms:.0f} ms" if frame.latency_ms is not None else "–")
        agreed = f"{frame.agreement[0]:.0%} of {frame.agreement[1]}" if frame.agreement else "–"
        self.stats.show_value("agrees with truth", agreed)

    def _draw(self, *views: LiveView) -> LiveFrame | None:
        """Draw how everything stands; None while nothing is open."""
        frame, opened = self.bridge.frame(), self.bridge.current
        if frame is None or opened is None:
            return None
        waiting = self._waiting["watch"] or self._waiting["student"]
        for view in views:
            shown = view.show_frame(frame, opened, now_s(), waiting)
            self._log_change(shown)
        return frame

    def _log_change(self, shown: Said) -> None:
        if shown.label and shown.label != self._last:
            self._last = shown.label
            sure = f"   {shown.confidence:.0%}" if shown.confidence is not None else ""
            self._log(f"{short(shown.label, NAME_LENGTH)}{sure}")

    def _log(self, line: str, tone: str = "") -> None:
        self.log.add(datetime.now().strftime("%H:%M:%S"), line, tone)
