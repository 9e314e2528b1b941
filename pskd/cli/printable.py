"""Text from files, as a terminal may see it."""

from __future__ import annotations


def printable(text: object) -> str:
    """One line without control characters: a name in a file must not steer the terminal it is shown on."""
    return "".join(c if c.isprintable() else " " for c in str(text))
