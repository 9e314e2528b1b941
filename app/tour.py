"""The tour: the whole way through the real window without a person, with a picture of every step.

The demo library is copied first, so the take that the tour records stays out of it.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import click

from app import pump
from app.bridge.session import Session
from app.window import MainWindow
from pskd.errors import PskdError

TRAIN_S = 1800.0
LIVE_S = 20.0


class Tour:
    """One tour.

    Args:
        window: the window, already shown.
        session: its session.
        out: where pictures, the copy of the library and the report go.

    Attributes:
        problems: messages of tone ``bad`` that the window showed on the way.
    """

    def __init__(self, window: MainWindow, session: Session, out: Path) -> None:
        self.window, self.session, self.out = window, session, out
        self.problems: list[str] = []
        self._number = 0
        self._began = time.monotonic()
        self._run = Path()
        session.notice.connect(self._heard)

    def take(self, library: Path | None = None) -> int:
        """Go through every step; returns the exit code.

        Args:
            library: tour this library instead of the demo.
        """
        self.home()
        self.open(library)
        self.record()
        self.library()
        self.train()
        self.live()
        self.settings()
        click.echo(f"Done. Pictures and report: {self.out}")
        for problem in self.problems:
            click.echo(f"The window showed: {problem}", err=True)
        return 1 if self.problems else 0

    def home(self) -> None:
        """The first start."""
        pump.wait(0.5)
        self._picture("home", "The first page")

    def open(self, library: Path | None) -> None:
        """A copy of the demo library, made where it is missing."""
        from pskd.demo import sample

        found: list[Path] = [library] if library is not None else []
        if not found:
            self.session.run(sample.ensure, lambda made: found.append(made.path))
            pump.until(lambda: found or self.problems, 300, "the demo library")
        self._check()
        copy = self.out / "library"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(found[0], copy, ignore=shutil.ignore_patterns("runs"))
        self.session.open_library(copy)
        pump.until(lambda: self.session.library is not None or self.problems, 60, "the library to open")
        self._check()
        pump.wait(1.0)
        self._picture("home_library", "A library of simulated people")

    def record(self) -> None:
        """A take of the simulated person."""
        page: Any = self._page("record")
        page.setup.use(camera="sim:", watch="sim:")
        page.setup.show_mode("one")
        page.setup.label.setCurrentText("squat")
        pump.until(lambda: page.bridge.is_open or self.problems, 60, "watch and camera")
        pump.wait(3.0)
        page.toggle()
        pump.until(lambda: page.bridge.taking or self.problems, 20, "the take to begin")
        pump.wait(5.0)
        self._picture("record", "A take is recorded")
        page.toggle()
        pump.until(lambda: page.result.isVisible() or self.problems, 20, "the take to end")
        self._check()
        pump.wait(0.5)
        self._picture("record_result", "What was recorded")
        page.result.keep.click()

    def library(self) -> None:
        """The takes."""
        page: Any = self._page("library")
        pump.until(lambda: page.bridge.overview.rows, 60, "the list of takes")
        pump.wait(1.0)
        self.session.go("library", takes=[page.bridge.overview.rows[0].id], why="")
        pump.wait(2.0)
        self._picture("library", "A take on its time line")

    def train(self) -> None:
        """Teachers and a student, quickly."""
        from app.bridge.plan_choices import Choices

        page: Any = self._page("train")
        pump.wait(1.5)
        self._picture("train", "The training wizard")
        page.wizard.show_step(3)
        page.bridge.start(Choices("cross-subject"))
        state = page.bridge.state
        pump.until(
            lambda: not state.busy or any(rung.done for rung in state.rungs.values()), TRAIN_S, "a first teacher"
        )
        pump.wait(3.0)
        self._picture("train_run", "The ladder is climbed")
        pump.until(lambda: not page.bridge.state.busy, TRAIN_S, "the training to end")
        self._check()
        self._run = page.bridge.folder
        report = self._run / "report.html"
        if not report.is_file():
            raise PskdError(f"The run {self._run} has no report.", code="tour.report", hint="See events.jsonl there.")
        shutil.copyfile(report, self.out / "report.html")
        page.wizard.open_run(self._run)
        pump.wait(2.0)
        self._picture("train_result", "How good the student is")

    def live(self) -> None:
        """The student alone."""
        page: Any = self._page("live")
        self.session.go("live", run=str(self._run), watch="sim:")
        pump.until(lambda: page.run.count() and page.run.currentData() == str(self._run), 60, "the run to be listed")
        page.start()
        pump.until(lambda: page.bridge.frame() is not None or self.problems, 60, "the student to be loaded")
        pump.wait(LIVE_S)
        self._check()
        self._picture("live", "The student predicts from the watch alone")
        page.toggle()

    def settings(self) -> None:
        """The last page."""
        self._page("settings")
        pump.wait(1.5)
        self._picture("settings", "Settings")

    def _page(self, key: str) -> Any:
        self.window.turn_to(key)
        self._check()
        pump.wait(0.3)
        return self.window.pages[key]

    def _picture(self, name: str, words: str) -> None:
        self._number += 1
        file = pump.picture(self.window, self.out / f"{self._number:02d}_{name}.png")
        click.echo(f"{time.monotonic() - self._began:6.1f} s  {words}: {file.name}")

    def _heard(self, tone: str, message: str, hint: str) -> None:
        if tone == "bad":
            self.problems.append(f"{message} {hint}".rstrip())

    def _check(self) -> None:
        if self.problems:
            raise PskdError(self.problems[0], code="tour.failed", hint="The tour stops here.")
