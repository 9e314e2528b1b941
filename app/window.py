"""The main window: the rail, the pages, and the places where messages appear.

Adding a page: see :mod:`app.pages`. The window knows pages only by their :class:`~app.pages.PageSpec`; it imports and
builds one when it is first shown, so the start stays quick.
"""

from __future__ import annotations

import gc
import importlib
import logging
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.bridge.session import Session
from app.pages import PAGES, spec
from app.pages.page import Page
from app.style.icons import app_icon
from app.style.metrics import RAIL_BREAK
from app.style.theme import theme
from app.widgets.banner import BannerArea, Toast
from app.widgets.nav_rail import NavRail
from app.widgets.sheet import KeySheet, Question, Sheet
from app.widgets.words import place
from pskd import __version__

log = logging.getLogger("app")

IDLE_MS = 60


class MainWindow(QMainWindow):
    """The one window.

    Attributes:
        session: what all pages share.
        pages: the pages built so far, by key.
        current: key of the page that is up.
        rail: the navigation.
        banners: where errors are shown.
        toast: where short messages are shown.
    """

    def __init__(self, session: Session, first: str = "home") -> None:
        super().__init__()
        self.session = session
        self.pages: dict[str, Page] = {}
        self.current = ""
        self._theme = session.settings.theme
        self.setWindowTitle(f"PSKD Studio {__version__}")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(900, 620)
        self.resize(1280, 820)
        self._stack = QStackedWidget()
        self._stack.setObjectName("pages")
        self.rail = NavRail([(page.key, page.title, page.icon, page.tip) for page in PAGES])
        self.banners = BannerArea()
        self._build()
        self.toast = Toast(self._stack)
        self._connect()
        self._stack.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._stack.setFocus()  # no focus ring before the first Tab
        self._rest: list[str] = []
        self._idle = QTimer(self)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(self._build_next)
        self.turn_to(first if spec(first) else "home")

    def build_rest(self) -> None:
        """Build the other pages one after another while nothing else happens, so that no turn of a page waits."""
        self._rest = [page.key for page in PAGES if page.key not in self.pages]
        modules = [page.where.partition(":")[0] for page in PAGES]
        # Importing on another thread lets the window go on; what fails there is told when the page is wanted.
        self.session.run(lambda: _import(modules), lambda _: self._idle.start(), lambda _: self._idle.start())

    def place_as_before(self) -> None:
        """Take the size and place of the last time, where a screen still shows it."""
        settings = self.session.settings
        if len(settings.window) == 4:
            wanted = QRect(*settings.window)
            if any(
                screen.availableGeometry().intersected(wanted).width() > 200 for screen in QGuiApplication.screens()
            ):
                self.setGeometry(wanted)
        if settings.maximized:
            self.setWindowState(self.windowState() | Qt.WindowState.WindowMaximized)

    def turn_to(self, key: str, **arguments: Any) -> None:
        """Bring a page up, building it the first time; a page that cannot be built is told, not fatal."""
        page = self.page(key)
        if page is None:
            self.rail.show_page(self.current)
            return
        if self.current and self.current != key:
            self.pages[self.current].leave()
        self.current = key
        self.rail.show_page(key)
        focus = self.focusWidget()
        if focus is None or not (self.rail.isAncestorOf(focus) or page.isAncestorOf(focus)):
            self._stack.setFocus()  # else it would fall to any control of the page that comes up
        self._stack.setCurrentWidget(page)
        self.toast.raise_()
        page.enter(**arguments)

    def page(self, key: str) -> Page | None:
        """The page called ``key``, built if need be; None where that failed (which is shown)."""
        found = spec(key)
        if key not in self.pages and found is not None:
            try:
                self._make(key)
            except Exception as error:
                self.session.show_error(error)
                return None
        return self.pages.get(key)

    def ask(self, heading: str, explanation: str, answers: list[tuple[str, str, Callable[[], object]]]) -> Question:
        """Ask on a sheet over the window; see :class:`app.widgets.sheet.Question`."""
        return Question(self, heading, explanation, answers)

    def show_keys(self) -> Sheet:
        """Show the list of shortcuts."""
        pages = [(f"Ctrl+{number}", page.title) for number, page in enumerate(PAGES, start=1)]
        every = [*pages, ("F1", "This list"), ("Ctrl+Q", "Quit"), ("Tab", "Next control")]
        here = self.pages.get(self.current)
        groups: list[tuple[str, list[tuple[str, str]]]] = [("Everywhere", every)]
        if here is not None:
            groups.insert(0, (f"On {here.title}", here.keys()))
        return KeySheet(self, groups)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first where a page is busy; then let every page let go of what it holds."""
        busy = next((reason for reason in (page.busy() for page in self.pages.values()) if reason), "")
        if busy and not self.property("closing"):
            event.ignore()
            self.ask(
                busy,
                "Closing now ends it; what was recorded or learned so far is kept.",
                [("Close anyway", "danger", self._force)],
            )
            return
        self._idle.stop()
        gc.unfreeze()
        self._remember()
        for page in self.pages.values():
            page.close_down()
        self.session.tasks.wait()
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Small windows get a rail of icons."""
        self.rail.set_narrow(event.size().width() < RAIL_BREAK)
        super().resizeEvent(event)

    def _build_next(self) -> None:
        """One page, unless a person is at the keyboard or the mouse; what cannot be built is told when it is wanted."""
        self._rest = [key for key in self._rest if key not in self.pages]
        if not self._rest:
            self._idle.stop()
            # what stays as long as the window need not be looked through again: a full collection of Python's would
            # hold up every thread for 25 ms in the middle of a take
            gc.collect()
            gc.freeze()
            return
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return
        key = self._rest.pop(0)
        try:
            self._make(key)
        except Exception as error:
            log.warning("the page %s could not be built ahead: %s", key, error)

    def _make(self, key: str) -> None:
        found = spec(key)
        assert found is not None
        module, _, name = found.where.partition(":")
        page = getattr(importlib.import_module(module), name)(self.session)
        self.pages[key] = page
        self._stack.addWidget(page)
        page.ensurePolished()
        self.toast.raise_()

    def _remember(self) -> None:
        place = self.normalGeometry() if self.isMaximized() or self.isFullScreen() else self.geometry()
        corners = [place.x(), place.y(), place.width(), place.height()]
        self.session.change(window=corners, maximized=self.isMaximized(), page=self.current)

    def _full_screen(self, on: bool) -> None:
        self.rail.setVisible(not on)
        if on:
            self.setProperty("maximized", self.isMaximized())
            self.showFullScreen()
        elif self.property("maximized"):
            self.showMaximized()
        else:
            self.showNormal()

    def _retheme(self) -> None:
        wanted = self.session.settings.theme
        if wanted != self._theme:  # a theme asked for on the command line stays until a person chooses another
            self._theme = wanted
            theme.choose(wanted)

    def _force(self) -> None:
        self.setProperty("closing", True)
        self.close()

    def _build(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.banners)
        right.addWidget(self._stack, 1)
        content = QWidget()
        content.setProperty("page", "true")
        layout = QHBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.rail)
        layout.addLayout(right, 1)
        self.setCentralWidget(content)

    def _connect(self) -> None:
        self.rail.chosen.connect(self.turn_to)
        self.session.page_wanted.connect(lambda key, arguments: self.turn_to(key, **arguments))
        self.session.notice.connect(self._tell)
        self.session.settled.connect(self.banners.settle)
        self.session.library_changed.connect(self._show_library)
        self.session.recording_changed.connect(lambda on: self.rail.mark("record", "record" if on else ""))
        self.session.full_screen_wanted.connect(self._full_screen)
        self.session.settings_changed.connect(self._retheme)
        for number, page in enumerate(PAGES, start=1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.activated.connect(lambda key=page.key: self.turn_to(key))
        QShortcut(QKeySequence("F1"), self).activated.connect(self.show_keys)
        QShortcut(QKeySequence("Ctrl+Q"), self).activated.connect(self.close)

    def _tell(self, tone: str, message: str, hint: str) -> None:
        if tone in ("bad", "warn"):
            self.banners.add(tone, message, hint)
        else:
            self.toast.tell(tone, message, hint)

    def _show_library(self) -> None:
        library = self.session.library
        self.rail.show_place(self.session.library_name(), place(library.path) if library is not None else "")


def _import(modules: Sequence[str]) -> None:
    for name in modules:
        importlib.import_module(name)
    from app.bridge import cues, sources

    sources.watches(), cues.known_protocols()  # what the Record page asks first
