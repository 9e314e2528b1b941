"""The ``pskd`` command: finds the verb's file, and turns every failure into one clear line.

A verb is a module ``pskd.cli.<name>`` with a :mod:`click` command called ``command``; it is imported only when it
is used, so ``pskd --version`` does not wait for torch.
"""

from __future__ import annotations

import importlib
import sys

import click

from pskd import __version__
from pskd.errors import PskdError

# name -> one line of help, in the order in which a person needs them
VERBS = {
    "doctor": "Check this computer: camera, Bluetooth, models, libraries.",
    "demo": "Take the whole tour on a simulated performer.",
    "import": "Bring a published data set into a library.",
    "library": "Look at a library.",
    "record": "Record a take from a camera and a watch.",
    "train": "Train teachers and distil a student, rung by rung.",
    "evaluate": "Show how good a run's student and teachers are.",
    "live": "Predict live from a watch.",
    "export": "Write a run's student as a bundle.",
}
_MODULES = {"import": "import_"}


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
    if arguments[:1] == ["worker"]:
        from pskd.workers import child

        sys.exit(_guarded(lambda: child.main(arguments[1] if len(arguments) > 1 else "")))
    sys.exit(_guarded(lambda: cli(args=arguments, prog_name="pskd")))


def _guarded(action: object) -> int:
    assert callable(action)
    try:
        return int(action() or 0)
    except PskdError as error:
        click.echo(f"pskd: {error.message}", err=True)
        if error.hint:
            click.echo(f"      {error.hint}", err=True)
        return error.exit_code
    except KeyboardInterrupt:
        click.echo("pskd: stopped.", err=True)
        return 1
    except OSError as error:
        click.echo(f"pskd: {error.strerror or error}{f': {error.filename}' if error.filename else ''}.", err=True)
        return 1
