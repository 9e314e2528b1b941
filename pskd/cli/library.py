"""``pskd library``: look at a library, and look its takes over."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from pskd.cli.printable import many, print_json, printable
from pskd.errors import WrongUse
from pskd.library import consent
from pskd.library.forget import Traces
from pskd.library.index import TakeEntry
from pskd.library.library import Library
from pskd.library.review import Checked, check_takes
from pskd.library.wrists import SIDES, set_wrist
from pskd.recording.names import device_name

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, as is done anyway where this is no terminal.")
_PATH = click.argument("path", metavar="LIBRARY", type=click.Path(path_type=Path))


@click.group("library")
def command() -> None:
    """Look at a library, keep consents, delete a participant."""


@command.command()
@_PATH
@_JSON
def info(path: Path, as_json: bool) -> None:
    """How much is in a library: takes, subjects, classes, and what is wrong with it."""
    facts = Library.open(path).info()
    if as_json or not sys.stdout.isatty():
        print_json(facts)
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
        print_json([_facts(take) for take in chosen])
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
        print_json([_sync_facts(one) for one in checked])
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
        print_json([_quality_facts(one) for one in checked])
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


@command.command()
@_PATH
@click.argument("subject")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--runs", multiple=True, type=click.Path(path_type=Path), help="Look for runs here too; may be repeated.")
@_JSON
def forget(path: Path, subject: str, yes: bool, runs: tuple[Path, ...], as_json: bool) -> None:
    """Delete SUBJECT for good: takes, films, labels, table row, consent, trash. Runs that used them are named."""
    from pskd.training.trace import uses_of

    library = Library.open(path)
    subject = subject.removeprefix("sub-")
    found = library.traces(subject)
    uses = uses_of(subject, path, [path / "runs", path.resolve().parent / "runs", *runs]) if found.found else []
    if found.found and not yes:
        click.echo(_what_goes(found), err=True)
        click.confirm(f"Delete everything of subject {subject} for good?", abort=True, err=True)
    found = library.forget(subject)
    if as_json:
        facts = {**asdict(found), "runs": [{"run": str(use.run), "how": use.how} for use in uses]}
        print_json(facts)
        return
    click.echo(f"Deleted. {_what_goes(found)}")
    for use in uses:
        click.echo(f"The run {printable(str(use.run))} {use.how}; it holds no recording and is left as it is.")


@command.command("consent")
@_PATH
@click.argument("subject", required=False)
@click.option("--give", is_flag=True, help="SUBJECT agrees to the library's text as it is now.")
@click.option("--by", default="", help="Who asks.")
@click.option("--film", is_flag=True, help="The film may be kept too.")
@click.option("--withdraw", is_flag=True, help="Strike the consent of SUBJECT.")
@_JSON
def consent_(path: Path, subject: str | None, give: bool, by: str, film: bool, withdraw: bool, as_json: bool) -> None:
    """Show the text that participants agree to and who agreed when; with SUBJECT, write down or strike one.

    The text is consent.txt in the library; without one, a text that comes with the program is used.
    """
    root = Library.open(path).path
    if bool(subject) != (give or withdraw):
        wanted = "--give or --withdraw" if subject else "SUBJECT"
        raise WrongUse(f"{wanted} is needed.", hint="Example: pskd library consent mine 01 --give --by AB")
    if give and withdraw:
        raise WrongUse("Either --give or --withdraw.")
    if give:
        consent.give(root, (subject or "").removeprefix("sub-"), by=by, film=film)
    if withdraw and not consent.withdraw(root, (subject or "").removeprefix("sub-")):
        raise WrongUse(f"There is no consent of subject {subject}.", code="consent.none")
    _show_consents(consent.consents(root), consent.read_text(root), as_json)


def _show_consents(given: dict[str, consent.Consent], text: str, as_json: bool) -> None:
    if as_json or not sys.stdout.isatty():
        facts = {"text": text, "consents": [msgspec.to_builtins(each) for each in given.values()]}
        print_json(facts)
        return
    click.echo(printable(text))
    rows = ((c.subject, c.time, c.by, "yes" if c.film else "no", "" if c.text == text else "older")
            for c in given.values())  # fmt: skip
    _table("Consents", ("subject", "time", "asked by", "film", "text"), rows)


def _what_goes(found: Traces) -> str:
    """One line: what there is of a participant."""
    parts = [f"{many(len(found.takes), 'take')} ({found.duration_s:.0f} s)", many(found.films, "film")]
    parts += [f"{many(found.trashed, 'take')} in the trash"] if found.trashed else []
    parts += ["the line in participants.tsv"] if found.listed else []
    parts += ["the consent"] if found.consent else []
    return f"Subject {found.subject}: {', '.join(parts)}; {found.files_bytes / 2**20:.1f} MiB."


def _show_info(facts: dict[str, Any]) -> None:
    names = ("takes", "subjects", "classes", "sessions", "segments", "unlabelled")
    rows = [(name, str(facts[name])) for name in names]
    rows.append(("length", f"{facts['duration_s'] / 60:.1f} min"))
    rows.append(("streams", ", ".join(f"{device_name(name)} ({count})" for name, count in facts["streams"].items())))
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
