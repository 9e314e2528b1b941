"""The parts of jobs that are carried out side by side: a rung that jobs share, and a job's student, each of one fold.

A student's part is saved after every epoch and goes on there when the study is started again. Whoever finishes the
last fold of a job writes its report.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch

from benchmarks.study import material, rocket
from benchmarks.study.jobs import JOB_NAME, Job, JobFacts
from benchmarks.study.version import code_version
from pskd import documents
from pskd.errors import BadFile, PskdError
from pskd.evaluation.report import REPORT_NAME, write_report
from pskd.library.splits import make_splits
from pskd.models.base import build
from pskd.training import checkpoint as store
from pskd.training import outcome
from pskd.training import plan as plans
from pskd.training.ascent import Ascent
from pskd.training.checkpoint import CHECKPOINT_NAME, Checkpoint
from pskd.training.device import choose
from pskd.training.folds import Fold, make_folds
from pskd.training.rungs import RungStore

RUNGS = "rungs"


@dataclass(frozen=True, slots=True, eq=False)
class _Climb:
    """A job on its clips: what climbs, the folds that are judged, and what was left out of them."""

    ascent: Ascent
    folds: list[Fold]
    notes: list[str]


def shared_rungs(jobs: Sequence[Job]) -> list[list[tuple[Job, int, int]]]:
    """The rungs above the students, each once, in waves: a rung learns only from rungs of earlier waves.

    Returns:
        for each wave, a job that has the rung, the rung's place in its ladder, and the number of the fold.
    """
    waves: dict[int, dict[tuple[str, int], tuple[Job, int, int]]] = {}
    for job in jobs:
        if job.classifier:
            continue
        for place in range(len(job.plan.rungs) - 1):
            key = RungStore(job.work, repr(job.selection)).key(job.plan, job.plan.rungs, place, "")
            for fold in range(_fold_count(job)):
                waves.setdefault(place, {}).setdefault((key, fold), (job, place, fold))
    return [list(waves[place].values()) for place in sorted(waves)]


def students(jobs: Sequence[Job]) -> list[tuple[Job, int]]:
    """Every job with the number of each of its folds."""
    return [(job, fold) for job in jobs for fold in range(1 if job.classifier else _fold_count(job))]


def climb(job: Job, place: int, number: int) -> None:
    """Climb one rung of one fold, and those it needs, for all jobs that share it; at once where it is there already.

    Raises:
        PskdError: it cannot be climbed.
    """
    torch.set_num_threads(job.plan.threads)
    found = material.load(job.plan.library, job.selection)
    with tempfile.TemporaryDirectory(prefix="pskd-study-") as folder:
        made = _climb(job, found, Path(folder), Checkpoint(""))
        made.ascent.climb_to(made.folds[number], job.plan.rungs[place].name)


def learn(job: Job, number: int, aeon: str = "") -> JobFacts | None:
    """Carry out one fold of a job, on top of the rungs that are there; a classifier does all folds at once.

    Args:
        job: what to do.
        number: of the fold.
        aeon: interpreter of an environment that has aeon.

    Returns:
        None where other folds are not done yet, or it was finished already; else this was the last fold, and the job's
        folder holds report, answers and plan.

    Raises:
        PskdError: it cannot be carried out.
    """
    if job.finished:
        return None
    torch.set_num_threads(job.plan.threads)
    found = material.load(job.plan.library, job.selection)
    if job.classifier:
        with tempfile.TemporaryDirectory(prefix="pskd-study-") as place:
            rocket.judge(job.classifier, job.plan, found, _made(Path(place) / "result"), aeon)
            return _finish(job, found, Path(place) / "result")
    try:
        return _learn_fold(job, number, found)
    except FileNotFoundError:
        if job.finished:  # by another process, left over from a study that was killed, which has cleared the folds away
            return None
        raise


def _learn_fold(job: Job, number: int, found: material.Material) -> JobFacts | None:
    folder = _made(job.under_way / f"{number:02d}")
    begun = (folder / CHECKPOINT_NAME).is_file()
    standing = store.load(folder, job.key) if begun else Checkpoint(job.key)
    made = _climb(job, found, folder, standing)
    if not standing.done:
        made.ascent.fold(made.folds[number])
        made.ascent.forget(made.folds[number])
        standing.done = True
        store.save(folder, standing)
    parts = [part for other in range(len(made.folds)) if (part := _part(job, other)) is not None and part.done]
    if job.finished or len(parts) < len(made.folds):
        return None
    return _gather(job, found, parts, made)


def _part(job: Job, number: int) -> Checkpoint | None:
    """Where a fold of a job stands; None where it has not begun, or its job was finished meanwhile."""
    folder = job.under_way / f"{number:02d}"
    try:
        return store.load(folder, job.key) if (folder / CHECKPOINT_NAME).is_file() else None
    except BadFile:
        if job.finished:  # by another process, which has cleared it away
            return None
        raise


def _gather(job: Job, found: material.Material, parts: Sequence[Checkpoint], made: _Climb) -> JobFacts:
    """The report of all folds."""
    ascent, folds = made.ascent, made.folds
    whole = Checkpoint(job.key)
    for part in parts:
        whole.answers.update(part.answers)
        whole.curves.update(part.curves)
        whole.seconds.update(part.seconds)
    there = {rung.name for fold in folds for rung in fold.rungs}
    with tempfile.TemporaryDirectory(prefix="pskd-study-") as place:
        ascent.checkpoint, ascent.folder = whole, _made(Path(place) / "result")
        ascent.models = {rung.name: build(rung.model, ascent.shapes) for rung in job.plan.rungs if rung.name in there}
        report = outcome.judge(
            ascent, folds, {"name": found.name, "clips": len(ascent.data.clips)}, [*made.notes, outcome.AS_PLANNED]
        )
        outcome.leave_answers(ascent, folds)
        name = f"{job.protocol}, {job.recipe}, seed {job.seed}"
        write_report(ascent.folder, msgspec.structs.replace(report, name=name))
        facts = _finish(job, found, ascent.folder)
    shutil.rmtree(job.under_way, ignore_errors=True)
    return facts


def _finish(job: Job, found: material.Material, folder: Path) -> JobFacts:
    """Plan and facts beside report and answers, then all of it into place."""
    plans.save(folder, msgspec.structs.replace(job.plan, library=found.name))
    facts = JobFacts(
        recipe=job.recipe, protocol=job.protocol, seed=job.seed, key=job.key, wrist=found.wrist_classes()
    )  # fmt: skip
    documents.save(folder / JOB_NAME, facts)
    _move(folder, job.folder)
    return facts


def _climb(job: Job, found: material.Material, folder: Path, standing: Checkpoint) -> _Climb:
    data = material.stacked(found, job.plan)
    folds, notes = make_folds(job.plan, data)
    judged = [fold for fold in folds if len(fold.test)]  # no bundle is made, so no student on all clips
    device = choose(job.plan.device)
    kept = RungStore(job.work / RUNGS, f"{found.mark} {code_version()} {device}")
    ascent = Ascent(job.plan, data, folder, standing, _silent, _go_on, 0, device, kept)
    return _Climb(ascent, judged, notes[:-1] if len(folds) > len(judged) else notes)


def _fold_count(job: Job) -> int:
    clips = material.load(job.plan.library, job.selection).clips
    try:
        return len(make_splits(clips, job.plan.protocol, seed=job.plan.seed))
    except PskdError:
        return 1  # whoever carries it out will say so


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _move(folder: Path, target: Path) -> None:
    """Into place at once, also from another disk; another process may have been faster with the same."""
    target.parent.mkdir(parents=True, exist_ok=True)
    near = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
    shutil.copytree(folder, near, dirs_exist_ok=True)
    try:
        near.rename(target)
    except OSError:
        shutil.rmtree(near)
        if not (target / REPORT_NAME).is_file():
            raise


def _silent(kind: str, /, **fields: Any) -> None:
    """Studies show whole parts, not epochs."""


def _go_on() -> str:
    return ""
