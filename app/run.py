"""Runs the window: the application object, the session, and what is open at the start."""

from __future__ import annotations

import os
import sys
import tempfile
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

REST_MS = 400  # after the first paint and the first glance


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


def open_window(
    session: Session, page: str = "home", theme_choice: str | None = None, *, as_before: bool = False
) -> MainWindow:
    """Style the application and show the window; libraries open after its first paint.

    Args:
        session: what its pages share.
        page: the page that is up first.
        theme_choice: colours for this start; those of the settings where it is None.
        as_before: give the window the size and place it had when it was closed.
    """
    theme.install(application(), theme_choice or session.settings.theme)
    window = MainWindow(session, page)
    if as_before:
        window.place_as_before()
    window.show()
    return window


def window(
    *, demo: bool = False, library: Path | None = None, page: str | None = None, theme: str | None = None
) -> int:
    """Show the window until it is closed, where it was and on the page that was up; returns the exit code."""
    if not _has_display():
        raise PskdError(
            "There is no display to show the window on.",
            code="window.no-display",
            hint="Log in on a desktop, or take the tour without one: pskd demo --headless.",
        )
    app, session = application(), _session()
    shown = open_window(session, page or ("home" if demo else session.settings.page), theme, as_before=True)
    QTimer.singleShot(0, lambda: _open_first(session, library, demo))
    QTimer.singleShot(REST_MS, shown.build_rest)
    code = app.exec()
    shown.deleteLater()
    return code


def tour(out: Path, library: Path | None = None, theme: str | None = None) -> int:
    """Go through the tour; returns the exit code."""
    from app.tour import Tour

    return driven(out, theme, lambda shown, session: Tour(shown, session, out).take(library))


def pictures(out: Path, library: Path | None = None, theme: str | None = None) -> int:
    """Save a picture of every page, in both themes unless one is named; the demo library where none is named."""
    from app.pictures import THEMES, take_all

    def work(shown: MainWindow, session: Session) -> int:
        from pskd.demo import sample

        return take_all(shown, session, out, library or sample.ensure().path, (theme,) if theme in THEMES else THEMES)

    with tempfile.TemporaryDirectory() as settings:
        return driven(out, theme, work, Path(settings))


def driven(
    out: Path, theme: str | None, work: Callable[[MainWindow, Session], int], settings: Path | None = None
) -> int:
    """Drive the window by a script, with settings of its own: those of the person stay as they are."""
    out.mkdir(parents=True, exist_ok=True)
    os.environ["PSKD_CONFIG"] = str(settings or out / "settings")
    if not _has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application()
    session = _session()
    shown = open_window(session, "home", theme)
    try:
        return work(shown, session)
    except Exception:
        sys.excepthook = sys.__excepthook__  # the window that would show it is about to close
        raise
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
