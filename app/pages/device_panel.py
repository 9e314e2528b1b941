"""The device panel: how every watch of the Record page fares, refreshed while it is open."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton, QWidget

from app.bridge import watch_memory
from app.bridge.recorder import RecorderBridge
from app.bridge.session import Session
from app.pages.record_links import Links
from app.pages.record_monitor import facts_of, watch_stream
from app.pages.record_watches import WatchList
from app.style.metrics import GAP_L, GAP_XL
from app.widgets.basics import Card, button, column, row, scrolled, text
from app.widgets.device_card import DeviceCard, DeviceFacts
from app.widgets.sheet import Sheet

WIDTH = 440
SIDE_BY_SIDE = 860  # a window narrower than this shows two watches below each other
REFRESH_MS = 250
CLOCK_EVERY = 8  # refreshes
LEAST = 120
AROUND = 200  # pixels of the window that the panel's heading, button and margins take


class DeviceSheet(Sheet):
    """One card for each watch that is chosen.

    Attributes:
        cards: by the watch's name.
        forget: buttons that take a remembered watch off the list, by the watch's name.
    """

    def __init__(
        self, parent: QWidget, session: Session, bridge: RecorderBridge, links: Links, watches: WatchList
    ) -> None:
        self._session, self._bridge, self._links, self._watches = session, bridge, links, watches
        names = [slot.name for slot in watches.slots[: 2 if watches.two else 1]]
        self.cards = {name: DeviceCard() for name in names}
        self.forget: dict[str, QPushButton] = {}
        self._clocks: dict[str, str] = {}
        self._turn = 0
        for name, card in self.cards.items():
            words = "Take it off the list of watches used before; it stays chosen until another one is"
            self.forget[name] = button("Forget", "quiet", icon="trash", tip=words, on_click=partial(self._forget, name))
            card.buttons.addWidget(self.forget[name])
        beside = len(names) > 1 and parent.width() >= SIDE_BY_SIDE
        cards = row(*self.cards.values(), spacing=GAP_L) if beside else column(*self.cards.values(), spacing=GAP_L)
        for number in range(cards.count()):
            cards.setStretch(number, 1)
        holder = QWidget()
        holder.setLayout(cards)
        area = scrolled(holder)
        title = "Watches" if len(names) > 1 else "Watch"
        close = button("Close", "primary", on_click=self.close_sheet)
        panel = Card(text(title, "heading"), area, row(None, close), padding=GAP_XL, spacing=GAP_L)
        panel.setAccessibleName(title)
        super().__init__(parent, panel)
        panel.setFixedWidth(min(WIDTH * (2 if beside else 1), parent.width() - 2 * GAP_L))
        self._area, self._holder = area, holder
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._timer.start()
        self._refresh()
        close.setFocus()

    def close_sheet(self) -> None:
        """Go away; nothing is refreshed any more."""
        self._timer.stop()
        super().close_sheet()

    def _refresh(self) -> None:
        status = self._bridge.status()
        for name, card in self.cards.items():
            stream = watch_stream(status.streams if status is not None else (), name)
            state, sentence = self._links.states.get(name, ("idle", ""))
            battery = stream.battery if stream is not None else None
            facts = DeviceFacts(
                self._name(name),
                self._watches.title_of(name),
                state,
                sentence,
                facts_of(stream),
                battery,
                self._clocks.get(name, ""),
            )
            card.show_device(facts)
            self.forget[name].setVisible(watch_memory.is_remembered(self._session, self._uri(name)))
        if self._turn % CLOCK_EVERY == 0 and self._bridge.is_open:
            self._session.run(self._judge_clocks, self._clocks_judged)
        self._turn += 1
        self._fit()

    def _fit(self) -> None:
        """As high as its cards, as long as the window has room."""
        room = self.height() - AROUND
        wanted = self._holder.heightForWidth(max(self._area.viewport().width(), LEAST))
        self._area.setFixedHeight(max(LEAST, min(wanted, room)))

    def _judge_clocks(self) -> dict[str, str]:
        return {name: self._bridge.clock_verdict(name) for name in self.cards}

    def _clocks_judged(self, verdicts: dict[str, str]) -> None:
        self._clocks = verdicts

    def _name(self, name: str) -> str:
        slot = next(slot for slot in self._watches.slots if slot.name == name)
        return slot.box.currentText()

    def _uri(self, name: str) -> str:
        return next(slot.box.key for slot in self._watches.slots if slot.name == name)

    def _forget(self, name: str) -> None:
        watch_memory.forget(self._session, self._uri(name))
        self._session.say("The watch is forgotten.", "Find a watch… finds it again.")
        self._refresh()
