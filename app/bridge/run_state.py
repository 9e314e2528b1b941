"""What a run tells, folded into one picture of how it stands: the same from a live child and from ``events.jsonl``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Event = dict[str, Any]


class Phase(StrEnum):
    """How a run stands."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass
class RungState:
    """One rung of one fold.

    Attributes:
        name: of the rung.
        fold: of the split.
        epochs: planned.
        loss: ``(epoch, value)``.
        accuracy: ``(epoch, share)`` on the training clips as they were shown.
        done: climbed.
        learns_from: names of its teachers.
        parameters: weights of its network.
        eta_s: seconds left for it.
    """

    name: str
    fold: str = ""
    epochs: int = 0
    loss: list[tuple[float, float]] = field(default_factory=list)
    accuracy: list[tuple[float, float]] = field(default_factory=list)
    done: bool = False
    learns_from: tuple[str, ...] = ()
    parameters: int = 0
    eta_s: float | None = None

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return int(self.loss[-1][0]) if self.loss else 0


@dataclass
class RunState:
    """How a run stands.

    Attributes:
        phase: see :class:`Phase`.
        folds: names of the trainings, one ladder each.
        rungs: by fold and name, in order.
        fold: the fold that is climbed.
        rung: the rung that is climbed.
        remaining_s: seconds left by the child's reckoning, or None.
        notes: what the run says about its data.
        report: a report was written.
        resumable: it can be gone on with.
        message: of a failure.
        hint: what to do about it.
        log: last lines that a child that died had written.
    """

    phase: Phase = Phase.IDLE
    folds: tuple[str, ...] = ()
    rungs: dict[tuple[str, str], RungState] = field(default_factory=dict)
    fold: str = ""
    rung: str = ""
    remaining_s: float | None = None
    notes: tuple[str, ...] = ()
    report: bool = False
    resumable: bool = False
    message: str = ""
    hint: str = ""
    log: tuple[str, ...] = ()

    @property
    def busy(self) -> bool:
        """True while a child is at work."""
        return self.phase in (Phase.STARTING, Phase.RUNNING, Phase.STOPPING)

    @property
    def share(self) -> float:
        """Of all epochs, 0 to 1."""
        total = sum(rung.epochs for rung in self.rungs.values())
        done = sum(rung.epochs if rung.done else rung.epoch for rung in self.rungs.values())
        return done / total if total else 0.0

    @property
    def current(self) -> RungState | None:
        """The rung that is climbed, or was last."""
        return self.rungs.get((self.fold, self.rung))

    def ladder(self, fold: str) -> list[RungState]:
        """The rungs of a fold, in order."""
        return [rung for (name, _), rung in self.rungs.items() if name == fold]

    def hear(self, event: Event) -> None:
        """Take in one event."""
        handler = _HANDLERS.get(str(event.get("event")))
        if handler is not None:
            handler(self, event)


def _start(state: RunState, event: Event) -> None:
    old = state.rungs
    state.phase = Phase.RUNNING
    state.folds = tuple(event["folds"])
    state.notes = tuple(event.get("notes", ()))
    state.rungs = {}
    for fold in state.folds:
        for rung in event["rungs"]:
            if fold == "all" and rung["name"] == "calibration":
                continue
            kept = old.get((fold, rung["name"]))
            state.rungs[(fold, rung["name"])] = kept or RungState(
                rung["name"], fold, int(rung["epochs"]), learns_from=tuple(rung.get("learns_from", ()))
            )


def _rung_start(state: RunState, event: Event) -> None:
    state.fold, state.rung = event["fold"], event["rung"]
    rung = state.rungs.setdefault((state.fold, state.rung), RungState(state.rung, state.fold))
    rung.epochs = int(event["epochs"])
    rung.parameters = int(event.get("parameters", 0))


def _epoch(state: RunState, event: Event) -> None:
    rung = state.rungs.setdefault((event["fold"], event["rung"]), RungState(event["rung"], event["fold"]))
    epoch = float(event["epoch"])
    rung.epochs = int(event["of"])
    rung.loss = [*(p for p in rung.loss if p[0] < epoch), (epoch, float(event["loss"]))]
    rung.accuracy = [*(p for p in rung.accuracy if p[0] < epoch), (epoch, float(event["accuracy"]))]
    rung.eta_s = float(event["rung_eta_s"])
    state.remaining_s = float(event["eta_s"])


def _rung_end(state: RunState, event: Event) -> None:
    rung = state.rungs.get((event["fold"], event["rung"]))
    if rung is not None:
        rung.done = True
        rung.eta_s = 0.0


def _end(state: RunState, event: Event) -> None:
    state.phase = Phase(event["event"])
    state.report = bool(event.get("report"))
    state.resumable = bool(event.get("resumable"))
    state.remaining_s = None


def _error(state: RunState, event: Event) -> None:
    state.phase = Phase.FAILED
    state.message, state.hint = str(event.get("message", "")), str(event.get("hint", ""))
    state.resumable = bool(state.rungs)


def _exit(state: RunState, event: Event) -> None:
    """The child's end; one that was not announced is a death."""
    state.log = tuple(event.get("log", ()))
    if state.busy:
        state.phase = Phase.FAILED
        state.message = f"The training process ended unexpectedly (code {event.get('code')})."
        state.hint = "Nothing that was learned up to the last whole epoch is lost. Resume goes on from there."
        state.resumable = bool(state.rungs)


_HANDLERS = {
    "run-start": _start,
    "rung-start": _rung_start,
    "epoch": _epoch,
    "rung-end": _rung_end,
    "done": _end,
    "stopped": _end,
    "cancelled": _end,
    "error": _error,
    "exit": _exit,
}
