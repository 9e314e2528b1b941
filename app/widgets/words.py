"""How names, counts and places are written: the stored value stays as it is, only what is shown is put into words."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from pathlib import Path


def readable(label: str) -> str:
    """A class name as people read it: ``jumping_jack`` becomes ``Jumping jack``."""
    words = label.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def short(label: str, most: int = 32) -> str:
    """A class name as it stands in a sentence: a long one without its middle, for its end may tell it from others."""
    words = readable(label)
    half = (most - 1) // 2
    return words if len(words) <= most else f"{words[:half].rstrip()}…{words[-half:].lstrip()}"


def listed(labels: Sequence[str], most: int = 4) -> str:
    """Class names in a sentence: ``“Squat”, “Wave” and 3 more``."""
    shown = ", ".join(f"“{short(label)}”" for label in labels[:most])
    return shown + (f" and {len(labels) - most:,} more" if len(labels) > most else "")


def stored(shown: str, classes: Iterable[str]) -> str:
    """The class that a person means by what they typed or chose; a name that is new stays as it was typed."""
    typed = shown.strip()
    names = list(classes)
    if typed in names:
        return typed
    return next((name for name in names if readable(name).lower() == readable(typed).lower()), typed)


def tip(words: str) -> str:
    """Words for a tool tip, shown letter by letter: Qt takes a name such as ``<b>`` for markup."""
    return f"<qt>{html.escape(words)}</qt>" if "<" in words or "&" in words else words


def many(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: ``1 take``, ``1,204 takes``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def place(path: Path | str) -> str:
    """A path with the person's own folder as ``~``."""
    text, home = str(path), str(Path.home())
    own = text == home or text.startswith(home.rstrip("/\\") + ("\\" if "\\" in home else "/"))
    return "~" + text[len(home) :] if own and len(home) > 1 else text
