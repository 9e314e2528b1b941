"""The parent's side: start a child, send it commands, hear its events, notice its death."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from pskd import events

EventHandler = Callable[[events.Event], None]

LOG_LINES = 200


def command_line(kind: str) -> list[str]:
    """How this very program is started again as a worker, from source and from the frozen installer."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "worker", kind]
    return [sys.executable, "-m", "pskd", "worker", kind]


class Child:
    """A running child process.

    Args:
        kind: which worker.
        on_event: called on the child's reader thread for each event; a last ``{"event": "exit", "code": int,
            "log": [...]}`` tells of its end, however it came.

    The handler must be quick and must not call :meth:`close`.
    """

    def __init__(self, kind: str, on_event: EventHandler) -> None:
        self.kind = kind
        self._on_event = on_event
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows: no console beside the window
        self._process = subprocess.Popen(
            command_line(kind),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # a buffer would hold back what a dead child can no longer take, and fail again at the end
            creationflags=flags,
        )
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._read_log, name=f"{kind}-log", daemon=True),
            threading.Thread(target=self._read_events, name=f"{kind}-events", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """True until the process has ended."""
        return self._process.poll() is None

    def send(self, kind: str, /, **fields: Any) -> bool:
        """Send one command; False where the child has gone."""
        assert self._process.stdin is not None
        line = memoryview(events.encode(kind, **fields))
        with self._lock:
            try:
                while line:
                    line = line[self._process.stdin.write(line) :]
            except (OSError, ValueError):
                return False
        return True

    def close(self, timeout_s: float = 5.0) -> int:
        """Let the child end (its stdin closes), kill it if it does not, and return its exit code."""
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
        for thread in self._threads:
            thread.join(timeout_s)
        return self._process.returncode

    def kill(self) -> None:
        """End the child at once."""
        self._process.kill()
        self._process.wait()

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        with io.BufferedReader(self._process.stdout) as out:  # type: ignore[type-var]
            for line in out:
                event = events.decode(line)
                if event is not None:
                    self._on_event(event)
        code = self._process.wait()
        self._threads[0].join(2.0)
        self._on_event({"event": "exit", "code": code, "log": list(self._log)})

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        with io.BufferedReader(self._process.stderr) as err:  # type: ignore[type-var]
            for line in err:
                self._log.append(line.decode("utf-8", "replace").rstrip())
