"""``pskd library``: look at a library."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pskd.cli.printable import printable
from pskd.library.index import TakeEntry
from pskd.library.library import Library

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
        click.echo(msgspec.json.format(msgspec.json.encode(facts), indent=2).decode())
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
        click.echo(msgspec.json.format(msgspec.json.encode([_facts(take) for take in chosen]), indent=2).decode())
    else:
        _table(
            f"{len(chosen)} takes",
            ("take", "classes", "seconds", "state"),
            ((t.id, ", ".join(t.labels), f"{t.duration_s:.1f}", t.problem or _state(t)) for t in chosen),
        )


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
