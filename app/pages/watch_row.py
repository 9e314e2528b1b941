"""One watch in the list that a person chooses from: name, what it is, charge and signal."""

from __future__ import annotations

from collections.abc import Callable

from app.bridge.sources import SIMULATED, Choice
from app.bridge.watch_search import NearWatch
from app.widgets.basics import column as stacked
from app.widgets.basics import icon_button, icon_label, row, text, wrapped
from app.widgets.device_signal import SignalBars, words
from app.widgets.row_button import RowButton


class WatchRow(RowButton):
    """A line with one watch; signal and charge are shown once it was heard.

    Attributes:
        name: of the watch, as people read it.
        bars: the signal.
        charge: the battery in percent, in words.
        forget: takes a remembered watch off the list; None where there is nothing to forget.
    """

    def __init__(self, choice: Choice, on_forget: Callable[[], object] | None = None) -> None:
        self.name = choice.name
        self.bars, self.charge = SignalBars(), text("", "caption")
        self._note = text(choice.note, "caption")
        self._battery = wrapped(row(icon_label("battery", "text_soft", 16), self.charge, spacing=4))
        simulated = text("Simulated", "pill", tone="accent")
        layout = row(
            icon_label(choice.icon), stacked(text(choice.name, "strong"), self._note, spacing=0), None,
            simulated, self._battery, self.bars, spacing=12,
        )  # fmt: skip
        self.forget = icon_button("trash", f"Forget {choice.name}", on_click=on_forget) if on_forget else None
        if self.forget is not None:
            layout.addWidget(self.forget)
        super().__init__(choice.name, layout)
        simulated.setVisible(choice.uri == SIMULATED)
        self._battery.hide()
        self.bars.hide()
        if isinstance(choice, NearWatch):
            self.show_heard(choice)

    def show_heard(self, near: NearWatch) -> None:
        """Show how near it is, what it is, and its charge where it tells."""
        self._note.setText(near.note)
        self.bars.set_rssi(near.rssi)
        self.bars.show()
        self._battery.setVisible(near.battery is not None)
        charge = f"{near.battery} %" if near.battery is not None else ""
        self.charge.setText(charge)
        self.setAccessibleDescription("  ".join(part for part in (words(near.rssi), f"Battery {charge}") if part))
