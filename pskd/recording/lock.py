"""The lock that a writer holds on its take, so that another process can tell a live recording from an orphan.

The operating system lets go of the lock when the writer dies, however it dies; a process id could be reused, and a
start time shifts with the wall clock.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

NAME = "writer.lock"
ATTEMPTS = 5
ATTEMPT_S = 0.01


class TakeLock:
    """Held from construction until :meth:`release`.

    Args:
        folder: the take's folder.

    Raises:
        BlockingIOError: another writer holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        for attempt in range(ATTEMPTS):
            try:
                _lock(self._handle)
                return
            except OSError as error:  # :func:`is_held` of another process holds it for a moment too
                if attempt == ATTEMPTS - 1:
                    os.close(self._handle)
                    raise BlockingIOError(f"{self._path} is held by another process") from error
                time.sleep(ATTEMPT_S)

    def release(self) -> None:
        """Let go and remove the file; a second call does nothing."""
        if self._handle < 0:
            return
        handle, self._handle = self._handle, -1
        if os.name == "nt":  # an open file cannot be removed there
            os.close(handle)
            self._path.unlink(missing_ok=True)
        else:
            self._path.unlink(missing_ok=True)
            os.close(handle)


def is_held(folder: Path) -> bool:
    """True while a living process writes this take."""
    try:
        handle = os.open(folder / NAME, os.O_RDWR)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True
    try:
        _lock(handle)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
