"""What a page is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.bridge.session import Session
from app.pages import spec
from app.style.metrics import GAP_L, GAP_M, GAP_XL, PAGE_MARGIN
from app.widgets.basics import column, text


class Page(QWidget):
    """One page of the window. Subclasses set ``key`` and fill ``self.body``.

    Attributes:
        key: the page's key in :data:`app.pages.PAGES`.
        session: what all pages share.
        body: the vertical layout below the header.
        tools: the horizontal layout at the right of the header, for the page's buttons.
        header: title, subtitle and tools; may be hidden.
        subtitle: the line below the title.
    """

    key = ""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        found = spec(self.key)
        self.title = found.title if found else self.key
        self.icon = found.icon if found else ""
        self._keys: list[tuple[str, str]] = []
        self.setProperty("page", "true")
        self.setAccessibleName(self.title)
        self.subtitle = text(found.tip if found else "", "body", tone="soft")
        self.tools = QHBoxLayout()
        self.tools.setSpacing(GAP_M)
        self.body = QVBoxLayout()
        self.body.setSpacing(GAP_L)
        self._build_frame()

    def enter(self, **arguments: Any) -> None:
        """The page comes up; ``arguments`` are what ``session.go`` was given."""

    def leave(self) -> None:
        """Another page comes up."""

    def busy(self) -> str:
        """What would be interrupted by closing the window now (``A take is being recorded.``), or empty."""
        return ""

    def close_down(self) -> None:
        """The window closes: let go of devices and child processes."""

    def keys(self) -> list[tuple[str, str]]:
        """The page's shortcuts and what they do, for the help sheet."""
        return list(self._keys)

    def add_key(self, sequence: str, meaning: str, action: Callable[[], object]) -> QShortcut:
        """Give the page a shortcut; it works only while the page is up."""
        shortcut = QShortcut(QKeySequence(sequence), self)
        shortcut.activated.connect(action)
        self._keys.append((sequence, meaning))
        return shortcut

    def explain_key(self, sequence: str, meaning: str) -> None:
        """Name keys in the help sheet that were added without a meaning of their own."""
        self._keys.append((sequence, meaning))

    def _build_frame(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 0, 0)
        header.addLayout(column(text(self.title, "title"), self.subtitle, spacing=2), 1)
        header.addLayout(self.tools)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(PAGE_MARGIN, GAP_XL, PAGE_MARGIN, GAP_XL)
        outer.setSpacing(GAP_L)
        self.header = QWidget()
        self.header.setLayout(header)
        self.header.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        outer.addWidget(self.header)
        outer.addLayout(self.body, 1)
