"""A choice with room to explain itself; one that is impossible says why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QRadioButton, QVBoxLayout

from app.style.metrics import GAP_L, GAP_S
from app.style.theme import restyle
from app.widgets.basics import row, text


class ChoiceCard(QFrame):
    """One of several choices.

    Attributes:
        key: what is chosen.
        radio: its round button, which has the focus and the accessible name.

    Signals:
        chosen: its key.
    """

    chosen = Signal(str)

    def __init__(self, key: str, heading: str, words: str, badge: str = "") -> None:
        super().__init__()
        self.key = key
        self.setProperty("kind", "card")
        self.radio = QRadioButton(heading)
        self.radio.setAutoExclusive(False)
        self.radio.setAccessibleDescription(words)
        self.radio.setStyleSheet("font-weight: 600;")
        self.words = text(words, "small", tone="soft", wrap=True)
        self.facts = text("", "small", wrap=True)
        self.why_not = text("", "small", tone="warn", wrap=True)
        self.badge = text(badge, "pill", tone="accent")
        if not badge:  # and never shown before it has a parent: it would be a window of its own
            self.badge.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_L, GAP_L - 2, GAP_L, GAP_L - 2)
        layout.setSpacing(GAP_S)
        layout.addLayout(row(self.radio, None, self.badge))
        for label in (self.words, self.facts, self.why_not):
            label.setIndent(26)
            layout.addWidget(label)
        self.facts.hide()
        self.why_not.hide()
        self.radio.clicked.connect(lambda: self.chosen.emit(self.key))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_chosen(self, chosen: bool) -> None:
        """Mark it."""
        self.radio.setChecked(chosen)
        restyle(self, tone="accent" if chosen else "")

    def set_facts(self, words: str) -> None:
        """What choosing it means here, in numbers."""
        self.facts.setText(words)
        self.facts.setVisible(bool(words))

    def set_possible(self, why_not: str) -> None:
        """Grey it with a reason; empty where it is possible."""
        possible = not why_not
        self.why_not.setText(why_not)
        self.why_not.setVisible(not possible)
        for widget in (self.radio, self.words, self.facts):
            widget.setEnabled(possible)
        self.setCursor(Qt.CursorShape.PointingHandCursor if possible else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The whole card can be clicked."""
        if self.radio.isEnabled() and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.key)


class ChoiceGroup:
    """Cards of which one is chosen.

    Attributes:
        cards: by key.
        choice: the chosen key, or empty.
    """

    def __init__(self, cards: list[ChoiceCard]) -> None:
        self.cards = {card.key: card for card in cards}
        self.choice = ""

    def choose(self, key: str) -> None:
        """Mark one card."""
        self.choice = key
        for card in self.cards.values():
            card.set_chosen(card.key == key)

    def possible(self) -> list[str]:
        """Keys of the cards that can be chosen."""
        return [key for key, card in self.cards.items() if card.radio.isEnabled()]
