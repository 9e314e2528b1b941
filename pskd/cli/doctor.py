"""``pskd doctor``: check this computer and say what to do about what is missing."""

from __future__ import annotations

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from pskd import __version__
from pskd.cli.checks import Check, all_checks
from pskd.cli.printable import print_json


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def command(as_json: bool) -> None:
    """Check this computer: Python, packages, models, cameras, Bluetooth, network, LSL, screen, disk, memory, graphics.

    Ends with 0 as long as it could look: a laptop without a camera is no failure.
    """
    checks = all_checks()
    if as_json:
        ok = all(check.ok for check in checks)
        facts = {"version": __version__, "ok": ok, "checks": [msgspec.to_builtins(check) for check in checks]}
        print_json(facts)
    else:
        _show(checks)


def _show(checks: list[Check]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"PSKD Studio {__version__}")
    for check in checks:
        mark = "[green]OK       [/green]" if check.ok else "[yellow]attention[/yellow]"
        console.print(f"{mark}  {check.name:<10}  {escape(check.found)}")
        if check.todo:
            console.print(f"{'':<23}{escape(check.todo)}")
