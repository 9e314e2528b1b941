"""Steps that tests of the window have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from app.bridge.session import Session
from app.window import MainWindow

LONG_MS = 40_000


def record_page(qtbot: QtBot, window: MainWindow, session: Session, **settings: Any) -> Any:
    """The Record page, connected to what these settings say; with a library also ready for a subject."""
    session.change(**settings)
    window.turn_to("record")
    page: Any = window.pages["record"]
    qtbot.waitUntil(lambda: page.bridge.is_open, timeout=LONG_MS)
    qtbot.waitUntil(lambda: session.library is None or page.setup.wanted_subject() != "", timeout=LONG_MS)
    return page


def record_for(qtbot: QtBot, page: Any, ms: int) -> Path:
    """Record without asking, and wait for the take that it makes."""
    with qtbot.waitSignal(page.bridge.started, timeout=LONG_MS):
        page.start()
    qtbot.wait(ms)
    with qtbot.waitSignal(page.bridge.ended, timeout=LONG_MS) as ended:
        page.toggle()
    return Path(ended.args[0].folder)
