"""Reads a whole file that nobody vouches for: a pipe or a device would never end, and a size may be absurd."""

from __future__ import annotations

import stat
from pathlib import Path

from pskd.errors import BadFile


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """The content of a plain file.

    Args:
        path: the file; a link to a plain file is one.
        max_bytes: a larger one is refused unread.

    Raises:
        BadFile: missing, unreadable, a folder, a pipe or a device, or too large.
    """
    try:
        state = path.stat()
        check(path, state.st_mode)
        with path.open("rb") as file:
            content = b"" if state.st_size > max_bytes else file.read(max_bytes + 1)
    except OSError as error:
        raise BadFile(path, (error.strerror or str(error)).lower(), code="file.unreadable") from error
    except ValueError as error:  # a zero byte within the name
        raise BadFile(path, "this is not a file name", code="file.unreadable") from error
    if max(state.st_size, len(content)) > max_bytes:
        size = f"{max(state.st_size, len(content)) / 2**20:,.0f} MiB"
        raise BadFile(path, f"it is {size}, far too large for what it should hold", code="file.huge")
    return content


def check(path: Path, mode: int) -> None:
    """Refuse what is no plain file, by its ``st_mode``.

    Raises:
        BadFile: it is a folder, a pipe or a device.
    """
    if stat.S_ISDIR(mode):
        raise BadFile(path, "it is a folder, not a file", code="file.unreadable")
    if not stat.S_ISREG(mode):
        raise BadFile(path, "it is a pipe or a device, not a file", code="file.unreadable")
