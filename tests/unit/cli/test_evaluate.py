from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_bundles import made_report

from pskd.cli import evaluate
from pskd.evaluation.answers import Answers, ClipAnswer, write_answers
from pskd.evaluation.report import Report, write_report


def run_folder(folder: Path, answers: list[str] | None, **changes: object) -> Path:
    report = made_report()
    for name, value in changes.items():
        setattr(report, name, value)
    folder.mkdir()
    write_report(folder, report)
    if answers is not None:
        clips = [ClipAnswer(f"take-{i}", 1, "wave", {"student": said}) for i, said in enumerate(answers)]
        write_answers(folder, Answers(clips=clips))
    return folder


def test_two_runs_are_compared(tmp_path: Path) -> None:
    first = run_folder(tmp_path / "a", ["wave"] * 9)
    second = run_folder(tmp_path / "b", ["wave"] * 3 + ["clap"] * 6)
    done = CliRunner().invoke(evaluate.command, [str(first), str(second)])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)["mcnemar"]
    assert told["n"] == 9 and told["only_first"] == 6 and told["p"] == pytest.approx(2 / 2**6)


def test_a_comparison_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = run_folder(tmp_path / "a", ["wave"] * 9)
    second = run_folder(tmp_path / "b", ["wave"] * 3 + ["clap"] * 6)
    found = evaluate._compared(first, second)
    evaluate._show_comparison(first, second, made_report(), made_report(), found)
    told = capsys.readouterr().out
    assert "+66.7 points on 9 clips" in told and "p = 0.031" in told and "6 clips that it alone had right" in told


def test_a_run_without_answers_cannot_be_compared(tmp_path: Path) -> None:
    first, second = run_folder(tmp_path / "a", ["wave"]), run_folder(tmp_path / "b", None)
    done = CliRunner().invoke(evaluate.command, [str(first), str(second)])
    assert done.exit_code != 0 and "has no answers.json" in str(done.exception)


def test_a_report_of_a_stranger_is_shown_word_for_word(capsys: pytest.CaptureFixture[str]) -> None:
    report = made_report()
    report.name, report.preset, report.protocol = "[/oops]\x1b[2J", "[bold", "a[/]b"
    report.notes = ["[link=x]note"]
    told = shown(report, capsys, True)
    assert "\x1b" not in told
    assert "[/oops]" in told and "a[/]b, [bold, seed" in told and "[link=x]note" in told


def shown(report: Report, capsys: pytest.CaptureFixture[str], classes: bool) -> str:
    evaluate._show(Path("run"), report, classes)
    return capsys.readouterr().out


def test_the_classes_of_each_place_of_the_watch_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    report = made_report()
    assert "Watch on the" not in shown(report, capsys, False)
    first, *rest = report.classes
    report.placements = {"wrist": [first], "thigh": rest}
    right, clips = report.student.confusion[0][0], sum(report.student.confusion[0])
    told = " ".join(shown(report, capsys, False).split())
    assert f"Watch on the wrist: student {100 * right / clips:.1f} % on {clips} clips of the class" in told


def test_every_class_is_shown_the_weakest_first(capsys: pytest.CaptureFixture[str]) -> None:
    report = made_report()
    assert "precision" not in shown(report, capsys, False)
    told = shown(report, capsys, True)
    places = [told.rindex(f"\n{each.label}") for each in sorted(report.student.per_class, key=lambda each: each.f1)]
    assert "precision" in told and places == sorted(places)
