"""A take on the Record page from its start to Keep or Redo."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.bridge.recorder import WATCHES, RecorderBridge
from app.bridge.session import Session
from app.bridge.take_result import TakeResult
from app.pages.home_dialogs import NewLibrarySheet
from app.pages.record_cues import CueControl
from app.pages.record_monitor import Monitor
from app.pages.record_result import ResultCard
from app.pages.record_setup import SetupPanel
from app.widgets.sheet import Question
from app.widgets.words import readable
from pskd.clock import now_s
from pskd.errors import PskdError, WrongUse
from pskd.types import Marker


class TakeControl(QObject):
    """Starts and ends takes, labels them by key, and asks what becomes of them.

    Attributes:
        waiting: a take is being started or stopped.
        cues: the protocol that runs.
        result: the take that has just ended.

    Signals:
        waits: words for the button meanwhile.
        began: a take runs; True where cues lead it.
        over: no take runs any more.
    """

    waits = Signal(str)
    began = Signal(bool)
    over = Signal()

    def __init__(
        self,
        page: QWidget,
        session: Session,
        bridge: RecorderBridge,
        setup: SetupPanel,
        monitor: Monitor,
        result: ResultCard,
        cues: CueControl,
    ) -> None:
        super().__init__(page)
        self._page, self._session, self._bridge = page, session, bridge
        self._setup, self._monitor = setup, monitor
        self.result, self.cues = result, cues
        self.waiting = False
        self._doing = ""
        self._last: TakeResult | None = None
        self._connect()

    def toggle(self) -> None:
        """Start a take, or stop the one that runs."""
        if self.waiting:
            return
        if self._bridge.taking:
            self.stop()
        else:
            self.try_start()

    def try_start(self) -> None:
        """Start, after asking where something that is needed is missing."""
        if self._session.library is None:
            sheet = NewLibrarySheet(self._page.window())
            sheet.accepted.connect(lambda path, name: self._session.create_library(path, name, self.try_start))
            return
        problem = self._unready()
        if problem is not None:
            self._session.show_error(problem)
            return
        missing = self._monitor.missing(self._bridge.status(), self._setup.watches.titles, self._setup.camera.key)
        if missing:
            Question(self._page.window(), "Record without it?", missing, [("Record anyway", "primary", self.start)])
            return
        self.start()

    def start(self) -> None:
        """Start at once."""
        library, setup = self._session.library, self._setup
        if library is None or self.waiting:
            return
        self.waiting = True
        self.result.hide()
        label = setup.wanted_label() if setup.mode.choice == "one" else ""
        self.waits.emit("Starting…")
        film, wrists = setup.privacy.film_wanted, setup.watches.wrists
        self._bridge.start(library, setup.wanted_subject(), label, film=film, wrists=wrists)

    def stop(self) -> None:
        """End the take and keep it."""
        self.waiting = True
        self.waits.emit("Stopping…")
        self.cues.stop(now_s())
        self.cues.end()
        self._bridge.stop()

    def stop_if_taking(self) -> None:
        """The cues are over, or all that was played has ended."""
        if self._bridge.taking and not self.waiting:
            self.stop()

    def press(self, label: str) -> None:
        """A class's key: it begins, or ends where it was on."""
        if not self._bridge.taking or self._setup.mode.choice != "keys":
            self._setup.keys.show_on("")
            return
        if self._doing:
            self._bridge.mark(Marker(now_s(), "key", self._doing, "end"))
        self._doing = "" if label == self._doing else label
        if self._doing:
            self._bridge.mark(Marker(now_s(), "key", self._doing, "start"))
        self._setup.keys.show_on(self._doing)
        self._monitor.log(f"{readable(label)} {'begins' if self._doing else 'ends'}", self._bridge.start_s)

    def keep(self) -> None:
        """All is well; the take stays."""
        if self._last is not None:
            self._session.say(f"{self._last.name} is in the library.", tone="good")
        self._last = None
        self.result.hide()

    def redo(self) -> None:
        """Set the take aside."""
        if self._last is not None:
            self._bridge.discard(self._last.folder)
        self._last = None
        self.result.hide()

    def _connect(self) -> None:
        self._setup.keys.pressed.connect(self.press)
        self._bridge.started.connect(self._started)
        self._bridge.ended.connect(self._ended)
        self._bridge.set_aside.connect(self._was_set_aside)
        self._bridge.failed.connect(self._failed)
        self.result.kept.connect(self.keep)
        self.result.redone.connect(self.redo)
        self.cues.over.connect(self.stop_if_taking)
        self.cues.told.connect(lambda words: self._monitor.log(words, self._bridge.start_s))

    def _unready(self) -> PskdError | None:
        """What must be chosen first."""
        setup = self._setup
        mode = setup.mode.choice
        if not setup.wanted_subject():
            return WrongUse("No subject is named.", hint="Type a name or number at the right.")
        if mode == "one" and not setup.wanted_label():
            return WrongUse("No class is named.", hint="Type what will be done, or choose Keys or Cues.")
        if mode == "cues" and setup.wanted_protocol() is None:
            return WrongUse("No protocol is chosen.", hint="Choose one at the right.")
        if not setup.camera.key and not setup.watches.uris:
            return WrongUse("There is nothing to record from.", hint="Choose a watch, a camera, or both.")
        return None

    def _started(self, folder: Path) -> None:
        self.waiting = False
        self._doing = ""
        self._session.recording_changed.emit(True)
        self._setup.set_recording(True)
        self._monitor.begin(folder.name)
        protocol = self._setup.wanted_protocol()
        cued = self._setup.mode.choice == "cues" and protocol is not None
        if cued and protocol is not None:
            self.cues.hands_on = self._session.settings.hands
            self.cues.begin(protocol, self._bridge.start_s, self._bridge.mark)
            self._monitor.stage.show_cue(True)
        self.began.emit(cued)

    def _ended(self, result: TakeResult) -> None:
        self._finish()
        self._last = result
        self.result.show_result(result)
        self._session.takes_changed.emit()

    def _finish(self) -> None:
        self.waiting, self._doing = False, ""
        self.cues.end()
        self._session.recording_changed.emit(False)
        self._monitor.stage.show_cue(False)
        self._monitor.end()
        self._setup.set_recording(False)
        self._setup.keys.show_on("")
        self.over.emit()

    def _was_set_aside(self, name: str) -> None:
        self._session.say(f"{name} is set aside; nothing was deleted.")
        self._session.takes_changed.emit()

    def _failed(self, error: Exception, what: str) -> None:
        self.waiting = False
        if what in ("open", "camera", *WATCHES):
            return  # the links tell of it
        if what in ("start", "stop"):
            self._finish()
            self._session.takes_changed.emit()
        self._session.show_error(error)
