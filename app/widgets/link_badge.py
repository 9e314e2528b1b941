"""A small sign that says how a device's connection stands."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtWidgets import QFrame, QSizePolicy

from app.style.theme import restyle, set_icon
from app.widgets.basics import icon_label, row, text
from app.widgets.words import tip

EDGE = 14


class LinkLook(NamedTuple):
    """How a link state is shown: words, tone, and an icon of its own, so that nobody depends on colours."""

    words: str
    tone: str
    icon: str


LOOKS = {
    "idle": LinkLook("Not connected", "", "link-off"),
    "scanning": LinkLook("Searching", "accent", "search"),
    "connecting": LinkLook("Connecting", "accent", "more"),
    "streaming": LinkLook("Streaming", "good", "live"),
    "stalled": LinkLook("Silent", "bad", "link-silent"),
    "ended": LinkLook("Ended", "", "stop"),
    "unloaded": LinkLook("Not loaded", "", "minus"),
    "waiting": LinkLook("Waiting", "", "clock"),
    "predicting": LinkLook("Predicting", "good", "spark"),
    "lost": LinkLook("Lost", "bad", "link-lost"),
}


def look_of(state: str) -> LinkLook:
    """How a :class:`pskd.types.LinkState` is shown, by its value."""
    return LOOKS.get(state, LinkLook(state.capitalize(), "", "info"))


class LinkBadge(QFrame):
    """Icon, word and colour for one link state; the sentence about it is the tool tip.

    Attributes:
        state: the link state that is shown.
        sentence: what was said about it; may be empty.
    """

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self._icon, self._words = icon_label("link-off", edge=EDGE), text("", "badge")
        layout = row(self._icon, self._words, spacing=5)
        layout.setContentsMargins(8, 2, 9, 2)
        self.setLayout(layout)
        self.setProperty("kind", "badge")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_state("idle")

    def text(self) -> str:
        """The words that are shown."""
        return self._words.text()

    def set_state(self, state: str, sentence: str = "") -> None:
        """Show a :class:`pskd.types.LinkState` by its value."""
        look = look_of(state)
        self.state, self.sentence = state, sentence
        self._words.setText(look.words)
        set_icon(self._icon, look.icon, look.tone or "text_soft", EDGE)
        self.setToolTip(tip(sentence or look.words))
        self.setAccessibleName(f"{self._what}: {look.words}. {sentence}".strip())
        for part in (self, self._words):
            restyle(part, tone=look.tone)
        self.adjustSize()

    def name_it(self, what: str) -> None:
        """Say what it belongs to, for screen readers."""
        self._what = what
        self.set_state(self.state, self.sentence)
