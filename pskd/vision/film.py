"""Is this file a film, and is it whole? Told from its container, before a decoder sees it."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

from pskd import plainfile
from pskd.errors import BadFile

MAX_SIDE = 16384
MAX_PIXELS = 40_000_000  # 8K is 33 million

# First bytes of the containers that cameras, phones and data sets use. A playlist or a list of other files is none.
_MAGICS = ((0, b"RIFF"), (4, b"ftyp"), (0, b"\x1a\x45\xdf\xa3"), (0, b"\x00\x00\x01\xba"), (0, b"\x30\x26\xb2\x75"))
_TRANSPORT_PACKET = 188


def check(path: Path) -> None:
    """Refuse what cannot be a whole film.

    Raises:
        BadFile: missing, a folder, empty, cut off, or no film.
    """
    try:
        if path.is_dir():
            raise BadFile(path, "it is a folder, not a film", code="film.folder")
        plainfile.check(path, path.stat().st_mode)
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                raise BadFile(path, "the file is empty", code="film.empty")
            head = file.read(_TRANSPORT_PACKET + 1)
            _check_kind(path, head)
            missing = _missing_bytes(file, head, size)
    except OSError as error:
        raise BadFile(path, (error.strerror or str(error)).lower(), code="file.unreadable") from error
    except ValueError as error:  # a zero byte within the name
        raise BadFile(path, "this is not a file name", code="file.unreadable") from error
    if missing > 0:
        raise cut_off(path, f"{missing:,} bytes are missing at its end")


def check_size(path: Path, width: int, height: int) -> None:
    """Refuse pictures of no size or an absurd one.

    Raises:
        BadFile: so it is.
    """
    if width < 16 or height < 16:
        raise BadFile(path, "no picture in it can be read", code="film.unreadable")
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise BadFile(path, f"its pictures are {width} x {height}, too large", code="film.huge")


def cut_off(path: Path, why: str) -> BadFile:
    """The error for a film that is not whole."""
    return BadFile(path, f"the film is cut off, {why}", code="film.cut-off", hint="Copy it again from its source.")


def _check_kind(path: Path, head: bytes) -> None:
    known = any(head[at : at + len(magic)] == magic for at, magic in _MAGICS)
    transport = head[:1] == b"\x47" and head[_TRANSPORT_PACKET : _TRANSPORT_PACKET + 1] == b"\x47"
    if not known and not transport:
        raise BadFile(
            path, "it is not a film of a known kind", code="film.kind", hint="AVI, MP4, MOV, MKV and WebM are."
        )


def _missing_bytes(file: BinaryIO, head: bytes, size: int) -> int:
    if head[:4] == b"RIFF":
        announced = struct.unpack("<I", head[4:8].ljust(4, b"\0"))[0]
        return announced + 8 - size if announced else 0
    return _missing_of_boxes(file, size) if head[4:8] == b"ftyp" else 0


def _missing_of_boxes(file: BinaryIO, size: int) -> int:
    """MP4 and MOV are a row of boxes, each beginning with its length."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if length == 1:
            length = struct.unpack(">Q", file.read(8).ljust(8, b"\0"))[0]
        if length == 0 or not kind.isascii():  # reaches to the end, or padding after the last box
            return 0
        at += max(length, 8)
    return at - size
