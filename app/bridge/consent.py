"""Consents of the open library, read and written off the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.bridge.session import Session

if TYPE_CHECKING:
    from pskd.library.consent import Consent


@dataclass(frozen=True, slots=True)
class ConsentState:
    """What is known of one subject's consent.

    Attributes:
        text: what the library asks participants to agree to now.
        given: the consent, or None.
        current: it was given to the very text of now.
    """

    text: str
    given: Consent | None
    current: bool


class ConsentBridge(QObject):
    """Knows the consent of one subject at a time.

    Attributes:
        state: of the subject asked for last; None before it is read, or without a library.

    Signals:
        changed: ``state`` is new.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._subject = ""
        self.state: ConsentState | None = None

    def ask(self, subject: str) -> None:
        """Read what is known of a subject; ``changed`` tells."""
        self._subject = subject
        if not subject or not self._then_show(subject, lambda root: None):
            self._show(subject, None)

    def give(self, subject: str, text: str, by: str, film: bool) -> None:
        """Write down a consent to this text, which becomes the library's."""

        def work(root: Path) -> None:
            from pskd.library import consent

            if text.strip() != consent.read_text(root):
                consent.write_text(root, text)
            consent.give(root, subject, by=by, film=film)

        self._then_show(subject, work)

    def withdraw(self, subject: str) -> None:
        """Strike a consent."""

        def work(root: Path) -> None:
            from pskd.library import consent

            consent.withdraw(root, subject)

        self._then_show(subject, work)

    def _then_show(self, subject: str, work: Callable[[Path], None]) -> bool:
        """Do this to the open library, then read what it says of a subject; False where none is open."""
        library = self._session.library
        if library is None:
            return False
        root = library.path

        def run() -> ConsentState:
            work(root)
            return _read(root, subject)

        self._session.run(run, lambda state: self._show(subject, state))
        return True

    def _show(self, subject: str, state: ConsentState | None) -> None:
        if subject == self._subject:
            self.state = state
            self.changed.emit()


def _read(root: Path, subject: str) -> ConsentState:
    from pskd.library import consent

    text = consent.read_text(root)
    given = consent.consents(root).get(subject)
    return ConsentState(text, given, given is not None and given.text == text)


def when(time: str) -> str:
    """A stored time as people read it, in this computer's time zone; as it stands where it is none."""
    try:
        return f"{datetime.fromisoformat(time).astimezone():%d %b %Y, %H:%M}"
    except ValueError:
        return time
