"""A million packets that no device sends through every decoder: only counted errors, never an exception.

    python benchmarks/fuzz_decoders.py [--packets 1000000] [--seed 0] [DRIVER ...]

The packets are noise, and the sound packets of ``tests/contract/test_protocols.py`` changed, cut or joined; every 500
packets a new connection begins. What a decoder lets through must be finite, of the right shape, and on a clock that
only goes forward. The rate includes making the packets and looking at what came out. Ends with 1 where a decoder fails.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from virtual.fuzz import Tally, fuzz

from pskd.clock import now_s
from pskd.devices.protocols import PROTOCOLS

SUITE = Path(__file__).resolve().parents[1] / "tests" / "contract" / "test_protocols.py"


def contract() -> ModuleType:
    """The contract suite, for its packets."""
    spec = importlib.util.spec_from_file_location("contract_of_protocols", SUITE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    """Fuzz, one decoder after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("drivers", nargs="*", default=list(PROTOCOLS))
    asked = parser.parse_args()
    suite, console, failed = contract(), Console(), 0
    table = Table("decoder", "packets", "malformed", "left out", "samples", "a second", "exceptions")
    for name in asked.drivers:
        begun_s = now_s()
        try:
            tally, fault = fuzz(lambda name=name: suite.make(name), suite.sound(name), asked.packets, asked.seed), "0"
        except Exception:
            console.print(traceback.format_exc(), markup=False)
            tally, fault, failed = Tally(), "1", 1
        rate = f"{asked.packets / (now_s() - begun_s):,.0f}"
        counts = (tally.packets, tally.malformed, tally.repeated, tally.values)
        row = (name, *(f"{count:,}" for count in counts), rate, fault)
        table.add_row(*row)
        console.print(*row)
    console.print(table)
    return failed


if __name__ == "__main__":
    sys.exit(main())
