"""Does the accelerometer measure what it should: gravity in the right unit, no limit reached, not stuck?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pskd.quality.findings import Finding, Severity
from pskd.quality.movement import MOVES_MPS2, wrist_moves
from pskd.recording.take import StreamData, Take
from pskd.types import GRAVITY_MPS2, StreamKind, TimeArray

FEWEST = 25
AT_LIMIT = 4
LIMIT_G = 1.8
MUCH_CLIPPED = 0.03
CALM = 0.1
NEAR_G = (0.60, 1.65)
UNITS = (("g", 1.0), ("thousandths of g", 1000.0))


def check_sensor(take: Take, side: str) -> Iterator[Finding]:
    """Unit, range and life of the first accelerometer; ``side`` is the wrist that wears it."""
    stream = take.first(StreamKind.ACCELEROMETER)
    if stream is None or len(stream.values) < FEWEST:
        return
    values = stream.values.astype(np.float64)
    yield from _unit(values)
    yield from _clipping(stream, values)
    yield from _life(take, values, side)


def _unit(values: TimeArray) -> Iterator[Finding]:
    length = np.linalg.norm(values, axis=1)
    median = float(np.median(length))
    # In the calmest moments of a wild take the length comes near gravity again; half of a take is never far below.
    calm = float(np.quantile(length, CALM))
    if median >= NEAR_G[0] * GRAVITY_MPS2 and calm <= NEAR_G[1] * GRAVITY_MPS2:
        yield Finding("unit", Severity.GOOD, "The watch shows gravity as it should.", value=median, unit="m/s^2")
        return
    meant = next((name for name, one in UNITS if NEAR_G[0] <= median / one <= NEAR_G[1]), "")
    if meant:
        what = f"The watch seems to send {meant} instead of m/s²: the usual length of its acceleration is {median:.3g}."
        hint = "Set the unit of its driver, and record again."
    else:
        what = f"The watch does not show gravity: the usual length of its acceleration is {median:.3g} m/s², not 9.8."
        hint = "Check its unit and range, or calibrate it."
    yield Finding("unit", Severity.BAD, what, hint, median, "m/s^2")


def _clipping(stream: StreamData, values: TimeArray) -> Iterator[Finding]:
    clipped, limit = clipped_samples(values)
    if not clipped:
        yield Finding("clipping", Severity.GOOD, "The watch's range was wide enough.", value=0.0)
        return
    share = clipped / len(stream.values)
    what = f"The watch reached the end of its range ({limit / GRAVITY_MPS2:.1f} g) in {clipped} samples."
    severity = Severity.BAD if share > MUCH_CLIPPED else Severity.NOTICE
    yield Finding("clipping", severity, what, "Set a wider range in the watch, or move less hard.", share)


def clipped_samples(values: TimeArray) -> tuple[int, float]:
    """How many samples of ``(T, 3)`` m/s^2 lie exactly at an axis' own extreme, and that extreme.

    A movement reaches its very highest value once; a sensor at its end gives the same value again and again.
    """
    total, limit = 0, 0.0
    for column in (*values.T, *(-values.T)):
        high = float(column.max())
        count = int(np.count_nonzero(column >= high - 1e-5 * abs(high)))
        if high >= LIMIT_G * GRAVITY_MPS2 and count >= AT_LIMIT:
            total, limit = total + count, max(limit, high)
    return total, limit


def _life(take: Take, values: TimeArray, side: str) -> Iterator[Finding]:
    if np.ptp(values, axis=0).max() == 0.0:
        what = "The watch sent the same value all the time: its sensor is stuck."
        yield Finding("still", Severity.BAD, what, "Restart the watch, and record again.", 0.0, "m/s^2")
        return
    away = np.abs(values - np.median(values, axis=0)).max(axis=1)
    moved = float(np.quantile(away, 0.95))
    if moved >= MOVES_MPS2:
        yield Finding("still", Severity.GOOD, "The watch moved.", value=moved, unit="m/s^2")
    elif wrist_moves(take, side):
        what = "The watch lay still while the wrist moved."
        yield Finding("still", Severity.BAD, what, "Put the watch on, and record again.", moved, "m/s^2")
