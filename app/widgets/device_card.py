"""Everything about one device at one glance."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtWidgets import QFrame

from app.style.metrics import GAP_L, GAP_M
from app.style.theme import restyle, set_icon
from app.widgets.basics import column, icon_label, row, text
from app.widgets.link_badge import look_of
from app.widgets.stream_tile import StreamFacts, age_text
from app.widgets.tiles import FactList
from app.widgets.words import many

SLOW = 0.9  # less than this share of the nominal rate needs a look
LOW_PERCENT = 15
STATE_EDGE = 28


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What is known of a device now.

    Attributes:
        name: of the device.
        role: what it is here, such as ``Right watch``.
        state: of its link.
        sentence: what was said about the link; may be empty.
        stream: its numbers.
        battery: in percent; None where it does not tell.
        clock: how well its clock is known, in words.
    """

    name: str
    role: str
    state: str
    sentence: str = ""
    stream: StreamFacts = field(default_factory=StreamFacts)
    battery: int | None = None
    clock: str = ""


class DeviceCard(QFrame):
    """Name, link state with its own icon, and numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "inset")
        self._icon = icon_label("link-off", edge=STATE_EDGE)
        self.name, self.role = text("", "strong"), text("", "caption")
        self.state = text("", "strong")
        self.sentence = text("", "small", tone="soft", wrap=True)
        self.facts = FactList()
        self.buttons = row(None)
        head = row(column(self.role, self.name, spacing=0), None, self.state, self._icon, spacing=GAP_M)
        layout = column(head, self.sentence, self.facts, None, self.buttons, spacing=GAP_M)
        layout.setContentsMargins(GAP_L, GAP_M + 4, GAP_L, GAP_M + 4)
        self.setLayout(layout)

    def show_device(self, facts: DeviceFacts) -> None:
        """Show the newest facts."""
        look = look_of(facts.state)
        self.name.setText(facts.name)
        self.role.setText(facts.role)
        self.state.setText(look.words)
        restyle(self.state, tone=look.tone)
        set_icon(self._icon, look.icon, look.tone or "text_soft", STATE_EDGE)
        self.sentence.setText(facts.sentence)
        self.sentence.setVisible(bool(facts.sentence))
        self.facts.show_facts(lines(facts))
        self.setAccessibleName(f"{facts.role}: {facts.name}. {look.words}. {facts.sentence}".strip())


def lines(facts: DeviceFacts) -> list[tuple[str, str, str, str]]:
    """Name, value, tone and tool tip of every line."""
    stream = facts.stream
    slow = stream.active and 0 < stream.rate_hz < SLOW * stream.nominal_hz
    rate = f"{stream.rate_hz:.1f} Hz" + (f" of {stream.nominal_hz:g} Hz" if stream.nominal_hz else "")
    low = facts.battery is not None and facts.battery < LOW_PERCENT
    charge = f"{facts.battery} %" if facts.battery is not None else "it does not tell" if stream.active else "–"
    return [
        ("Rate", rate if stream.active else "–", "warn" if slow else "", "Measured, against what the watch promises"),
        ("Newest sample", age_text(stream), "bad" if stream.silent else "", "Time since the newest sample"),
        ("Samples", f"{stream.count:,}" if stream.active else "–", "", ""),
        ("Gaps", many(stream.gaps, "gap") if stream.active else "–", "warn" if stream.gaps else "", ""),
        ("Battery", charge, "warn" if low else "", ""),
        ("Clock", facts.clock or "–", "", "How well the watch's clock is known against this computer's"),
    ]
