"""What the decoders of network sources share: text from strangers, units, order, and the measured rate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import msgspec
import numpy as np

from pskd.devices.protocols.base import PLAUSIBLE_MPS2, Malformed, Samples
from pskd.errors import PskdError
from pskd.types import GRAVITY_MPS2, StreamKind

T = TypeVar("T")

# A row of one sensor: time in seconds of the sender's clock (NaN where it gives none), then x, y, z.
Row = tuple[float, float, float, float]

DEG_PER_RAD = 180.0 / math.pi
PLAUSIBLE_DEG_S = 1e5
UNITS_MPS2 = {"m/s2": 1.0, "g": GRAVITY_MPS2}
# A sender's clock that goes back further than this was set anew; a packet that is merely late is left out.
BACK_S = 5.0


def read_json(text: str | bytes, kind: type[T]) -> T:
    """JSON as ``kind``; unknown fields are left out.

    Raises:
        Malformed: it is anything else.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise Malformed(f"not the expected JSON: {error}") from error


def samples(kind: StreamKind, rows: Iterable[Row], unit: float = 1.0) -> Samples:
    """Rows of one sensor, in any order, as samples from old to new.

    Args:
        kind: accelerometer or gyroscope.
        rows: what came; of rows with one time the first counts.
        unit: what a count is worth in m/s^2 or deg/s.

    Raises:
        Malformed: there are none, or a value is not a number or beyond any sensor.
    """
    table = np.array(list(rows), np.float64).reshape(-1, 4)
    limit = PLAUSIBLE_MPS2 if kind is StreamKind.ACCELEROMETER else PLAUSIBLE_DEG_S
    with np.errstate(over="ignore", invalid="ignore"):
        values = table[:, 1:] * unit
        if not len(table) or not (np.abs(values) < limit).all():
            raise Malformed("no plausible values")
    times = table[:, 0]
    if np.isnan(times).any():
        return Samples(values.astype(np.float32), kind)
    if not np.isfinite(times).all() or (times < 0).any():
        raise Malformed("no plausible times")
    if not (times[1:] > times[:-1]).all():
        times, first = np.unique(times, return_index=True)
        values = values[first]
    return Samples(values.astype(np.float32), kind, times)


class Order:
    """Lets through what is newer than all before it, so that device time increases over a whole connection.

    Attributes:
        repeated: samples that came twice or too late and were left out.
    """

    def __init__(self) -> None:
        self.repeated = 0
        self._last_s: dict[StreamKind, float] = {}

    def newer(self, packet: Samples) -> Samples | None:
        """The new part of a packet, or None.

        Raises:
            PskdError: the sender's clock was set back; a new connection begins a new time line.
        """
        if packet.device_s is None:
            return packet
        last_s = self._last_s.get(packet.kind, -math.inf)
        if packet.device_s[-1] < last_s - BACK_S:
            raise PskdError("The sender's clock was set back.", code="device.clock", hint="Its stream begins anew.")
        new = packet.device_s > last_s
        self.repeated += int(len(new) - new.sum())
        if not new.any():
            return None
        self._last_s[packet.kind] = float(packet.device_s[-1])
        return replace(packet, values=packet.values[new], device_s=packet.device_s[new])


def measured_rate(times_s: Sequence[float]) -> float:
    """The rate of regular samples in Hz, from the middle of their distances; 0 where it cannot be told."""
    steps = np.diff(np.asarray(times_s, np.float64))
    steps = steps[steps > 0]
    return round(1.0 / float(np.median(steps)), 1) if len(steps) else 0.0
