"""Former runs: which there are, how they stand, and what their reports say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.widgets.words import many, place, readable

if TYPE_CHECKING:
    from pskd.evaluation.metrics import ModelScore
    from pskd.evaluation.report import Report
    from pskd.library.library import Library

MANY_PEOPLE = 8  # more are not named one by one
STAMP = "%Y%m%d-%H%M%S"
_MINUTE = "%d %b %Y, %H:%M"
_SECOND = f"{_MINUTE}:%S"
PROTOCOL_WORDS = {
    "cross-subject": "new people",
    "loso": "every person in turn",
    "trial": "same people, other repetitions",
    "take": "some of the takes",
    "cross-session": "another day",
    "cross-scene": "another place",
    "cross-view": "another camera",
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in the list.

    Attributes:
        folder: where it lies.
        name: of the folder.
        created: when it was begun, as people read it; unlike that of any other row of its list.
        protocol: how clips were divided, in words.
        preset: ``quick``, ``best`` or ``custom``.
        state: ``finished``, ``stopped early``, ``not finished``, ``newer version`` or ``damaged``.
        accuracy: of the student, or None.
        n: clips judged.
        classes: told apart.
        library: the library's folder.
        has_bundle: it can be used live.
        resumable: it can be gone on with.
        problem: why it cannot be read; empty where it can.
        hint: what can be done about that.
    """

    folder: Path
    name: str
    created: str
    protocol: str
    preset: str
    state: str
    accuracy: float | None
    n: int
    classes: int
    library: str
    has_bundle: bool
    resumable: bool = False
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ModelResult:
    """One model on the test clips.

    Attributes:
        name: of its rung.
        sees: what it sees, in words.
        accuracy: share of right answers.
        low: lower end of the 95 % interval.
        high: upper end.
        macro_f1: mean F1 over the classes.
        n: clips judged.
        parameters: weights.
        confusion: ``(K, K)``, truth by answer.
        per_class: precision, recall, F1 and clips, ``(K, 4)``.
    """

    name: str
    sees: str
    accuracy: float
    low: float
    high: float
    macro_f1: float
    n: int
    parameters: int
    confusion: NDArray[np.int64]
    per_class: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RunResult:
    """A report made ready to be shown.

    Attributes:
        row: the run.
        classes: K names.
        student: its result.
        teachers: theirs, in ladder order.
        split: how clips were divided, one sentence.
        test_subjects: who was judged.
        notes: what a reader must know.
        page: ``report.html``.
    """

    row: RunRow
    classes: tuple[str, ...]
    student: ModelResult
    teachers: tuple[ModelResult, ...]
    split: str
    test_subjects: tuple[str, ...]
    notes: tuple[str, ...]
    page: Path


def runs_folder(library: Path) -> Path:
    """Where the runs of a library lie: the folder ``runs`` beside it."""
    return library.resolve().parent / "runs"


def new_run_folder(library: Path, protocol: str, preset: str) -> Path:
    """A folder name that is free, with the time in front so that names sort by age."""
    stamp = datetime.now().strftime(STAMP)
    base = runs_folder(library) / f"{stamp}_{library.resolve().name}_{protocol}_{preset}"
    folder, number = base, 2
    while folder.exists():
        folder, number = base.with_name(f"{base.name}-{number}"), number + 1
    return folder


def list_runs(library: Path) -> list[RunRow]:
    """All runs beside a library that were trained on it, newest first; run it off the window's thread."""
    folder = runs_folder(library)
    if not folder.is_dir():
        return []
    rows = [read_row(entry) for entry in folder.iterdir() if _is_run(entry)]
    own = [row for row in rows if not row.library or same_folder(row.library, library)]
    return _told_apart(sorted(own, key=lambda row: row.name, reverse=True))


def _told_apart(rows: Sequence[RunRow]) -> list[RunRow]:
    """Rows of one minute get their seconds, rows of one second a number, so that no two look alike."""
    shown = Counter(row.created for row in rows)
    rows = [replace(row, created=_created(row.folder, _SECOND)) if shown[row.created] > 1 else row for row in rows]
    shown, seen = Counter(row.created for row in rows), Counter[str]()
    told: list[RunRow] = []
    for row in reversed(rows):  # the oldest is the first
        seen[row.created] += 1
        alike = shown[row.created] > 1 and row.created
        told.append(replace(row, created=f"{row.created} ({seen[row.created]})") if alike else row)
    return told[::-1]


def same_folder(stored: str, folder: Path) -> bool:
    """Whether a path from a plan, which anybody may have written, names this folder."""
    try:
        return Path(stored).resolve() == folder.resolve()
    except (OSError, ValueError, RuntimeError):  # a null byte, a loop of links
        return False


