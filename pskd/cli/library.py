"""``pskd library``: look at a library, and look its takes over."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from pskd.cli.printable import printable
from pskd.errors import WrongUse
from pskd.library.index import TakeEntry
from pskd.library.library import Library
from pskd.library.review import Checked, check_takes
from pskd.library.wrists import SIDES, set_wrist

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, as is done anyway where this is no terminal.")
_PATH = click.argument("path", metavar="LIBRARY", type=click.Path(path_type=Path))


@click.group("library")
def command() -> None:
    """Look at a library."""


@command.command()
@_PATH
@_JSON
def info(path: Path, as_json: bool) -> None:
    """How much is in a library: takes, subjects, classes, and what is wrong with it."""
    facts = Library.open(path).info()
    if as_json or not sys.stdout.isatty():
        _print_json(facts)
    else:
        _show_info(facts)


@command.command()
@_PATH
@click.option("--subject", help="Only this subject.")
@click.option("--class", "label", help="Only takes with this class.")
@_JSON
def takes(path: Path, subject: str | None, label: str | None, as_json: bool) -> None:
    """List the takes of a library."""
    chosen = [
        take
        for take in Library.open(path).takes()
        if (subject is None or take.subject == subject) and (label is None or label in take.labels)
    ]
    if as_json or not sys.stdout.isatty():
        _print_json([_facts(take) for take in chosen])
    else:
        _table(
            f"{len(chosen)} takes",
            ("take", "classes", "seconds", "state"),
            ((t.id, ", ".join(t.labels), f"{t.duration_s:.1f}", t.problem or _state(t)) for t in chosen),
        )


@command.command()
@_PATH
@click.argument("takes", metavar="[TAKE]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every take that has a watch and a camera.")
@_JSON
def sync(path: Path, takes: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Measure anew how far camera and watch are apart, from the raw recording; clips follow it from then on."""
    if bool(takes) == every:
        raise WrongUse("Name takes, or give --all.")
    checked = _check(path, takes, again=True)
    if as_json or not sys.stdout.isatty():
        _print_json([_sync_facts(one) for one in checked])
        return
    rows = ((one.entry.id, _ms(one, "offset_s"), _ms(one, "residual_s"), _verdict(one)) for one in checked)
    _table("Camera against watch", ("take", "late (ms)", "within (ms)", ""), rows)


@command.command()
@_PATH
@click.argument("takes", metavar="[TAKE]...", nargs=-1)
@click.option("--again", is_flag=True, help="Look the takes over anew, also those that have been.")
@_JSON
def check(path: Path, takes: tuple[str, ...], again: bool, as_json: bool) -> None:
    """Say how good takes are, and what to do where something is wrong."""
    checked = _check(path, takes, again)
    if as_json or not sys.stdout.isatty():
        _print_json([_quality_facts(one) for one in checked])
        return
    rows = [(one.entry.id, mark, sentence) for one in checked for mark, sentence in _troubles(one)]
    sound = sum(1 for one in checked if not list(_troubles(one)))
    _table(f"{sound} of {len(checked)} takes have nothing to complain about", ("take", "", "what"), rows)


@command.command()
@_PATH
@click.argument("subject")
@click.argument("side", type=click.Choice(SIDES))
def wrist(path: Path, subject: str, side: str) -> None:
    """Say which wrist a subject wears the watch on; right is expected where nobody says."""
    set_wrist(Library.open(path), subject, side)
    click.echo(f"Subject {subject} wears the watch on the {side} wrist. Run: pskd library check --again {path}")


def _check(path: Path, takes: tuple[str, ...], again: bool) -> list[Checked]:
    """Review with a line that says how far it is."""
    library = Library.open(path)
    if not sys.stderr.isatty():
        return check_takes(library, takes, again=again)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Looking takes over", total=None)
        return check_takes(
            library, takes, again=again, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )


def _troubles(one: Checked) -> Iterable[tuple[str, str]]:
    if one.quality is None:
        return [("bad", one.problem)]
    return [(str(finding.severity), finding.sentence) for finding in one.quality.troubles]


def _ms(one: Checked, field: str) -> str:
    seconds = getattr(one.sync, field) if one.sync else None
    return "" if seconds is None else f"{seconds * 1e3:.0f}"


def _verdict(one: Checked) -> str:
    return one.sync.verdict if one.sync else one.problem


def _sync_facts(one: Checked) -> dict[str, object]:
    found = msgspec.to_builtins(one.sync) if one.sync else {}
    return {"take": one.entry.id, "problem": one.problem, **found}


def _quality_facts(one: Checked) -> dict[str, object]:
    quality = one.quality
    return {
        "take": one.entry.id,
        "problem": one.problem,
        "worst": str(quality.worst) if quality else "bad",
        "findings": msgspec.to_builtins(quality.findings) if quality else [],
    }


def _print_json(content: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())


def _show_info(facts: dict[str, Any]) -> None:
    names = ("takes", "subjects", "classes", "sessions", "segments", "unlabelled")
    rows = [(name, str(facts[name])) for name in names]
    rows.append(("length", f"{facts['duration_s'] / 60:.1f} min"))
    rows.append(("streams", ", ".join(f"{name} ({count})" for name, count in facts["streams"].items())))
    _table(facts["name"], ("", ""), rows)
    _table("Classes", ("class", "segments"), ((name, str(n)) for name, n in facts["class_counts"].items()))
    _table("Subjects", ("subject", "takes"), ((name, str(n)) for name, n in facts["subject_counts"].items()))
    if facts["problems"]:
        _table("Problems", ("take", "what"), ((each["take"], each["problem"]) for each in facts["problems"]))


def _table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    table = Table(*columns, title=escape(printable(title)), title_justify="left", show_header=any(columns))
    for row in rows:
        table.add_row(*(escape(printable(cell)) for cell in row))
    Console().print(table)


def _state(take: TakeEntry) -> str:
    return str(take.manifest.state) if take.manifest else ""


def _facts(take: TakeEntry) -> dict[str, object]:
    return {
        "id": take.id,
        "folder": str(take.folder),
        "subject": take.subject,
        "session": take.session,
        "state": _state(take),
        "duration_s": take.duration_s,
        "segments": [msgspec.to_builtins(segment) for segment in take.segments],
        "streams": [stream.name for stream in take.manifest.streams] if take.manifest else [],
        "origin": take.manifest.origin if take.manifest else "",
        "source": take.manifest.source if take.manifest else "",
        "problem": take.problem,
    }
