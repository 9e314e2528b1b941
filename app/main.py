"""Starts the window; also the frozen program's entry for its child processes (``worker KIND``)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pskd import __version__
from pskd.errors import PskdError

FOLDER = click.Path(path_type=Path, file_okay=False)
THEMES = click.Choice(["system", "light", "dark"])


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="pskd-studio")
@click.option("--demo", is_flag=True, help="Open the built-in demo library (simulated performer).")
@click.option("--library", type=FOLDER, help="Open this library.")
@click.option("--tour", type=FOLDER, help="Go through the tour, leave its pictures and report here, and end.")
@click.option("--screenshots", type=FOLDER, help="Save a picture of every page here, and end.")
@click.option("--page", help="Page to begin with; otherwise the one that was up last.")
@click.option("--theme", type=THEMES, help="Colours for this start.")
def cli(
    demo: bool, library: Path | None, tour: Path | None, screenshots: Path | None, page: str | None, theme: str | None
) -> None:
    """PSKD Studio: record, train, distil and predict activities from a watch."""
    from app import run

    if tour is not None:
        sys.exit(run.tour(tour, library, theme))
    if screenshots is not None:
        sys.exit(run.pictures(screenshots, library, theme))
    sys.exit(run.window(demo=demo, library=library, page=page, theme=theme))


def main(arguments: list[str] | None = None) -> None:
    """Run the application and exit with its code: 0 closed, 1 failed, 2 wrong use."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments[:1] == ["worker"]:
            from pskd.workers import child

            sys.exit(child.main(arguments[1] if len(arguments) > 1 else ""))
        cli(args=arguments, prog_name="pskd-studio")
    except PskdError as error:
        click.echo(f"pskd-studio: {error}", err=True)
        sys.exit(error.exit_code)
