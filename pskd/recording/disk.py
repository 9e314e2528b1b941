"""How much room there is for a take."""

from __future__ import annotations

import shutil
from pathlib import Path

from pskd.errors import PskdError

LEAST_BYTES = 1 << 20


def free_bytes(folder: Path) -> int | None:
    """What is left on the disk of ``folder``; None where it cannot be asked, such as when the disk was pulled out."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def check_room(folder: Path) -> None:
    """Refuse a disk on which a take cannot even begin.

    Raises:
        PskdError: it is full.
    """
    free = free_bytes(folder)
    if free is not None and free < LEAST_BYTES:
        raise PskdError(f"The disk of {folder} is full.", code="recording.disk-full", hint="Make room first.")
