"""How smoothly the Record page runs while simulated camera and watch stream and a take is written; prints a table.

python benchmarks/window_smoothness.py [SECONDS]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PSKD_CONFIG"] = folder
        intervals, frames, cpu = measure(Path(folder), seconds)
    print(f"{'':28} {'median':>8} {'p95':>8} {'p99':>8} {'longest':>8}")
    for name, values in (("between two frames, ms", intervals), ("one frame's work, ms", frames)):
        low, high, higher = np.percentile(values, [50, 95, 99])
        print(f"{name:28} {low:8.1f} {high:8.1f} {higher:8.1f} {max(values):8.1f}")
    print(f"window's process: {cpu:.0f} % of one core; frames: {len(frames)} in {seconds:.0f} s")


def measure(folder: Path, seconds: float) -> tuple[list[float], list[float], float]:
    """Milliseconds between frames, milliseconds of work each, and percent of one core."""
    from PySide6.QtCore import QEventLoop, QTimer

    from app import pump, run
    from app.bridge.session import Session

    session = Session()
    window = run.open_window(session, "record", "light")
    page = window.pages["record"]
    session.create_library(folder / "library", "Benchmark")
    pump.until(lambda: page.bridge.is_open and session.library, 60, "the devices")  # type: ignore[attr-defined]
    page.setup.label.setCurrentText("wave")  # type: ignore[attr-defined]
    page.start()  # type: ignore[attr-defined]
    pump.until(lambda: page.bridge.taking, 30, "the take")  # type: ignore[attr-defined]
    starts: list[float] = []
    works: list[float] = []
    frame = page._tick  # type: ignore[attr-defined]

    def timed() -> None:
        begin = time.perf_counter()
        starts.append(begin)
        frame()
        works.append((time.perf_counter() - begin) * 1000)

    page._timer.timeout.disconnect()  # type: ignore[attr-defined]
    page._timer.timeout.connect(timed)  # type: ignore[attr-defined]
    process = psutil.Process()
    process.cpu_percent()
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    cpu = process.cpu_percent()
    window.setProperty("closing", True)
    window.close()
    return (np.diff(starts) * 1000).tolist(), works, cpu


if __name__ == "__main__":
    main()
