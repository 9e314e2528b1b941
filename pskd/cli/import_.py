"""``pskd import``: bring a published data set into a library."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pskd.library.formats import IMPORTERS
from pskd.library.importing import ImportReport, import_dataset
from pskd.library.library import Library


@click.command("import")
@click.argument("dataset", metavar="DATASET")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("library", type=click.Path(path_type=Path))
@click.option("--skip-damaged", is_flag=True, help="Leave out trials that cannot be read instead of stopping.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(dataset: str, source: Path, library: Path, skip_damaged: bool, as_json: bool) -> None:
    """Bring a published data set into a library; each trial becomes a take.

    DATASET is utd-mhad, berkeley-mhad or mmact. SOURCE is the downloaded archive (.tar.gz, .tgz, .tar, .zip) or the
    unpacked folder. LIBRARY is made where there is none. A trial that is in the library already is left alone, and
    if anything is wrong the library stays as it was.
    """
    IMPORTERS.get(dataset)
    report = _run(dataset, source, library, skip_damaged)
    facts = Library.open(library).info() if library.is_dir() else {}
    if as_json:
        click.echo(msgspec.json.encode(_summary(report, library, facts)).decode())
        return
    click.echo(report.text)
    for problem in report.skipped:
        click.echo(f"  {problem}", err=True)
    if facts:
        counts = ", ".join(f"{facts[name]} {name}" for name in ("takes", "subjects", "classes"))
        click.echo(f"{library} holds {counts}.")


def _run(dataset: str, source: Path, library: Path, skip_damaged: bool) -> ImportReport:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def tell(done: int, total: int, step: str) -> None:
            bar.update(task, description=step, completed=done, total=total or None)

        return import_dataset(dataset, source, library, progress=tell, skip_damaged=skip_damaged)


def _summary(report: ImportReport, library: Path, facts: dict[str, object]) -> dict[str, object]:
    return {
        "importer": report.importer,
        "library": str(library),
        "added": report.added,
        "already": report.already,
        "skipped": report.skipped,
        **{name: facts.get(name, 0) for name in ("takes", "subjects", "classes")},
    }
