"""How long from the last sample of a window to its prediction, the way between the processes included.

    python benchmarks/live_latency.py [--seconds 30] [--device sim:walk] [--bundle RUN]

Without ``--bundle`` a student of the real size with fresh weights is used: the time does not depend on the weights.
The target is a 99th percentile under 20 ms on two cores. The load of the machine is printed, for it decides the tail.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from pskd.clock import now_s
from pskd.live.pipeline import LivePipeline
from pskd.types import GRAVITY_MPS2

PARTS = 500
CLASSES = 27
TARGET_MS = 20.0


def fresh_bundle(folder: Path, model: str) -> Path:
    """A bundle of the shipped student with fresh weights."""
    from pskd.evaluation.calibration import Calibration
    from pskd.export.write import write_bundle
    from pskd.models.base import Shapes, build
    from pskd.signals.sensor import SensorPreprocessing

    classes = [f"class {number}" for number in range(CLASSES)]
    write_bundle(
        folder,
        student=build(model, Shapes(CLASSES)),
        sensor=SensorPreprocessing(),
        classes=classes,
        calibration=Calibration(),
        model=model,
    )
    return folder


def inside(bundle: Path) -> np.ndarray:
    """Milliseconds of the pipeline alone, in this process, a prediction at each of ``PARTS`` packets."""
    from pskd.export.bundle import read_bundle

    pipeline = LivePipeline(read_bundle(bundle), hop_s=0.06, min_fill=1.0)
    random = np.random.default_rng(0)
    spent = []
    for number in range(PARTS + 100):
        times = (3 * number + np.arange(3)) / 50.0
        begun = now_s()
        if pipeline.push(random.normal(size=(3, 3)) * GRAVITY_MPS2, times, begun):
            spent.append(1000 * (now_s() - begun))
    return np.array(spent)


def across(bundle: Path, device: str, seconds: float) -> dict[str, Any]:
    """The session of ``pskd live``: watch, live process and back."""
    from pskd.cli.live import LiveSession

    session = LiveSession(bundle, device, 0.1)
    session.start()
    deadline = now_s() + seconds
    while now_s() < deadline and not session.ended:
        session.next(0.1)
    session.stop()
    while session.next(0.0) is not None:
        pass
    return {"latencies": np.array(session.latencies_ms), "rate": session.rate_hz}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--device", default="sim:walk")
    parser.add_argument("--model", default="small")
    parser.add_argument("--bundle", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bundle = arguments.bundle or fresh_bundle(Path(folder) / "bundle", arguments.model)
        table = Table("what", "n", "p50 ms", "p95 ms", "p99 ms", "max ms", title="Sample to prediction")
        row(table, "pipeline alone, one process", inside(bundle))
        found = across(bundle, arguments.device, arguments.seconds)
        row(table, f"{arguments.device} at {found['rate']:g} Hz, two processes", found["latencies"])
    console = Console()
    console.print(table)
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    console.print(f"{os.cpu_count()} cores, load {load}. Target: p99 under {TARGET_MS:g} ms.")


def row(table: Table, name: str, latencies_ms: np.ndarray) -> None:
    """Add a line of percentiles."""
    if len(latencies_ms):
        cells = [f"{value:.2f}" for value in (*np.percentile(latencies_ms, [50, 95, 99]), latencies_ms.max())]
        table.add_row(name, str(len(latencies_ms)), *cells)


if __name__ == "__main__":
    main()
