"""How late the machine itself is: a process that only sleeps 10 ms at a time and looks at the clock."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time

from pskd.clock import now_s

NAP_S = 0.01


class Control:
    """Measures beside a bench, with the same priority; what it finds is not the engine's doing."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def stop(self) -> dict[int, float]:
        """For each second of the monotonic clock, by how many ms it woke too late at worst."""
        found, _ = self._process.communicate()
        return {int(second): late_ms for second, late_ms in json.loads(found).items()}


def main() -> None:
    """Measure until stdin ends, which another thread waits for."""
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    worst: dict[int, float] = {}
    while not ended.is_set():
        before_s = now_s()
        time.sleep(NAP_S)
        late_ms = (now_s() - before_s - NAP_S) * 1e3
        for second in {int(before_s), int(now_s())}:
            worst[second] = max(worst.get(second, 0.0), late_ms)
    print(json.dumps(worst))


if __name__ == "__main__":
    main()
