"""MiniRocket and MultiRocket-Hydra (Dempster, Schmidt, Webb 2021, 2023; Tan et al. 2022) beside the students, by aeon.

They see each whole clip, its three axes in g stretched to one length, as is usual for such classifiers; a ridge
classifier on random convolutions has no epochs that changed views could fill.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.study import material
from pskd.errors import PskdError, WrongUse
from pskd.evaluation.answers import Answers, ClipAnswer, write_answers
from pskd.evaluation.metrics import score
from pskd.evaluation.report import Report, SplitFacts, write_report
from pskd.library.naming import natural_key
from pskd.signals import augment
from pskd.signals.sensor import SensorPreprocessing
from pskd.training.data import Index, TrainingData
from pskd.training.folds import Fold, make_folds
from pskd.training.labels import NOBODY
from pskd.training.plan import STUDENT, Plan
from pskd.types import FloatArray

SCRIPT = Path(__file__).with_name("aeon_script.py")
# As fine as the watch of UTD-MHAD gives: these classifiers are not to suffer from the students' lower rate.
SERIES = SensorPreprocessing(rate_hz=50.0, window_samples=256, stride_samples=32)
CLASSIFIERS = ("minirocket", "multirocket-hydra")


def available(aeon: str = "") -> bool:
    """True where an interpreter that has aeon was named, or this one has it.

    Raises:
        WrongUse: what was named is no program.
    """
    if aeon and shutil.which(aeon) is None:
        raise WrongUse(f"There is no program {aeon}.", code="study.aeon", hint="Name the interpreter: --aeon PYTHON.")
    return bool(aeon) or importlib.util.find_spec("aeon") is not None


def judge(kind: str, plan: Plan, found: material.Material, folder: Path, aeon: str) -> None:
    """Fit on every fold's labelled training clips, judge on its test clips, and leave report and answers.

    Raises:
        PskdError: aeon fails.
    """
    plan = msgspec.structs.replace(plan, sensor=SERIES)
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
        notes=[*notes, f"{kind} by aeon; it says a class and no probabilities."],
    )
    said = shares.argmax(axis=1)
    write_answers(folder, Answers(clips=[_answer(data, row, int(k)) for row, k in zip(rows, said, strict=True)]))
    write_report(folder, report)


def _answer(data: TrainingData, row: int, said: int) -> ClipAnswer:
    clip = data.clips[row]
    return ClipAnswer(clip.take, clip.trial, data.classes[data.labels[row]], {STUDENT: data.classes[said]})


def _shares(kind: str, seed: int, data: TrainingData, fold: Fold, aeon: str) -> FloatArray:
    """One for the class that each test clip was called, ``(N, K)``."""
    rows = fold.train[fold.labels[fold.train] != NOBODY]
    said = _predicted(kind, seed, series(data, rows), fold.labels[rows], series(data, fold.test), aeon)
    return np.eye(len(data.classes), dtype=np.float32)[said]


def series(data: TrainingData, rows: Index) -> FloatArray:
    """Whole clips ``(N, 3, T)`` in g, stretched along lines to one number of samples."""
    count = data.sensor_spec.window_samples
    places = np.linspace(0.0, 1.0, count)[None] * (data.sensor_length[rows, None] - 1)
    found = augment.gather(data.sensor, data.sensor_start[rows], data.sensor_length[rows], places)
    return found.transpose(0, 2, 1)


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
