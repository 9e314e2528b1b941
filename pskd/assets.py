"""Where the shipped files are: in the source tree, in the installed wheel, or inside the frozen program."""

from __future__ import annotations

import sys
from pathlib import Path

from pskd.errors import PskdError


def folder() -> Path:
    """The ``assets`` folder of this installation."""
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [
        *([Path(frozen) / "assets"] if frozen else []),
        Path(__file__).resolve().parent.parent / "assets",
        Path(sys.prefix) / "share" / "pskd-studio" / "assets",
    ]
    for candidate in candidates:
        if (candidate / "README.md").is_file():
            return candidate
    raise PskdError(
        "The files that ship with PSKD Studio are missing.", code="assets.missing", hint="Install it again."
    )


def path(*parts: str) -> Path:
    """One shipped file.

    Raises:
        PskdError: it is not there.
    """
    file = folder().joinpath(*parts)
    if not file.exists():
        raise PskdError(
            f"The shipped file {'/'.join(parts)} is missing.", code="assets.missing", hint="Install it again."
        )
    return file
