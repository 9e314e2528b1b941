"""How a watch or a camera is named: ``scheme:path?key=value``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

from pskd.errors import WrongUse

FILE_SCHEMES = frozenset({"video", "replay"})


def number_option(
    options: Mapping[str, str], key: str, default: float, low: float, high: float, *, where: str = "", code: str
) -> float:
    """A numeric option within bounds.

    Raises:
        WrongUse: not a number, or outside the bounds.
    """
    text = options.get(key)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise WrongUse(f"{key}={text!r}{where} is not a number from {low:g} to {high:g}.", code=code)
    return value


@dataclass(frozen=True, slots=True)
class DeviceUri:
    """``scheme:path?key=value``, such as ``sim:squat?seed=3`` or ``replay:take-003_squat?speed=4``.

    Where the path names a file and the text as it stands is one that exists, it is taken whole, question mark and all.

    Attributes:
        scheme: which driver.
        path: what it should open; may be empty.
        options: the query, as text.
    """

    scheme: str
    path: str
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> DeviceUri:
        """Read a URI.

        Raises:
            WrongUse: it has no scheme.
        """
        scheme, colon, _ = text.partition(":")
        if not colon or not scheme.isidentifier():
            raise WrongUse(
                f"{text!r} is not a device.", code="device.uri", hint="Examples: sim:squat, replay:PATH, video:PATH."
            )
        rest = text[len(scheme) + 1 :]
        path, question, query = rest.rpartition("?")
        if not question or "=" not in query or (scheme in FILE_SCHEMES and _is_there(rest)):
            path, query = rest, ""
        # a plus is a plus: these are no web forms
        return cls(scheme, path, dict(parse_qsl(query.replace("+", "%2B"))))

    def number(self, key: str, default: float, *, low: float, high: float) -> float:
        """A numeric option within bounds.

        Raises:
            WrongUse: not a number, or outside the bounds.
        """
        return number_option(self.options, key, default, low, high, where=f" in {self}", code="device.option")

    def __str__(self) -> str:
        """The address as it may be shown and stored: a token is left out."""
        query = "&".join(f"{key}={value}" for key, value in self.options.items())
        return shown(f"{self.scheme}:{self.path}" + (f"?{query}" if query else ""))


def _is_there(name: str) -> bool:
    try:
        return Path(name).expanduser().exists()
    except (OSError, RuntimeError, ValueError):  # too long, no home, a zero byte
        return False


def shown(text: str) -> str:
    """A URI as it may be shown and stored: what its ``token`` is stays with the person who typed it."""
    return re.sub(r"([?&]token=)[^&]*", r"\1***", text)


def check_options(uri: DeviceUri, known: Iterable[str]) -> None:
    """Refuse options that a watch or camera does not know, so that a slip of the finger is not silently ignored.

    Raises:
        WrongUse: naming the option and those that there are.
    """
    names = sorted(known)
    for key in uri.options:
        if key not in names:
            raise WrongUse(
                f"{uri.scheme}: has no option {key!r}.", code="device.option", hint=f"Known: {', '.join(names)}."
            )
