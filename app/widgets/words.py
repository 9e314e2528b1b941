"""How names, counts and places are written: the stored value stays as it is, only what is shown is put into words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def readable(label: str) -> str:
    """A class name as people read it: ``jumping_jack`` becomes ``Jumping jack``."""
    words = label.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def stored(shown: str, classes: Iterable[str]) -> str:
    """The class that a person means by what they typed or chose; a name that is new stays as it was typed."""
    typed = shown.strip()
    names = list(classes)
    if typed in names:
        return typed
    return next((name for name in names if readable(name).lower() == readable(typed).lower()), typed)


def many(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: ``1 take``, ``1,204 takes``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def place(path: Path | str) -> str:
    """A path with the person's own folder as ``~``."""
    text, home = str(path), str(Path.home())
    own = text == home or text.startswith(home.rstrip("/\\") + ("\\" if "\\" in home else "/"))
    return "~" + text[len(home) :] if own and len(home) > 1 else text
