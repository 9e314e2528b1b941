"""Versioned JSON documents with a checked shape: ``library.json``, ``take.json``, ``plan.json`` and the like.

A document is a :class:`msgspec.Struct` with ``schema: int``. Older schemas are lifted by migrations, newer
ones are refused with a clear line instead of being misread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pskd import atomic, plainfile
from pskd.errors import BadFile

D = TypeVar("D", bound=msgspec.Struct)
Migration = Callable[[dict[str, Any]], dict[str, Any]]

MAX_BYTES = 64 * 1024 * 1024

# msgspec 0.22 works out a struct's shape when it first meets it, and two threads that do so at once crash the program.
_converting = threading.Lock()


def load(path: Path, kind: type[D], *, schema: int = 1, migrations: Mapping[int, Migration] | None = None) -> D:
    """Read and check one document.

    Args:
        path: the file.
        kind: the struct that it must match.
        schema: the newest schema that this program writes.
        migrations: from an older schema to the next one.

    Raises:
        BadFile: missing, too large, not JSON, of another shape, or from a newer program.
    """
    raw = plainfile.read_bytes(path, MAX_BYTES)
    try:
        content = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFile(path, f"it is not valid JSON ({error})", code="document.json") from error
    except RecursionError as error:
        raise BadFile(path, "it is not valid JSON (nested far too deeply)", code="document.json") from error
    if not isinstance(content, dict):
        raise BadFile(path, "it does not hold a JSON object", code="document.shape")
    found = content.get("schema", schema)
    if not isinstance(found, int) or found < 1:
        raise BadFile(path, f"its schema is {found!r}", code="document.schema")
    if found > schema:
        raise BadFile(
            path,
            f"it was written by a newer version (schema {found}, this one knows {schema})",
            code="document.newer",
            hint="Update PSKD Studio.",
        )
    while found < schema:
        content = (migrations or {})[found](content)
        found += 1
        content["schema"] = found
    try:
        with _converting:
            return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        raise BadFile(path, f"a field is wrong ({error})", code="document.shape") from error


def save(path: Path, document: msgspec.Struct, *, durable: bool = True) -> None:
    """Write a document as readable JSON, atomically."""
    atomic.write_bytes(path, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n", durable=durable)
