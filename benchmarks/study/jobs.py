"""One job: one recipe, protocol and seed, from clips to a folder of results; and one rung that several jobs share."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch

from benchmarks.study import material, rocket
from benchmarks.study.recipes import Protocol, Recipe, plan_of
from benchmarks.study.version import code_version, meaning
from pskd import documents
from pskd.clock import now_s
from pskd.evaluation.report import REPORT_NAME, write_report
from pskd.training import outcome
from pskd.training import plan as plans
from pskd.training.ascent import Ascent
from pskd.training.checkpoint import Checkpoint
from pskd.training.device import choose
from pskd.training.folds import Fold, make_folds
from pskd.training.plan import Plan
from pskd.training.rungs import RungStore

JOB_NAME = "job.json"
RUNGS = "rungs"


class JobFacts(msgspec.Struct, kw_only=True):
    """``job.json`` beside a job's report.

    Attributes:
        recipe: short name.
        protocol: short name.
        seed: of all chance.
        key: fingerprint of plan, clips and code.
        seconds: from clips to report, without rungs that were there already.
        wrist: classes whose every clip is of a watch on the wrist, where there are others, too.
    """

    recipe: str
    protocol: str
    seed: int
    key: str
    seconds: float
    wrist: list[str] = []
    schema: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """One recipe, protocol and seed.

    Attributes:
        recipe: its short name.
        protocol: its short name.
        seed: of all chance.
        plan: what is done.
        placement: of the clips.
        classifier: a classifier of aeon's instead of the plan's ladder.
        work: folder of all results of the study.
        key: fingerprint of everything that decides the numbers.
    """

    recipe: str
    protocol: str
    seed: int
    plan: Plan
    placement: str
    classifier: str
    work: Path
    key: str

    @property
    def folder(self) -> Path:
        """Where its results lie."""
        return self.work / self.protocol / self.recipe / f"seed-{self.seed:02d}-{self.key}"

    @property
    def finished(self) -> bool:
        """True where its results are there."""
        return (self.folder / REPORT_NAME).is_file()


def make_job(
    names: tuple[str, str], recipe: Recipe, protocol: Protocol, seed: int, library: str, work: Path, device: str
) -> Job:
    """A job; the library is looked at for its fingerprint.

    Args:
        names: short names of recipe and protocol.
        recipe: what is done.
        protocol: on which clips.
        seed: of all chance.
        library: folder.
        work: folder of all results.
        device: where networks learn.
    """
    clips = material.load(library, protocol.placement)
    plan = msgspec.structs.replace(plan_of(recipe, protocol, seed, library), device=device)
    said = [plans.digest(plan), clips.mark, code_version(), protocol.placement]
    said += [recipe.classifier, meaning(Path(rocket.__file__).read_text("utf-8"))] if recipe.classifier else []
    key = hashlib.sha256(" ".join(said).encode()).hexdigest()[:12]
    return Job(*names, seed, plan, protocol.placement, recipe.classifier, work, key)


def run(job: Job, aeon: str = "") -> JobFacts:
    """Carry out a job and leave its report, answers and plan in its folder, all or nothing.

    Args:
        job: what to do.
        aeon: interpreter of an environment that has aeon.

    Raises:
        PskdError: it cannot be carried out.
    """
    started = now_s()
    torch.set_num_threads(job.plan.threads)
    found = material.load(job.plan.library, job.placement)
    with tempfile.TemporaryDirectory(prefix="pskd-study-") as place:
        folder = Path(place) / "result"
        folder.mkdir()
        plans.save(folder, msgspec.structs.replace(job.plan, library=found.name))
        if job.classifier:
            rocket.judge(job.classifier, job.plan, found, folder, aeon)
        else:
            _climb_all(job, found, folder)
        facts = JobFacts(
            recipe=job.recipe, protocol=job.protocol, seed=job.seed, key=job.key, seconds=round(now_s() - started, 1),
            wrist=found.wrist_classes(),
        )  # fmt: skip
        documents.save(folder / JOB_NAME, facts)
        _move(folder, job.folder)
    return facts


def shared_rungs(jobs: Sequence[Job]) -> list[list[tuple[Job, int]]]:
    """The rungs above the students, each once, in waves: a rung learns only from rungs of earlier waves.

    Returns:
        for each wave, a job that has the rung and the rung's place in its ladder.
    """
    waves: dict[int, dict[str, tuple[Job, int]]] = {}
    for job in jobs:
        if job.classifier:
            continue
        for place in range(len(job.plan.rungs) - 1):
            key = RungStore(job.work, job.placement).key(job.plan, job.plan.rungs, place, "")
            waves.setdefault(place, {}).setdefault(key, (job, place))
    return [list(waves[place].values()) for place in sorted(waves)]


def climb(job: Job, place: int) -> float:
    """Climb one rung of a job, and those it needs, for all jobs that share it.

    Returns:
        seconds; next to none where it was there already.
    """
    started = now_s()
    torch.set_num_threads(job.plan.threads)
    found = material.load(job.plan.library, job.placement)
    with tempfile.TemporaryDirectory(prefix="pskd-study-") as folder:
        ascent, folds, _ = _ascent(job, found, Path(folder))
        for fold in folds:
            ascent.climb_to(fold, job.plan.rungs[place].name)
    return now_s() - started


def _climb_all(job: Job, found: material.Material, folder: Path) -> None:
    ascent, folds, notes = _ascent(job, found, folder)
    for fold in folds:
        ascent.fold(fold)
        if fold is not folds[-1]:
            ascent.forget(fold)
    report = outcome.judge(ascent, folds, {"name": found.name, "clips": len(ascent.data.clips)}, notes)
    outcome.leave_answers(ascent, folds)
    write_report(folder, msgspec.structs.replace(report, name=f"{job.protocol}, {job.recipe}, seed {job.seed}"))
    (folder / "last.pt").unlink(missing_ok=True)


def _ascent(job: Job, found: material.Material, folder: Path) -> tuple[Ascent, list[Fold], list[str]]:
    data = material.stacked(found, job.plan)
    folds, notes = make_folds(job.plan, data)
    judged = [fold for fold in folds if len(fold.test)]  # no bundle is made, so no student on all clips
    kept = RungStore(job.work / RUNGS, f"{found.mark} {code_version()}")
    total = sum(rung.epochs for fold in judged for rung in fold.rungs)
    return (
        Ascent(job.plan, data, folder, Checkpoint(""), _silent, _go_on, total, choose(job.plan.device), kept),
        judged,
        notes[: len(notes) - 1] if len(folds) > len(judged) else notes,
    )


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
    """Studies show whole jobs, not epochs."""


def _go_on() -> str:
    return ""
