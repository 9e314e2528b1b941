"""Does the accelerometer measure what it should: gravity in the right unit, no limit reached, not stuck?"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from pskd.quality.findings import Finding, Severity
from pskd.quality.movement import MOVES_MPS2, wrist_moves
from pskd.quality.watches import Watch
from pskd.recording.take import Take
from pskd.types import GRAVITY_MPS2, TimeArray

FEWEST = 25
AT_LIMIT = 4
LIMIT_G = 1.8
MUCH_CLIPPED = 0.03
CALM = 0.1
NEAR_G = (0.60, 1.65)
UNITS = (("g", 1.0), ("thousandths of g", 1000.0))


def check_sensor(take: Take, watch: Watch) -> Iterator[Finding]:
    """Unit, range and life of one watch."""
    stream = watch.stream
    if len(stream.values) < FEWEST:
        return
    values = stream.values.astype(np.float64)
    for found in (_unit(watch.name, values), _clipping(watch.name, values), _life(take, watch, values)):
        if found is not None:
            yield msgspec.structs.replace(found, about=stream.info.name)


def _unit(name: str, values: TimeArray) -> Finding:
    length = np.linalg.norm(values, axis=1)
    median = float(np.median(length))
    # In the calmest moments of a wild take the length comes near gravity again; half of a take is never far below.
    calm = float(np.quantile(length, CALM))
    if median >= NEAR_G[0] * GRAVITY_MPS2 and calm <= NEAR_G[1] * GRAVITY_MPS2:
        return Finding("unit", Severity.GOOD, f"The {name} shows gravity as it should.", value=median, unit="m/s^2")
    meant = next((unit for unit, one in UNITS if NEAR_G[0] <= median / one <= NEAR_G[1]), "")
    if meant:
        what = (
            f"The {name} seems to send {meant} instead of m/s²: the usual length of its acceleration is {median:.3g}."
        )
        hint = "Set the unit of its driver, and record again."
    else:
        what = f"The {name} does not show gravity: the usual length of its acceleration is {median:.3g} m/s², not 9.8."
        hint = "Check its unit and range, or calibrate it."
    return Finding("unit", Severity.BAD, what, hint, median, "m/s^2")


def _clipping(name: str, values: TimeArray) -> Finding:
    clipped, limit = clipped_samples(values)
    if not clipped:
        return Finding("clipping", Severity.GOOD, f"The {name}'s range was wide enough.", value=0.0)
    share = clipped / len(values)
    what = f"The {name} reached the end of its range ({limit / GRAVITY_MPS2:.1f} g) in {clipped} samples."
    severity = Severity.BAD if share > MUCH_CLIPPED else Severity.NOTICE
    return Finding("clipping", severity, what, "Set a wider range in the watch, or move less hard.", share)


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


def _life(take: Take, watch: Watch, values: TimeArray) -> Finding | None:
    name = watch.name
    if np.ptp(values, axis=0).max() == 0.0:
        what = f"The {name} sent the same value all the time: its sensor is stuck."
        return Finding("still", Severity.BAD, what, "Restart the watch, and record again.", 0.0, "m/s^2")
    away = np.abs(values - np.median(values, axis=0)).max(axis=1)
    moved = float(np.quantile(away, 0.95))
    if moved >= MOVES_MPS2:
        return Finding("still", Severity.GOOD, f"The {name} moved.", value=moved, unit="m/s^2")
    if not wrist_moves(take, watch.side):
        return None
    what = f"The {name} lay still while the wrist moved."
    return Finding("still", Severity.BAD, what, "Put the watch on, and record again.", moved, "m/s^2")
