"""``pskd demo``: the window on the built-in demo, or the same tour without a display."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from pskd.errors import PskdError


@click.command("demo")
@click.option("--headless", is_flag=True, help="Take the tour without a display and leave its pictures.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where the tour leaves its files.")
def command(headless: bool, out: Path | None) -> None:
    """Take the whole tour on a simulated performer: record, train, distil, predict live.

    With a display this opens the window on the built-in demo library. With --headless the same window goes through
    the same steps without a display, prints them, and leaves screenshots and the report in --out.
    """
    arguments = ["--demo"]
    environment = dict(os.environ)
    if headless:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    if headless or out:
        arguments += ["--tour", str((out or Path("demo-tour")).resolve())]
    raise SystemExit(subprocess.call([*_window(), *arguments], env=environment))


def _window() -> list[str]:
    """How the window is started, from source and from the installed program."""
    if not getattr(sys, "frozen", False):
        return [sys.executable, "-m", "app"]
    program = shutil.which("pskd-studio", path=str(Path(sys.executable).parent))
    if program is None:
        raise PskdError("The window's program is missing.", code="demo.window", hint="Install PSKD Studio again.")
    return [program]
