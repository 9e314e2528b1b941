"""What the tables need of finished jobs, small enough to lie beside them: what a job left, or what was kept of it.

A machine's folder of finished jobs is lost with the machine. The kept outcomes travel with the tables, so a study goes
on elsewhere where it stood. Of the answers only the wrong ones are written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from benchmarks.study.jobs import JOB_NAME, Job, JobFacts
from pskd import atomic, documents
from pskd.errors import BadFile
from pskd.evaluation.answers import Answers, ClipAnswer, read_answers
from pskd.evaluation.report import read_report

KEPT = "kept-{protocol}.json"

Clips = list[tuple[str, int, str]]
"""Take, trial and true class of each judged clip."""


class Outcome(msgspec.Struct, kw_only=True):
    """One finished job.

    Attributes:
        facts: which one.
        accuracy: of the student on the test clips.
        macro_f1: of the student.
        teachers: accuracy of each rung above.
        weights: of the student; 0 for a classifier without any.
        seconds: of learning, all rungs and folds, to a tenth: what is kept makes the same tables.
        train_clips: labelled ones.
        test_clips: judged ones.
        classes: how many.
        answers: of every rung to every test clip.
    """

    facts: JobFacts
    accuracy: float
    macro_f1: float
    teachers: dict[str, float]
    weights: int
    seconds: float
    train_clips: int
    test_clips: int
    classes: int
    answers: Answers


class Numbers(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is kept of an outcome.

    Attributes:
        wrong: of each rung, the number of each clip that it has wrong and the class that it named.
        unseen: of each rung, the clips that it could not see.

    The others are as in :class:`Outcome` and :class:`benchmarks.study.jobs.JobFacts`.
    """

    recipe: str
    seed: int
    key: str
    accuracy: float
    macro_f1: float
    teachers: dict[str, float]
    weights: int
    seconds: float
    train_clips: int
    classes: int
    wrong: dict[str, list[tuple[int, str]]]
    unseen: dict[str, list[int]] = {}


class Kept(msgspec.Struct, kw_only=True):
    """``kept-PROTOCOL.json``: outcomes of one protocol, all on the same clips."""

    protocol: str
    wrist: list[str]
    clips: Clips
    jobs: list[Numbers]
    schema: int = 1


def finished(jobs: Iterable[Job], out: Path) -> dict[str, Outcome]:
    """The outcomes of those jobs that are finished, here or wherever the kept ones in ``out`` were made, by key."""
    jobs = list(jobs)
    found = {}
    for protocol in dict.fromkeys(job.protocol for job in jobs):
        found.update({outcome.facts.key: outcome for outcome in read(out, protocol)})
    return {job.key: outcome for job in jobs if (outcome := found.get(job.key) or of_job(job)) is not None}


def of_job(job: Job) -> Outcome | None:
    """What a job left; None where it is not finished."""
    if not job.finished:
        return None
    report = read_report(job.folder)
    return Outcome(
        facts=documents.load(job.folder / JOB_NAME, JobFacts),
        accuracy=report.student.accuracy,
        macro_f1=report.student.macro_f1,
        teachers={name: score.accuracy for name, score in report.teachers.items()},
        weights=report.student.parameters,
        seconds=round(sum(report.timing.values()), 1),
        train_clips=report.split.train_clips,
        test_clips=report.split.test_clips,
        classes=len(report.classes),
        answers=read_answers(job.folder) or Answers(clips=[]),
    )


def read(out: Path, protocol: str) -> list[Outcome]:
    """The kept outcomes of a protocol.

    Raises:
        BadFile: their file cannot be trusted.
    """
    path = out / KEPT.format(protocol=protocol)
    if not path.is_file():
        return []
    kept = documents.load(path, Kept)
    for numbers in kept.jobs:
        named = [place for wrong in numbers.wrong.values() for place, _ in wrong]
        named += [place for unseen in numbers.unseen.values() for place in unseen]
        if not all(0 <= place < len(kept.clips) for place in named):
            raise BadFile(path, f"{numbers.recipe}, seed {numbers.seed}, names a clip that is not there")
    return [_outcome(kept, numbers) for numbers in kept.jobs]


def keep(out: Path, outcomes: Iterable[Outcome]) -> None:
    """Write outcomes beside the tables; those kept before stay, unless the same recipe and seed was done again.

    Outcomes on other clips than the new ones are dropped: the library has changed.
    """
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.facts.protocol, []).append(outcome)
    for protocol, new in groups.items():
        clips = _clips(new[0])
        old = [outcome for outcome in read(out, protocol) if _clips(outcome) == clips]
        every = {(one.facts.recipe, one.facts.seed): one for one in [*old, *new]}
        jobs = [_numbers(every[name]) for name in sorted(every)]
        kept = Kept(protocol=protocol, wrist=new[0].facts.wrist, clips=clips, jobs=jobs)
        out.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(out / KEPT.format(protocol=protocol), _lines(kept), durable=False)


def _clips(outcome: Outcome) -> Clips:
    return [(clip.take, clip.trial, clip.truth) for clip in outcome.answers.clips]


def _numbers(outcome: Outcome) -> Numbers:
    clips = outcome.answers.clips
    rungs = sorted({rung for clip in clips for rung in clip.answers})
    wrong = {
        rung: [(n, said) for n, clip in enumerate(clips) if (said := clip.answers.get(rung, clip.truth)) != clip.truth]
        for rung in rungs
    }
    unseen = {rung: [n for n, clip in enumerate(clips) if rung not in clip.answers] for rung in rungs}
    return Numbers(
        recipe=outcome.facts.recipe, seed=outcome.facts.seed, key=outcome.facts.key, accuracy=outcome.accuracy,
        macro_f1=outcome.macro_f1, teachers=outcome.teachers, weights=outcome.weights,
        seconds=outcome.seconds, train_clips=outcome.train_clips, classes=outcome.classes, wrong=wrong,
        unseen={rung: places for rung, places in unseen.items() if places},
    )  # fmt: skip


def _outcome(kept: Kept, numbers: Numbers) -> Outcome:
    answers: list[dict[str, str]] = [{} for _ in kept.clips]
    for rung, wrong in numbers.wrong.items():
        said, unseen = dict(wrong), set(numbers.unseen.get(rung, ()))
        for place, (_, _, truth) in enumerate(kept.clips):
            if place not in unseen:
                answers[place][rung] = said.get(place, truth)
    clips = [ClipAnswer(*clip, given) for clip, given in zip(kept.clips, answers, strict=True)]
    return Outcome(
        facts=JobFacts(
            recipe=numbers.recipe, protocol=kept.protocol, seed=numbers.seed, key=numbers.key, wrist=kept.wrist
        ),
        accuracy=numbers.accuracy, macro_f1=numbers.macro_f1, teachers=numbers.teachers, weights=numbers.weights,
        seconds=numbers.seconds, train_clips=numbers.train_clips, test_clips=len(clips), classes=numbers.classes,
        answers=Answers(clips=clips),
    )  # fmt: skip


def _lines(kept: Kept) -> bytes:
    """One line a job, so that a change shows what was added."""
    head = msgspec.json.encode(msgspec.structs.replace(kept, jobs=[])).decode()
    jobs: Sequence[str] = [msgspec.json.encode(numbers).decode() for numbers in kept.jobs]
    return head.replace('"jobs":[]', '"jobs":[\n' + ",\n".join(jobs) + "\n]", 1).encode() + b"\n"
