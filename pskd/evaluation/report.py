"""The report of a run: what was asked, how the clips were split, and how good student and teachers are.

``report.json`` is the truth; ``report.html`` shows it in one file that needs nothing from outside.
"""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from pskd import __version__, atomic, documents
from pskd.clock import utc_now
from pskd.errors import BadFile, PskdError
from pskd.evaluation.calibration import Calibration
from pskd.evaluation.metrics import ModelScore

REPORT_SCHEMA = 1
REPORT_NAME = "report.json"

# name in a report -> how a protocol made its split, in words
PROTOCOLS = {
    "cross-subject": "Subjects in the test set were never seen in training.",
    "trial": "The same subjects are in both sets; only the trials differ. Expect lower numbers on new people.",
    "loso": "Each subject was left out once; every clip is judged by a student that never saw its subject.",
    "take": "Takes in the test set were never seen in training, but the same people are in both sets.",
    "cross-session": "Sessions (wearings) in the test set were never seen in training; people may be in both sets.",
    "cross-scene": "Scenes in the test set were never seen in training; people may be in both sets.",
    "cross-view": "Camera views in the test set were never seen in training; people may be in both sets.",
}


class SplitFacts(msgspec.Struct, kw_only=True):
    """Which clips were learned from and which were judged.

    Attributes:
        train_clips: labelled clips that the student and the teachers learned from.
        test_clips: clips that this report judges.
        train_subjects: who performed the former, or clips without a label that were learned from as well.
        test_subjects: who performed the clips that this report judges.
        rule: how the split was made, in words; may be empty for a known protocol.
    """

    train_clips: int
    test_clips: int
    train_subjects: list[str] = []
    test_subjects: list[str] = []
    rule: str = ""


class CurvePoint(msgspec.Struct):
    """One epoch of one rung.

    Attributes:
        epoch: from 1.
        loss: mean training loss.
        accuracy: on the training clips as they were shown (augmented), 0 to 1; None where it was not measured.
    """

    epoch: int
    loss: float
    accuracy: float | None = None


class Fold(msgspec.Struct, kw_only=True):
    """One fold of a leave-one-subject-out run.

    Attributes:
        name: the subject left out.
        n: its clips.
        student: accuracy of this fold's student.
        teachers: accuracy of this fold's teachers.
    """

    name: str
    n: int
    student: float
    teachers: dict[str, float] = {}


def this_environment() -> dict[str, str]:
    """What the numbers were computed on: versions, system and processor."""
    found = {
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "machine": platform.machine(),
    }
    for package in ("torch", "numpy", "scipy", "scikit-learn", "onnxruntime"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


class Report(msgspec.Struct, kw_only=True):
    """``report.json``.

    Attributes:
        protocol: ``cross-subject``, ``trial``, ``loso`` or another split's name.
        seed: of the run.
        preset: ``quick``, ``best`` or ``custom``.
        classes: in the order of the confusion matrix.
        split: which clips were learned from and judged.
        student: its score on the test clips, accelerometer alone.
        teachers: by rung name, on those of the same clips that they can see.
        curves: by rung name, one point an epoch.
        timing: seconds by rung name.
        dataset: facts about the library (name, takes, subjects, rates, placement, ...).
        folds: for ``loso``, one a subject.
        calibration: how the student's confidence was fitted.
        student_input: what the student sees.
        teacher_inputs: what each teacher sees.
        notes: what a reader must know to trust or doubt the numbers.
        name: of the run.
        created: ISO 8601 in UTC.
        program: version that wrote it.
        environment: versions and the kind of machine.
        placements: where the watch sat (``wrist``) and the classes of which that is true of every clip; empty where
            it always sat in one place, or nobody knows.
    """

    protocol: str
    seed: int
    preset: str
    classes: list[str]
    split: SplitFacts
    student: ModelScore
    teachers: dict[str, ModelScore] = {}
    curves: dict[str, list[CurvePoint]] = {}
    timing: dict[str, float] = {}
    dataset: dict[str, Any] = {}
    folds: list[Fold] = []
    calibration: Calibration = msgspec.field(default_factory=Calibration)
    student_input: str = "accelerometer, 3 axes"
    teacher_inputs: dict[str, str] = {}
    notes: list[str] = []
    name: str = ""
    created: str = msgspec.field(default_factory=utc_now)
    program: str = __version__
    environment: dict[str, str] = msgspec.field(default_factory=this_environment)
    placements: dict[str, list[str]] = {}
    schema: int = REPORT_SCHEMA


def write_report(run_folder: Path, report: Report) -> Path:
    """Write ``report.json`` and ``report.html`` into a run folder, each atomically.

    Returns:
        The path of ``report.html``.

    Raises:
        PskdError: a field has the wrong type.
        OSError: the folder cannot be written.
    """
    from pskd.evaluation.page import render_page

    report = _plain(report)
    page = render_page(report)
    documents.save(run_folder / REPORT_NAME, report)
    path = run_folder / "report.html"
    atomic.write_bytes(path, page.encode("utf-8"))
    return path


def read_report(run: Path) -> Report:
    """Read and check the report of a run.

    Args:
        run: a run folder, or the file ``report.json`` itself.

    Raises:
        BadFile: there is none, or its content does not hold together.
    """
    path = run / REPORT_NAME if run.is_dir() else run
    if not path.exists():
        hint = "Give the folder of a finished run; `pskd train` makes one."
        raise BadFile(path, "there is no such report", code="report.missing", hint=hint)
    report = documents.load(path, Report, schema=REPORT_SCHEMA)
    for name, score in {"student": report.student, **report.teachers}.items():
        _check_score(path, name, score, len(report.classes))
    return report


def _plain(report: Report) -> Report:
    """The same report with numpy's numbers turned into Python's, checked field by field."""
    try:
        return msgspec.convert(msgspec.to_builtins(report, enc_hook=lambda number: number.item()), Report)
    except (msgspec.ValidationError, AttributeError) as error:
        raise PskdError(f"The report does not hold together: {error}.", code="report.shape") from error


def _check_score(path: Path, name: str, score: ModelScore, k: int) -> None:
    shares = (score.accuracy, score.macro_f1, score.balanced_accuracy, *score.interval, *score.by_subject.values())
    if not all(0.0 <= share <= 1.0 for share in shares):
        raise BadFile(path, f"a share of {name} is not between 0 and 1", code="report.shape")
    if len(score.confusion) != k or any(len(row) != k for row in score.confusion) or len(score.per_class) != k:
        raise BadFile(path, f"the confusion matrix of {name} does not fit {k} classes", code="report.shape")
    counts = [count for row in score.confusion for count in row]
    if min(counts, default=0) < 0 or sum(counts) != score.n:
        raise BadFile(path, f"the confusion matrix of {name} does not add up to {score.n} clips", code="report.shape")
