"""The ladder as data: a list of rungs, each learning from rungs above it; the last one is the student."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pskd.errors import WrongUse

MAX_RUNGS = 16
MAX_EPOCHS = 10_000


class Rung(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of the ladder.

    Attributes:
        name: unique in the ladder, shown in the report.
        model: name in :data:`pskd.models.base.MODELS`; says which modalities it sees.
        learns_from: names of rungs above this one.
        loss: name in :data:`pskd.distill.base.LOSSES`.
        options: of the loss.
        epochs: training passes.
        learning_rate: the highest one; None for the plan's.
    """

    name: str
    model: str
    learns_from: tuple[str, ...] = ()
    loss: str = "label"
    options: dict[str, float | bool] = {}
    epochs: int = 40
    learning_rate: float | None = None


def check(rungs: Sequence[Rung]) -> None:
    """Refuse a ladder that cannot be climbed.

    Raises:
        WrongUse: empty, a name twice, a rung that learns from one that is not above it, a loss without the teachers
            it needs, or epochs out of range; the message names the rung.
    """
    if not 1 <= len(rungs) <= MAX_RUNGS:
        raise _wrong(f"A ladder has 1 to {MAX_RUNGS} rungs, this one has {len(rungs)}.")
    above: list[str] = []
    for rung in rungs:
        _check_rung(rung, above, [other.name for other in rungs])
        above.append(rung.name)


def without(rungs: Sequence[Rung], absent: Sequence[str]) -> tuple[Rung, ...]:
    """The ladder without some rungs (no camera ran, an ablation); what learned from them learns from the rest.

    A rung that loses all its teachers learns from the labels.
    """
    kept = []
    for rung in rungs:
        if rung.name in absent:
            continue
        teachers = tuple(name for name in rung.learns_from if name not in absent)
        if rung.learns_from and not teachers:
            rung = msgspec.structs.replace(rung, learns_from=(), loss="label", options={})
        else:
            rung = msgspec.structs.replace(rung, learns_from=teachers)
        kept.append(rung)
    return tuple(kept)


def needed_for(rungs: Sequence[Rung], name: str) -> list[str]:
    """The rungs that must be climbed for ``name``, itself included, in ladder order."""
    needed = {name}
    for rung in reversed(rungs):
        if rung.name in needed:
            needed |= set(rung.learns_from)
    return [rung.name for rung in rungs if rung.name in needed]


def _check_rung(rung: Rung, above: list[str], everyone: list[str]) -> None:
    if not rung.name or not rung.name.replace("-", "").replace("_", "").isalnum() or len(rung.name) > 40:
        raise _wrong(f"{rung.name!r} is not a name for a rung (letters, digits, - and _).")
    if rung.name in above:
        raise _wrong(f"Two rungs are called {rung.name!r}.")
    for teacher in rung.learns_from:
        if teacher not in above:
            why = "stands below it" if teacher in everyone and teacher != rung.name else "is not in the ladder"
            why = "is itself" if teacher == rung.name else why
            raise _wrong(f"Rung {rung.name!r} cannot learn from {teacher!r}: that {why}.")
    if len(set(rung.learns_from)) != len(rung.learns_from):
        raise _wrong(f"Rung {rung.name!r} learns from the same rung twice.")
    if rung.loss != "label" and not rung.learns_from:
        raise _wrong(f"Rung {rung.name!r} has the loss {rung.loss!r} but nobody to learn from.")
    if not 1 <= rung.epochs <= MAX_EPOCHS:
        raise _wrong(f"Rung {rung.name!r}: epochs must be from 1 to {MAX_EPOCHS}, got {rung.epochs}.")
    if rung.learning_rate is not None and not 0 < rung.learning_rate <= 1:
        raise _wrong(f"Rung {rung.name!r}: learning_rate must be over 0 and up to 1, got {rung.learning_rate}.")


def _wrong(message: str) -> WrongUse:
    return WrongUse(message, code="ladder", hint="A rung learns only from rungs above it; the student comes last.")
