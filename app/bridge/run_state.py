"""What a run tells, folded into one picture of how it stands: the same from a live child and from ``events.jsonl``."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

Event = dict[str, Any]

log = logging.getLogger("app")


class Phase(StrEnum):
    """How a run stands; ``halted`` is one of an earlier time that has no end in its log."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    HALTED = "halted"
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
    """

    name: str
    fold: str = ""
    epochs: int = 0
    loss: list[tuple[float, float]] = field(default_factory=list)
    accuracy: list[tuple[float, float]] = field(default_factory=list)
    done: bool = False
    learns_from: tuple[str, ...] = ()

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
        return min(done / total, 1.0) if total > 0 else 0.0

    @property
    def current(self) -> RungState | None:
        """The rung that is climbed, or was last."""
        return self.rungs.get((self.fold, self.rung))

    def ladder(self, fold: str) -> list[RungState]:
        """The rungs of a fold, in order."""
        return [rung for (name, _), rung in self.rungs.items() if name == fold]

    def hear(self, event: Event) -> None:
        """Take in one event; one that cannot be read (of another version, or changed by hand) is passed over."""
        handler = _HANDLERS.get(str(event.get("event")))
        if handler is None:
            return
        try:
            handler(self, event)
        except (KeyError, TypeError, ValueError, OverflowError):
            log.warning("passed over an event that cannot be read: %.200s", event)


def _start(state: RunState, event: Event) -> None:
    folds = _names(event["folds"])
    planned = [
        RungState(str(rung["name"]), epochs=int(rung["epochs"]), learns_from=_names(rung.get("learns_from", ())))
        for rung in event["rungs"]
    ]
    rungs = {
        (fold, rung.name): state.rungs.get((fold, rung.name)) or replace(rung, fold=fold, loss=[], accuracy=[])
        for fold in folds
        for rung in planned
        if (fold, rung.name) != ("all", "calibration")
    }
    state.phase, state.folds, state.rungs = Phase.RUNNING, folds, rungs
    state.notes = _names(event.get("notes", ()))


def _rung_start(state: RunState, event: Event) -> None:
    rung = _rung(state, event)
    rung.epochs = int(event["epochs"])
    state.fold, state.rung = rung.fold, rung.name


def _epoch(state: RunState, event: Event) -> None:
    rung = _rung(state, event)
    epoch, loss, accuracy = (_number(event, name) for name in ("epoch", "loss", "accuracy"))
    rung.epochs = int(event["of"])
    for curve, value in ((rung.loss, loss), (rung.accuracy, accuracy)):
        while curve and curve[-1][0] >= epoch:  # a run that was resumed climbs its last epochs again
            curve.pop()
        curve.append((epoch, value))
    state.remaining_s = _number(event, "eta_s")


def _rung_end(state: RunState, event: Event) -> None:
    _rung(state, event).done = True


def _rung(state: RunState, event: Event) -> RungState:
    fold, name = str(event["fold"]), str(event["rung"])
    return state.rungs.setdefault((fold, name), RungState(name, fold))


def _number(event: Event, name: str) -> float:
    value = float(event[name])
    if not math.isfinite(value):
        raise ValueError(f"{name} is not a number")
    return value


def _names(values: Any) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


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
