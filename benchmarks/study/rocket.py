"""MiniRocket and MultiRocket-Hydra (Dempster, Schmidt, Webb 2021, 2023; Tan et al. 2022) beside the students, by aeon.

They see the plain windows that the student sees, unchanged; a ridge classifier on random convolutions has no epochs
that changed views could fill. A clip's answer is the class that most of its windows get.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.study import material
from pskd.errors import PskdError
from pskd.evaluation.answers import Answers, ClipAnswer, write_answers
from pskd.evaluation.metrics import score
from pskd.evaluation.report import Report, SplitFacts, write_report
from pskd.library.naming import natural_key
from pskd.training.data import Index, TrainingData
from pskd.training.folds import Fold, make_folds
from pskd.training.labels import NOBODY
from pskd.training.plan import STUDENT, Plan
from pskd.types import FloatArray

SCRIPT = Path(__file__).with_name("aeon_script.py")
CLASSIFIERS = ("minirocket", "multirocket-hydra")


def available(aeon: str = "") -> bool:
    """True where an interpreter that has aeon was named, or this one has it."""
    return bool(aeon) or importlib.util.find_spec("aeon") is not None


def judge(kind: str, plan: Plan, found: material.Material, folder: Path, aeon: str) -> None:
    """Fit on every fold's labelled training clips, judge on its test clips, and leave report and answers.

    Raises:
        PskdError: aeon fails.
    """
    data = material.stacked(found, plan)
    folds, notes = make_folds(plan, data)
    judged = [fold for fold in folds if len(fold.test)]
    shares = np.concatenate([_shares(kind, plan.seed, data, fold, aeon) for fold in judged])
    rows = np.concatenate([fold.test for fold in judged])
    subjects = [data.clips[row].subject for row in rows]
    labelled = [fold.train[fold.labels[fold.train] != NOBODY] for fold in judged]
    trained = {data.clips[row].subject for part in labelled for row in part}
    report = Report(
        protocol=plan.protocol,
        seed=plan.seed,
        preset=kind,
        classes=list(data.classes),
        split=SplitFacts(
            train_clips=max(len(part) for part in labelled),
            test_clips=len(rows),
            train_subjects=sorted(trained, key=natural_key),
            test_subjects=sorted(set(subjects), key=natural_key),
        ),
        student=score(data.labels[rows], shares, data.classes, subjects=subjects),
        dataset={"name": found.name},
        notes=[*notes, f"{kind} by aeon; its shares are those of a clip's windows, no probabilities."],
    )
    said = shares.argmax(axis=1)
    write_answers(folder, Answers(clips=[_answer(data, row, int(k)) for row, k in zip(rows, said, strict=True)]))
    write_report(folder, report)


def _answer(data: TrainingData, row: int, said: int) -> ClipAnswer:
    clip = data.clips[row]
    return ClipAnswer(clip.take, clip.trial, data.classes[data.labels[row]], {STUDENT: data.classes[said]})


def _shares(kind: str, seed: int, data: TrainingData, fold: Fold, aeon: str) -> FloatArray:
    """The share of each test clip's windows that were called each class, ``(N, K)``."""
    rows = fold.train[fold.labels[fold.train] != NOBODY]
    train, owner = data.whole(rows, False)
    test, tested = data.whole(fold.test, False)
    said = _predicted(kind, seed, train.sensor.numpy(), fold.labels[rows][owner], test.sensor.numpy(), aeon)
    counts = np.zeros((len(fold.test), len(data.classes)))
    np.add.at(counts, (tested, said), 1.0)
    return counts / counts.sum(axis=1, keepdims=True)


def _predicted(kind: str, seed: int, train: FloatArray, labels: Index, test: FloatArray, aeon: str) -> Index:
    with tempfile.TemporaryDirectory(prefix="pskd-aeon-") as place:
        given, told = Path(place) / "in.npz", Path(place) / "out.npz"
        np.savez(given, train=train, labels=labels, test=test)
        command = [aeon or sys.executable, str(SCRIPT), kind, str(seed), str(given), str(told)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not told.is_file():
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise PskdError(f"{kind} failed: {last}", code="study.aeon", hint="Name the interpreter: --aeon PYTHON.")
        with np.load(told, allow_pickle=False) as content:
            answers: Index = content["answers"]
    return answers
