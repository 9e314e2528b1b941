"""The keys that are heard while a protocol runs, among them what clickers for slides send."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QShortcut

from app.pages.page import Page
from app.pages.record_cues import CueControl

PAUSE = ("B", ".", "Media Play")
REDO = ("PgUp", "Left", "Up")
SKIP = ("PgDown", "Right", "Down")


class CueKeys:
    """Adds the keys to a page, switched off: arrows and the rest belong to its lists and fields otherwise.

    Args:
        page: the Record page.
        cues: what the keys are for.
        wish: called with what to do; it looks whether that can be done now.
        end: what Escape does.

    Attributes:
        shortcuts: all of them.
    """

    def __init__(
        self,
        page: Page,
        cues: CueControl,
        wish: Callable[[Callable[[float], object]], object],
        end: Callable[[], object],
    ) -> None:
        self.shortcuts: list[QShortcut] = []
        for keys, act, meaning in (
            (PAUSE, cues.pause, "Pause cues, or go on"),
            (REDO, cues.redo, "Redo the last trial"),
            (SKIP, cues.skip, "Skip a trial, or the practice"),
        ):
            self.shortcuts += [page.add_key(key, "", partial(wish, act)) for key in keys]
            page.explain_key(", ".join(keys[:2]), meaning)
        self.shortcuts.append(page.add_key("Escape", "End the cues", end))
        self.hear(False)

    def hear(self, on: bool) -> None:
        """Heed the keys, or leave them to others."""
        for shortcut in self.shortcuts:
            shortcut.setEnabled(on)
