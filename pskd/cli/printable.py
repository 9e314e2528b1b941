"""What is printed: text from files as a terminal may see it, counts, and JSON."""

from __future__ import annotations

import click
import msgspec


def printable(text: object) -> str:
    """One line without control characters: a name in a file must not steer the terminal it is shown on."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def many(count: int, noun: str) -> str:
    """``1 take``, ``2 takes``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def print_json(content: object) -> None:
    """Print anything that msgspec can write, indented, on standard output."""
    click.echo(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())
