"""From clips and a protocol to folds: what is learned from, what is judged, and what calibrates the confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pskd.distill.ladder import Rung, without
from pskd.errors import PskdError
from pskd.library.clips import Clip
from pskd.library.naming import natural_key
from pskd.library.splits import make_splits
from pskd.models.base import MODELS
from pskd.training.data import Index, TrainingData
from pskd.training.labels import NOBODY, known_labels
from pskd.training.plan import Plan

CALIBRATION = "calibration"
"""Name of the extra student that is trained without the held-out clips."""

EVERYTHING = "all"
"""Name of the fold that trains the bundle's student where the protocol has several folds."""

_HELD_SHARE = 0.25
_FEWEST_HELD = 8


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One ladder to climb.

    Attributes:
        name: of the split; ``all`` for the ladder that learns from every clip.
        number: place in the run, which seeds its chance.
        rungs: the ladder, less what these clips cannot feed, plus the calibration's student.
        train: clip numbers to learn from, labelled or not.
        test: labelled clip numbers to judge on, looked at once, after the last rung; empty for ``all``.
        labels: ``(N,)`` class numbers as training may know them, -1 where nobody labelled or the plan hides it.
        held: labelled training clips that the confidence is fitted on; empty where it is not.
        kept_back: these and all others of their people or takes: what the calibration's student does not see.
        held_words: which these are, for the report.
    """

    name: str
    number: int
    rungs: tuple[Rung, ...]
    train: Index
    test: Index
    labels: Index
    held: Index
    kept_back: Index
    held_words: str = ""

    def rows(self, rung: Rung, data: TrainingData, unlabelled: bool) -> Index:
        """The clips that a rung learns from: those that its model can see and its loss can use."""
        rows = self.train
        if rung.name == CALIBRATION:
            rows = np.setdiff1d(rows, self.kept_back)
        if "pose" in MODELS.get(rung.model).inputs:
            rows = rows[data.has_pose[rows]]
        return rows if unlabelled and rung.learns_from else rows[self.labels[rows] != NOBODY]


def classes_of(clips: Sequence[Clip], order: Sequence[str]) -> list[str]:
    """The classes that occur, in the library's order, others after them.

    Raises:
        PskdError: fewer than two.
    """
    found = {clip.label for clip in clips if clip.label is not None}
    classes = [name for name in order if name in found] + sorted(found - set(order), key=natural_key)
    if len(classes) < 2:
        raise PskdError(
            f"Two classes are needed to learn to tell them apart; {len(classes)} is labelled.",
            code="training.classes",
            hint="Record or label takes of another class.",
        )
    return classes


def make_folds(plan: Plan, data: TrainingData) -> tuple[list[Fold], list[str]]:
    """The folds of a plan, and notes that a reader of the report must know.

    Raises:
        PskdError: a fold cannot be learned from.
        WrongUse: the protocol does not fit the clips.
    """
    splits = make_splits(data.clips, plan.protocol, seed=plan.seed)
    notes: list[str] = []
    folds = []
    for number, split in enumerate(splits):
        if split.unseen:
            notes.append(f"{split.name}: tested but never trained on: {', '.join(split.unseen)}.")
        train, test = np.array(split.train, dtype=np.int64), np.array(split.test, dtype=np.int64)
        folds.append(_fold(split.name, number, plan, data, train, test, plan.calibrate and len(splits) == 1, notes))
    if len(splits) > 1:
        everything, nothing = np.arange(len(data.clips)), np.zeros(0, dtype=np.int64)
        notes += _never_judged(data, folds)
        folds.append(_fold(EVERYTHING, len(splits), plan, data, everything, nothing, False, notes))
        notes.append(
            "The bundle's student learned from all clips; the numbers are those of the folds' students, each judged "
            "on clips that it never saw. Its confidence is calibrated on the folds' answers."
        )
    return folds, list(dict.fromkeys(notes))


def _never_judged(data: TrainingData, folds: Sequence[Fold]) -> list[str]:
    """A note on the people whose clips no fold tests: all of their classes are theirs alone."""
    judged = {data.clips[row].subject for fold in folds for row in fold.test}
    labelled = {clip.subject for clip in data.clips if clip.label is not None}
    missing = ", ".join(sorted(labelled - judged, key=natural_key))
    return [f"Not judged, because nobody else did anything that they did: {missing}."] if missing else []


def _fold(
    name: str, number: int, plan: Plan, data: TrainingData, train: Index, test: Index, calibrate: bool, notes: list[str]
) -> Fold:
    labels = known_labels(plan.labels, data.clips, data.labels, train)
    labelled = train[labels[train] != NOBODY]
    hidden = int((labels != data.labels).sum())
    if hidden:
        notes.append(f"{name}: {len(labelled)} training clips kept their labels, those of {hidden} were hidden.")
    if len(np.unique(labels[labelled])) < 2:
        raise PskdError(
            f"In {name} the training clips are all of one class.",
            code="training.classes",
            hint="Choose another protocol, or record more takes.",
        )
    rungs = _possible(plan.rungs, data, labelled, notes)
    nothing = labelled[:0]
    held, kept_back, words = _held_out(data, train, labelled, plan.seed) if calibrate else (nothing, nothing, "")
    if calibrate and not len(held):
        notes.append("Too few training clips to hold some out: the confidence is not calibrated.")
    if len(held):
        student = rungs[-1]
        fields = {**{key: getattr(student, key) for key in student.__struct_fields__}, "name": CALIBRATION}
        rungs = (*rungs, Rung(**{**fields, "epochs": plan.calibration_epochs}))
    return Fold(name, number, rungs, train, test, labels, held, kept_back, words)


def _possible(rungs: tuple[Rung, ...], data: TrainingData, labelled: Index, notes: list[str]) -> tuple[Rung, ...]:
    """The ladder without the rungs that have too few clips with a camera to learn from."""
    seen = labelled[data.has_pose[labelled]]
    needing = [rung.name for rung in rungs if "pose" in MODELS.get(rung.model).inputs]
    if not needing:
        return rungs
    if len(np.unique(data.labels[seen])) < 2:
        notes.append("Hardly any training clip has a skeleton: the rungs that need one were left out.")
        return without(rungs, needing)
    if len(seen) < len(labelled):
        notes.append(
            f"{len(seen)} of {len(labelled)} labelled training clips have a skeleton; teachers saw those only."
        )
    return rungs


def _held_out(data: TrainingData, train: Index, labelled: Index, seed: int) -> tuple[Index, Index, str]:
    """Training clips that calibrate: of one whole subject where there are three or more, else of whole takes.

    Returns:
        the labelled ones, all of them, and in words which these are; nothing where too little would be left.
    """
    subjects = sorted({data.clips[row].subject for row in labelled}, key=natural_key)
    if len(subjects) >= 3:
        by, chosen = "subject", {subjects[seed % len(subjects)]}
        words = f"training subject {min(chosen)}, unseen by the student that was calibrated on"
    else:
        takes = sorted({data.clips[row].take for row in labelled}, key=natural_key)
        order = np.random.default_rng(seed).permutation(len(takes))[: int(_HELD_SHARE * len(takes))]
        by, chosen = "take", {takes[place] for place in order}
        words = "training takes, unseen by the student that was calibrated on"
    kept_back = np.array([row for row in train if getattr(data.clips[row], by) in chosen], dtype=np.int64)
    held, rest = np.intersect1d(labelled, kept_back), np.setdiff1d(labelled, kept_back)
    if len(held) < _FEWEST_HELD or len(np.unique(data.labels[rest])) < len(np.unique(data.labels[labelled])):
        return labelled[:0], labelled[:0], ""
    return held, kept_back, words
