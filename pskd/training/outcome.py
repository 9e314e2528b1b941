"""What a climbed ladder leaves behind: scores, calibration, report, card and bundle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pskd.evaluation import calibration as fitting
from pskd.evaluation.answers import Answers, ClipAnswer, write_answers
from pskd.evaluation.calibration import Calibration
from pskd.evaluation.card import write_card
from pskd.evaluation.metrics import ModelScore, score
from pskd.evaluation.report import CurvePoint, Report, SplitFacts, this_environment, write_report
from pskd.evaluation.report import Fold as FoldScore
from pskd.export.bundle import input_facts
from pskd.export.write import write_bundle
from pskd.library.naming import natural_key
from pskd.models.base import parameters
from pskd.training.ascent import Ascent
from pskd.training.data import Index, TrainingData
from pskd.training.folds import CALIBRATION, Fold
from pskd.training.labels import NOBODY
from pskd.training.plan import STUDENT

AS_PLANNED = "Epochs and settings were fixed in advance; the test clips were looked at after the last rung."
"""Note of a run that was not stopped."""


def judge(ascent: Ascent, folds: Sequence[Fold], dataset: dict[str, Any], notes: Sequence[str]) -> Report:
    """The report of a run, from the answers that its folds left.

    Args:
        ascent: the run; its checkpoint holds answers, curves and times.
        folds: those that were judged and, last, the one whose student goes into the bundle.
        dataset: facts about the library.
        notes: what a reader must know.
    """
    tested = [fold for fold in folds if len(fold.test)]
    fitted = [_calibration(ascent, fold, tested) for fold in tested]
    student = _score(ascent, tested, STUDENT, fitted)
    teachers = [name for name in ascent.models if name not in (STUDENT, CALIBRATION)]
    return Report(
        protocol=ascent.plan.protocol,
        seed=ascent.plan.seed,
        preset=ascent.plan.preset,
        classes=list(ascent.data.classes),
        split=_facts(ascent, folds),
        student=student,
        teachers={name: _score(ascent, tested, name, None) for name in teachers if _answered(ascent, tested, name)},
        curves=_curves(ascent, folds[-1]),
        timing=_timing(ascent),
        dataset=dataset,
        folds=[_fold_score(ascent, fold, teachers) for fold in tested] if len(tested) > 1 else [],
        calibration=fitted[0] if len(tested) == 1 else _from_folds(ascent, tested, None),
        teacher_inputs={name: " + ".join(_WORDS[i] for i in ascent.models[name].inputs) for name in teachers},
        notes=list(notes),
        name=ascent.folder.name,
        environment={**this_environment(), "device": str(ascent.device)},
        placements=placements(ascent.data),
    )


def leave(ascent: Ascent, report: Report) -> None:
    """Write report, card and bundle into the run folder."""
    student = ascent.models[STUDENT].cpu().eval()
    write_report(ascent.folder, report)
    manifest = write_bundle(
        ascent.folder / "bundle",
        student=student,
        sensor=ascent.plan.sensor,
        classes=list(ascent.data.classes),
        calibration=report.calibration,
        report=report,
        model=ascent.plan.student.model,
    )
    write_card(ascent.folder, report, facts=input_facts(manifest))


def leave_answers(ascent: Ascent, folds: Sequence[Fold]) -> None:
    """Write what every rung said of every test clip."""
    data, clips = ascent.data, []
    rungs = [name for name in ascent.models if name != CALIBRATION]
    for fold in folds:
        said: dict[int, dict[str, str]] = {int(row): {} for row in fold.test}
        for name in rungs:
            logits = ascent.checkpoint.answers.get(f"{fold.name}/{name}")
            if logits is None or not len(fold.test):
                continue
            for row, best in zip(ascent.judged(fold, ascent.models[name]), logits.numpy().argmax(axis=1), strict=True):
                said[int(row)][name] = data.classes[int(best)]
        clips += [
            ClipAnswer(data.clips[row].take, data.clips[row].trial, data.classes[int(data.labels[row])], answers)
            for row, answers in said.items()
        ]
    write_answers(ascent.folder, Answers(clips=clips))


def placements(data: TrainingData) -> dict[str, list[str]]:
    """The classes whose every clip is of a watch in one place, by place; empty where there is but one place."""
    places: dict[str, set[str]] = {}
    for clip, label in zip(data.clips, data.labels, strict=True):
        if label != NOBODY:
            places.setdefault(data.classes[label], set()).add(str(clip.attributes.get("placement", "")))
    found: dict[str, list[str]] = {}
    for name in data.classes:
        if len(places.get(name, ())) == 1 and "" not in places[name]:
            found.setdefault(min(places[name]), []).append(name)
    return found if len(found) > 1 else {}


_WORDS = {"sensor": "accelerometer", "pose": "skeleton"}


def _calibration(ascent: Ascent, fold: Fold, tested: Sequence[Fold]) -> Calibration:
    """From the fold's held-out training clips, or from the other folds' answers; never from its own test clips."""
    logits = ascent.checkpoint.answers.get(f"{fold.name}/{CALIBRATION}")
    if logits is not None:
        return fitting.fit(logits.numpy(), ascent.data.labels[fold.held], fitted_on=fold.held_words)
    return _from_folds(ascent, tested, fold) if len(tested) > 1 else Calibration()


def _from_folds(ascent: Ascent, tested: Sequence[Fold], left_out: Fold | None) -> Calibration:
    others = [fold for fold in tested if fold is not left_out]
    logits = np.concatenate([ascent.checkpoint.answers[f"{fold.name}/{STUDENT}"].numpy() for fold in others])
    labels = np.concatenate([ascent.data.labels[fold.test] for fold in others])
    return fitting.fit(logits, labels, fitted_on="each fold's answers on the clips that it left out")


def _score(ascent: Ascent, tested: Sequence[Fold], name: str, fitted: Sequence[Calibration] | None) -> ModelScore:
    """One rung over all folds; with calibrations, the answers are calibrated fold by fold."""
    answered = [(i, fold) for i, fold in enumerate(tested) if f"{fold.name}/{name}" in ascent.checkpoint.answers]
    rows = np.concatenate([ascent.judged(fold, ascent.models[name]) for _, fold in answered])
    logits = [ascent.checkpoint.answers[f"{fold.name}/{name}"].numpy().astype(np.float64) for _, fold in answered]
    one = fitted is not None and len(answered) == 1
    if fitted is not None and not one:
        logits = [fitting.softmax(z, fitted[i].temperature) for z, (i, _) in zip(logits, answered, strict=True)]
    elif len(answered) > 1:
        logits = [fitting.softmax(z) for z in logits]
    return score(
        ascent.data.labels[rows],
        np.concatenate(logits),
        ascent.data.classes,
        parameters=parameters(ascent.models[name]),
        temperature=fitted[0].temperature if fitted is not None and one else 1.0,
        subjects=[ascent.data.clips[row].subject for row in rows],
    )


def _answered(ascent: Ascent, tested: Sequence[Fold], name: str) -> bool:
    return any(f"{fold.name}/{name}" in ascent.checkpoint.answers for fold in tested)


def _accuracy(ascent: Ascent, fold: Fold, name: str) -> float:
    logits = ascent.checkpoint.answers[f"{fold.name}/{name}"].numpy()
    rows = ascent.judged(fold, ascent.models[name])
    return float((logits.argmax(axis=1) == ascent.data.labels[rows]).mean())


def _fold_score(ascent: Ascent, fold: Fold, teachers: Sequence[str]) -> FoldScore:
    heard = [name for name in teachers if _answered(ascent, [fold], name)]
    return FoldScore(
        name=fold.name,
        n=len(fold.test),
        student=_accuracy(ascent, fold, STUDENT),
        teachers={name: _accuracy(ascent, fold, name) for name in heard},
    )


def _facts(ascent: Ascent, folds: Sequence[Fold]) -> SplitFacts:
    data, unlabelled = ascent.data, ascent.plan.unlabelled
    tested = [fold for fold in folds if len(fold.test)]

    def who(rows: Index) -> list[str]:
        return sorted({data.clips[row].subject for row in rows}, key=natural_key)

    train = [fold.train[fold.labels[fold.train] != NOBODY] for fold in tested]
    heard = [fold.rows(rung, data, unlabelled) for fold in folds for rung in fold.rungs]
    return SplitFacts(
        train_clips=max(len(rows) for rows in train),
        test_clips=sum(len(fold.test) for fold in tested),
        train_subjects=who(np.concatenate(heard)),
        test_subjects=who(np.concatenate([fold.test for fold in tested])),
    )


def _curves(ascent: Ascent, fold: Fold) -> dict[str, list[CurvePoint]]:
    """The curves of the ladder whose student is in the bundle."""
    curves = {}
    for key, points in ascent.checkpoint.curves.items():
        name, _, rung = key.rpartition("/")
        if name == fold.name:
            curves[rung] = [CurvePoint(place + 1, loss, accuracy) for place, (loss, accuracy) in enumerate(points)]
    return curves


def _timing(ascent: Ascent) -> dict[str, float]:
    """Seconds by rung, over all folds."""
    seconds: dict[str, float] = {}
    for key, spent in ascent.checkpoint.seconds.items():
        rung = key.rpartition("/")[2]
        seconds[rung] = round(seconds.get(rung, 0.0) + spent, 2)
    return seconds
