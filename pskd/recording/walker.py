"""Reads XDF files that nobody vouches for: every length is checked against the file before it is believed.

A file that was cut off gives everything up to the cut. After damaged bytes in the middle, reading goes on at the next
boundary chunk. A chunk that is whole but says something impossible makes the file a bad one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from pskd import plainfile
from pskd.errors import BadFile
from pskd.recording import xdf
from pskd.types import TimeArray

MAX_FILE_BYTES = 4 << 30
MAX_XML_BYTES = 1 << 20
MAX_STREAMS = 64
MAX_CHANNELS = 4096
MAX_TEXT_BYTES = 1 << 16
MAX_TIME_S = 1e11

_LENGTHS = {1: "<B", 4: "<I", 8: "<Q"}


@dataclass(slots=True)
class XdfData:
    """One stream as it lies in the file.

    Attributes:
        name: from its header.
        type: content type.
        format: ``float32``, ``double64`` or ``string``.
        labels: channel labels in order; empty where the header has none.
        channels: number of channels.
        rate_hz: nominal rate; 0 where irregular.
        times_s: ``(N,)`` time stamps.
        values: ``(N, C)`` in the stored format; empty for strings.
        texts: the first channel of a string stream.
        ended: its footer is there.
    """

    name: str
    type: str
    format: str
    labels: tuple[str, ...]
    channels: int
    rate_hz: float
    times_s: TimeArray = field(default_factory=lambda: np.empty(0))
    values: NDArray[np.floating] = field(default_factory=lambda: np.empty((0, 0)))
    texts: list[str] = field(default_factory=list)
    ended: bool = False
    _parts: list[bytes] = field(default_factory=list)
    _stamps: list[float] = field(default_factory=list)


@dataclass(slots=True)
class XdfContent:
    """A whole file.

    Attributes:
        streams: by stream id.
        whole_bytes: length of the file up to the end of its last whole chunk.
        cut: the file ends inside a chunk.
        damaged: bytes in the middle could not be read and were passed over.
    """

    streams: dict[int, XdfData] = field(default_factory=dict)
    whole_bytes: int = 0
    cut: bool = False
    damaged: bool = False

    @property
    def finished(self) -> bool:
        """It goes on to the end that its writer gave it: every stream has its footer."""
        return not self.cut and all(stream.ended for stream in self.streams.values())


def read_xdf(path: Path) -> XdfContent:
    """Read a file whose samples are all stamped, as :class:`pskd.recording.xdf.XdfWriter` writes them.

    Raises:
        BadFile: missing, not XDF, absurdly large, or contradicting itself.
    """
    data = _load(path)
    content = XdfContent(whole_bytes=len(xdf.MAGIC))
    at = len(xdf.MAGIC)
    while at < len(data):
        chunk = _frame(data, at)
        if chunk is None:
            resume = data.find(xdf.BOUNDARY_ID, at)
            if resume < 0:
                content.cut = True
                break
            content.damaged = True
            at = resume + len(xdf.BOUNDARY_ID)
            continue
        tag, start, at = chunk
        try:
            _take_chunk(content, tag, data[start:at])
        except _Impossible as error:
            raise BadFile(path, str(error), code="xdf.damaged") from error
        content.whole_bytes = at
    try:
        for stream in content.streams.values():
            _join(stream)
    except _Impossible as error:
        raise BadFile(path, str(error), code="xdf.damaged") from error
    return content


class _Impossible(Exception):
    """A whole chunk that cannot be right."""


def _load(path: Path) -> bytes:
    data = plainfile.read_bytes(path, MAX_FILE_BYTES)
    if not data:
        raise BadFile(path, "it is empty", code="xdf.empty")
    if data[:4] != xdf.MAGIC:
        raise BadFile(path, "it is not an XDF file", code="xdf.magic")
    return data


def _frame(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Tag, start of content and end of the chunk at ``at``; None where no whole chunk lies there."""
    width = data[at]
    if width not in _LENGTHS or at + 1 + width + 2 > len(data):
        return None
    (length,) = struct.unpack_from(_LENGTHS[width], data, at + 1)
    start = at + 1 + width
    if length < 2 or start + length > len(data):
        return None
    (tag,) = struct.unpack_from("<H", data, start)
    return (tag, start + 2, start + length) if 1 <= tag <= 6 else None


