"""From what a person chose in the wizard to a plan, and about how long it will take."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.bridge.data_outline import Division
from app.widgets.ladder_view import LadderRow, teachers

if TYPE_CHECKING:
    from pskd.distill.ladder import Rung
    from pskd.training.plan import Plan

SEES = {
    "skeleton": "the skeleton",
    "fused": "skeleton and acceleration",
    "accelerometer": "the acceleration, with a large network",
    "student": "the acceleration alone",
}
LOSSES = (
    ("acs", "Adaptive confidence (ACS)", "The surer a teacher is of the right class, the more it is heard."),
    ("kd", "Plain distillation (KD)", "Mimic the mean of all teachers."),
    ("dkd", "Decoupled distillation (DKD)", "Weigh the right class and the others apart."),
    ("label", "Labels alone", "No teachers: the control that every gain is measured against."),
)
# Milliseconds for one clip in one epoch on one core. Rough: a run says better after its first epoch.
COST_MS = {"skeleton": 3.5, "fused": 5.0, "accelerometer": 5.0, "small": 3.0, "nano": 1.5}
OVERHEAD_S = 8.0


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen.

    Attributes:
        protocol: how clips are divided.
        preset: ``quick`` or ``best``.
        student: ``nano``, ``small`` or ``large``.
        loss: how rungs learn from rungs above.
        seed: of all chance.
        rows: the ladder, student last.
        custom: the ladder was changed by hand.
        unlabelled: teachers teach on takes that nobody labelled, too.
    """

    protocol: str
    preset: str = "quick"
    student: str = "small"
    loss: str = "acs"
    seed: int = 0
    rows: tuple[LadderRow, ...] = ()
    custom: bool = False
    unlabelled: bool = True


def ladder_rows(preset: str, student: str, loss: str) -> tuple[LadderRow, ...]:
    """The preset's ladder as it is shown."""
    from pskd.training.presets import make_plan

    rungs = make_plan("", "cross-subject", preset=preset, student=student, loss=loss).rungs
    return tuple(
        LadderRow(
            rung.name, SEES.get(rung.name, rung.model), rung.epochs, fixed=rung.name == "student", place=place,
            hears=rung.learns_from,
        )
        for place, rung in enumerate(rungs)
    )  # fmt: skip


def plan_of(library: Path, choices: Choices) -> Plan:
    """The plan that was chosen.

    Raises:
        WrongUse: it cannot be carried out.
    """
    import msgspec

    from pskd.training import plan as plans
    from pskd.training.presets import make_plan

    plan = make_plan(
        str(library.resolve()), choices.protocol, preset=choices.preset, seed=choices.seed, student=choices.student,
        loss=choices.loss,
    )  # fmt: skip
    plan = msgspec.structs.replace(plan, unlabelled=choices.unlabelled)
    if not choices.custom:
        return plan
    known = {rung.name: rung for rung in plan.rungs}
    options = dict(plan.student.options)
    rungs: list[Rung] = []
    for number, row in enumerate(choices.rows):
        if not row.included or row.name not in known:
            continue
        heard = teachers(choices.rows, number) if choices.loss != "label" else ()
        loss = choices.loss if heard else "label"
        rungs.append(
            msgspec.structs.replace(
                known[row.name], epochs=row.epochs, learns_from=heard, loss=loss,
                options=options if loss == plan.student.loss else {},
            )
        )  # fmt: skip
    plan = msgspec.structs.replace(plan, rungs=tuple(rungs), preset="custom")
    plans.check(plan)
    return plan


def estimate_s(rows: Sequence[LadderRow], student: str, preset: str, division: Division) -> float:
    """About how long a run takes on this computer, in seconds."""
    from pskd.training.presets import STUDENTS, make_plan

    cores = min(os.cpu_count() or 1, 4)
    calibration = make_plan("", "cross-subject", preset=preset, student=student).calibration_epochs
    network = STUDENTS[student]
    work = calibration * COST_MS[network]
    work += sum(r.epochs * COST_MS.get(network if r.fixed else r.name, 3.0) for r in rows if r.included)
    gain = 1 + 0.6 * (cores - 1)
    clips = division.splits * division.train_clips
    if division.splits > 1:
        clips += division.test_clips  # the student to keep learns from all of them
    return OVERHEAD_S + clips * work / 1000 / gain
