"""Files that are either the old whole or the new whole, never half."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace ``path`` in one step.

    Args:
        path: the file; its folder must exist.
        data: the new content.
        durable: wait until it is on the disk (a bulk import may choose not to).
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    # Not tempfile.mkstemp: its files are for their owner alone, and a lab shares its libraries between accounts.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename durable, where the system can (Windows cannot open a folder)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
