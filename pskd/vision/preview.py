"""The camera's picture, shared between two processes without copying it through a pipe.

One memory block holds a head of eight counters and two pictures. The writer fills them in turn and counts before and
after, the reader counts too and takes a picture only where nothing was written meanwhile, so a torn picture is never
shown and neither side ever waits.

This opens shared memory as :mod:`multiprocessing.shared_memory` does, but without that module's tracker: a third
process that would remove the block when the *child* dies, print warnings when the parent does, and start a second
window in the frozen program. Instead the writer removes the block when it ends, the reader when the writer was killed,
and :func:`sweep` what is left where both were.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import sys
from pathlib import Path

import numpy as np

from pskd.vision.base import Picture

PREFIX = "pskd-view"
MAX_SIDE = 960  # a preview needs no more

_HEAD = 64
_LATEST, _COUNT, _NUMBER = 0, 1, 3  # places in the head: latest slot + 1; two counters; two frame numbers
_SHARED_FOLDER = Path("/dev/shm")


def new_name() -> str:
    """A name for a block of this process, unused so far; short, since macOS allows 30 characters."""
    return f"{PREFIX}-{os.getpid()}-{secrets.token_hex(4)}"


def fitted(width: int, height: int) -> tuple[int, int]:
    """The preview's width and height for a camera's picture."""
    scale = min(1.0, MAX_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


class _Block:
    """A named block: the counters and the two pictures as arrays on it."""

    def __init__(self, name: str, width: int, height: int, *, create: bool) -> None:
        self.name = name
        self._memory = _open(name, _HEAD + 2 * width * height * 3, create=create)
        pixels = width * height * 3
        self._head = np.frombuffer(self._memory, np.int64, _HEAD // 8)
        self._pictures = [
            np.frombuffer(self._memory, np.uint8, pixels, _HEAD + slot * pixels).reshape(height, width, 3)
            for slot in (0, 1)
        ]

    def close(self) -> None:
        """Let go of the memory; may be called twice."""
        self._head = np.zeros(_HEAD // 8, np.int64)
        self._pictures = []
        with contextlib.suppress(BufferError):  # a thread still looks at it; freed with the last look
            self._memory.close()


class PreviewWriter(_Block):
    """The child's end.

    Args:
        name: from :func:`new_name`.
        width: of the pictures.
        height: of the pictures.
    """

    def __init__(self, name: str, width: int, height: int) -> None:
        super().__init__(name, width, height, create=True)

    def put(self, number: int, picture: Picture) -> None:
        """Show a picture.

        Args:
            number: its frame number.
            picture: ``(H, W, 3)`` uint8 RGB of the block's size.
        """
        slot = 1 - max(0, int(self._head[_LATEST]) - 1)
        self._head[_COUNT + slot] += 1
        self._pictures[slot][:] = picture
        self._head[_NUMBER + slot] = number
        self._head[_COUNT + slot] += 1
        self._head[_LATEST] = slot + 1

    def close(self) -> None:
        """Let go of the memory and remove its name."""
        super().close()
        remove(self.name)


class PreviewReader(_Block):
    """The window's end.

    Raises:
        FileNotFoundError: the block is not there (yet, or any more).
    """

    def __init__(self, name: str, width: int, height: int) -> None:
        super().__init__(name, width, height, create=False)

    def latest(self) -> tuple[int, Picture] | None:
        """The newest whole picture, copied, and its frame number; None before the first one."""
        for _ in range(4):
            slot = int(self._head[_LATEST]) - 1
            if slot < 0 or not self._pictures:
                return None
            count = int(self._head[_COUNT + slot])
            picture, number = self._pictures[slot].copy(), int(self._head[_NUMBER + slot])
            if count % 2 == 0 and count == int(self._head[_COUNT + slot]):
                return number, picture
        return None


def remove(name: str) -> None:
    """Remove a block's name; nothing where it is gone already. Windows removes it with its last user."""
    if sys.platform != "win32":
        import _posixshmem  # type: ignore[import-not-found]

        with contextlib.suppress(FileNotFoundError):
            _posixshmem.shm_unlink(f"/{name}")


def sweep() -> None:
    """Remove blocks of processes that no longer live (Linux; elsewhere the names cannot be listed)."""
    for file in _SHARED_FOLDER.glob(f"{PREFIX}-*-*") if sys.platform == "linux" else ():
        owner = file.name.split("-")[2]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists():
            remove(file.name)


def _open(name: str, size: int, *, create: bool) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size, tagname=name)
    import _posixshmem

    flags = os.O_RDWR | (os.O_CREAT | os.O_EXCL if create else 0)
    handle = _posixshmem.shm_open(f"/{name}", flags, mode=0o600)
    try:
        if create:
            os.ftruncate(handle, size)
        return mmap.mmap(handle, size)
    finally:
        os.close(handle)
