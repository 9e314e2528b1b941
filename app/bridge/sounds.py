"""Cue sounds, played by what the system brings; silence where there is nothing to play them with."""

from __future__ import annotations

import shutil
import sys

from PySide6.QtCore import QObject, QProcess

from pskd import assets

PLAYERS = ("pw-play", "paplay", "aplay", "afplay")
SOUNDS = ("go", "end", "tick", "alarm")


class Sounds(QObject):
    """Plays short sounds without waiting for them.

    Attributes:
        on: sounds are wanted.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.on = True
        self._player = next((found for name in PLAYERS if (found := shutil.which(name))), "")

    def play(self, name: str) -> None:
        """Play ``go``, ``end``, ``tick`` or ``alarm``."""
        if not self.on or name not in SOUNDS:
            return
        file = str(assets.path("sounds", f"{name}.wav"))
        if sys.platform == "win32":
            import winsound

            winsound.PlaySound(file, winsound.SND_FILENAME | winsound.SND_ASYNC)
        elif self._player:
            QProcess.startDetached(self._player, [file])
