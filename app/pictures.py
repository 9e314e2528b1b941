"""A picture of every page with real content in both themes, for the documentation and for looking at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app import pump
from app.bridge.live_feed import UNSURE
from app.bridge.session import Session
from app.pages import PAGES
from app.style.theme import theme
from app.window import MainWindow
from pskd.clock import now_s

SETTLE_S = 1.5
LIVE_S = 25.0
FRESH_S = 0.4
THEMES = ("light", "dark")


def take_all(window: MainWindow, session: Session, out: Path, library: Path, themes: tuple[str, ...] = THEMES) -> int:
    """Show each page and save it as ``PAGE_THEME.png``; where a run is there, its result and its student too.

    Args:
        window: already shown.
        session: its session.
        out: folder of the pictures.
        library: what is open.
        themes: ``light``, ``dark`` or both.
    """
    session.open_library(library)
    pump.until(lambda: session.library is not None, 60, "the library to open")
    for page in PAGES:
        window.turn_to(page.key)
        pump.wait(SETTLE_S)
        _prepare(window, page.key)
        _save(window, out, page.key, themes)
        if page.key == "train":
            _result(window, out, themes)
        elif page.key == "live":
            shown: Any = window.pages["live"]
            shown.bridge.stop()
        window.pages[page.key].leave()
    return 0


def _save(window: MainWindow, out: Path, name: str, themes: tuple[str, ...]) -> None:
    for choice in themes:
        theme.choose(choice)
        pump.wait(0.2)
        if name == "live":
            _await_answer(window.pages["live"])
        click.echo(pump.picture(window, out / f"{name}_{choice}.png"))


def _prepare(window: MainWindow, key: str) -> None:
    """Some pages show something only after a while."""
    page: Any = window.pages[key]
    if key == "home":
        pump.until(lambda: page.known, 60, "the library to be read")
    elif key == "record":
        pump.until(lambda: page.bridge.is_open, 60, "watch and camera")
        pump.wait(4.0)
    elif key == "library" and page.bridge.overview.rows:
        rows = page.bridge.overview.rows
        window.session.go("library", take=rows[len(rows) // 2].id)
        pump.wait(SETTLE_S)
        page.take.timeline.set_cursor(page.take.timeline.duration_s * 0.4)
        page.take.timeline.cursor_moved.emit(page.take.timeline.cursor_s)
    elif key == "train":
        page.new_run()
        pump.wait(SETTLE_S)
    elif key == "live":
        _live(page)


def _result(window: MainWindow, out: Path, themes: tuple[str, ...]) -> None:
    page: Any = window.pages["train"]
    judged = [row for row in page.rows.values() if row.accuracy is not None]
    if judged:
        page.wizard.open_run(judged[0].folder)
        pump.wait(SETTLE_S)
        _save(window, out, "train_result", themes)


def _live(page: Any) -> None:
    """The newest student on someone it never learned from; without such takes, on the simulated person."""
    if not page.run.count():
        return
    pump.until(lambda: page.watch.count() > 2, 20, "the list of watches")
    held_out = next((uri for uri in map(page.watch.itemData, range(page.watch.count()))
                     if str(uri).startswith("replay:")), "sim:")  # fmt: skip
    page.use_watch(held_out)
    page.start()
    pump.until(lambda: page.bridge.frame() is not None, 60, "the student to be loaded")
    pump.wait(LIVE_S)


def _await_answer(page: Any) -> None:
    if page.bridge.running:
        pump.until(lambda: _sure(page), 60, "an answer")
        pump.wait(0.1)  # the page draws it


def _sure(page: Any) -> bool:
    frame = page.bridge.frame()
    if not frame or not frame.predictions:
        return False
    newest = frame.predictions[-1]
    return newest.label not in (UNSURE, "rest") and now_s() - newest.t_s < FRESH_S
