"""The Record page while a protocol runs: words, sounds, and the person's wishes by key, clicker or raised hands."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.bridge.sounds import Sounds
from app.widgets.cue_banner import CueBanner
from app.widgets.words import readable
from pskd.recording.cue_run import CueRun, CueView, Phase
from pskd.recording.cues import CueProtocol
from pskd.types import Marker, PoseFrame
from pskd.vision.gestures import HandSignal, Raised
from pskd.vision.gestures import Signal as Hands

DONE_S = 3.0  # a take runs on this long after its last trial, so that the last one can be redone too
TICK_FROM_S = 3  # the last seconds before a trial are heard

MEANING = {Raised.LEFT: "redo the last one", Raised.RIGHT: "skip the next one"}
IN_PAUSE = "Both hands up: go on  ·  left: redo  ·  right: skip"
IN_PAUSE_KEYS = "B: go on  ·  Page Up: redo  ·  Page Down: skip"


class CueControl(QObject):
    """One protocol at a time.

    Args:
        banner: where it is shown.
        sounds: what it is heard by.
        parent: the page.

    Attributes:
        run: the protocol that runs, or None.
        hands_on: raised hands are heeded.

    Signals:
        over: the protocol has ended, was stopped, and the take may end.
        told: something for the events: a sentence.
    """

    over = Signal()
    told = Signal(str)

    def __init__(self, banner: CueBanner, sounds: Sounds, parent: QObject) -> None:
        super().__init__(parent)
        self._banner, self._sounds = banner, sounds
        self.run: CueRun | None = None
        self.hands_on = True
        self._hands = HandSignal()
        self._frame_number = -1
        self._loud = True
        self._heard: tuple[Phase, int] = (Phase.COUNTDOWN, 0)
        self._second = -1
        self._is_over = False

    @property
    def going(self) -> bool:
        """A protocol runs."""
        return self.run is not None

    def begin(self, protocol: CueProtocol, start_s: float, mark: Callable[[Marker], object]) -> None:
        """Run a protocol in the take that began at ``start_s``."""
        self.run = CueRun(protocol, start_s, mark)
        self._hands, self._frame_number = HandSignal(), -1
        self._loud, self._heard, self._second, self._is_over = protocol.sounds, (Phase.COUNTDOWN, 0), -1, False
        self._banner.set_hands("", 0.0)
        self._banner.set_warning("")

    def end(self) -> None:
        """The take is over."""
        self.run = None

    def tick(self, now_s: float, frame: PoseFrame | None) -> None:
        """One moment, with the newest camera frame."""
        if self.run is None:
            return
        if frame is not None and frame.number != self._frame_number:
            self._frame_number = frame.number
            self._look(frame, now_s)
        view = self.run.tick(now_s)
        self._show(view)
        self._sound(view)
        done_s = self.run.done_s
        if done_s is not None and now_s > done_s + DONE_S and not self._is_over:
            self._is_over = True
            self.over.emit()

    def pause(self, now_s: float) -> None:
        """Pause, or go on."""
        if self.run is None or self.run.done_s is not None:
            return
        if self.run.paused:
            self.run.resume(now_s)
            self.told.emit("Goes on")
        else:
            self.run.pause(now_s)
            self.told.emit("Paused")

    def redo(self, now_s: float) -> None:
        """Ask again for the trial that runs, or the last one."""
        if self.run is not None and self.run.redo(now_s):
            self.told.emit("The last trial is discarded and comes again")

    def skip(self, now_s: float) -> None:
        """Leave out the trial that runs or comes next."""
        if self.run is not None and self.run.done_s is None:
            self.run.skip(now_s)
            self.told.emit("Skipped")

    def stop(self, now_s: float) -> None:
        """End the protocol; a trial that has begun is discarded."""
        if self.run is not None:
            self.run.stop(now_s)

    def _look(self, frame: PoseFrame, now_s: float) -> None:
        if self.run is None or not self.hands_on or self.run.done_s is not None:
            self._banner.set_hands("", 0.0)
            return
        wanted = (Raised.BOTH, Raised.LEFT, Raised.RIGHT) if self.run.paused else (Raised.BOTH,)
        hands = self._hands.update(frame, wanted)
        self._banner.set_hands(self._meaning(hands), hands.share if hands.share > 0.1 else 0.0)
        match hands.given:
            case Raised.BOTH:
                self.pause(now_s)
            case Raised.LEFT:
                self.redo(now_s)
            case Raised.RIGHT:
                self.skip(now_s)

    def _meaning(self, hands: Hands) -> str:
        if hands.hands is Raised.BOTH:
            return "go on" if self.run is not None and self.run.paused else "pause"
        return MEANING.get(hands.hands, "")

    def _show(self, view: CueView) -> None:
        note, heading = self._words(view)
        label = "Done" if view.phase is Phase.DONE else "Try it out" if view.phase is Phase.PRACTICE else view.label
        self._banner.set_cue(label, note, view.left_s, view.share, going=view.phase is Phase.DO, heading=heading)

    def _words(self, view: CueView) -> tuple[str, str]:
        """The line below the word, and the one above it where no ring stands there."""
        count = f"{view.number} of {view.total}"
        again = "once more   ·   " if view.again else ""
        match view.phase:
            case Phase.DO:
                following = f"then {readable(view.following).lower()}" if view.following else "the last one"
                return f"{again}{count}   ·   {following}", ""
            case Phase.PAUSED:
                return (IN_PAUSE if self.hands_on else IN_PAUSE_KEYS), "Paused   ·   next:"
            case Phase.DONE:
                return "All trials are recorded." if view.total else "", "✓"
            case Phase.PRACTICE:
                return f"First: {readable(view.label).lower()}   ·   nothing is labelled yet", "Practice"
        return f"{again}Get ready   ·   {count}", ""

    def _sound(self, view: CueView) -> None:
        heard = (view.phase, view.number)
        if heard != self._heard:
            before, self._heard = self._heard[0], heard
            self._play("go" if view.phase is Phase.DO else "end" if before is Phase.DO else "tick")
        second = int(view.left_s)
        quiet = view.phase in (Phase.COUNTDOWN, Phase.REST)
        if quiet and second < TICK_FROM_S and second != self._second:
            self._play("tick")
        self._second = second

    def _play(self, name: str) -> None:
        if self._loud:
            self._sounds.play(name)
