"""``pskd evaluate RUN [OTHER]``: how good a run's student and teachers are, and whether one run is really better."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pskd.cli.printable import printable
from pskd.errors import PskdError

if TYPE_CHECKING:
    from pskd.evaluation.answers import Answers
    from pskd.evaluation.compare import ClipComparison
    from pskd.evaluation.report import Report

STUDENT = "student"


@click.command("evaluate", short_help="Show how good a run's student and teachers are, or compare two runs.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path), required=False)
@click.option("--classes", is_flag=True, help="Also the precision, recall and F1 of every class.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (also where no terminal listens).")
def command(run: Path, other: Path | None, classes: bool, as_json: bool) -> None:
    """Show the report of RUN: accuracy, F1, the split it was judged on, and the teachers beside the student.

    The numbers were found when the run ended, on clips that it never trained on. With OTHER, the students of both runs
    are compared on the clips that both judged (McNemar's exact test). One seed of each proves little.
    """
    from pskd.evaluation.report import read_report

    report = read_report(run)
    plain = as_json or not sys.stdout.isatty()
    if other is not None:
        found = _compared(run, other)
        rest = read_report(other)
        if plain:
            click.echo(msgspec.json.encode(_told(report, rest, found)).decode())
        else:
            _show_comparison(run, other, report, rest, found)
    elif plain:
        click.echo(msgspec.json.encode(report).decode())
    else:
        _show(run, report, classes)


def _compared(run: Path, other: Path) -> ClipComparison:
    from pskd.evaluation.compare import compare_answers

    return compare_answers(_answers(run), _answers(other), STUDENT)


def _answers(run: Path) -> Answers:
    from pskd.evaluation.answers import ANSWERS_NAME, read_answers

    said = read_answers(run if run.is_dir() else run.parent)
    if said is None:
        raise PskdError(
            f"{run} has no {ANSWERS_NAME}.", code="compare.answers", hint="Train it again with this version."
        )
    return said


def _told(report: Report, rest: Report, found: ClipComparison) -> dict[str, Any]:
    said = {"accuracy": report.student.accuracy, "other_accuracy": rest.student.accuracy}
    return {**said, "mcnemar": found}


def _show_comparison(run: Path, other: Path, report: Report, rest: Report, found: ClipComparison) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    for folder, each, alone in ((run, report, found.only_first), (other, rest, found.only_second)):
        console.print(
            f"[bold]{_plain(each.name or folder.name)}[/]  student {100 * each.student.accuracy:.1f} %, "
            f"{alone} clips that it alone had right"
        )
    console.print(
        f"Difference {100 * found.difference:+.1f} points on {found.n} clips that both judged: {_p(found.p)} if every "
        f"clip stands for itself (McNemar, exact), {_p(found.p_grouped)} if those of one person and class go together."
    )
    console.print("One run of each shows no more than that: recipes are compared over many seeds (benchmarks/study).")


def _p(value: float | None) -> str:
    if value is None:
        return "p not known"
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _show(run: Path, report: Report, classes: bool) -> None:
    from rich.console import Console

    from pskd.evaluation.report import PROTOCOLS

    console = Console(highlight=False)
    how = f"{report.protocol}, {report.preset}, seed {report.seed}"
    console.print(f"[bold]{_plain(report.name or run.name)}[/]  {_plain(how)}")
    rule = _plain(report.split.rule or PROTOCOLS.get(report.protocol, ""))
    console.print(f"{report.split.test_clips} test clips, {len(report.classes)} classes. {rule}")
    console.print(_models(report))
    for line in _by_place(report):
        console.print(line)
    if classes:
        console.print(_by_class(report))
    for note in report.notes:
        console.print(f"- {_plain(note)}")
    page = (run if run.is_dir() else run.parent) / "report.html"
    if page.is_file():
        console.print(f"The whole report: {_plain(str(page))}")


def _models(report: Report) -> Any:
    from pskd.evaluation.page import models

    table = _table(("", "sees", "accuracy", "95 % interval", "macro F1", "weights"), "llrrrr")
    for name, sees, score in models(report):
        low, high = score.interval
        row = (f"{100 * score.accuracy:.1f} %", f"{100 * low:.1f} to {100 * high:.1f}", f"{100 * score.macro_f1:.1f} %")
        table.add_row(
            _plain(name),
            _plain(sees),
            *row,
            f"{score.parameters:,}".replace(",", " "),
            style="bold" if name == STUDENT else "",
        )
    return table


def _by_place(report: Report) -> list[str]:
    """The student's accuracy on the classes of each place where the watch sat."""
    from pskd.evaluation.metrics import on_classes

    lines = []
    for place, names in report.placements.items():
        accuracy, clips = on_classes(report.student, report.classes, names)
        many = f"the {len(names)} classes" if len(names) > 1 else "the class"
        lines.append(
            f"Watch on the {_plain(place)}: student {100 * accuracy:.1f} % on {clips} clips of {many} recorded there."
        )
    return lines


def _by_class(report: Report) -> Any:
    table = _table(("class", "clips", "precision", "recall", "F1"), "lrrrr")
    for each in sorted(report.student.per_class, key=lambda each: each.f1):
        shares = (f"{100 * share:.1f} %" for share in (each.precision, each.recall, each.f1))
        table.add_row(_plain(each.label), str(each.support), *shares)
    return table


def _plain(text: str) -> str:
    """Text from a report, which anybody may have written, as rich prints it word for word."""
    from rich.markup import escape

    return escape(printable(text))


def _table(heads: tuple[str, ...], sides: str) -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name, side in zip(heads, sides, strict=True):
        table.add_column(name, justify="left" if side == "l" else "right")
    return table
