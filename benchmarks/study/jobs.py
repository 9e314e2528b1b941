"""One job: one recipe, protocol and seed, with the folder of its results."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.study import material, rocket
from benchmarks.study.material import Selection
from benchmarks.study.recipes import Protocol, Recipe, plan_of
from benchmarks.study.version import code_version, meaning
from pskd.evaluation.report import REPORT_NAME
from pskd.training import plan as plans
from pskd.training.device import choose
from pskd.training.plan import Plan

JOB_NAME = "job.json"
UNDER_WAY = "under-way"


class JobFacts(msgspec.Struct, kw_only=True):
    """``job.json`` beside a job's report.

    Attributes:
        recipe: short name.
        protocol: short name.
        seed: of all chance.
        key: fingerprint of plan, clips and code.
        wrist: classes whose every clip is of a watch on the wrist, where there are others, too.
    """

    recipe: str
    protocol: str
    seed: int
    key: str
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
        selection: of the clips.
        classifier: a classifier of aeon's instead of the plan's ladder.
        work: folder of all results of the study.
        key: fingerprint of plan, clips, code and device.
    """

    recipe: str
    protocol: str
    seed: int
    plan: Plan
    selection: Selection
    classifier: str
    work: Path
    key: str

    @property
    def folder(self) -> Path:
        """Where its results lie."""
        return self.work / self.protocol / self.recipe / f"seed-{self.seed:02d}-{self.key}"

    @property
    def under_way(self) -> Path:
        """Where its folds stand until all are done."""
        return self.work / UNDER_WAY / self.key

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
    selection = Selection(protocol.placement, protocol.within, protocol.newcomers)
    clips = material.load(library, selection)
    plan = msgspec.structs.replace(plan_of(recipe, protocol, seed, library), device=device)
    said = [plans.digest(plan), clips.mark, code_version(), protocol.placement, str(choose(device))]
    said += [recipe.classifier, *_code_of_classifiers()] if recipe.classifier else []
    key = hashlib.sha256(" ".join(said).encode()).hexdigest()[:12]
    return Job(*names, seed, plan, selection, recipe.classifier, work, key)


def _code_of_classifiers() -> list[str]:
    return [meaning(path.read_text("utf-8")) for path in (Path(rocket.__file__), rocket.SCRIPT)]
