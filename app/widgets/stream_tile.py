"""One stream in numbers: how fast, how fresh, how many, how many missing. Red as soon as nothing arrives."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel

from app.style.metrics import GAP_L, GAP_M, GAP_S
from app.style.theme import restyle
from app.widgets.basics import column, icon_label, row, text
from app.widgets.words import many

NARROW = 190


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What a tile shows.

    Attributes:
        rate_hz: measured over the last seconds.
        nominal_hz: what it should be; 0 where it is irregular.
        age_s: since the newest sample; None where none has come.
        count: samples so far.
        gaps: places where samples are missing.
        silent: it should be sending and is not.
        active: it is connected.
    """

    rate_hz: float = 0.0
    nominal_hz: float = 0.0
    age_s: float | None = None
    count: int = 0
    gaps: int = 0
    silent: bool = False
    active: bool = False


class StreamTile(QFrame):
    """A card of one stream.

    Args:
        name: what people call the stream.
        icon: icon name.
        noun: what is counted (``samples``, ``frames``).
        opens: a click shows more.

    Signals:
        opened: by mouse, Enter or Space, where it opens.
    """

    opened = Signal()

    def __init__(self, name: str, icon: str, noun: str = "samples", *, opens: bool = False) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setProperty("opens", opens)
        if opens:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip("Show more of this device")
        self._opens = opens
        self._name, self._noun = name, noun
        self._title = text(name, "small", tone="soft")
        self._rate = text("–", "number")
        self._nominal = text("", "caption")
        self._age = text("off", "caption")
        self._age.setToolTip("Time since the newest sample")
        self._age.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._count = text("", "caption")
        self._icon = icon_label(icon, "text_faint", 16)
        head = row(self._icon, self._title, None, self._age, spacing=6)
        foot = row(self._rate, self._nominal, None, self._count, spacing=6)
        layout = column(head, foot, spacing=GAP_S)
        layout.setContentsMargins(GAP_L, GAP_M + GAP_S, GAP_L, GAP_M + GAP_S)
        self.setLayout(layout)

    def rename(self, name: str) -> None:
        """Call the stream something else."""
        self._name = name
        self._show_name(self.width())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click within."""
        inside = self.rect().contains(event.position().toPoint())
        if self._opens and inside and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space."""
        if self._opens and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow tile shows only the rate and the age, and goes by the first word of its name."""
        for part in (self._icon, self._nominal, self._count):
            part.setVisible(event.size().width() >= NARROW)
        self._show_name(event.size().width())
        steady = self._age.fontMetrics().horizontalAdvance("0000 ms") if event.size().width() >= NARROW else 0
        self._age.setMinimumWidth(steady)
        super().resizeEvent(event)

    def _show_name(self, width: int) -> None:
        _set(self._title, self._name if width >= NARROW else self._name.partition(" ")[0])

    def minimumSizeHint(self) -> QSize:
        """As narrow as its name and its age."""
        return QSize(128, super().minimumSizeHint().height())

    def show_words(self, large: str, beside: str, corner: str, count: str, tone: str = "") -> None:
        """Show any four texts in the same places."""
        _set(self._rate, large)
        _set(self._nominal, beside)
        _set(self._age, corner)
        _set(self._count, count)
        restyle(self, tone=tone)
        self.setAccessibleName(f"{self._name}: {large} {beside}, {corner}")

    def show_facts(self, facts: StreamFacts) -> None:
        """Show the newest facts."""
        _set(self._rate, f"{facts.rate_hz:.1f}" if facts.active else "–")
        _set(self._nominal, (f"of {facts.nominal_hz:g} Hz" if facts.nominal_hz else "Hz") if facts.active else "")
        _set(self._age, age_text(facts))
        said = many(facts.gaps, "gap") if facts.gaps else f"{facts.count:,} {self._noun}".replace(",", " ", 1)
        _set(self._count, said if facts.active else "")
        restyle(self, tone="bad" if facts.silent else "")
        restyle(self._age, tone="bad" if facts.silent else "")
        restyle(self._count, tone="warn" if facts.gaps else "")
        self.setAccessibleName(f"{self._name}: {self._rate.text()} {self._nominal.text()}, {self._age.text()}")


def age_text(facts: StreamFacts) -> str:
    """How fresh the newest sample is, in words."""
    if not facts.active:
        return "off"
    if facts.age_s is None:
        return "nothing yet"
    if facts.silent:
        return f"silent {facts.age_s:.0f} s"
    return f"{facts.age_s * 1000:.0f} ms" if facts.age_s < 1 else f"{facts.age_s:.1f} s"


def _set(label: QLabel, words: str) -> None:
    if label.text() != words:
        label.setText(words)
