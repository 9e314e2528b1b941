"""A window for each test, offscreen unless there is a display, and nothing may stop it with a box."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QDialog, QMessageBox
from pytestqt.qtbot import QtBot

from app import run
from app.bridge.session import Session
from app.window import MainWindow
from pskd.library.library import Library


@pytest.fixture(autouse=True)
def no_boxes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Any message box fails the test."""
    shown: list[str] = []

    def refuse(self: QMessageBox, *arguments: object) -> int:
        shown.append(self.text())
        return 0

    for name in ("exec", "open", "show"):
        monkeypatch.setattr(QMessageBox, name, refuse)
    for name in ("critical", "warning", "information", "question", "about"):
        monkeypatch.setattr(QMessageBox, name, lambda *arguments, name=name: shown.append(name))
    yield
    left = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    assert not shown, f"message boxes were shown: {shown}"
    assert not left, f"dialogs were left open: {left}"


@pytest.fixture
def session(qapp: QApplication) -> Session:
    """A session with settings of its own."""
    return Session()


@pytest.fixture
def window(qtbot: QtBot, session: Session) -> Iterator[MainWindow]:
    """The main window on Home."""
    shown = run.open_window(session, "home", "light")
    with qtbot.waitExposed(shown):
        pass
    shown.activateWindow()
    yield shown
    shown.setProperty("closing", True)
    shown.close()
    shown.deleteLater()
    qtbot.wait(20)


@pytest.fixture
def notices(session: Session) -> list[tuple[str, str, str]]:
    """What the window was told to show: tone, message, hint."""
    heard: list[tuple[str, str, str]] = []
    session.notice.connect(lambda *notice: heard.append(notice))
    return heard


@pytest.fixture(scope="session")
def _small_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pskd.demo import sample

    path = tmp_path_factory.mktemp("small") / "library"
    library = Library.create(path, "Small")
    for person in sample.PEOPLE[:2]:
        for label in ("squat", "wave"):
            sample.write_take(library, person, label)
    return path


@pytest.fixture
def small_library(_small_library: Path, tmp_path: Path) -> Path:
    """A copy of a library with two subjects and two classes."""
    import shutil

    return Path(shutil.copytree(_small_library, tmp_path / "small"))


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, session: Session, small_library: Path) -> Library:
    """The small library, open in the window."""
    with qtbot.waitSignal(session.library_changed, timeout=10_000):
        session.open_library(small_library)
    assert session.library is not None
    return session.library
