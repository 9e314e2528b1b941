"""How long the window takes from the start of its process to its first paint; prints a table.

python benchmarks/window_start.py [RUNS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

# perf_counter counts from the same point in both processes, so the child's stamp can be compared with ours.
CHILD = """
import sys, time
from PySide6.QtCore import QTimer
from app import run
from app.bridge.session import Session
imported = time.perf_counter()
application = run.application()
from app.window import MainWindow
class Watched(MainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        if not self.property("seen"):
            self.setProperty("seen", True)
            QTimer.singleShot(0, self.tell)
    def tell(self):
        watched = ("torch", "cv2", "mediapipe", "scipy", "sklearn", "matplotlib", "pyqtgraph")
        heavy = [name for name in watched if name in sys.modules]
        print(imported, time.perf_counter(), ",".join(heavy) or "none", flush=True)
        application.quit()
run.MainWindow = Watched
shown = run.open_window(Session())
application.exec()
"""


def once(folder: str) -> tuple[float, float, str]:
    """Seconds to all imports, seconds to the first paint, and the heavy modules that were loaded."""
    environment = {**os.environ, "PSKD_CONFIG": folder}
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    import time

    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, check=True)
    imported, painted, heavy = done.stdout.split()
    return float(imported) - began, float(painted) - began, heavy


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        first = once(folder)
        rest = [once(folder) for _ in range(runs)]
    print(f"{'':12} {'imports s':>10} {'first paint s':>14}   heavy modules")
    print(f"{'first':12} {first[0]:10.2f} {first[1]:14.2f}   {first[2]}")
    for name, pick in (("median", statistics.median), ("slowest", max)):
        print(f"{name:12} {pick([r[0] for r in rest]):10.2f} {pick([r[1] for r in rest]):14.2f}   {rest[0][2]}")


if __name__ == "__main__":
    main()
