"""A small sign that says how a device's connection stands."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from app.style.theme import restyle

# link state -> words, tone
WORDS = {
    "idle": ("Not connected", ""),
    "scanning": ("Searching", "accent"),
    "connecting": ("Connecting", "accent"),
    "streaming": ("Streaming", "good"),
    "stalled": ("Silent", "bad"),
    "ended": ("Ended", ""),
    "unloaded": ("Not loaded", ""),
    "waiting": ("Waiting", ""),
    "predicting": ("Predicting", "good"),
    "lost": ("Lost", "bad"),
}


class LinkBadge(QLabel):
    """Word and colour for one link state; the sentence about it is the tool tip."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self.setProperty("role", "pill")
        self.set_state("idle")

    def set_state(self, state: str, sentence: str = "") -> None:
        """Show a :class:`pskd.types.LinkState` by its value."""
        words, tone = WORDS.get(state, (state.capitalize(), ""))
        self.setText(f"●  {words}")
        self.setToolTip(sentence or words)
        self.setAccessibleName(f"{self._what}: {words}. {sentence}".strip())
        restyle(self, tone=tone)
        self.adjustSize()
