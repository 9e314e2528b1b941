"""What the person recorded has agreed to: one line under the subject, the sheet with the text, and whether a film is
kept."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.bridge.consent import ConsentBridge, ConsentState, when
from app.bridge.session import Session
from app.style.metrics import GAP_M, GAP_S, GAP_XL
from app.style.theme import restyle
from app.widgets.basics import Card, button, column, row, text
from app.widgets.sheet import Sheet

WIDTH, HEIGHT = 560, 640


class PrivacyRow(QWidget):
    """Consent of the subject, and the film of this session. The film is off whenever the subject changes.

    Attributes:
        film: the switch.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._subject = ""
        self._bridge = ConsentBridge(session)
        self._line = text("", "caption", tone="soft", wrap=True)
        self._open = button("Consent…", "quiet", on_click=self.show_sheet)
        self.film = QCheckBox("Keep the film of this session")
        self.film.setToolTip("Otherwise only landmarks are kept, never a picture")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_S)
        line = row(spacing=GAP_S)
        line.addWidget(self._line, 1)
        line.addWidget(self._open)
        layout.addLayout(line)
        layout.addWidget(self.film)
        self._bridge.changed.connect(self._show)
        self.film.clicked.connect(self._film_clicked)
        session.library_changed.connect(lambda: self.show_subject(self._subject))
        self._show()

    @property
    def film_wanted(self) -> bool:
        """The camera's pictures of the takes to come are to be kept."""
        return self.film.isChecked()

    def show_subject(self, subject: str) -> None:
        """Another subject is recorded, or another library is open."""
        if subject != self._subject:
            self.film.setChecked(False)
        self._subject = subject
        self._bridge.ask(subject)

    def show_sheet(self) -> None:
        """Show the text and let it be agreed to."""
        state = self._bridge.state
        if state is not None:
            ConsentSheet(self.window(), self._subject, state, self._given, self._withdrawn)

    def _given(self, words: str, by: str, film: bool) -> None:
        self.film.setChecked(self.film.isChecked() and film)
        self._bridge.give(self._subject, words, by, film)

    def _withdrawn(self) -> None:
        self.film.setChecked(False)
        self._bridge.withdraw(self._subject)

    def _film_clicked(self, on: bool) -> None:
        state = self._bridge.state
        if on and not (state is not None and state.given is not None and state.given.film):
            self.film.setChecked(False)
            self.show_sheet()
            self._session.say("No film without consent to it.", "Let the participant agree to the film first.")

    def _show(self) -> None:
        state = self._bridge.state
        self._open.setEnabled(state is not None)
        self.film.setEnabled(state is not None)
        words, tone = _sentence(state)
        self._line.setText(words)
        restyle(self._line, tone=tone)


def _sentence(state: ConsentState | None) -> tuple[str, str]:
    if state is None:
        return "Consent is kept in a library.", "soft"
    if state.given is None:
        return "No consent is written down.", "warn"
    older = "" if state.current else ", to an older text"
    film = ", film too" if state.given.film else ""
    return f"Consent of {when(state.given.time)}{film}{older}", "soft" if state.current else "warn"


class ConsentSheet(Sheet):
    """The text, who asks, and the two things that can be agreed to.

    Attributes:
        words: the text, which can be edited.
        by: who asks.
        film: the film is agreed to.
        agree: writes it down.
        withdraw: strikes it.
    """

    def __init__(
        self,
        parent: QWidget,
        subject: str,
        state: ConsentState,
        on_agreed: Callable[[str, str, bool], object],
        on_withdrawn: Callable[[], object],
    ) -> None:
        given = state.given
        self.words = QPlainTextEdit(state.text)
        self.words.setAccessibleName("Text of the consent")
        self.words.setTabChangesFocus(True)
        self.by = QLineEdit(given.by if given else "")
        self.by.setAccessibleName("Who asks")
        self.by.setPlaceholderText("Who asks (initials are enough)")
        self.film = QCheckBox("The film may be kept too, not only landmarks")
        self.film.setChecked(bool(given and given.film))
        self.agree = button("Participant agrees", "primary", icon="check", on_click=self._agree)
        self.withdraw = button("Withdraw", "danger", on_click=self._withdraw)
        self.withdraw.setVisible(given is not None)
        said = f"Given on {when(given.time)}{f', asked by {given.by}' if given.by else ''}." if given else ""
        card = Card(
            text(f"Consent of subject {subject}", "heading"),
            text("Stored with the time and this whole text. No name is needed.", "small", tone="soft", wrap=True),
            self.words,
            column(self.by, self.film, text(said, "caption"), spacing=GAP_M),
            row(self.withdraw, None, button("Cancel", on_click=self.close_sheet), self.agree),
            padding=GAP_XL,
            spacing=GAP_M,
        )
        card.setFixedSize(WIDTH, min(HEIGHT, max(parent.height() - 2 * GAP_XL, 320)))
        card.body.setStretchFactor(self.words, 1)
        super().__init__(parent, card)
        self._on_agreed, self._on_withdrawn = on_agreed, on_withdrawn
        self.words.textChanged.connect(lambda: self.agree.setEnabled(bool(self.words.toPlainText().strip())))
        self.agree.setFocus()

    def _agree(self) -> None:
        self.close_sheet()
        self._on_agreed(self.words.toPlainText(), self.by.text(), self.film.isChecked())

    def _withdraw(self) -> None:
        self.close_sheet()
        self._on_withdrawn()
