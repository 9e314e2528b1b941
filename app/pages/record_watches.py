"""Which watches are worn: one, or one on each wrist."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.bridge import sources, watch_memory
from app.bridge.recorder import WATCHES
from app.bridge.session import Session
from app.pages.find_watch import FindWatchSheet
from app.pages.home_dialogs import choose_file
from app.widgets.basics import button, column, icon_button, row, text
from app.widgets.link_badge import LinkBadge
from app.widgets.pick_box import PickBox
from app.widgets.segmented import Segmented
from pskd.errors import PskdError
from pskd.recording.names import OTHER_SIDE

REPLAYS = "Recordings (raw.xdf *.mat *.csv *.xdf);;All files (*)"
ASKS = (
    ("find", "Find a watch…", "bluetooth"),
    ("file", "Replay a recording…", "play"),
    ("take", "Replay a take…", "library"),
)
WRISTS = (("left", "Left wrist", "Worn on the left wrist"), ("right", "Right wrist", "Worn on the right wrist"))


class WatchSlot(QWidget):
    """One watch: which, on which wrist, and how its link stands.

    Attributes:
        name: what the recorder calls it.
        box: picker of the watch.
        badge: its link.
        wrist: where it is worn; shown only where there are two.
        said: what is wrong with it; hidden where all is well.
        details, remove: buttons.
    """

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.name = name
        self.box, self.badge = PickBox(title), LinkBadge(title)
        self.wrist = Segmented(f"{title}: wrist", WRISTS)
        self.said = text("", "caption", tone="bad", wrap=True)
        self.details = icon_button("info", f"{title}: rate, gaps, battery, clock")
        self.remove = icon_button("cross", f"{title}: record without it")
        self._title = text(title, "small", tone="soft")
        self.setLayout(
            column(
                row(self._title, self.details, None, self.badge, spacing=2),
                row(self.box, self.remove, spacing=2),
                self.wrist,
                self.said,
                spacing=6,
            )
        )
        self.show_of_two(False, title)
        self.said.hide()

    def show_of_two(self, two: bool, title: str) -> None:
        """Show what is needed where there is another watch."""
        self._title.setText(title)
        self.wrist.setVisible(two)
        self.remove.setVisible(two)

    def show_link(self, state: str, sentence: str = "") -> None:
        """Show the link; a trouble is said in full, not only when the mouse rests there."""
        self.badge.set_state(state, sentence)
        trouble = sentence if state in ("stalled", "lost") else ""
        self.said.setText(trouble)
        self.said.setVisible(bool(trouble))
        self._give_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As wide as before or not, a trouble is shown to its last line."""
        super().resizeEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        """Lines that are wrapped: what is scrolled asks only for the least height, and that is a guess without this."""
        self.said.setMinimumHeight(max(self.said.heightForWidth(self.width()), 0))


