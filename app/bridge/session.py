"""What all pages share: the open library, the settings, the way to say something and to go somewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Signal

from app.bridge.cameras import Cameras, looker
from app.bridge.tasks import Task, Tasks
from app.widgets.words import place
from pskd import config
from pskd.errors import PskdError

if TYPE_CHECKING:
    from pskd.library.library import Library

log = logging.getLogger("app")

RECENT = 8


class Session(QObject):
    """One for the window; every page gets it.

    Attributes:
        library: the open :class:`pskd.library.library.Library`, or None.
        settings: what is remembered between starts; change it with :meth:`change`.
        tasks: runs work off the window's thread.
        cameras: which cameras there are.

    Signals:
        library_changed: another library is open (or none).
        takes_changed: takes, labels or subjects of the open library changed.
        settings_changed: a setting changed.
        notice: something to show: tone (``good info warn bad``), message, hint.
        settled: a message that was shown and is no longer true.
        recording_changed: a take runs, or no longer.
        full_screen_wanted: a page wants the whole screen for itself, or no longer.
        page_wanted: a page's key and the arguments for its ``enter``.
    """

    library_changed = Signal()
    takes_changed = Signal()
    settings_changed = Signal()
    notice = Signal(str, str, str)
    settled = Signal(str)
    recording_changed = Signal(bool)
    full_screen_wanted = Signal(bool)
    page_wanted = Signal(str, dict)

    def __init__(self, settings: config.Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or config.load()
        self.library: Library | None = None
        self.tasks = Tasks(self)
        self.tasks.failed.connect(self.show_error)
        self.cameras = Cameras(self.tasks, looker())

    def open_library(self, path: Path | str, on_done: Callable[[], object] | None = None) -> None:
        """Open a library off-thread; ``library_changed`` tells of it, a failure is shown."""
        folder = Path(path)

        def work() -> Library:
            from pskd.library.library import Library

            return Library.open(folder)

        self.run(work, lambda library: self._opened(library, folder, on_done))

    def create_library(self, path: Path | str, name: str, on_done: Callable[[], object] | None = None) -> None:
        """Create a library off-thread and open it."""
        folder = Path(path)

        def work() -> Library:
            from pskd.library.library import Library

            return Library.create(folder, name)

        self.run(work, lambda library: self._opened(library, folder, on_done))

    def library_name(self) -> str:
        """The open library's name, or empty."""
        return self.library.document.name if self.library is not None else ""

    def close_library(self) -> None:
        """Let go of the library."""
        self.library = None
        self.change(library="")
        self.library_changed.emit()

    def change(self, **settings: Any) -> None:
        """Change settings and store them; a full disk is told, not fatal."""
        before = msgspec.structs.asdict(self.settings)
        self.settings = msgspec.structs.replace(self.settings, **settings)
        if msgspec.structs.asdict(self.settings) == before:
            return
        try:
            config.save(self.settings)
        except OSError as error:
            self.show_error(error)
        self.settings_changed.emit()

    def run(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], object] | None = None,
        on_failed: Callable[[Exception], object] | None = None,
    ) -> Task:
        """Do ``work`` on another thread; ``on_done`` hears its result here; a failure is shown unless handled."""
        return self.tasks.run(work, on_done, on_failed)

    def say(self, message: str, hint: str = "", tone: str = "info") -> None:
        """Show a short message that goes by itself; ``tone`` is ``good``, ``info``, ``warn`` or ``bad``."""
        self.notice.emit(tone, message, hint)

    def show_error(self, error: Exception) -> None:
        """Show a failure with what to do about it; it stays until it is closed, or :attr:`settled`."""
        log.error("shown to the person: %s", error, exc_info=error)
        self.notice.emit("bad", *explained(error))

    def go(self, page: str, **arguments: Any) -> None:
        """Turn to a page (``home record library train live settings``)."""
        self.page_wanted.emit(page, arguments)

    def _opened(self, library: Library, folder: Path, on_done: Callable[[], object] | None) -> None:
        self.library = library
        text = str(folder.resolve())
        recent = [text, *(path for path in self.settings.recent if path != text)][:RECENT]
        self.change(library=text, recent=recent)
        self.library_changed.emit()
        self.run(lambda: _recover(folder), self._recovered)
        if on_done is not None:
            on_done()

    def _recovered(self, sentences: list[str]) -> None:
        for sentence in sentences:
            self.notice.emit("warn", sentence, "Look it over in the library.")
        if sentences:
            self.takes_changed.emit()


def _recover(folder: Path) -> list[str]:
    from pskd.recording.recovery import recover

    return [found.sentence for found in recover(folder)]


def explained(error: Exception) -> tuple[str, str]:
    """Message and hint for any exception."""
    if isinstance(error, PskdError):
        return error.message, error.hint
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        return f"{error.strerror or error}{where}.", "Check the disk and its permissions."
    return (
        f"Something unexpected happened: {type(error).__name__}: {error}",
        f"The program goes on. Details are in {place(config.folder() / 'studio.log')}.",
    )