def _is_run(folder: Path) -> bool:
    try:
        return (folder / "plan.json").is_file()
    except OSError:
        return False


def read_row(folder: Path) -> RunRow:
    """One run for the list; what cannot be read becomes its ``problem``."""
    from pskd.errors import PskdError
    from pskd.evaluation.report import read_report
    from pskd.training import plan as plans

    created = _created(folder)
    bundle = (folder / "bundle" / "bundle.json").is_file()
    try:
        plan = plans.load(folder)
        report = read_report(folder) if (folder / "report.json").is_file() else None
    except PskdError as error:
        state = "newer version" if error.code == "document.newer" else "damaged"
        return RunRow(
            folder, folder.name, created, "", "", state, None, 0, 0, "", bundle, problem=error.message,
            hint=error.hint or "Its files may have been changed or cut off.",
        )  # fmt: skip
    protocol = PROTOCOL_WORDS.get(plan.protocol, plan.protocol)
    if report is None:
        return RunRow(
            folder, folder.name, created, protocol, plan.preset, "not finished", None, 0, 0, plan.library, bundle, True
        )
    early = any(note.startswith("Stopped") for note in report.notes)
    return RunRow(
        folder, folder.name, created, protocol, plan.preset, "stopped early" if early else "finished",
        report.student.accuracy, report.student.n, len(report.classes), plan.library, bundle,
        early and (folder / "last.pt").is_file(),
    )  # fmt: skip


def _created(folder: Path, form: str = _MINUTE) -> str:
    """By the folder's name, else by the age of its plan; as people read it."""
    try:
        moment = datetime.strptime(folder.name.partition("_")[0], STAMP)
    except ValueError:
        try:
            moment = datetime.fromtimestamp((folder / "plan.json").stat().st_mtime)
        except (OSError, ValueError, OverflowError):  # gone meanwhile, or an age beyond the calendar
            return ""
    return moment.strftime(form)


def read_result(folder: Path) -> RunResult:
    """The result of a run; run it off the window's thread.

    Raises:
        BadFile: there is no report, or it cannot be trusted.
    """
    from pskd.evaluation.report import read_report

    report = read_report(folder)
    return RunResult(
        read_row(folder),
        tuple(report.classes),
        _result("student", "acceleration", report.student),
        tuple(_result(name, report.teacher_inputs.get(name, ""), score) for name, score in report.teachers.items()),
        split_words(report),
        tuple(report.split.test_subjects),
        tuple(report.notes),
        folder / "report.html",
    )


def split_words(report: Report) -> str:
    """How clips were divided, in one sentence."""
    split = report.split
    words = PROTOCOL_WORDS.get(report.protocol, report.protocol)
    if report.protocol == "loso":
        return f"Test: {words}; {many(split.test_clips, 'clip')}, each judged by a student that never saw its person."
    who = _people(split.test_subjects)
    tested, trained = many(split.test_clips, "clip"), many(split.train_clips, "clip")
    return f"Test: {words}; {tested} of {who}. Trained on {trained}."


def _people(names: Sequence[str]) -> str:
    if len(names) > MANY_PEOPLE:
        return f"{len(names)} subjects"
    return f"subject{'s' if len(names) > 1 else ''} {', '.join(names)}"


def takes_of_cell(library: Library, result: RunResult, model: str, truth: str, answer: str) -> tuple[list[str], str]:
    """The takes behind a cell of a model's confusion matrix; run it off the window's thread.

    Returns:
        Ids of takes, and in words what they are. A run of an older version gives all test takes of the class.

    Raises:
        BadFile: the run's answers are damaged.
        WrongUse: the run was trained on another library, whose takes are not here.
    """
    from pskd.errors import WrongUse
    from pskd.evaluation.answers import read_answers

    trained_on = result.row.library
    if trained_on and not same_folder(trained_on, library.path):
        raise WrongUse(
            f"This student was trained on another library: {place(trained_on)}.", hint="Open that one to see its takes."
        )
    answers = read_answers(result.row.folder)
    right = truth == answer
    if answers is not None:
        shown, taken_for = readable(truth), readable(answer)
        words = f"“{shown}” found by the {model}" if right else f"“{shown}” that the {model} took for “{taken_for}”"
        return answers.takes(model, truth, answer), words
    tested = set(result.test_subjects)
    return [
        t.id for t in library.takes() if t.subject in tested and truth in t.labels
    ], f"Test takes of “{readable(truth)}”"


def _result(name: str, sees: str, score: ModelScore) -> ModelResult:
    low, high = score.interval
    table = np.array([[c.precision, c.recall, c.f1, c.support] for c in score.per_class], np.float64)
    return ModelResult(
        name, sees, score.accuracy, low, high, score.macro_f1, score.n, score.parameters,
        np.array(score.confusion, np.int64), table,
    )  # fmt: skip
