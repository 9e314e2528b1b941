"""False alarms of the quality checks: on the sample library of simulated people, and on a library of real takes.

    python benchmarks/quality.py [--library UTD-MHAD-LIBRARY] [--takes 240]

All of these takes are good as far as anybody knows, so whatever is found in them is an alarm to be looked at. Only
``sync`` is not: that camera and watch could not be brought into step is true of a take in which nobody moves.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pskd.demo import sample
from pskd.library.library import Library
from pskd.library.review import Checked, check_takes
from pskd.library.wrists import set_wrist

LEFT_HANDED = "04"  # of the simulated people


def main() -> None:
    """Check and print."""
    parser = argparse.ArgumentParser(description="False alarms of the quality checks.")
    parser.add_argument(
        "--library", type=Path, help="a library of real takes, such as UTD-MHAD imported; it is changed"
    )
    parser.add_argument("--takes", type=int, default=240, help="drawn from it")
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    console = Console(width=140)
    with tempfile.TemporaryDirectory() as folder:
        simulated = sample.ensure(Path(folder) / "sample")
        set_wrist(simulated, LEFT_HANDED, "left")
        console.print(counted("Simulated people", check_takes(simulated, again=True)))
    if options.library:
        real = Library.open(options.library)
        takes = [take.id for take in real.takes() if take.usable]
        chosen = random.Random(options.seed).sample(takes, min(options.takes, len(takes)))
        console.print(counted(real.document.name, check_takes(real, chosen, again=True)))


def counted(title: str, checked: list[Checked]) -> Table:
    """Findings by check and severity, with one sentence of each that is not good."""
    counts: Counter[tuple[str, str]] = Counter()
    said: dict[tuple[str, str], str] = {}
    for one in checked:
        for finding in one.quality.findings if one.quality else ():
            key = (finding.check, str(finding.severity))
            counts[key] += 1
            if key[1] != "good":
                said.setdefault(key, f"{one.entry.id}: {finding.text}")
    table = Table("check", "says", "times", "the first", title=f"{title}: {len(checked)} takes")
    for key in sorted(counts):
        table.add_row(*key, str(counts[key]), said.get(key, ""))
    return table


if __name__ == "__main__":
    main()
