"""The ladder as a list that can be put in another order: who comes first, who is left out, how long each learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout, QWidget

from app.style.metrics import GAP_L, GAP_M
from app.widgets.basics import column, icon_button, row, text
from app.widgets.number_box import NumberBox
from app.widgets.words import readable

MAX_EPOCHS = 1000


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One rung as it is shown.

    Attributes:
        name: of the rung.
        sees: what it sees, in words.
        epochs: training passes.
        included: whether it is climbed.
        fixed: stays last and cannot be left out (the student).
        place: from the top in the preset's order.
        hears: names of the rungs above that it learns from in the preset.
    """

    name: str
    sees: str
    epochs: int
    included: bool = True
    fixed: bool = False
    place: int = 0
    hears: tuple[str, ...] = ()


def teachers(rows: Sequence[LadderRow], number: int) -> tuple[str, ...]:
    """Names of the rungs that one learns from.

    They are the preset's, as far as they still stand above it, and any that was moved above it; where that leaves
    none, all above.
    """
    learner = rows[number]
    above = [row for row in rows[:number] if row.included]
    heard = [row for row in above if row.name in learner.hears or row.place > learner.place]
    return tuple(row.name for row in heard or above)


class LadderView(QWidget):
    """Rungs from first to last; the student stays last.

    Attributes:
        rows: as they stand.

    Signals:
        edited: a person changed something.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Ladder")
        self.rows: tuple[LadderRow, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GAP_M)

    def set_rows(self, rows: Sequence[LadderRow]) -> None:
        """Show these rungs."""
        self.rows = tuple(rows)
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number in range(len(self.rows)):
            self._layout.addWidget(self._line(number))

    def shift(self, number: int, by: int) -> None:
        """Move a rung up (-1) or down (1) among the teachers."""
        target = number + by
        if not 0 <= target < len(self.rows) or self.rows[number].fixed or self.rows[target].fixed:
            return
        rows = list(self.rows)
        rows[number], rows[target] = rows[target], rows[number]
        self.set_rows(rows)
        self.edited.emit()

    def change(self, number: int, *, epochs: int | None = None, included: bool | None = None) -> None:
        """Change one rung."""
        old = self.rows[number]
        new = replace(
            old,
            epochs=old.epochs if epochs is None else epochs,
            included=old.included if included is None else included,
        )
        self.rows = (*self.rows[:number], new, *self.rows[number + 1 :])
        self._relearn()
        self.edited.emit()

    def _line(self, number: int) -> QFrame:
        rung = self.rows[number]
        frame = QFrame()
        frame.setProperty("kind", "inset")
        tick = QCheckBox(readable(rung.name))
        tick.setChecked(rung.included)
        tick.setEnabled(not rung.fixed)
        tick.setAccessibleName(f"Include {rung.name}")
        tick.toggled.connect(lambda on, n=number: self.change(n, included=on))
        epochs = NumberBox(f"Epochs of {rung.name}", 1, MAX_EPOCHS, " epochs")
        epochs.setValue(rung.epochs)
        epochs.setFixedWidth(116)
        epochs.valueChanged.connect(lambda value, n=number: self.change(n, epochs=value))
        up = icon_button("chevron-up", f"Move {rung.name} up", on_click=lambda: self.shift(number, -1))
        down = icon_button("chevron-down", f"Move {rung.name} down", on_click=lambda: self.shift(number, 1))
        up.setEnabled(not rung.fixed and number > 0)
        down.setEnabled(not rung.fixed and number + 1 < len(self.rows) and not self.rows[number + 1].fixed)
        words = text(self._said(number), "small", tone="soft", wrap=True)
        words.setObjectName("said")
        words.setIndent(26)
        layout = row(column(tick, words, spacing=0), epochs, up, down)
        layout.setStretch(0, 1)
        layout.setContentsMargins(GAP_L - 2, GAP_M, GAP_M, GAP_M)
        frame.setLayout(layout)
        return frame

    def _said(self, number: int) -> str:
        heard = teachers(self.rows, number)
        learns = f"learns from {', '.join(heard)} and the labels" if heard else "learns from the labels"
        return f"Sees {self.rows[number].sees}; {learns}."

    def _relearn(self) -> None:
        for number in range(len(self.rows)):
            item = self._layout.itemAt(number)
            frame = item.widget() if item else None
            words = frame.findChild(QWidget, "said") if frame else None
            if words is not None:
                words.setProperty("text", self._said(number))
