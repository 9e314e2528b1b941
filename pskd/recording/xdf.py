"""Append-only XDF 1.0 writer (Kothe et al., Extensible Data Format; github.com/sccn/xdf).

Every chunk reaches the system in one ``os.write``, so a process that is killed leaves whole chunks, and a power cut
costs at most what was written since the last ``fsync``. Nothing that was written is ever changed.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from pskd.clock import now_s, utc_now
from pskd.errors import DISK_FULL, PskdError
from pskd.types import TimeArray

MAGIC = b"XDF:"
FILE_HEADER, STREAM_HEADER, SAMPLES, CLOCK_OFFSET, BOUNDARY, STREAM_FOOTER = 1, 2, 3, 4, 5, 6
BOUNDARY_ID = bytes.fromhex("43a546dccbf5410fb30ed5467383cbe4")

FSYNC_S = 1.0
BOUNDARY_S = 10.0
CHUNK_BYTES = 1 << 20

Format = Literal["float32", "double64", "string"]
DTYPES: dict[str, str] = {"float32": "<f4", "double64": "<f8"}


@dataclass(frozen=True, slots=True)
class Column:
    """One channel as it is described in the stream header.

    Attributes:
        label: unique within the stream.
        unit: such as ``m/s^2``; may be empty.
        type: what it is, in the words of the XDF meta-data conventions (``ACC``, ``PositionX``).
    """

    label: str
    unit: str
    type: str


@dataclass(frozen=True, slots=True)
class XdfStream:
    """What a stream header says.

    Attributes:
        name: unique within the file.
        type: content type, such as ``Accelerometer``, ``MoCap``, ``Markers``.
        columns: the channels in order.
        rate_hz: nominal rate; 0 where irregular.
        format: how a value is stored.
        description: further facts, kept as elements of ``desc``.
    """

    name: str
    type: str
    columns: tuple[Column, ...]
    rate_hz: float
    format: Format
    description: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=64)
def row_dtype(format: str, channels: int) -> np.dtype[np.void]:
    """One stored sample with its time stamp: ``n`` (always 8), ``t`` seconds, ``v`` the values."""
    return np.dtype([("n", "u1"), ("t", "<f8"), ("v", DTYPES[format], (channels,))])


@dataclass(slots=True)
class _Tally:
    stream: XdfStream
    aside: bool = False
    count: int = 0
    first_s: float = 0.0
    last_s: float = 0.0

    def add(self, first_s: float, last_s: float, count: int) -> None:
        if self.count == 0:
            self.first_s = first_s
        self.last_s = last_s
        self.count += count


class XdfWriter:
    """One XDF file being written, from one thread.

    Args:
        path: the new file; it must not exist.
        streams: what it will hold; stream ids count from 1 in this order.
        start_s: time of the first clock offset, on the clock of the time stamps.
        durable: ``fsync`` about every second and at the end.

    Raises:
        PskdError: it exists already, or the disk refuses (full, read-only).
    """

    def __init__(self, path: Path, streams: Sequence[XdfStream], *, start_s: float, durable: bool = True) -> None:
        self.path = path
        self.size = 0
        self._durable = durable
        self._failed = False
        self._tallies = {number: _Tally(stream) for number, stream in enumerate(streams, 1)}
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            self._handle = os.open(path, flags, 0o644)
        except OSError as error:
            raise _explained(path, error) from error
        self._synced_s = self._bounded_s = now_s()
        try:
            self._put(self._opening(start_s))
        except PskdError:
            os.close(self._handle)
            raise

    @property
    def counts(self) -> dict[str, int]:
        """Samples written so far, by stream name; streams that were added later are not counted."""
        return {tally.stream.name: tally.count for tally in self._tallies.values() if not tally.aside}

    @property
    def last_s(self) -> float | None:
        """The latest time stamp of any stream that is counted, or None before the first sample."""
        return max((tally.last_s for tally in self._tallies.values() if tally.count and not tally.aside), default=None)

    def add_stream(self, stream: XdfStream, t_s: float) -> int:
        """Announce a stream of which nobody knew at the start, and which tells something of the others.

        Args:
            stream: its header.
            t_s: now, on the clock of the time stamps.

        Returns:
            Its stream id.
        """
        number = len(self._tallies) + 1
        header = _chunk(STREAM_HEADER, struct.pack("<I", number) + _header_xml(stream))
        self._put(header + _chunk(CLOCK_OFFSET, struct.pack("<Idd", number, t_s, 0.0)))
        # In one step: other threads may be counting at this very moment.
        self._tallies = {**self._tallies, number: _Tally(stream, aside=True)}
        return number

    def samples(self, number: int, times_s: TimeArray, values: NDArray[np.floating]) -> None:
        """Append samples of a numeric stream.

        Args:
            number: stream id.
            times_s: ``(N,)`` time stamps; each is stored.
            values: ``(N, C)``.
        """
        tally = self._tallies[number]
        dtype = row_dtype(tally.stream.format, len(tally.stream.columns))
        rows = np.empty(len(times_s), dtype)
        rows["n"], rows["t"], rows["v"] = 8, times_s, values
        step = max(1, CHUNK_BYTES // dtype.itemsize)
        for at in range(0, len(rows), step):
            part = rows[at : at + step]
            self._put(_chunk(SAMPLES, struct.pack("<IBI", number, 4, len(part)) + part.tobytes()))
            tally.add(float(part["t"][0]), float(part["t"][-1]), len(part))

    def text(self, number: int, t_s: float, value: str) -> None:
        """Append one sample of a string stream."""
        data = value.encode()
        sample = struct.pack("<BdBI", 8, t_s, 4, len(data)) + data
        self._put(_chunk(SAMPLES, struct.pack("<IBI", number, 4, 1) + sample))
        self._tallies[number].add(t_s, t_s, 1)

    def clock_offsets(self, t_s: float) -> None:
        """Note for every stream that its stamps are on the file's clock at ``t_s`` (offset 0)."""
        self._put(b"".join(_chunk(CLOCK_OFFSET, struct.pack("<Idd", n, t_s, 0.0)) for n in self._tallies))

    def tick(self) -> None:
        """What is due by time: ``fsync`` each second, a boundary every ten. Call it often."""
        now = now_s()
        if now - self._bounded_s >= BOUNDARY_S:
            self._bounded_s = now
            self._put(_chunk(BOUNDARY, BOUNDARY_ID))
        if self._durable and now - self._synced_s >= FSYNC_S:
            self._synced_s = now
            self._sync(self._handle)
            self._check_place()

    def finish(self, t_s: float) -> None:
        """Write the footers and close; after a failed write only close."""
        try:
            if not self._failed:
                self.clock_offsets(t_s)
                self._put(b"".join(_footer(number, tally) for number, tally in self._tallies.items()))
        finally:
            self.close()

    def close(self) -> None:
        """Close without footers, as a crash would leave it."""
        if self._handle >= 0:
            handle, self._handle = self._handle, -1
            try:
                if self._durable:
                    self._sync(handle)
            finally:
                os.close(handle)

    def _sync(self, handle: int) -> None:
        try:
            os.fsync(handle)
        except OSError as error:
            self._failed = True
            raise _explained(self.path, error) from error

    def _check_place(self) -> None:
        """A file whose name has gone still takes what is written, and loses it all when it is closed.

        Raises:
            PskdError: so it is.
        """
        try:
            there = self.path.stat()
        except OSError:
            there = None
        if there is None or not os.path.samestat(there, os.fstat(self._handle)):
            self._failed = True
            raise PskdError(
                f"{self.path} is no longer there. Was its disk taken out, or its folder moved?",
                code="recording.gone",
                hint="Put it back, then start the program again: it recovers what was written.",
            )

    def _opening(self, start_s: float) -> bytes:
        head = f"<info><version>1.0</version><datetime>{utc_now()}</datetime></info>"
        parts = [MAGIC, _chunk(FILE_HEADER, b'<?xml version="1.0"?>' + head.encode())]
        for number, tally in self._tallies.items():
            parts.append(_chunk(STREAM_HEADER, struct.pack("<I", number) + _header_xml(tally.stream)))
        parts += [_chunk(CLOCK_OFFSET, struct.pack("<Idd", n, start_s, 0.0)) for n in self._tallies]
        return b"".join([*parts, _chunk(BOUNDARY, BOUNDARY_ID)])

    def _put(self, data: bytes) -> None:
        if self._failed:
            raise PskdError(f"Writing to {self.path} failed before.", code="recording.failed")
        try:
            written = os.write(self._handle, data)
            while written < len(data):  # a disk that fills up takes a part first, then refuses
                written += os.write(self._handle, data[written:])
        except OSError as error:
            self._failed = True
            raise _explained(self.path, error) from error
        self.size += len(data)


