"""Training for the window: the child process that learns, and the runs that are there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.bridge.data_outline import outline_of
from app.bridge.plan_choices import Choices, plan_of
from app.bridge.run_state import Event, Phase, RunState
from app.bridge.runs import RunResult, list_runs, new_run_folder, read_result, takes_of_cell
from app.bridge.session import Session
from app.widgets.words import place

if TYPE_CHECKING:
    from pskd.workers.parent import Child

TELL_MS = 33

log = logging.getLogger("app")


class TrainingBridge(QObject):
    """One training at a time.

    Attributes:
        state: how the run stands.
        folder: of the run that is or was trained here, or None.

    Signals:
        outline_ready: a :class:`app.bridge.data_outline.DataOutline`.
        runs_ready: a list of :class:`app.bridge.runs.RunRow`.
        result_ready: a :class:`app.bridge.runs.RunResult`.
        state_changed: ``state`` is new; at most 30 times a second.
        ended: the child is gone; ``state`` says how.
    """

    outline_ready = Signal(object)
    runs_ready = Signal(object)
    result_ready = Signal(object)
    state_changed = Signal()
    ended = Signal()
    _heard = Signal(object, object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.state = RunState()
        self.folder: Path | None = None
        self._child: Child | None = None
        self._token = object()
        self._ticker = QTimer(self)
        self._ticker.setSingleShot(True)
        self._ticker.setInterval(TELL_MS)
        self._ticker.timeout.connect(self.state_changed)
        self._heard.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    # -- what there is

    def refresh(self) -> None:
        """Count the library and list its runs."""
        library = self.session.library
        if library is None:
            self.runs_ready.emit([])
            return
        self._run_here(lambda: outline_of(library), self.outline_ready)
        self._run_here(lambda: list_runs(library.path), self.runs_ready)

    def open_result(self, folder: Path) -> None:
        """Read a run's report."""
        self._run_here(lambda: read_result(folder), self.result_ready)

    def look_at(self, folder: Path) -> None:
        """Show how far an unfinished run came, while nothing is being trained."""
        if not self.state.busy:
            self.folder, self.state = folder, replay(folder)
            self.state.resumable = True
            self.state_changed.emit()

    def forget(self) -> None:
        """Let go of the run that was shown last, while nothing is being trained."""
        if not self.state.busy:
            self.folder, self.state = None, RunState()
            self.state_changed.emit()

    def _run_here(self, work: Callable[[], Any], signal: Any) -> None:
        """Work for the library that is open now; what it finds is told unless another one is open by then."""
        library = self.session.library
        self.session.run(work, lambda found: signal.emit(found) if self.session.library is library else None)

    def export(self, folder: Path, target: Path) -> None:
        """Copy a run's bundle into ``target``."""

        def work() -> Path:
            from pskd.export.bundle import copy_bundle, find_bundle, read_bundle

            out = target / f"{folder.name}_bundle"
            copy_bundle(read_bundle(find_bundle(folder)), out)
            return out

        self.session.run(
            work, lambda path: self.session.say("The bundle was exported.", f"It is in {place(path)}.", "good")
        )

    def takes_of(
        self, result: RunResult, model: str, cell: tuple[str, str], on_done: Callable[[list[str], str], object]
    ) -> None:
        """Find the takes behind a cell (truth, answer) of a model; ``on_done`` hears their ids and what they are."""
        library = self.session.library
        if library is not None:
            self.session.run(lambda: takes_of_cell(library, result, model, *cell), lambda found: on_done(*found))

    # -- the child

    def start(self, choices: Choices) -> bool:
        """Train as chosen, in a new folder; False where that could not begin, which is shown."""
        library = self.session.library
        if library is None or self.state.busy:
            return False
        try:
            plan = plan_of(library.path, choices)
            folder = new_run_folder(library.path, plan.protocol, plan.preset)
            folder.parent.mkdir(parents=True, exist_ok=True)
        except Exception as error:
            self.session.show_error(error)
            return False
        self._begin(folder, RunState(), plan=msgspec.to_builtins(plan))
        return True

    def resume(self, folder: Path) -> None:
        """Go on with a run where its last whole epoch ended."""
        if not self.state.busy:
            self._begin(folder, replay(folder), resume=True)

    def stop(self) -> None:
        """End early and keep what there is."""
        self._ask("stop")

    def cancel(self) -> None:
        """Leave at once, also where the end has been asked for; the folder stays and can be resumed."""
        self._ask("cancel")

    def close(self) -> None:
        """Let the child go (the window closes); its folder can be resumed."""
        child, self._child = self._child, None
        if child is not None:
            child.send("cancel")
            child.close(timeout_s=3.0)

    def _begin(self, folder: Path, state: RunState, **request: Any) -> None:
        from pskd.workers.parent import Child

        self.close()
        self.folder, self.state = folder, state
        self.state.phase = Phase.STARTING
        self.state.message = self.state.hint = ""
        token = object()
        self._token = token
        try:
            self._child = Child("train", lambda event: self._heard.emit(token, event))
        except OSError as error:  # no memory or no process left
            self.state.hear({"event": "error", "message": f"The training process could not start: {error}."})
        else:
            self._child.send("start", run=str(folder), **request)
        self.state_changed.emit()

    def _ask(self, wish: str) -> None:
        if self._child is not None and self.state.busy:
            self._child.send(wish)
            self.state.phase = Phase.STOPPING
            self.state_changed.emit()

    def _hear(self, token: object, event: Event) -> None:
        if token is not self._token:
            return
        stopping = self.state.phase is Phase.STOPPING
        self.state.hear(event)
        if stopping and self.state.phase is Phase.RUNNING:
            self.state.phase = Phase.STOPPING
        if event["event"] == "exit":
            self._reap()
        elif event["event"] == "run-start":
            self.refresh()  # its folder is there now
            self._ticker.start()
        elif event["event"] != "beat" and not self._ticker.isActive():
            self._ticker.start()

    def _reap(self) -> None:
        self._ticker.stop()
        child, self._child = self._child, None
        if child is not None:
            self.session.run(child.close)
        self.state_changed.emit()
        self.ended.emit()
        self.refresh()


def replay(folder: Path) -> RunState:
    """How a run stood when it was last heard of, from its log."""
    from pskd import events

    state = RunState()
    try:
        for event in events.read(folder / "events.jsonl"):
            state.hear(event)
    except OSError as error:
        log.warning("the log of %s cannot be read: %s", folder, error)
    if state.busy or state.phase is Phase.IDLE:
        state.phase = Phase.HALTED
    return state
