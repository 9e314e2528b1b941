"""How ``pskd train`` shows a run: JSON lines, or one progress bar a rung and a table at the end."""

from __future__ import annotations

from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from pskd import events
from pskd.cli.printable import printable
from pskd.events import Event


class Lines:
    """Every event as one JSON line."""

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None: ...

    def hear(self, event: Event) -> None:
        """Print one event."""
        line = events.encode(event["event"], **{name: value for name, value in event.items() if name != "event"})
        click.echo(line.decode("utf-8"), nl=False)


class Rich:
    """Bars on a terminal; plain lines where the output goes to a file."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, markup=False)
        self._progress = Progress(
            TextColumn("{task.description:<26}", markup=False), BarColumn(), TextColumn("{task.fields[said]}"),
            TimeRemainingColumn(), console=self.console, disable=not self.console.is_terminal,
        )  # fmt: skip
        self._bar: TaskID | None = None
        self._several = False
        self._scores = Table("rung", "accuracy", "macro F1", "clips", title="On the test clips")

    def __enter__(self) -> Rich:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def hear(self, event: Event) -> None:
        """Show one event."""
        show = getattr(self, f"_{event['event'].replace('-', '_')}", None)
        if show is not None:
            show(event)

    def _run_start(self, event: Event) -> None:
        self._several = len(event["folds"]) > 1
        folds = f", {len(event['folds'])} folds" if self._several else ""
        self.console.print(
            f"{event['protocol']}, {event['preset']}, seed {event['seed']}: {event['clips']} clips, "
            f"{len(event['classes'])} classes{folds}"
        )
        for note in event["notes"]:
            self.console.print(f"note: {printable(note)}", style="yellow")

    def _rung_start(self, event: Event) -> None:
        name = printable(f"{event['fold']} {event['rung']}" if self._several else event["rung"])
        self._bar = self._progress.add_task(name, total=event["epochs"], said="")
        if not self.console.is_terminal:
            self.console.print(f"{name}: {event['epochs']} epochs, {event['parameters']:,} weights")

    def _epoch(self, event: Event) -> None:
        if self._bar is not None:
            said = f"loss {event['loss']:.3f}  training accuracy {100 * event['accuracy']:.1f} %"
            self._progress.update(self._bar, completed=event["epoch"], said=said)

    def _rung_end(self, event: Event) -> None:
        if not self.console.is_terminal:
            self.console.print(f"  climbed in {event['seconds']:.0f} s")

    def _score(self, event: Event) -> None:
        percent = (f"{100 * event[name]:.1f} %" for name in ("accuracy", "macro_f1"))
        self._scores.add_row(printable(event["rung"]), *percent, str(event["n"]))

    def _done(self, event: Event) -> None:
        self._end(f"Done in {event['seconds']:.0f} s.")

    def _stopped(self, event: Event) -> None:
        what = "The student is judged as it is" if event["report"] else "There is no student yet"
        self._end(f"Stopped. {what}; pskd train --resume goes on.")

    def _cancelled(self, event: Event) -> None:
        self._end("Cancelled; the folder is kept, and pskd train --resume goes on.")

    def _end(self, sentence: str) -> None:
        self._progress.stop()
        if self._scores.row_count:
            self.console.print(self._scores)
        self.console.print(sentence)
