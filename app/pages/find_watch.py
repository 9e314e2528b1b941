"""The sheet that looks for a watch and lets a person choose one, or type where a phone or another program is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QLabel, QLineEdit, QProgressBar, QWidget

from app.bridge import sources, watch_memory
from app.bridge.session import Session
from app.bridge.sources import Choice
from app.bridge.watch_search import NearWatch, WatchSearch, check_address
from app.bridge.watch_words import plain
from app.pages.watch_row import WatchRow
from app.style.metrics import GAP_S, GAP_XL
from app.style.theme import restyle
from app.widgets.basics import Card, button, column, icon_label, line, row, scrolled, text
from app.widgets.sheet import Sheet
from pskd.errors import PskdError

WIDTH = 480
ROWS_HEIGHT = 280  # more rows than fit are scrolled, so that the sheet fits the smallest window
BEFORE, NEAR, WITHOUT = "Used last time", "Near", "Without a watch"
ELSEWHERE = "A phone app or another program"
EXAMPLES = (
    "SensorServer, as its app shows it:  ws:192.168.0.102:8080",
    "Sensor Logger, which sends to you:  http:0.0.0.0:8000?token=eight-or-more",
    "Lab Streaming Layer, by the stream's name:  lsl:NAME",
)
NONE = "No watch was found. Wake it, bring it near, start its app, and look again."


class FindWatchSheet(Sheet):
    """Lists what is near; a click chooses.

    Attributes:
        search: looks around.
        buttons: what can be chosen, by URI: watches used before, those that are near, the simulated one.
        address: where a person types what cannot be found.
        wrong: why what was typed makes no sense.
    """

    def __init__(self, parent: QWidget, session: Session, on_choice: Callable[[str], object]) -> None:
        self.search = WatchSearch(session)
        self.buttons: dict[str, WatchRow] = {}
        self._session = session
        self._on_choice = on_choice
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName("Looking for watches")
        self.said = text("", "small", tone="soft", wrap=True)
        self._mark = icon_label("warning", "bad", 18)
        self._rows = column(spacing=GAP_S)
        holder = QWidget()
        holder.setLayout(self._rows)
        self._area = scrolled(holder)
        self._captions: list[QLabel] = []
        self.again = button("Look again", icon="refresh", on_click=self.look)
        self.address, self.wrong = QLineEdit(), text("", "small", tone="bad", wrap=True)
        self.address.setPlaceholderText("ws:192.168.0.102:8080")
        self.address.setAccessibleName(f"Address of a{ELSEWHERE[1:].lower()}")
        self.address.returnPressed.connect(self._take_address)
        self.wrong.hide()
        said = row(self._mark, self.said)
        said.setStretch(1, 1)
        card = Card(
            text("Find a watch", "heading"),
            said,
            self._bar,
            self._area,
            line(),
            text(ELSEWHERE, "strong"),
            row(self.address, button("Use", on_click=self._take_address)),
            self.wrong,
            column(*(text(example, "caption") for example in EXAMPLES), spacing=0),
            row(None, self.again, button("Cancel", on_click=self.close_sheet)),
            padding=GAP_XL,
        )
        card.setFixedWidth(WIDTH)
        super().__init__(parent, card)
        self.search.found.connect(self._show)
        self.search.failed.connect(self._failed)
        self.look()

    def look(self) -> None:
        """Look around (again); watches used before can be chosen at once."""
        self._clear()
        self._add_rows(BEFORE, watch_memory.remembered(self._session))
        self._say("Looking for watches that are near and awake…")
        self._bar.show()
        self.again.setEnabled(False)
        self.search.look()

    def _show(self, choices: list[Choice]) -> None:
        self._rest("Choose yours." if choices else NONE)
        for choice in choices:
            if choice.uri in self.buttons and isinstance(choice, NearWatch):
                self.buttons[choice.uri].show_heard(choice)
        self._add_rows(NEAR, [choice for choice in choices if choice.uri not in self.buttons])
        self._add_simulated()

    def _add_simulated(self) -> None:
        self._add_rows(WITHOUT, [choice for choice in sources.watches() if choice.uri == sources.SIMULATED])

    def _add_rows(self, caption: str, choices: list[Choice]) -> None:
        if choices:
            self._captions.append(text(caption, "caption"))
            self._put(self._captions[-1])
        for choice in choices:
            on_forget = partial(self._forget, choice.uri) if caption == BEFORE else None
            one = WatchRow(choice, on_forget)
            one.clicked.connect(lambda uri=choice.uri: self._choose(uri))
            self._put(one)
            self.buttons[choice.uri] = one
        self._fit()

    def _fit(self) -> None:
        self._area.setFixedHeight(min(self._rows.sizeHint().height() + GAP_S, ROWS_HEIGHT))
        self._area.setVisible(bool(self.buttons))

    def _forget(self, uri: str) -> None:
        """Off the list, here and wherever watches used before are offered."""
        watch_memory.forget(self._session, uri)
        self._drop(self.buttons.pop(uri))
        if not watch_memory.remembered(self._session) and self._captions[0].text() == BEFORE:
            self._drop(self._captions.pop(0))
        self._fit()

    def _drop(self, widget: QWidget) -> None:
        self._rows.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def _put(self, widget: QWidget) -> None:
        self._rows.addWidget(widget)
        widget.show()  # at once, for a layout counts only what is shown

    def _take_address(self) -> None:
        uri = self.address.text().strip()
        try:
            check_address(uri)
        except PskdError as error:
            self.wrong.setText(str(error))
            self.wrong.show()
            return
        self._choose(uri)

    def _failed(self, message: str, hint: str) -> None:
        self._rest(f"{message} {plain(hint)}".strip(), bad=True)
        self._add_simulated()

    def _rest(self, words: str, *, bad: bool = False) -> None:
        self._say(words, bad=bad)
        self._bar.hide()
        self.again.setEnabled(True)

    def _say(self, words: str, *, bad: bool = False) -> None:
        self.said.setText(words)
        self._mark.setVisible(bad)
        restyle(self.said, tone="bad" if bad else "soft")

    def _clear(self) -> None:
        for widget in (*self._captions, *self.buttons.values()):
            self._drop(widget)
        self._captions, self.buttons = [], {}

    def _choose(self, uri: str) -> None:
        known = self.buttons.get(uri)
        watch_memory.remember(self._session, uri, known.name if known is not None else "")
        self.close_sheet()
        self._on_choice(uri)
