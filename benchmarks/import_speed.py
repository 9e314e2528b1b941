"""How fast a data set comes into a library, and out of it again: prints a table.

    python benchmarks/import_speed.py ../shared/data/utd-mhad-inertial-skeleton.tar.gz
    python benchmarks/import_speed.py --dataset berkeley-mhad ../shared/data/berkeley-mhad-sample.tar.gz

The aim for UTD-MHAD on two cores is an import within 20 s, an index within 0.5 s and the clips within 10 s.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pskd.library.extract import load_clips
from pskd.library.importing import import_dataset
from pskd.library.library import Library


def main() -> None:
    """Measure each step a few times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--dataset", default="utd-mhad")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    rows: list[tuple[str, list[float]]] = []
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(number)) for number in range(options.repeat)]
        rows.append(
            ("import", [timed(lambda p=path: import_dataset(options.dataset, options.source, p)) for path in paths])
        )
        library = Library.open(paths[0])
        again = lambda: import_dataset(options.dataset, options.source, paths[0])  # noqa: E731
        rows.append(("import again (nothing changes)", repeat(options.repeat, again)))
        rows.append(("index", repeat(options.repeat, library.takes)))
        rows.append(("info", repeat(options.repeat, library.info)))
        rows.append(("clips, first time", [timed(lambda p=path: load_clips(Library.open(p))) for path in paths]))
        rows.append(("clips, from the cache", repeat(options.repeat, lambda: load_clips(library))))
        show(rows, len(library.takes()), sum(p.stat().st_size for p in library.path.rglob("*") if p.is_file()))


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def repeat(count: int, action: Callable[[], object]) -> list[float]:
    """Seconds of several runs."""
    return [timed(action) for _ in range(count)]


def show(rows: list[tuple[str, list[float]]], takes: int, size: int) -> None:
    """Print the table."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{takes} takes, {size / 2**20:.0f} MiB; {os.cpu_count()} cores, load {load}; peak memory {peak:.0f} MiB\n")
    print(f"| {'step':<32} | best s | worst s |\n|{'-' * 34}|--------|---------|")
    for name, seconds in rows:
        print(f"| {name:<32} | {min(seconds):6.2f} | {max(seconds):7.2f} |")


if __name__ == "__main__":
    main()