def _explained(path: Path, error: OSError) -> PskdError:
    if error.errno in DISK_FULL:
        return PskdError(
            f"The disk is full: {path} cannot grow.",
            code="recording.disk-full",
            hint="What was recorded until now is kept. Make room, then record again.",
        )
    if error.errno == errno.EEXIST:
        return PskdError(f"{path} exists already.", code="recording.exists", hint="A take is never overwritten.")
    reason = (error.strerror or str(error)).lower()
    return PskdError(f"Cannot write {path}: {reason}.", code="recording.write", hint="Check the disk and its rights.")


def _chunk(tag: int, content: bytes) -> bytes:
    return struct.pack("<BIH", 4, len(content) + 2, tag) + content


def _clean(text: str) -> str:
    """Text for XML: control characters have no place in it, not even escaped."""
    return escape("".join(c if c.isprintable() else " " for c in text))


@lru_cache(maxsize=64)
def _channels_xml(columns: tuple[Column, ...]) -> str:
    parts = (
        f"<channel><label>{_clean(c.label)}</label><unit>{_clean(c.unit)}</unit><type>{_clean(c.type)}</type></channel>"
        for c in columns
    )
    return f"<channels>{''.join(parts)}</channels>"


@lru_cache(maxsize=64)
def _header_xml(stream: XdfStream) -> bytes:
    facts = "".join(f"<{key}>{_clean(value)}</{key}>" for key, value in stream.description)
    text = (
        f'<?xml version="1.0"?><info><name>{_clean(stream.name)}</name><type>{_clean(stream.type)}</type>'
        f"<channel_count>{len(stream.columns)}</channel_count><nominal_srate>{stream.rate_hz:.10g}</nominal_srate>"
        f"<channel_format>{stream.format}</channel_format><source_id>{_clean(stream.name)}</source_id>"
        f"<desc>{facts}{_channels_xml(stream.columns)}</desc></info>"
    )
    return text.encode()


def _footer(number: int, tally: _Tally) -> bytes:
    text = (
        f'<?xml version="1.0"?><info><first_timestamp>{tally.first_s:.9f}</first_timestamp>'
        f"<last_timestamp>{tally.last_s:.9f}</last_timestamp><sample_count>{tally.count}</sample_count></info>"
    )
    return _chunk(STREAM_FOOTER, struct.pack("<I", number) + text.encode())
