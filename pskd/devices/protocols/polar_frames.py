"""The body of a Polar frame: plain integers, or a first sample and differences of few bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pskd.devices.protocols.base import PLAUSIBLE_DPS, Malformed, integers
from pskd.types import FloatArray

COMPRESSED = 0x80
MAX_COUNTS = 1 << 24
MAX_SAMPLES = 4096
_MAX_BITS = 32


def raw_or_delta(kind: int, body: bytes, factor: float) -> tuple[NDArray[np.float64], float]:
    """Counts ``(T, 3)`` and how many of them are 1 g.

    Args:
        kind: the frame's type byte: 0, 1, 2 are 8, 16 and 24 bit milli-g; 0x80 and 0x81 compressed g and milli-g.
        body: what follows.
        factor: the scale that the sensor gave when it started; used by compressed frames.

    Raises:
        Malformed: another type, or a body that does not fit it.
    """
    if kind in (0, 1):
        return integers(body, "<i1" if kind == 0 else "<i2"), 1000.0
    if kind == 2:
        return _three_bytes(body), 1000.0
    if kind in (COMPRESSED, COMPRESSED | 1):
        return delta(body), (1.0 if kind == COMPRESSED else 1000.0) / factor
    raise Malformed(f"frame type {kind:#x}")


def turning(kind: int, body: bytes, factor: float) -> FloatArray:
    """The body of a gyroscope frame as ``(T, 3)`` deg/s.

    Args:
        kind: the frame's type byte: 0x80 compressed counts; 0x81 differences between the bit patterns of float32.
        body: what follows.
        factor: the scale that the sensor gave when it started.

    Raises:
        Malformed: another type, or a body that does not fit it.
    """
    if kind == COMPRESSED:
        values = delta(body) * factor
    elif kind == COMPRESSED | 1:
        patterns = (delta(body, "<i4").astype(np.int64) & 0xFFFFFFFF).astype(np.uint32)
        with np.errstate(invalid="ignore"):
            values = patterns.view(np.float32).astype(np.float64) * factor
    else:
        raise Malformed(f"frame type {kind:#x}")
    if not (np.abs(values) < PLAUSIBLE_DPS).all():
        raise Malformed("no plausible turning")
    return values.astype(np.float32)


def delta(body: bytes, first: str = "<i2") -> NDArray[np.float64]:
    """A compressed body as counts ``(T, 3)``.

    It holds one triplet of type ``first`` (int16, or int32 that may wrap), then blocks: width in bits, number of
    samples, and three differences a sample packed from the lowest bit on, in two's complement.

    Raises:
        Malformed: cut off, or no such thing.
    """
    place = 3 * np.dtype(first).itemsize
    parts = [integers(body[:place], first)]
    while place < len(body):
        if place + 2 > len(body):
            raise Malformed("half a block header")
        bits, count = body[place], body[place + 1]
        end = place + 2 + -(-3 * bits * count // 8)
        if bits > _MAX_BITS or end > len(body):
            raise Malformed("a block longer than the frame")
        parts.append(_differences(body[place + 2 : end], bits, count))
        place = end
    counts = np.cumsum(np.concatenate(parts), axis=0)
    if len(counts) > MAX_SAMPLES or (first == "<i2" and np.abs(counts).max() > MAX_COUNTS):
        raise Malformed("beyond what the sensor can measure")
    return counts


def _differences(packed: bytes, bits: int, count: int) -> NDArray[np.float64]:
    if not bits or not count:
        return np.zeros((count, 3))
    stream = np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little")[: 3 * bits * count]
    weights = 2.0 ** np.arange(bits)
    weights[-1] = -weights[-1]
    return (stream.reshape(-1, bits) @ weights).reshape(-1, 3)


def _three_bytes(body: bytes) -> NDArray[np.float64]:
    columns = integers(body, "<u1", 9).reshape(-1, 3)
    values = columns @ np.array([1.0, 256.0, 65536.0])
    return np.where(values >= 1 << 23, values - (1 << 24), values).reshape(-1, 3)
