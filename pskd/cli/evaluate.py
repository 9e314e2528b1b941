"""``pskd evaluate RUN``: how good a run's student and teachers are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

if TYPE_CHECKING:
    from pskd.evaluation.report import Report


@click.command("evaluate", short_help="Show how good a run's student and teachers are.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON (also where no terminal listens).")
def command(run: Path, as_json: bool) -> None:
    """Show the report of RUN: accuracy, F1, the split it was judged on, and the teachers beside the student.

    The numbers were found when the run ended, on clips that it never trained on.
    """
    from pskd.evaluation.report import read_report

    report = read_report(run)
    if as_json or not sys.stdout.isatty():
        click.echo(msgspec.json.encode(report).decode())
    else:
        _show(run, report)


def _show(run: Path, report: Report) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from pskd.evaluation.page import models
    from pskd.evaluation.report import PROTOCOLS

    console = Console(highlight=False)
    console.print(f"[bold]{escape(report.name or run.name)}[/]  {report.protocol}, {report.preset}, seed {report.seed}")
    console.print(
        f"{report.split.test_clips} test clips, {len(report.classes)} classes. "
        f"{report.split.rule or PROTOCOLS.get(report.protocol, '')}"
    )
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name, justify in zip(("", "sees", "accuracy", "95 % interval", "macro F1", "weights"), "llrrrr", strict=True):
        table.add_column(name, justify="left" if justify == "l" else "right")
    for name, sees, score in models(report):
        low, high = score.interval
        row = (f"{100 * score.accuracy:.1f} %", f"{100 * low:.1f} to {100 * high:.1f}", f"{100 * score.macro_f1:.1f} %")
        table.add_row(
            escape(name),
            escape(sees),
            *row,
            f"{score.parameters:,}".replace(",", " "),
            style="bold" if name == "student" else "",
        )
    console.print(table)
    for note in report.notes:
        console.print(f"- {escape(note)}")
    page = (run if run.is_dir() else run.parent) / "report.html"
    if page.is_file():
        console.print(f"The whole report: {escape(str(page))}")
