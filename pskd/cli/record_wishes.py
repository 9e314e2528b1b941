"""What a person wishes while cues run in a terminal: keys on it, and both hands before the camera."""

from __future__ import annotations

import os
import queue
import select
import sys
from types import TracebackType
from typing import Any

from pskd.recording.cue_run import CueRun
from pskd.types import PoseFrame
from pskd.vision.gestures import HandSignal, Raised

KEYS = "p pause or go on   r redo   n skip   q stop"
_BYTES = 64


class Wishes:
    """Hears keys while its ``with`` block lasts, where the input is a terminal that can be asked without waiting.

    Args:
        hands: heed raised hands: both pause, or go on after a pause; in a pause the left one redoes, the right one
            skips.

    Attributes:
        keys: which keys are heard, as a line to show; empty where none is.
    """

    def __init__(self, hands: bool) -> None:
        self._hands = HandSignal() if hands else None
        self._given: queue.SimpleQueue[Raised] = queue.SimpleQueue()
        self._paused = False
        self._before: list[Any] | None = None
        self.keys = ""

    def look(self, frame: PoseFrame) -> None:
        """One more camera frame; called by the camera's thread."""
        if self._hands is not None:
            wanted = (Raised.BOTH, Raised.LEFT, Raised.RIGHT) if self._paused else (Raised.BOTH,)
            given = self._hands.update(frame, wanted).given
            if given:
                self._given.put(given)

    def fulfil(self, cues: CueRun, now_s: float) -> None:
        """Do what was wished since the last call."""
        for key in [*self._shown(), *self._typed()]:
            if key == "p":
                (cues.resume if cues.paused else cues.pause)(now_s)
            elif key == "r":
                cues.redo(now_s)
            elif key == "n":
                cues.skip(now_s)
            elif key == "q":
                cues.stop(now_s)
        self._paused = cues.paused

    def __enter__(self) -> Wishes:
        """Let single keys through without Enter; Ctrl+C stays what it is."""
        if sys.platform != "win32" and sys.stdin is not None and sys.stdin.isatty():
            import termios
            import tty

            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
            self.keys = KEYS
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back as it was."""
        if sys.platform != "win32" and self._before is not None:
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)
            self._before, self.keys = None, ""

    def _shown(self) -> list[str]:
        """The keys that raised hands stand for."""
        meant = {Raised.BOTH: "p", Raised.LEFT: "r", Raised.RIGHT: "n"}
        return [meant[self._given.get()] for _ in range(self._given.qsize())]  # nobody else takes from it

    def _typed(self) -> str:
        if not self.keys or not select.select([sys.stdin], [], [], 0)[0]:
            return ""
        return os.read(sys.stdin.fileno(), _BYTES).decode(errors="ignore").lower()
