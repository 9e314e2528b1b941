"""Looks a MATLAB 5 file over before a library reads it: what is declared must be there, and be numbers.

A reader in C trusts the types that a file declares; with one that does not exist it ends the whole program. The layout
is that of MathWorks' "MAT-File Format" (level 5): a header, then elements of a type, a size and that many bytes; a
matrix is an element made of elements: flags, dimensions, name, values.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from pskd.errors import BadFile

HEADER = 128
"""Bytes before the first element."""

_COMPRESSED, _MATRIX = 15, 14

# types of values
_NUMBERS = frozenset({1, 2, 3, 4, 5, 6, 7, 9, 12, 13})

# kinds of matrices that hold nothing but numbers: double, single and the integers
_NUMERIC = range(6, 16)

# types of a matrix's flags, dimensions and name
_HEAD = [6, 5, 1]

_PARTS = 4


def check(path: Path, raw: bytes, variable: str, max_bytes: int) -> None:
    """Refuse a file whose matrix of that name is not whole, or that unpacks to more than ``max_bytes``.

    Raises:
        BadFile: damaged, absurdly packed, or the matrix holds something else than numbers.
    """
    order = ">" if raw[126:128] == b"MI" else "<"
    for kind, body in _elements(path, raw[HEADER:], order):
        if kind == _COMPRESSED:
            for packed_kind, packed in _elements(path, _unpack(path, body, max_bytes), order):
                _check_element(path, packed_kind, packed, order, variable)
        else:
            _check_element(path, kind, body, order, variable)


def _check_element(path: Path, kind: int, body: bytes, order: str, variable: str) -> None:
    if kind != _MATRIX:
        raise _damaged(path)
    parts = []
    for part in _elements(path, body, order):
        parts.append(part)
        if len(parts) == _PARTS:
            break
    if [part[0] for part in parts[:3]] != _HEAD or len(parts[0][1]) != 8 or len(parts[1][1]) % 4:
        raise _damaged(path)
    if parts[2][1] != variable.encode():
        return
    flags = parts[0][1]
    if struct.unpack(order + "I", flags[:4])[0] & 0xFF not in _NUMERIC:
        raise BadFile(path, f"its {variable} does not hold real numbers", code="mat.type")
    if len(parts) < _PARTS or parts[3][0] not in _NUMBERS:
        raise _damaged(path)


def _elements(path: Path, raw: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Type and content of each element, one after the other; a small one keeps up to four bytes in its own tag."""
    position = 0
    while position + 8 <= len(raw):
        kind, size = struct.unpack_from(order + "II", raw, position)
        if kind >> 16:
            kind, size = kind & 0xFFFF, kind >> 16
            if size > 4:
                raise _damaged(path)
            yield kind, raw[position + 4 : position + 4 + size]
            position += 8
            continue
        position += 8
        if size > len(raw) - position:
            raise _damaged(path)
        yield kind, raw[position : position + size]
        # packed elements follow each other at once, all others begin at a multiple of eight
        position += size if kind == _COMPRESSED else -(-size // 8) * 8


def _unpack(path: Path, packed: bytes, max_bytes: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(packed, max_bytes)
    except zlib.error as error:
        raise _damaged(path) from error
    if unpacker.unconsumed_tail:
        raise BadFile(path, "it unpacks to an absurd size", code="mat.huge")
    return raw


def _damaged(path: Path) -> BadFile:
    return BadFile(path, "it is damaged or cut off", code="mat.damaged")
