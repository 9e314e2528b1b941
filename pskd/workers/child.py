"""The child's side: commands come on stdin, events go to stdout, and the child ends when its parent does."""

from __future__ import annotations

import importlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from pskd import events
from pskd.clock import now_s
from pskd.errors import DISK_FULL, PskdError, WrongUse

BEAT_S = 1.0

# kind -> module with ``run(channel)``. Strings, so that a child imports only what it is for.
WORKERS = {
    "vision": "pskd.vision.worker",
    "train": "pskd.training.worker",
    "live": "pskd.live.worker",
}


class Channel:
    """The line to the parent.

    Attributes:
        commands: parsed commands in order; ``None`` means that the parent has gone and the child must end.
    """

    def __init__(self) -> None:
        # Libraries print to fd 1 as they like; the parent's pipe is moved out of their reach.
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        # Not sys.stdin: the interpreter locks that one as it ends, and aborts while a thread still waits on it.
        self._in = os.fdopen(os.dup(0), "rb")
        self._lock = threading.Lock()
        self.commands: queue.SimpleQueue[events.Event | None] = queue.SimpleQueue()
        self.parent_gone = threading.Event()
        self._watchers: list[Callable[[events.Event], bool]] = []
        threading.Thread(target=self._read, name="commands", daemon=True).start()
        threading.Thread(target=self._beat, name="beat", daemon=True).start()

    def send(self, kind: str, /, **fields: Any) -> None:
        """Send one event to the parent; silently nothing once the parent has gone."""
        line = events.encode(kind, **fields)
        with self._lock:
            try:
                self._out.write(line)
            except (BrokenPipeError, OSError):
                self.parent_gone.set()

    def intercept(self, watcher: Callable[[events.Event], bool]) -> None:
        """Let ``watcher`` see each command at once, on the reading thread; it returns True to swallow it."""
        self._watchers.append(watcher)

    def _read(self) -> None:
        for line in self._in:
            command = events.decode(line)
            if command is not None and not any(watcher(command) for watcher in self._watchers):
                self.commands.put(command)
        self.parent_gone.set()
        self.commands.put(None)

    def _beat(self) -> None:
        while not self.parent_gone.wait(BEAT_S):
            self.send("beat", t_s=now_s())


def main(kind: str) -> int:
    """Run one worker until it is done or its parent has gone; the exit code is the process's."""
    if kind not in WORKERS:
        raise WrongUse(f"There is no worker called {kind!r}.", hint=f"Known: {', '.join(WORKERS)}.")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which then tells the child
    channel = Channel()
    channel.send("hello", kind=kind, pid=os.getpid())
    try:
        importlib.import_module(WORKERS[kind]).run(channel)
    except PskdError as error:
        channel.send("error", code=error.code, message=error.message, hint=error.hint)
        return error.exit_code
    except MemoryError:
        channel.send("error", code="memory", message="The computer ran out of memory.", hint="Close other programs.")
        return 1
    except Exception as error:
        import traceback

        traceback.print_exc(file=sys.stderr)
        full = isinstance(error, OSError) and error.errno in DISK_FULL
        message = "The disk is full." if full else f"The {kind} process failed: {error}"
        hint = "Make room on it, then go on." if full else "See the log."
        channel.send("error", code="disk.full" if full else "internal", message=message, hint=hint)
        return 1
    channel.send("bye")
    return 0
