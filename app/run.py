"""Runs the window: the application object, the session, and what is open at the start."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app import faults
from app.bridge.session import Session
from app.style.icons import app_icon
from app.style.theme import theme
from app.window import MainWindow


def application() -> QApplication:
    """The application object, styled once."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    app = QApplication([sys.argv[0]])
    app.setApplicationName("PSKD Studio")
    app.setApplicationDisplayName("PSKD Studio")
    app.setDesktopFileName("pskd-studio")
    app.setWindowIcon(app_icon())
    return app


def open_window(session: Session, page: str = "home", theme_choice: str | None = None) -> MainWindow:
    """Style the application and show the window; libraries open after its first paint."""
    theme.install(application(), theme_choice or session.settings.theme)
    window = MainWindow(session, page)
    window.show()
    return window


def window(*, demo: bool = False, library: Path | None = None, page: str = "home", theme: str | None = None) -> int:
    """Show the window until it is closed; returns the exit code."""
    app = application()
    faults.log_to_file()
    session = Session()
    faults.Faults(session).install()
    shown = open_window(session, page, theme)
    QTimer.singleShot(0, lambda: _open_first(session, library, demo))
    code = app.exec()
    shown.deleteLater()
    return code


def _open_first(session: Session, library: Path | None, demo: bool) -> None:
    wanted = library or (Path(session.settings.library) if session.settings.library else None)
    if wanted is not None:
        session.open_library(wanted)
