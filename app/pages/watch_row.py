"""One watch in the list that a person chooses from: name, what it is, charge and signal."""

from __future__ import annotations

from app.bridge.sources import SIMULATED, Choice
from app.bridge.watch_search import NearWatch
from app.widgets.basics import column as stacked
from app.widgets.basics import icon_label, row, text, wrapped
from app.widgets.device_signal import SignalBars, words
from app.widgets.row_button import RowButton


class WatchRow(RowButton):
    """A line with one watch; signal and charge are shown once it was heard.

    Attributes:
        name: of the watch, as people read it.
        bars: the signal.
        charge: the battery in percent, in words.
    """

    def __init__(self, choice: Choice) -> None:
        self.name = choice.name
        self.bars, self.charge = SignalBars(), text("", "caption")
        self._note = text(choice.note, "caption")
        self._battery = wrapped(row(icon_label("battery", "text_soft", 16), self.charge, spacing=4))
        simulated = text("Simulated", "pill", tone="accent")
        layout = row(
            icon_label(choice.icon), stacked(text(choice.name, "strong"), self._note, spacing=0), None,
            simulated, self._battery, self.bars, spacing=12,
        )  # fmt: skip
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
