"""Which runs learned from a participant, or were judged on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pskd.errors import PskdError
from pskd.evaluation.answers import read_answers
from pskd.evaluation.report import read_report
from pskd.training import plan as plans
from pskd.training.plan import PLAN_NAME


@dataclass(frozen=True, slots=True)
class Use:
    """One run that had to do with a participant.

    Attributes:
        run: its folder.
        how: in words: ``learned from``, ``judged on``, or why it cannot be told.
    """

    run: Path
    how: str


def uses_of(subject: str, library: Path, folders: Iterable[Path]) -> list[Use]:
    """The runs on a library, in these folders, that had to do with a participant, by name.

    A run without a report (stopped, or still going) on this library is named too: it cannot be told. So is one of a
    library that is gone, which may have been this one under another name, where it knows a participant of that name.
    """
    runs = {plan.parent.resolve() for folder in folders for plan in folder.glob(f"*/{PLAN_NAME}")}
    found = [(run, _how(subject, library.resolve(), run)) for run in sorted(runs)]
    return [Use(run, how) for run, how in found if how]


def _how(subject: str, library: Path, run: Path) -> str:
    try:
        trained_on = Path(plans.load(run).library)
        gone = not plans.is_library(trained_on)
        if not gone and trained_on.resolve() != library:
            return ""
        if not (run / "report.json").is_file():
            return "has no report: it may have learned from them"
        split = read_report(run).split
        answers = read_answers(run)
    except PskdError:
        return "cannot be read: it may have learned from them"
    perhaps = f" (or one of that name: its library {trained_on.name} is gone)" if gone else ""
    if subject in split.train_subjects:
        return f"learned from them{perhaps}"
    judged = any(clip.take.startswith(f"sub-{subject}/") for clip in answers.clips) if answers else False
    return f"was judged on them{perhaps}" if judged or subject in split.test_subjects else ""
