"""Runs the window: the application object, the session, and what is open at the start."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app import faults
from app.bridge.session import Session
from app.style.icons import app_icon
from app.style.theme import theme
from app.window import MainWindow
from pskd.errors import PskdError


def application() -> QApplication:
    """The application object; the one that there is, where there is one."""
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
    if not _has_display():
        raise PskdError(
            "There is no display to show the window on.",
            code="window.no-display",
            hint="Log in on a desktop, or take the tour without one: pskd demo --headless.",
        )
    app, session = application(), _session()
    shown = open_window(session, page, theme)
    QTimer.singleShot(0, lambda: _open_first(session, library, demo))
    code = app.exec()
    shown.deleteLater()
    return code


def tour(out: Path, library: Path | None = None, theme: str | None = None) -> int:
    """Go through the tour; returns the exit code."""
    from app.tour import Tour

    return _driven(out, theme, lambda shown, session: Tour(shown, session, out).take(library))


def pictures(out: Path, library: Path | None = None, theme: str | None = None) -> int:
    """Save a picture of every page; the demo library where none is named."""
    from app.pictures import take_all

    def work(shown: MainWindow, session: Session) -> int:
        from pskd.demo import sample

        return take_all(shown, session, out, library or sample.ensure().path)

    return _driven(out, theme, work)


def _driven(out: Path, theme: str | None, work: Callable[[MainWindow, Session], int]) -> int:
    """Drive the window by a script, with settings of its own: those of the person stay as they are."""
    out.mkdir(parents=True, exist_ok=True)
    os.environ["PSKD_CONFIG"] = str(out / "settings")
    if not _has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application()
    session = _session()
    shown = open_window(session, "home", theme)
    try:
        return work(shown, session)
    finally:
        shown.setProperty("closing", True)
        shown.close()


def _has_display() -> bool:
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _session() -> Session:
    faults.log_to_file()
    faults.log_qt()
    session = Session()
    faults.Faults(session).install()
    return session


def _open_first(session: Session, library: Path | None, demo: bool) -> None:
    """Open what was asked for, else what was open last; a library that has gone is not an error at the start."""
    if demo:
        session.go("home", tour=True)
    elif library is not None:
        session.open_library(library)
    elif session.settings.library and (Path(session.settings.library) / "library.json").exists():
        session.open_library(session.settings.library)