def _take_chunk(content: XdfContent, tag: int, chunk: bytes) -> None:
    if tag in (xdf.FILE_HEADER, xdf.BOUNDARY):
        return
    if len(chunk) < 4:
        raise _Impossible("a chunk has no stream number")
    (number,) = struct.unpack_from("<I", chunk)
    if tag == xdf.STREAM_HEADER:
        if number in content.streams or len(content.streams) >= MAX_STREAMS:
            raise _Impossible(f"stream {number} is announced twice, or there are more than {MAX_STREAMS}")
        content.streams[number] = _header(chunk[4:])
        return
    if number not in content.streams:
        raise _Impossible(f"a chunk belongs to stream {number}, which was never announced")
    if tag == xdf.SAMPLES:
        _samples(content.streams[number], chunk)
    elif tag == xdf.STREAM_FOOTER:
        content.streams[number].ended = True


def _header(raw: bytes) -> XdfData:
    root = _xml(raw)
    try:
        channels = int(root.findtext("channel_count", ""))
        rate_hz = float(root.findtext("nominal_srate", ""))
    except ValueError as error:
        raise _Impossible("a stream header has no channel count or rate") from error
    format = root.findtext("channel_format", "")
    if format not in (*xdf.DTYPES, "string"):
        raise _Impossible(f"a stream has values of type {format[:20]!r}, which a take does not have")
    if not 1 <= channels <= MAX_CHANNELS or not 0 <= rate_hz < 1e6:
        raise _Impossible(f"a stream has {channels} channels at {rate_hz:g} Hz")
    labels = tuple(label.text or "" for label in root.iterfind("desc/channels/channel/label"))
    if labels and len(labels) != channels:
        raise _Impossible(f"a stream has {channels} channels and {len(labels)} names for them")
    return XdfData(root.findtext("name", ""), root.findtext("type", ""), format, labels, channels, rate_hz)


def _xml(raw: bytes) -> ElementTree.Element:
    """Parse a header; entities and document types have no place in it and are refused unread."""
    if len(raw) > MAX_XML_BYTES:
        raise _Impossible("a stream header is absurdly long")
    try:
        text = raw.decode("utf-8")
        if "<!" in text:
            raise _Impossible("a stream header declares a document type or entities")
        return ElementTree.fromstring(text)
    except (UnicodeDecodeError, ElementTree.ParseError, ValueError) as error:
        raise _Impossible("a stream header is not valid XML") from error


def _samples(stream: XdfData, chunk: bytes) -> None:
    width = chunk[4] if len(chunk) > 4 else 0
    if width not in _LENGTHS or len(chunk) < 5 + width:
        raise _Impossible(f"a chunk of {stream.name!r} does not say how many samples it holds")
    (count,) = struct.unpack_from(_LENGTHS[width], chunk, 5)
    body = chunk[5 + width :]
    if stream.format == "string":
        _texts(stream, body, count)
        return
    if count * xdf.row_dtype(stream.format, stream.channels).itemsize != len(body):
        raise _Impossible(f"a chunk of {stream.name!r} says {count} samples, which do not fill it")
    stream._parts.append(body)


def _texts(stream: XdfData, body: bytes, count: int) -> None:
    at = 0
    try:
        for _ in range(min(count, len(body))):
            if body[at] != 8:
                raise _Impossible(f"a sample of {stream.name!r} has no time stamp")
            stream._stamps.append(struct.unpack_from("<d", body, at + 1)[0])
            at += 9
            for channel in range(stream.channels):
                width = _LENGTHS[body[at]]
                (length,) = struct.unpack_from(width, body, at + 1)
                at += 1 + struct.calcsize(width)
                if length > MAX_TEXT_BYTES or at + length > len(body):
                    raise _Impossible(f"a text of {stream.name!r} is absurdly long")
                if channel == 0:
                    stream.texts.append(body[at : at + length].decode("utf-8", "replace"))
                at += length
    except (IndexError, KeyError, struct.error) as error:
        raise _Impossible(f"a chunk of {stream.name!r} does not hold what it says") from error
    if at != len(body):
        raise _Impossible(f"a chunk of {stream.name!r} says {count} samples, which do not fill it")


def _join(stream: XdfData) -> None:
    if stream.format == "string":
        stream.times_s = np.array(stream._stamps)
    else:
        rows = np.frombuffer(b"".join(stream._parts), xdf.row_dtype(stream.format, stream.channels))
        if (rows["n"] != 8).any():
            raise _Impossible(f"a sample of {stream.name!r} has no time stamp")
        stream.times_s, stream.values = rows["t"].copy(), rows["v"]
    if not (np.abs(stream.times_s) < MAX_TIME_S).all():
        raise _Impossible(f"a time stamp of {stream.name!r} is not a number, or absurd")
    stream._parts, stream._stamps = [], []
