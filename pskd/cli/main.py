"""The ``pskd`` command: finds the verb's file, and turns every failure into one clear line.

A verb is a module ``pskd.cli.<name>`` with a :mod:`click` command called ``command``; it is imported only when it
is used, so ``pskd --version`` does not wait for torch.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import click

from pskd import __version__
from pskd.cli.printable import printable
from pskd.errors import DISK_FULL, PskdError, WrongUse

# name -> one line of help, in the order in which a person needs them
VERBS = {
    "doctor": "Check this computer: camera, Bluetooth, models, libraries.",
    "demo": "Take the whole tour on a simulated performer.",
    "import": "Bring a published data set into a library.",
    "library": "Look at a library.",
    "devices": "List the watches that are near, or show what one sends.",
    "record": "Record a take from a camera and a watch.",
    "train": "Train teachers and distil a student, rung by rung.",
    "evaluate": "Show how good a run's student and teachers are.",
    "live": "Predict live from a watch.",
    "export": "Write a run's student as a bundle.",
}
_MODULES = {"import": "import_"}
TRACE = "PSKD_TRACE"
MOST_SHOWN = 300
_WRITABLE = "Choose a place that you may write to."
_HINTS = {
    errno.EACCES: _WRITABLE,
    errno.EPERM: _WRITABLE,
    errno.EROFS: _WRITABLE,
    errno.ENOENT: "Check the path.",
    errno.ENOTDIR: "A part of this path is a file, not a folder: choose another one.",
    errno.EEXIST: "A file is in the way: choose another path.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    **dict.fromkeys(DISK_FULL, "The disk is full: make room."),
}


class Verbs(click.Group):
    """The group of all verbs, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order above."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, or None."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"pskd.cli.{_MODULES.get(cmd_name, cmd_name)}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="pskd")
def cli() -> None:
    """Activity recognition from a watch: record, train, distil, predict live."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong use."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _open_closed_streams()
    if arguments[:1] == ["worker"]:
        from pskd.workers import child

        sys.exit(_guarded(lambda: child.main(arguments[1] if len(arguments) > 1 else "")))
    signal.signal(signal.SIGTERM, _asked_to_end)
    code = _guarded(lambda: _verb(arguments))
    sys.exit(_guarded(_flush) or code)


def _open_closed_streams() -> None:
    """Where a stream was closed by the caller (``>&-``), a file of ours would take its number, and its output."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(handle, "w" if number else "r", encoding="utf-8"))


def _verb(arguments: list[str]) -> int:
    for argument in arguments:
        if any("\ud800" <= c <= "\udfff" for c in argument):
            raise WrongUse(f"{argument} holds bytes that are no text in UTF-8.", hint="Rename it.")
    try:
        return int(cli.main(args=arguments, prog_name="pskd", standalone_mode=False) or 0)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        return error.exit_code


def _asked_to_end(number: int, frame: object) -> NoReturn:
    """A polite kill is Ctrl+C: half work is cleared away before the program ends."""
    raise KeyboardInterrupt


def _flush() -> None:
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()


def _guarded(action: Callable[[], int | None]) -> int:
    try:
        return action() or 0
    except PskdError as error:
        return _failed(error.message, error.hint, error.exit_code)
    except KeyboardInterrupt:
        return _failed("stopped.")
    except BrokenPipeError:  # whoever read the output (head, less) has heard enough
        _discard_output()
        return 1
    except OSError as error:
        if error.errno in DISK_FULL:
            _discard_output()
        what = str(error.strerror or error)
        message = f"Cannot use {os.fspath(error.filename)}: {what.lower()}." if error.filename else f"{what}."
        return _failed(message, _HINTS.get(error.errno or 0, ""))
    except MemoryError:
        return _failed("The computer ran out of memory.", "Close other programs.")
    except Exception as error:
        if os.environ.get(TRACE):
            raise
        what = f"{type(error).__name__}: {error}"[:MOST_SHOWN]
        return _failed(f"It failed in a way that was not foreseen ({what}).", f"To see where, set {TRACE}=1.")


def _failed(message: str, hint: str = "", code: int = 1) -> int:
    with contextlib.suppress(OSError):  # nobody may listen there either
        click.echo(f"pskd: {printable(message)}", err=True)
        if hint:
            click.echo(f"      {printable(hint)}", err=True)
    return code


def _discard_output() -> None:
    """Send what is still waiting nowhere, or the interpreter complains of it as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
