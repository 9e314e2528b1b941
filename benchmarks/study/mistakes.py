"""Where a recipe's mistakes lie: people and classes that every seed has wrong are not bad luck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from benchmarks.study.outcomes import Outcome
from pskd.training.plan import STUDENT

MOST = 10
"""Pairs of a person and a class that are listed."""

Pair = tuple[str, str]


class Habit(msgspec.Struct, kw_only=True):
    """One person's clips of one class.

    Attributes:
        subject: whose.
        truth: the class.
        clips: how many there are to judge.
        wrong: of them by each rung, mean over seeds; the student's name is ``student``.
        taken_for: the class that the student names most often instead.
    """

    subject: str
    truth: str
    clips: int
    wrong: dict[str, float]
    taken_for: str


class Mistakes(msgspec.Struct, kw_only=True):
    """All mistakes of one recipe under one protocol.

    Attributes:
        protocol: short name.
        recipe: short name.
        wrong: clips that the student has wrong, mean over seeds.
        clips: judged ones.
        pairs: of a person and a class among them.
        worst: the pairs that the student has wrong most often, at most :data:`MOST`, worst first.
    """

    protocol: str
    recipe: str
    wrong: float
    clips: int
    pairs: int
    worst: list[Habit]


def mistakes(outcomes: Sequence[Outcome]) -> Mistakes:
    """What the seeds of one recipe have wrong.

    Args:
        outcomes: those of one protocol and recipe, one or more.
    """
    clips: Counter[Pair] = Counter()
    wrong: Counter[tuple[Pair, str]] = Counter()
    instead: dict[Pair, Counter[str]] = {}
    for outcome in outcomes:
        for clip in outcome.answers.clips:
            pair = (clip.take.partition("/")[0].removeprefix("sub-"), clip.truth)
            clips[pair] += 1
            wrong.update((pair, rung) for rung, said in clip.answers.items() if said != clip.truth)
            if (said := clip.answers.get(STUDENT, clip.truth)) != clip.truth:
                instead.setdefault(pair, Counter())[said] += 1
    rungs = sorted({rung for _, rung in wrong} | {STUDENT}, key=lambda rung: (rung != STUDENT, rung))
    worst = sorted(instead, key=lambda pair: (-wrong[pair, STUDENT], pair))[:MOST]
    return Mistakes(
        protocol=outcomes[0].facts.protocol,
        recipe=outcomes[0].facts.recipe,
        wrong=sum(wrong[pair, STUDENT] for pair in clips) / len(outcomes),
        clips=clips.total() // len(outcomes),
        pairs=len(clips),
        worst=[
            Habit(
                subject=pair[0],
                truth=pair[1],
                clips=clips[pair] // len(outcomes),
                wrong={rung: wrong[pair, rung] / len(outcomes) for rung in rungs},
                taken_for=instead[pair].most_common(1)[0][0],
            )
            for pair in worst
        ],
    )
