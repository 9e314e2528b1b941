"""A picture of every page with real content, for the documentation and for looking at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app import pump
from app.bridge.session import Session
from app.pages import PAGES
from app.window import MainWindow

SETTLE_S = 1.5


def take_all(window: MainWindow, session: Session, out: Path, library: Path) -> int:
    """Show each page and save it.

    Args:
        window: already shown.
        session: its session.
        out: folder of the pictures.
        library: what is open.
    """
    session.open_library(library)
    pump.until(lambda: session.library is not None, 60, "the library to open")
    for number, page in enumerate(PAGES, start=1):
        window.turn_to(page.key)
        pump.wait(SETTLE_S)
        _prepare(window, page.key)
        file = pump.picture(window, out / f"{number:02d}_{page.key}.png")
        click.echo(file)
        window.pages[page.key].leave()
    return 0


def _prepare(window: MainWindow, key: str) -> None:
    """Some pages show something only after a while."""
    page: Any = window.pages[key]
    if key == "record":
        pump.until(lambda: page.bridge.is_open, 60, "watch and camera")
        pump.wait(3.0)
    elif key == "library" and page.bridge.overview.rows:
        window.session.go("library", takes=[page.bridge.overview.rows[0].id], why="")
        pump.wait(SETTLE_S)
