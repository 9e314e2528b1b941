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
from pskd.library.library import Library
from pskd.training.trace import uses_of


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A library, and a folder of runs: one that learned from 01 and judged 02, one of another library, one half done,
    one damaged."""
    library, runs = tmp_path / "library", tmp_path / "runs"
    for folder in (library, tmp_path / "other"):
        Library.create(folder, "Made")
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
    moved = tmp_path / "another-disk"
    moved.mkdir()
    for folder in folders:
        folder.rename(moved / folder.name)
    found = {use.run.name: use.how for use in uses_of("01", moved / "library", [moved / "runs"])}
    assert found["a-done"] == "learned from them" and "c-half" in found


def test_runs_of_a_library_that_has_another_name_now_are_named_with_a_doubt(folders: tuple[Path, Path]) -> None:
    renamed = folders[0].rename(folders[0].with_name("renamed"))
    found = {use.run.name: use.how for use in uses_of("01", renamed, [folders[1]])}
    assert found["a-done"] == "learned from them (or one of that name: its library library is gone)"
    assert "b-other" not in found
    assert "a-done" not in {use.run.name for use in uses_of("0", renamed, [folders[1]])}


def test_a_plan_whose_library_is_no_path_hides_no_other_run(folders: tuple[Path, Path]) -> None:
    documents.save(folders[1] / "c-half" / "plan.json", msgspec.structs.replace(make_small_plan(), library="a\0b"))
    assert [use.run.name for use in uses_of("01", folders[0], [folders[1]])] == ["a-done", "c-half", "d-damaged"]


def test_no_run_is_no_trouble(tmp_path: Path) -> None:
    assert uses_of("01", tmp_path, [tmp_path / "runs"]) == []
