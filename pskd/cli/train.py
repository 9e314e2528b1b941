"""``pskd train``: teachers, then the student, rung by rung."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pskd.errors import WrongUse

if TYPE_CHECKING:
    from pskd.training.plan import Plan
    from pskd.training.run import Outcome

PROTOCOLS = ("cross-subject", "trial", "loso", "take", "cross-session", "cross-scene", "cross-view")


@click.command("train", short_help="Train teachers and distil a student, rung by rung.")
@click.argument("library", type=click.Path(path_type=Path), required=False)
@click.option("--preset", type=click.Choice(["quick", "best"]), help="How long to train. [default: quick]")
@click.option(
    "--protocol",
    type=click.Choice(PROTOCOLS),
    help="How clips are divided. [default: cross-subject, or take where there is one subject]",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Of all chance. [default: 0]")
@click.option(
    "--student",
    type=click.Choice(["nano", "small", "large"]),
    help="At most 25 k, 150 k or 500 k weights. [default: small]",
)
@click.option(
    "--loss",
    type=click.Choice(["acs", "kd", "dkd", "camkd", "hints", "rkd", "similarity", "label"]),
    help="How rungs learn from those above; label trains the student alone. [default: acs]",
)
@click.option(
    "--unlabelled/--no-unlabelled",
    default=None,
    help="Let the teachers teach on takes that nobody labelled, too. [default: they do]",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    help="Where networks learn; auto takes an accelerator where one works. [default: auto]",
)
@click.option(
    "--threads", type=click.IntRange(1, 256), help="Processor threads; more pay only on an idle machine. [default: 1]"
)
@click.option("--out", type=click.Path(path_type=Path), help="The run's folder; must not exist or be empty.")
@click.option("--resume", type=click.Path(path_type=Path), metavar="RUN", help="Go on with a run that was stopped.")
@click.option("--json", "as_json", is_flag=True, help="Print the run's events as JSON lines.")
def command(library: Path | None, out: Path | None, resume: Path | None, as_json: bool, **choices: Any) -> None:
    """Train teachers that see the skeleton in LIBRARY and distil a student that sees only the watch.

    The folder RUN then holds plan.json, events.jsonl, last.pt, report.json, report.html, card.md and bundle/.
    Ctrl+C ends early and keeps what there is; once more leaves at once. Either way --resume goes on to the same
    numbers.
    """
    given = {name: value for name, value in choices.items() if value is not None}
    if resume is not None:
        if library or out or given:
            raise WrongUse(
                "--resume takes everything else from the run's plan.", hint="Example: pskd train --resume RUN"
            )
        plan, folder = _stored(resume), resume
    else:
        if library is None or out is None:
            raise WrongUse("LIBRARY and --out RUN are needed.", hint="Example: pskd train my-library --out runs/first")
        _check_free(out)
        plan, folder = _make(library, given), out
    outcome = _run(plan, folder, resume is not None, as_json)
    if outcome.report is None:
        raise click.exceptions.Exit(1)


def _make(library: Path, given: dict[str, Any]) -> Plan:
    from pskd.library.library import Library
    from pskd.training.presets import make_plan

    direct = {name: given.pop(name) for name in ("threads", "unlabelled", "device") if name in given}
    opened = Library.open(library)
    if "protocol" not in given:
        labelled = {entry.subject for entry in opened.takes() if entry.segments}
        given["protocol"] = "cross-subject" if len(labelled) > 1 else "take"
    return msgspec.structs.replace(make_plan(str(library.resolve()), **given), **direct)


def _stored(run: Path) -> Plan:
    from pskd.training import plan

    return plan.load(run)


def _check_free(folder: Path) -> None:
    """Say so before torch is loaded."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(
            f"{folder} exists and is not empty.",
            code="run.exists",
            hint=f"Name another folder, or go on with it: pskd train --resume {folder}",
        )


def _run(plan: Plan, folder: Path, resume: bool, as_json: bool) -> Outcome:
    from pskd.cli.train_display import Lines, Rich
    from pskd.training.run import train

    wish = _Interrupts()
    display: Lines | Rich = Lines() if as_json else Rich()
    with display, wish:
        return train(plan, folder, display.hear, lambda: wish.said, resume=resume)


class _Interrupts:
    """Ctrl+C once: stop with what there is; twice, or a polite kill: leave at once."""

    def __init__(self) -> None:
        self.said = ""
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _Interrupts:
        self._before = {number: signal.signal(number, self._hear) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.said = "cancel" if self.said or number == signal.SIGTERM else "stop"
