"""Which runs had to do with a participant."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from made_bundles import made_report
from made_plans import make_small_plan

from pskd import documents
from pskd.evaluation.answers import Answers, ClipAnswer, write_answers
from pskd.evaluation.report import write_report
from pskd.training.trace import uses_of


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A library, and a folder of runs: one that learned from 01 and judged 02, one of another library, one half done,
    one damaged."""
    library, runs = tmp_path / "library", tmp_path / "runs"
    library.mkdir()
    for name, of in (("a-done", library), ("b-other", tmp_path / "other"), ("c-half", library)):
        (runs / name).mkdir(parents=True)
        plan = msgspec.structs.replace(make_small_plan(), library=str(of))
        documents.save(runs / name / "plan.json", plan)
    report = made_report()
    split = msgspec.structs.replace(report.split, train_subjects=["01"], test_subjects=["02"])
    write_report(runs / "a-done", msgspec.structs.replace(report, split=split))
    write_answers(runs / "a-done", Answers(clips=[ClipAnswer("sub-03/ses-a/take-001", 1, "wave", {})]))
    (runs / "d-damaged").mkdir()
    (runs / "d-damaged" / "plan.json").write_text("{")
    return library, runs


@pytest.mark.parametrize(
    ("subject", "done"),
    [("01", "learned from them"), ("02", "was judged on them"), ("03", "was judged on them"), ("0", "")],
)
def test_runs_are_named_with_what_they_did(folders: tuple[Path, Path], subject: str, done: str) -> None:
    library, runs = folders
    found = {use.run.name: use.how for use in uses_of(subject, library, [runs, runs, library / "runs"])}
    assert found.pop("a-done", "") == done
    assert found == {
        "c-half": "has no report: it may have learned from them",
        "d-damaged": "cannot be read: it may have learned from them",
    }


def test_runs_that_were_moved_with_their_library_are_still_found(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (folders[0] / "library.json").write_text("{}")
    moved = tmp_path / "another-disk"
    moved.mkdir()
    for folder in folders:
        folder.rename(moved / folder.name)
    found = {use.run.name: use.how for use in uses_of("01", moved / "library", [moved / "runs"])}
    assert found["a-done"] == "learned from them" and "c-half" in found


def test_no_run_is_no_trouble(tmp_path: Path) -> None:
    assert uses_of("01", tmp_path, [tmp_path / "runs"]) == []
