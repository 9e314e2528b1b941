"""What the finished jobs say: scores of each recipe over its seeds, paired tests, and where the mistakes lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.study.jobs import JOB_NAME, Job, JobFacts
from benchmarks.study.mistakes import Mistakes, mistakes
from benchmarks.study.recipes import Study
from pskd import documents
from pskd.evaluation.answers import Answers, read_answers
from pskd.evaluation.compare import ClipComparison, SeedComparison, compare_clips, compare_seeds
from pskd.evaluation.report import read_report
from pskd.training.plan import STUDENT


class Spread(msgspec.Struct):
    """One number over seeds.

    Attributes:
        mean: of all seeds.
        sd: sample standard deviation; 0 for one seed.
        low: the lowest.
        high: the highest.
        n: seeds.
    """

    mean: float
    sd: float
    low: float
    high: float
    n: int


class Row(msgspec.Struct, kw_only=True):
    """One recipe under one protocol.

    Attributes:
        protocol: short name.
        recipe: short name.
        title: of the recipe.
        seeds: which.
        accuracies: of the student, seed by seed.
        accuracy: over the seeds.
        macro_f1: over the seeds.
        wrist: accuracy on the test clips of the watch-on-wrist classes; None where there are no others.
        classes: how many.
        wrist_classes: how many of them are of a watch on the wrist.
        teachers: accuracy of each rung above.
        weights: of the student; 0 for a classifier without any.
        seconds: of learning, all rungs and folds of one job, mean.
        train_clips: labelled ones.
        test_clips: judged ones.
    """

    protocol: str
    recipe: str
    title: str
    seeds: list[int]
    accuracies: list[float]
    accuracy: Spread
    macro_f1: Spread
    wrist: Spread | None
    classes: int
    wrist_classes: int
    teachers: dict[str, Spread]
    weights: int
    seconds: float
    train_clips: int
    test_clips: int


class Gain(msgspec.Struct, kw_only=True):
    """A recipe against another under the same protocol.

    Attributes:
        protocol: short name.
        recipe: short name.
        against: short name of the other.
        by_seed: paired over the seeds that both have; None for fewer than two.
        by_clip: McNemar's test, and that of groups of one person and class; of each recipe a clip counts as right where
            most of those seeds had it right.
    """

    protocol: str
    recipe: str
    against: str
    by_seed: SeedComparison | None
    by_clip: ClipComparison


class Results(msgspec.Struct, kw_only=True):
    """``study.json``."""

    rows: list[Row]
    gains: list[Gain]
    mistakes: list[Mistakes] = []
    schema: int = 1


def collect(study: Study, jobs: Sequence[Job]) -> Results:
    """Read the results of the finished jobs; mistakes are of each protocol's first headline recipe."""
    groups: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        if job.finished:
            groups.setdefault((job.protocol, job.recipe), []).append(job)
    rows = [_row(study.recipes[recipe].title, found) for (_, recipe), found in groups.items()]
    gains = [
        _gain(groups[protocol, recipe], groups[protocol, other])
        for protocol, recipe in groups
        for other in study.recipes[recipe].against
        if _shared(groups[protocol, recipe], groups.get((protocol, other), []))
    ]
    first: dict[str, Sequence[Job]] = {}
    for (protocol, recipe), found in groups.items():
        if study.recipes[recipe].headline:
            first.setdefault(protocol, found)
    return Results(rows=rows, gains=gains, mistakes=[mistakes(found) for found in first.values()])


def wrist_accuracy(answers: Answers, wrist: Sequence[str], rung: str = STUDENT) -> float | None:
    """Share of right answers among the clips of some classes; None where there is no such clip."""
    said = [clip.answers[rung] == clip.truth for clip in answers.clips if clip.truth in wrist and rung in clip.answers]
    return float(np.mean(said)) if said else None


def spread(values: Sequence[float]) -> Spread:
    """Of one number or more."""
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return Spread(float(np.mean(values)), sd, min(values), max(values), len(values))


def _row(title: str, jobs: Sequence[Job]) -> Row:
    reports = [read_report(job.folder) for job in jobs]
    facts = [documents.load(job.folder / JOB_NAME, JobFacts) for job in jobs]
    wrist = [wrist_accuracy(_answers(job.folder), fact.wrist) for job, fact in zip(jobs, facts, strict=True)]
    accuracies = [report.student.accuracy for report in reports]
    names = dict.fromkeys(name for report in reports for name in report.teachers)
    return Row(
        protocol=jobs[0].protocol,
        recipe=jobs[0].recipe,
        title=title,
        seeds=[job.seed for job in jobs],
        accuracies=accuracies,
        accuracy=spread(accuracies),
        macro_f1=spread([report.student.macro_f1 for report in reports]),
        wrist=spread(known) if (known := [value for value in wrist if value is not None]) else None,
        classes=len(reports[0].classes),
        wrist_classes=len(facts[0].wrist),
        teachers={
            name: spread([report.teachers[name].accuracy for report in reports if name in report.teachers])
            for name in names
        },
        weights=reports[0].student.parameters,
        seconds=float(np.mean([sum(report.timing.values()) for report in reports])),
        train_clips=reports[0].split.train_clips,
        test_clips=reports[0].split.test_clips,
    )


def _gain(first: Sequence[Job], second: Sequence[Job]) -> Gain:
    ours, theirs = ({job.seed: job for job in jobs} for jobs in (first, second))
    seeds = _shared(first, second)
    pairs = [[read_report(jobs[seed].folder).student.accuracy for seed in seeds] for jobs in (ours, theirs)]
    # the same seeds on both sides: a majority of ten is right more often than one of two, whatever the recipe
    a, b = (_majority([jobs[seed] for seed in seeds]) for jobs in (ours, theirs))
    clips = sorted(a.keys() & b.keys())
    right = [np.array([said[clip] for clip in clips], dtype=float) for said in (a, b)]
    answers = _answers(ours[seeds[0]].folder)
    truths = {key: clip.truth for key, clip in zip(answers.keys(), answers.clips, strict=True)}
    return Gain(
        protocol=first[0].protocol,
        recipe=first[0].recipe,
        against=second[0].recipe,
        by_seed=compare_seeds(*pairs) if len(seeds) > 1 else None,
        by_clip=compare_clips(np.ones(len(clips)), *right, [_habit(clip, truths[clip]) for clip in clips]),
    )


def _habit(clip: tuple[str, int, int], truth: str) -> tuple[str, str]:
    """Whose clip of which class it is: those mostly go right or wrong together."""
    return clip[0].partition("/")[0], truth


def _shared(first: Sequence[Job], second: Sequence[Job]) -> list[int]:
    """The seeds that both have."""
    return sorted({job.seed for job in first} & {job.seed for job in second})


def _majority(jobs: Sequence[Job]) -> dict[tuple[str, int, int], bool]:
    """Whether most seeds had each clip right."""
    counts: dict[tuple[str, int, int], int] = {}
    for job in jobs:
        answers = _answers(job.folder)
        for key, clip in zip(answers.keys(), answers.clips, strict=True):
            counts[key] = counts.get(key, 0) + (clip.answers.get(STUDENT) == clip.truth)
    return {key: 2 * right > len(jobs) for key, right in counts.items()}


def _answers(folder: Path) -> Answers:
    return read_answers(folder) or Answers(clips=[])