class WatchList(QWidget):
    """The watches of the takes to come.

    Attributes:
        slots: one or two are shown; the second is there only where a second watch was added.
        add: adds a second watch.
        join: connects, where watches are not connected to by themselves.

    Signals:
        changed: other watches were chosen.
        worn: the two watches have changed wrists.
        join_wanted: connect now.
        details_wanted: name of a watch.
    """

    changed = Signal()
    worn = Signal()
    join_wanted = Signal()
    details_wanted = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.slots = [WatchSlot(name, title) for name, title in zip(WATCHES, ("Watch", "Second watch"), strict=True)]
        self.add = button(
            "Add another watch…", "quiet", icon="plus", tip="For the other wrist", on_click=self._ask_more
        )
        self.join = button("Connect", icon="bluetooth", on_click=self.join_wanted.emit)
        self.join.hide()
        self.setLayout(column(self.slots[0], self.join, self.slots[1], row(self.add, None), spacing=6))
        for place, slot in enumerate(self.slots):
            slot.box.picked.connect(lambda _, place=place: self._picked(place))
            slot.box.asked.connect(partial(self._ask, place))
            slot.remove.clicked.connect(lambda _=False, place=place: self._remove(place))
            slot.details.clicked.connect(lambda _=False, name=slot.name: self.details_wanted.emit(name))
            slot.wrist.chosen.connect(partial(self._wear, place))
        self._filled: tuple[object, ...] = ()
        session.settings_changed.connect(self._refill)
        self._refill()

    @property
    def uris(self) -> list[str]:
        """The watches that are chosen, in order."""
        return [slot.box.key for slot in self._shown() if slot.box.key]

    @property
    def wrists(self) -> dict[str, str]:
        """``left`` or ``right`` by the name of the watch; empty unless there are two."""
        return {slot.name: slot.wrist.choice for slot in self.slots} if self.two else {}

    @property
    def titles(self) -> dict[str, str]:
        """What people call the watches that are chosen, by their names."""
        return {slot.name: self.title_of(slot.name) for slot in self._shown() if slot.box.key}

    @property
    def two(self) -> bool:
        """A second watch was added."""
        return not self.slots[1].isHidden()

    def title_of(self, name: str) -> str:
        """What people call the watch: by its wrist, where there are two."""
        return f"{self.wrists[name].capitalize()} watch" if self.two else "Watch"

    def fill(self) -> None:
        """Offer the watches that are known, and choose those used last."""
        settings = self._session.settings
        entries = [*watch_memory.remembered(self._session), *sources.watches()]
        for slot, wanted in zip(self.slots, (settings.watch, settings.second_watch), strict=True):
            slot.box.set_entries([(c.uri, c.name, c.icon, c.note) for c in entries], ASKS)
            if wanted and not slot.box.choose(wanted):
                self._offer(slot.box, wanted)
        self._show(bool(settings.watch and settings.second_watch), settings.first_wrist)

    def _refill(self) -> None:
        """Anew where what is remembered has changed, here or on another page."""
        settings = self._session.settings
        said = (settings.watches, settings.watch, settings.second_watch, settings.first_wrist)
        if said != self._filled:
            self._filled = said
            self.fill()

    def use(self, place: int, uri: str) -> None:
        """Choose a watch by its URI, as a person would; the second is added where there was one."""
        if not self.slots[0].box.key:
            place = 0
        if not self._offer(self.slots[place].box, uri):
            return
        if place == 1 and not self.two:
            self._show(True, self.slots[0].wrist.choice)
        self._picked(place)

    def offer_join(self, words: str) -> None:
        """Show the button that connects, with these words; none hide it."""
        self.join.setVisible(bool(words))
        if words:
            self.join.setText(words)
            self.join.setAccessibleName(words)

    def set_recording(self, on: bool) -> None:
        """While a take runs nothing can be changed."""
        for slot in self.slots:
            for part in (slot.box, slot.wrist, slot.remove):
                part.setEnabled(not on)
        self.add.setEnabled(not on)
        self.join.setEnabled(not on)

    def _shown(self) -> Sequence[WatchSlot]:
        return self.slots if self.two else self.slots[:1]

    def _show(self, two: bool, first_wrist: str) -> None:
        self.slots[1].setVisible(two)
        self.add.setVisible(not two)
        for slot, title, side in zip(
            self.slots, ("First watch", "Second watch"), (first_wrist, OTHER_SIDE.get(first_wrist, "left")), strict=True
        ):
            slot.wrist.choose(side)
            slot.show_of_two(two, title if two else "Watch")

    def _wear(self, place: int, side: str) -> None:
        """Nobody wears two watches on one wrist: the other changes sides too."""
        self._show(self.two, side if place == 0 else OTHER_SIDE[side])
        self._session.change(first_wrist=self.slots[0].wrist.choice)
        self.worn.emit()

    def _picked(self, place: int) -> None:
        uri, other = self.slots[place].box.key, self.slots[1 - place].box.key
        if self.two and uri == other and uri.startswith(watch_memory.HARDWARE):
            self._session.say("This watch is chosen already.", "Choose another one for the other wrist.", "warn")
            self._remove(1)
            return
        self._keep()

    def _remove(self, place: int) -> None:
        if place == 0:
            self._offer(self.slots[0].box, self.slots[1].box.key)
        self._show(False, self._session.settings.first_wrist)
        self._keep()

    def _keep(self) -> None:
        first, second = (slot.box.key for slot in self.slots)
        side = self.slots[0].wrist.choice
        self._session.change(watch=first, second_watch=second if self.two else "", first_wrist=side)
        self.changed.emit()

    def _ask_more(self) -> None:
        self._ask(1, "find")

    def _ask(self, place: int, what: str) -> None:
        if what == "find":
            FindWatchSheet(self.window(), self._session, partial(self.use, place))
        elif what == "file":
            choose_file(self, "Recording", REPLAYS, lambda path: self.use(place, sources.replay(path)))
        else:
            choose_file(
                self, "Take", "Takes (take.json)", lambda path: self.use(place, sources.replay(str(Path(path).parent)))
            )

    def _offer(self, box: PickBox, uri: str) -> bool:
        try:
            choice = watch_memory.known(self._session, uri)
        except PskdError as error:
            self._session.show_error(error)
            return False
        box.offer((choice.uri, choice.name, choice.icon, choice.note))
        return True
