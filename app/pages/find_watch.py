"""The sheet that looks for a watch and lets a person choose one, or type where a phone or another program is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QProgressBar, QWidget

from app.bridge.session import Session
from app.bridge.sources import Choice
from app.bridge.watch_search import WatchSearch, check_address
from app.style.metrics import GAP_S, GAP_XL
from app.widgets.basics import Card, button, column, icon_label, line, row, text
from app.widgets.row_button import RowButton
from app.widgets.sheet import Sheet
from pskd.errors import PskdError

WIDTH = 480
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
        buttons: what was found, by URI.
        address: where a person types what cannot be found.
        wrong: why what was typed makes no sense.
    """

    def __init__(self, parent: QWidget, session: Session, on_choice: Callable[[str], object]) -> None:
        self.search = WatchSearch(session)
        self.buttons: dict[str, RowButton] = {}
        self._on_choice = on_choice
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName("Looking for watches")
        self.said = text("", "small", tone="soft", wrap=True)
        self._rows = column(spacing=GAP_S)
        self.again = button("Look again", icon="refresh", on_click=self.look)
        self.address, self.wrong = QLineEdit(), text("", "small", tone="bad", wrap=True)
        self.address.setPlaceholderText("ws:192.168.0.102:8080")
        self.address.setAccessibleName(f"Address of a{ELSEWHERE[1:].lower()}")
        self.address.returnPressed.connect(self._take_address)
        self.wrong.hide()
        card = Card(
            text("Find a watch", "heading"),
            self.said,
            self._bar,
            self._rows,
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
        """Look around (again)."""
        self._clear()
        self.said.setText("Looking for Bluetooth watches that are near and awake…")
        self._bar.show()
        self.again.setEnabled(False)
        self.search.look()

    def _show(self, choices: list[Choice]) -> None:
        self._rest("Choose yours." if choices else NONE)
        for choice in choices:
            words = column(text(choice.name, "strong"), text(choice.note, "caption"), spacing=0)
            one = RowButton(choice.name, row(icon_label(choice.icon, "text_soft"), words, None, spacing=12))
            one.clicked.connect(lambda uri=choice.uri: self._choose(uri))
            self._rows.addWidget(one)
            self.buttons[choice.uri] = one

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
        self._rest(f"{message} {hint}".strip())

    def _rest(self, words: str) -> None:
        self.said.setText(words)
        self._bar.hide()
        self.again.setEnabled(True)

    def _clear(self) -> None:
        for one in self.buttons.values():
            self._rows.removeWidget(one)
            one.deleteLater()
        self.buttons = {}

    def _choose(self, uri: str) -> None:
        self.close_sheet()
        self._on_choice(uri)
