"""What the finished jobs say: scores of each recipe over its seeds, paired tests, and where the mistakes lie."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from benchmarks.study.mistakes import Mistakes, mistakes
from benchmarks.study.outcomes import Outcome
from benchmarks.study.recipes import Study
from pskd.evaluation.answers import Answers
from pskd.evaluation.compare import ClipComparison, SeedComparison, compare_clips, compare_seeds
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


def collect(study: Study, outcomes: Sequence[Outcome]) -> Results:
    """Tables' contents; mistakes are of each protocol's first headline recipe."""
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.facts.protocol, outcome.facts.recipe), []).append(outcome)
    rows = [_row(study.recipes[recipe].title, found) for (_, recipe), found in groups.items()]
    gains = [
        _gain(groups[protocol, recipe], groups[protocol, other])
        for protocol, recipe in groups
        for other in study.recipes[recipe].against
        if _shared(groups[protocol, recipe], groups.get((protocol, other), []))
    ]
    first: dict[str, Sequence[Outcome]] = {}
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


def _row(title: str, outcomes: Sequence[Outcome]) -> Row:
    first = outcomes[0]
    wrist = [wrist_accuracy(outcome.answers, outcome.facts.wrist) for outcome in outcomes]
    accuracies = [outcome.accuracy for outcome in outcomes]
    names = dict.fromkeys(name for outcome in outcomes for name in outcome.teachers)
    return Row(
        protocol=first.facts.protocol,
        recipe=first.facts.recipe,
        title=title,
        seeds=[outcome.facts.seed for outcome in outcomes],
        accuracies=accuracies,
        accuracy=spread(accuracies),
        macro_f1=spread([outcome.macro_f1 for outcome in outcomes]),
        wrist=spread(known) if (known := [value for value in wrist if value is not None]) else None,
        classes=first.classes,
        wrist_classes=len(first.facts.wrist),
        teachers={
            name: spread([outcome.teachers[name] for outcome in outcomes if name in outcome.teachers]) for name in names
        },
        weights=first.weights,
        seconds=float(np.mean([outcome.seconds for outcome in outcomes])),
        train_clips=first.train_clips,
        test_clips=first.test_clips,
    )


def _gain(first: Sequence[Outcome], second: Sequence[Outcome]) -> Gain:
    ours, theirs = ({outcome.facts.seed: outcome for outcome in each} for each in (first, second))
    seeds = _shared(first, second)
    pairs = [[each[seed].accuracy for seed in seeds] for each in (ours, theirs)]
    # the same seeds on both sides: a majority of ten is right more often than one of two, whatever the recipe
    a, b = (_majority([each[seed].answers for seed in seeds]) for each in (ours, theirs))
    clips = sorted(a.keys() & b.keys())
    right = [np.array([said[clip] for clip in clips], dtype=float) for said in (a, b)]
    answers = ours[seeds[0]].answers
    truths = {key: clip.truth for key, clip in zip(answers.keys(), answers.clips, strict=True)}
    return Gain(
        protocol=first[0].facts.protocol,
        recipe=first[0].facts.recipe,
        against=second[0].facts.recipe,
        by_seed=compare_seeds(*pairs) if len(seeds) > 1 else None,
        by_clip=compare_clips(np.ones(len(clips)), *right, [_habit(clip, truths[clip]) for clip in clips]),
    )


def _habit(clip: tuple[str, int, int], truth: str) -> tuple[str, str]:
    """Whose clip of which class it is: those mostly go right or wrong together."""
    return clip[0].partition("/")[0], truth


def _shared(first: Sequence[Outcome], second: Sequence[Outcome]) -> list[int]:
    """The seeds that both have."""
    return sorted({outcome.facts.seed for outcome in first} & {outcome.facts.seed for outcome in second})


def _majority(seeds: Sequence[Answers]) -> dict[tuple[str, int, int], bool]:
    """Whether most seeds had each clip right."""
    counts: dict[tuple[str, int, int], int] = {}
    for answers in seeds:
        for key, clip in zip(answers.keys(), answers.clips, strict=True):
            counts[key] = counts.get(key, 0) + (clip.answers.get(STUDENT) == clip.truth)
    return {key: 2 * right > len(seeds) for key, right in counts.items()}
