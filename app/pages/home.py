"""Home: what this is, which library is open, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.bridge.demo import DemoBridge
from app.bridge.next_step import ENOUGH, NextStep, next_step, obstacle, students
from app.bridge.session import Session
from app.pages.home_dialogs import NewLibrarySheet, choose_folder
from app.pages.page import Page
from app.style.metrics import GAP_L, GAP_M, GAP_S, GAP_XL
from app.widgets.basics import Card, button, column, icon_label, row, scrolled, text, wrapped
from app.widgets.class_bars import ClassBars
from app.widgets.hero import Hero
from app.widgets.recent_list import RecentList
from app.widgets.step_card import StepCard
from app.widgets.tiles import Tiles
from app.widgets.words import many, place
from app.widgets.work_card import WorkCard

SENTENCE = "Teach a watch to recognise what people do: a camera helps while it learns, then the watch works alone."
TOTALS = ("takes", "subjects", "classes", "segments", "minutes")
STEPS = (
    (
        "record",
        "record",
        "1  Record",
        "Camera and watch together, on one clock, with cues that tell people what to do.",
    ),
    (
        "train",
        "train",
        "2  Train",
        "Teachers learn from the skeleton, then hand on to a student that sees only the watch.",
    ),
    ("live", "live", "3  Live", "The student recognises activities from the watch alone. No camera."),
)


class HomePage(Page):
    """The first page."""

    key = "home"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.subtitle.setText(SENTENCE)
        self._step: NextStep | None = None
        self._shown: Path | None = None
        self.demo = DemoBridge(session)
        self.welcome = self._build_welcome()
        self.library_card = self._build_library()
        self.cards = {key: StepCard(icon, heading, words) for key, icon, heading, words in STEPS}
        self.work = WorkCard()
        self.recent = RecentList()
        self._fill()
        self._connect()
        self._show_library()
        self.add_key("Ctrl+N", "New library", self.ask_new)
        self.add_key("Ctrl+O", "Open a library", self.ask_open)
        self.add_key("Ctrl+I", "Import a data set", self.ask_import)

    def enter(self, **arguments: Any) -> None:
        """Read the facts anew; ``tour=True`` opens the demo library."""
        self._read()
        if arguments.get("tour"):
            self.demo.open()

    @property
    def known(self) -> bool:
        """The open library has been read."""
        return self._shown is not None

    def ask_new(self) -> None:
        """Ask for a name and a place, then make a library."""
        sheet = NewLibrarySheet(self.window())
        sheet.accepted.connect(self.session.create_library)

    def ask_open(self) -> None:
        """Ask for a library's folder, then open it."""
        choose_folder(self.window(), "Open a library", self.session.open_library)

    def ask_import(self) -> None:
        """Import a data set into the open library; without one, a library is made first."""
        if self.session.library is None:
            sheet = NewLibrarySheet(self.window())
            sheet.accepted.connect(lambda path, name: self.session.create_library(path, name, self.ask_import))
            return
        from app.pages.library_import import ImportSheet

        ImportSheet(self.window(), self.session)

    def _connect(self) -> None:
        self.session.library_changed.connect(self._show_library)
        self.session.takes_changed.connect(self._read)
        for key, card in self.cards.items():
            card.clicked.connect(lambda key=key: self.session.go(key))
        self.recent.chosen.connect(self.session.open_library)
        self.recent.forgotten.connect(self._forget)
        self.demo.progress.connect(self.work.show_progress)
        self.demo.began.connect(self.work.begin)
        self.demo.ended.connect(self.work.end)

    def _build_welcome(self) -> QWidget:
        words = column(
            None,
            text("Welcome", "display"),
            text(
                "Make a library for your recordings, or look around with a simulated person first.",
                tone="soft",
                wrap=True,
            ),
            GAP_M,
            row(
                button("Take the tour", "primary", icon="tour", tip="Opens the demo library", on_click=self.open_demo),
                button("New library", icon="plus", tip="Ctrl+N", on_click=self.ask_new),
                None,
            ),
            row(
                button("Open…", "quiet", icon="folder-open", tip="Ctrl+O", on_click=self.ask_open),
                button("Import a data set…", "quiet", icon="import", tip="Ctrl+I", on_click=self.ask_import),
                None,
            ),
            None,
        )
        layout = QHBoxLayout()
        layout.setSpacing(GAP_XL)
        layout.addSpacing(GAP_L)
        layout.addLayout(words, 1)
        layout.addWidget(Hero())
        card = Card(layout, padding=GAP_L)
        card.setMinimumHeight(260)
        return card

    def open_demo(self) -> None:
        """Make the demo library if need be, and open it."""
        self.demo.open()

    def _build_library(self) -> QWidget:
        self._name = text("", "title")
        self._path = text("", "caption")
        self._path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tiles = Tiles(TOTALS)
        self._next = text("", "heading")
        self._why = text("", "small", tone="soft", wrap=True)
        self.next_button = button("Record", "primary", on_click=self._go_next)
        self.bars = ClassBars(ENOUGH)
        self._bars_caption = text("Segments by class, scarcest first", "caption")
        bars = column(self._bars_caption, self.bars, None)
        left = column(column(self._name, self._path, spacing=2), GAP_M, self.tiles, None, GAP_M, self._build_advice())
        both = QHBoxLayout()
        both.setSpacing(GAP_XL * 2)
        both.addLayout(left, 1)
        both.addLayout(bars, 1)
        return Card(both, padding=GAP_XL)

    def _build_advice(self) -> QWidget:
        words = column(self._next, self._why, spacing=2)
        advice = row(icon_label("spark", "accent", 20), spacing=GAP_M + GAP_S)
        advice.addLayout(words, 1)
        advice.addWidget(self.next_button)
        advice.setContentsMargins(GAP_L, GAP_M + GAP_S, GAP_M + GAP_S, GAP_M + GAP_S)
        frame = QFrame()
        frame.setProperty("kind", "banner")
        frame.setLayout(advice)
        self._advice = frame
        return frame

    def _fill(self) -> None:
        cards = row(*self.cards.values(), spacing=GAP_L)
        tools = row(
            button("New library", icon="plus", tip="Ctrl+N", on_click=self.ask_new),
            button("Open…", icon="folder-open", tip="Ctrl+O", on_click=self.ask_open),
            button("Import a data set…", icon="import", tip="Ctrl+I", on_click=self.ask_import),
            button("Demo library", "quiet", icon="tour", on_click=self.open_demo),
            None,
        )
        self._tools = wrapped(tools)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, GAP_M, 0)
        layout.setSpacing(GAP_L)
        for part in (self.work, self.welcome, self.library_card):
            layout.addWidget(part)
        layout.addLayout(cards)
        layout.addSpacing(GAP_S)
        layout.addWidget(self._tools)
        layout.addWidget(self.recent)
        layout.addStretch(1)
        self.body.addWidget(scrolled(content))

    def _show_library(self) -> None:
        library = self.session.library
        self.welcome.setVisible(library is None)
        self.library_card.setVisible(library is not None)
        self._tools.setVisible(library is not None)
        if library is not None:
            self._name.setText(self.session.library_name())
            self._path.setText(place(library.path))
            self._path.setToolTip(str(library.path))
            if self._shown != library.path:
                self._forget_numbers()
        here = str(library.path.resolve()) if library is not None else ""
        self.recent.set_paths([path for path in self.session.settings.recent if path != here])
        self._read()

    def _forget_numbers(self) -> None:
        """Another library: nothing is known of it until it has been read."""
        self._shown, self._step = None, None
        self._advice.hide()
        self.bars.set_counts({})
        self._bars_caption.hide()
        for name in TOTALS:
            self.tiles.show_value(name, "–")
        for card in self.cards.values():
            card.show_state("")

    def _read(self) -> None:
        library = self.session.library
        if library is not None:
            self.session.run(
                lambda: (library.info(), students(library.path), obstacle(library)),
                lambda found: self._show_info(*found),
            )

    def _show_info(self, info: dict[str, Any], trained: int, trouble: str) -> None:
        if self.session.library is None or info["path"] != str(self.session.library.path):
            return
        self._shown = self.session.library.path
        for name in TOTALS[:4]:
            self.tiles.show_value(name, str(info[name]))
        self.tiles.show_value("minutes", f"{info['duration_s'] / 60:.0f}" if info["duration_s"] >= 600
                              else f"{info['duration_s'] / 60:.1f}")  # fmt: skip
        self.bars.set_counts(info["class_counts"])
        self._bars_caption.setVisible(bool(info["class_counts"]))
        self._step = step = next_step(info, trained, trouble)
        self._advice.show()
        self._next.setText(step.heading)
        self._why.setText(step.explanation)
        self.next_button.setText(step.action)
        self.next_button.setAccessibleName(f"{step.action}: {step.heading}")
        takes = info["takes"]
        self.cards["record"].show_state(many(takes, "take") if takes else "Nothing yet")
        self.cards["train"].show_state("Ready" if step.ready else "Needs more takes", "good" if step.ready else "")
        words = many(trained, "student") + " ready" if trained else "No student yet"
        self.cards["live"].show_state(words, "good" if trained else "")

    def _go_next(self) -> None:
        if self._step is not None:
            self.session.go(self._step.page, **self._step.arguments)

    def _forget(self, path: str) -> None:
        self.session.change(recent=[old for old in self.session.settings.recent if old != path])
        self._show_library()
