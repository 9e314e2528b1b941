"""What Live works with: which student, which watch, and what the simulated performer does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from app.bridge import sources, watch_memory
from app.bridge.live import LiveBridge
from app.bridge.runs import RunRow
from app.bridge.session import Session
from app.pages.find_watch import FindWatchSheet
from app.pages.home_dialogs import choose_file
from app.style.metrics import GAP_L
from app.widgets.basics import column, text, wrapped
from app.widgets.pick_box import PickBox
from app.widgets.words import many, short

REPLAYS = "Recordings (raw.xdf *.mat *.csv *.xdf);;All files (*)"
ASKS = (("find", "Find a watch…", "bluetooth"), ("file", "Replay a recording…", "play"))
IN_TURN = "All classes in turn"
NAME_LENGTH = 48


class LiveSetup(QWidget):
    """Three lists side by side.

    Attributes:
        run: the students.
        watch: the watches.
        performer: what the simulated performer can do.
        performs: the list of that with its caption; shown where it matters.
        uri: the watch that is wanted.

    Signals:
        chosen: a person chose another student or watch.
        listed: the students were looked up; whether there are any.
    """

    chosen = Signal()
    listed = Signal(bool)

    def __init__(self, session: Session, bridge: LiveBridge) -> None:
        super().__init__()
        self._session, self._bridge = session, bridge
        self._wanted_run = ""
        used = session.settings.watch
        self.uri = used if used.startswith(watch_memory.HARDWARE) else sources.SIMULATED
        self._build()
        self.run.currentIndexChanged.connect(lambda _: self._run_chosen())
        self.watch.picked.connect(self._watch_picked)
        self.watch.asked.connect(self._ask)
        self.performer.currentIndexChanged.connect(lambda _: bridge.perform(str(self.performer.currentData() or "")))
        bridge.runs_ready.connect(self._show_runs)
        bridge.watches_ready.connect(self._show_watches)

    @property
    def folder(self) -> Path | None:
        """The run that is chosen; None where there is none."""
        data = self.run.currentData()
        return Path(str(data)) if data else None

    def want(self, run: str = "", watch: str = "") -> None:
        """Choose a run's folder and a watch's URI once the lists are there; empty leaves what is chosen."""
        self._wanted_run = run or self._wanted_run
        self.uri = watch or self.uri

    def use_watch(self, uri: str) -> None:
        """Choose a watch by its URI, listed or not, as a person would."""
        self.watch.choose(uri)
        self._find_watches()
        self._watch_picked(uri)

    def offer_activities(self, classes: Sequence[str]) -> None:
        """Let the performer do these; what was chosen stays."""
        before = self.performer.currentData()
        self.performer.blockSignals(True)
        self.performer.clear()
        self.performer.addItem(IN_TURN, "")
        for name in classes:
            self.performer.addItem(short(name, NAME_LENGTH), name)
        self.performer.setCurrentIndex(max(self.performer.findData(before), 0))
        self.performer.blockSignals(False)

    def _build(self) -> None:
        self.run, self.watch, self.performer = QComboBox(), PickBox("Watch"), QComboBox()
        self.run.setAccessibleName("Student")
        self.performer.setAccessibleName("What the simulated performer does")
        self.performer.addItem(IN_TURN, "")
        self.performs = wrapped(column(text("Performer does", "caption"), self.performer, spacing=2))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_L)
        layout.addLayout(column(text("Student", "caption"), self.run, spacing=2), 4)
        layout.addLayout(column(text("Watch", "caption"), self.watch, spacing=2), 4)
        layout.addWidget(self.performs, 3)

    def _show_runs(self, rows: list[RunRow]) -> None:
        """Offer these; what runs goes on, also where its folder is gone, unless another one is wanted."""
        running = str(self._bridge.run or "")
        entries = [(_described(one), str(one.folder)) for one in rows]
        if running and running not in [folder for _, folder in entries]:
            entries.insert(0, (self.run.currentText(), running))
        wanted = self._wanted_run or running or str(self.run.currentData() or "")
        self._wanted_run = ""
        self.run.blockSignals(True)
        self.run.clear()
        for words, folder in entries:
            self.run.addItem(words, folder)
        self.run.setCurrentIndex(max(self.run.findData(wanted), 0) if entries else -1)
        self.run.blockSignals(False)
        self.listed.emit(bool(entries))
        self._find_watches()
        if running and (running, self._bridge.uri) != (self.run.currentData(), self.uri):
            self.chosen.emit()

    def _show_watches(self, choices: list[sources.Choice]) -> None:
        entries = [(choice.uri, choice.name, choice.icon, choice.note) for choice in choices]
        if self.uri and self.uri not in [choice.uri for choice in choices]:
            extra = watch_memory.known(self._session, self.uri)
            entries.append((extra.uri, extra.name, extra.icon, extra.note))
        self.watch.set_entries(entries, ASKS)
        self.watch.choose(self.uri)
        self._show_performer()

    def _run_chosen(self) -> None:
        self._find_watches()
        self.chosen.emit()

    def _find_watches(self) -> None:
        if self.folder is not None:
            self._bridge.find_watches(self.folder)

    def _watch_picked(self, uri: str) -> None:
        self.uri = uri
        self._show_performer()
        self.chosen.emit()

    def _ask(self, what: str) -> None:
        if what == "find":
            FindWatchSheet(self.window(), self._session, self.use_watch)
            return
        choose_file(self, "Recording", REPLAYS, lambda path: self.use_watch(sources.replay(str(path))))

    def _show_performer(self) -> None:
        self.performs.setVisible(self.uri.startswith(sources.SIMULATED))


def _described(run: RunRow) -> str:
    """A run as an entry of the list; how many classes it has is known once it was judged."""
    if run.accuracy is None:
        return f"{run.created}  ·  not judged"
    return f"{run.created}  ·  {run.accuracy:.1%}  ·  {many(run.classes, 'class', 'classes')}"
