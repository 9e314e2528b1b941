"""XDF files that nobody vouches for: lengths are checked before pyxdf is let near them."""

from __future__ import annotations

import io
import logging
import re
import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from pskd import plainfile
from pskd.errors import BadFile

MAX_BYTES = 4 * 1024**3
MAX_CHANNELS = 4096
_HEADER, _SAMPLES, _STREAM_TAGS = 2, 3, (2, 3, 4, 6)
_FORMATS = {"int8": 1, "int16": 2, "int32": 4, "int64": 8, "float32": 4, "double64": 8}


def read_streams(path: Path, names: Collection[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The numeric streams of these names, as pyxdf gives them, with their stamps as stored.

    A file that was cut off gives its whole chunks.

    Returns:
        The streams that are there, and the names of all streams in the file.

    Raises:
        BadFile: not an XDF file, or one whose lengths cannot be true.
    """
    import pyxdf

    logging.getLogger("pyxdf").setLevel(logging.CRITICAL)
    content = plainfile.read_bytes(path, MAX_BYTES)
    if content[:4] != b"XDF:":
        raise BadFile(path, "it is not an XDF file", code="replay.xdf")
    kept, found = _whole_chunks(path, content, names)
    if not any(name in found for name in names):
        return [], found
    try:
        streams, _ = pyxdf.load_xdf(io.BytesIO(kept), synchronize_clocks=False, dejitter_timestamps=False)
    except Exception as error:  # pyxdf raises whatever its parsing trips over
        line = (str(error).splitlines() or [""])[0][:120]
        raise BadFile(path, f"it is a damaged XDF file ({line or type(error).__name__})", code="replay.xdf") from error
    return [stream for stream in streams if stream["info"]["name"][0] in names], found


def _whole_chunks(path: Path, content: bytes, names: Collection[str]) -> tuple[bytes, list[str]]:
    """The file without what was cut off, without other streams, once all its lengths have been found possible."""
    kept, found = [content[:4]], []
    sizes: dict[bytes, int] = {}
    for start, body, tag in _chunks(path, content):
        chunk = content[start : body[1]]
        number = content[body[0] : body[0] + 4]
        if tag == _HEADER:
            name, size = _header(path, content[body[0] + 4 : body[1]])
            found.append(name)
            if name in names and size:
                sizes[number] = size
        if tag == _SAMPLES and number in sizes:
            _check_samples(path, content, body[0] + 4, body[1], sizes[number])
        if tag not in _STREAM_TAGS or number in sizes:
            kept.append(chunk)
    return b"".join(kept), found


def _chunks(path: Path, content: bytes) -> Iterator[tuple[int, tuple[int, int], int]]:
    """Each whole chunk: where it starts, from where to where its content lies, and its tag."""
    place = 4
    while place < len(content):
        length, begin = _length(path, content, place)
        if length is None or begin + length > len(content):
            return
        if length < 2:
            raise BadFile(path, "a chunk of it has no tag", code="replay.xdf")
        yield place, (begin + 2, begin + length), struct.unpack_from("<H", content, begin)[0]
        place = begin + length


def _length(path: Path, content: bytes, place: int) -> tuple[int | None, int]:
    """A length and where it ends; None where the file ends before."""
    width = content[place]
    if width not in (1, 4, 8):
        raise BadFile(path, f"it is a damaged XDF file (at byte {place})", code="replay.xdf")
    end = place + 1 + width
    return (int.from_bytes(content[place + 1 : end], "little") if end <= len(content) else None), end


def _header(path: Path, xml: bytes) -> tuple[str, int]:
    """A stream's name, and the bytes of one sample; 0 where it holds text."""
    if b"<!" in xml:
        raise BadFile(path, "a header of it holds more than plain XML", code="replay.xdf")
    text = xml.decode("utf-8", "replace")
    name, count, kind = (
        re.search(f"<{tag}>([^<]*)</{tag}>", text) for tag in ("name", "channel_count", "channel_format")
    )
    channels = int(count[1]) if count and re.fullmatch(r"\s*\d{1,9}\s*", count[1]) else 0
    if name is None or kind is None or not 0 < channels <= MAX_CHANNELS:
        raise BadFile(path, "a header of it is incomplete", code="replay.xdf")
    return name[1], channels * _FORMATS.get(kind[1].strip(), 0)


def _check_samples(path: Path, content: bytes, begin: int, end: int, size: int) -> None:
    count, begin = _length(path, content, begin) if begin < end else (None, end)
    if count is None or count * (1 + size) > end - begin:
        raise BadFile(path, "a chunk of it promises more samples than it holds", code="replay.xdf")
