"""Events as JSON lines: what a child process tells its parent, and what a run leaves in ``events.jsonl``."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from pskd.clock import utc_now

Event = dict[str, Any]
_encoder = msgspec.json.Encoder()


def encode(kind: str, /, **fields: Any) -> bytes:
    """One event as one line: ``{"event": kind, ...}``."""
    return _encoder.encode({"event": kind, **fields}) + b"\n"


def decode(line: bytes) -> Event | None:
    """Read one line; None where it is not an event (half a line, foreign output)."""
    try:
        event = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


class EventLog:
    """Appends events to a file, each with its wall time; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("ab")
        self._lock = threading.Lock()

    def write(self, kind: str, /, **fields: Any) -> None:
        """Append one event and hand it to the system at once."""
        with self._lock:
            self._file.write(encode(kind, utc=utc_now(), **fields))
            self._file.flush()

    def close(self) -> None:
        """Close the file; later writes are an error."""
        self._file.close()


def read(path: Path) -> Iterator[Event]:
    """All whole events of a log, oldest first; a cut last line is left out."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            event = decode(line)
            if event is not None:
                yield event
