"""From a device's clock to this computer's: the line of least delay under the arrivals, connection by connection.

A packet can only be late, never early, so the truth lies below all points (device time, arrival). The line that lies
below all of them and is highest in the middle is an edge of their lower convex hull; it leaves the random part of the
delay out. That idea is old in clock synchronisation (Moon, Skelly, Towsley: Estimation and removal of clock skew from
network delay measurements, INFOCOM 1999; Zhang, Liu, Xia: Clock synchronization algorithms for network measurements,
INFOCOM 2002). What is ours: the bound on crystals, and the correction for the wait that a radio's connection events
add to every single packet (:func:`pskd.sync.events.unseen_wait`).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.sync.events import unseen_wait
from pskd.types import TimeArray

CRYSTAL_PPM = 300.0
PLAYED_SHARE = 0.05
PLAYED_S = 1.5
SHORT_S = 2.0
FEW_PACKETS = 8
JUMP_S = 5.0


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """A question and its answer: the device's clock showed ``device_s`` at some moment in between.

    Attributes:
        sent_s: host time just before the question was sent.
        heard_s: host time at which the answer came.
        device_s: the device's clock when it answered.
    """

    sent_s: float
    heard_s: float
    device_s: float


class ClockSegment(msgspec.Struct, frozen=True, kw_only=True):
    """The line for one connection: ``host = host_s + (device - device_s) * slope``.

    Attributes:
        first: index of the first sample it holds for.
        last: index after the last one.
        device_s: a moment on the device's clock (the middle of the segment).
        host_s: the same moment on this computer's clock.
        slope: host seconds in a device second.
        drift_ppm: how fast the device's clock runs, in millionths.
        residual_ms: median of how much later packets came than the line says.
        late_ms: the same for the latest twentieth of the packets.
        correction_ms: by how much the line was moved earlier for the wait that no packet escapes, and so that it
            agrees with the pings.
        bound_ms: by how much that correction may be wrong, either way; None where the link shows no rhythm and there
            are no pings. A delay that all packets share (sensor filter, firmware) cannot be seen one way and is not
            in it, unless there are pings: they see it.
        packets: packets that it rests on.
        duration_s: host seconds from the first to the last.
    """

    first: int
    last: int
    device_s: float
    host_s: float
    slope: float
    drift_ppm: float
    residual_ms: float
    late_ms: float
    correction_ms: float
    bound_ms: float | None
    packets: int
    duration_s: float

    def to_host(self, device_s: TimeArray) -> TimeArray:
        """Device times as host times; same shape."""
        return self.host_s + (device_s - self.device_s) * self.slope


class ClockFit(msgspec.Struct, frozen=True):
    """The device's clock over a whole take, in a form that ``sync.json`` keeps."""

    segments: tuple[ClockSegment, ...]
    method: str = "lower hull"

    def to_host(self, device_s: TimeArray) -> TimeArray:
        """Device times of the fitted samples as host times, ``(N,)``, in the order in which they were fitted.

        Raises:
            ValueError: another number of samples than was fitted.
        """
        device_s = np.asarray(device_s, dtype=np.float64)
        count = self.segments[-1].last if self.segments else 0
        if device_s.shape != (count,):
            raise ValueError(f"device_s: expected ({count},), got {device_s.shape}")
        parts = [segment.to_host(device_s[segment.first : segment.last]) for segment in self.segments]
        return np.concatenate(parts) if parts else np.zeros(0)


def fit_clock(
    device_s: TimeArray, arrival_s: TimeArray, connected_s: Sequence[float] = (), pings: Sequence[Ping] = ()
) -> ClockFit:
    """Fit the device's clock.

    Args:
        device_s: ``(N,)`` the device's clock at each sample, finite.
        arrival_s: ``(N,)`` when each sample's packet arrived, finite, not decreasing; equal within a packet.
        connected_s: host times at which the device (re)connected; its clock may have started anew each time.
            A clock that runs backwards or leaps is noticed without being told.
        pings: in any order; each holds for the segment between whose packets it was heard.

    Raises:
        ValueError: shapes differ, or a value is not finite.
    """
    device_s, arrival_s = np.asarray(device_s, dtype=np.float64), np.asarray(arrival_s, dtype=np.float64)
    if device_s.ndim != 1 or device_s.shape != arrival_s.shape:
        raise ValueError(f"device_s and arrival_s: expected two (N,), got {device_s.shape} and {arrival_s.shape}")
    if not (np.isfinite(device_s).all() and np.isfinite(arrival_s).all()):
        raise ValueError("device_s and arrival_s must be finite")
    edges = _edges(device_s, arrival_s, connected_s)
    spans = list(pairwise(edges))
    parts = _shared_out(pings, [(float(arrival_s[first]), float(arrival_s[last - 1])) for first, last in spans])
    return ClockFit(tuple(_segment(device_s, arrival_s, *span, part) for span, part in zip(spans, parts, strict=True)))


def lower_line(x: TimeArray, y: TimeArray) -> tuple[float, float]:
    """The line below all points that is highest at the middle of ``x``.

    Args:
        x: ``(N,)`` not decreasing.
        y: ``(N,)``.

    Returns:
        Slope, and height at ``x = 0``; for points all at one ``x``, slope 0 through the lowest.
    """
    hull = _lower_hull(x, y)
    middle = 0.5 * (x[0] + x[-1])
    right = int(np.clip(np.searchsorted(x[hull], middle, side="left"), 1, max(len(hull) - 1, 1)))
    if len(hull) < 2 or x[hull[right]] == x[hull[right - 1]]:
        return 0.0, float(y.min())
    a, b = hull[right - 1], hull[right]
    slope = float((y[b] - y[a]) / (x[b] - x[a]))
    return slope, float(y[a] - slope * x[a])


def _lower_hull(x: TimeArray, y: TimeArray) -> NDArray[np.intp]:
    """Indices of the lower convex hull's corners (Andrew's monotone chain)."""
    hull: list[int] = []
    xs, ys = x.tolist(), y.tolist()
    for i in range(len(xs)):
        while hull and xs[i] == xs[hull[-1]] and ys[i] <= ys[hull[-1]]:
            hull.pop()
        if hull and xs[i] == xs[hull[-1]]:
            continue
        while len(hull) > 1:
            a, b = hull[-2], hull[-1]
            if (xs[b] - xs[a]) * (ys[i] - ys[a]) > (ys[b] - ys[a]) * (xs[i] - xs[a]):
                break
            hull.pop()
        hull.append(i)
    return np.array(hull, dtype=np.intp)


def _edges(device_s: TimeArray, arrival_s: TimeArray, connected_s: Sequence[float]) -> list[int]:
    """Where segments begin, and the end: reconnections, and clocks that run backwards or leap."""
    count = len(device_s)
    if count == 0:
        return []
    told = np.searchsorted(arrival_s, np.asarray(sorted(connected_s), dtype=np.float64), side="left")
    backwards = np.flatnonzero(np.diff(device_s) < -1e-6) + 1
    edges = sorted({0, count, *(int(i) for i in told if 0 < i < count), *(int(i) for i in backwards)})
    leaps: list[int] = []
    for first, last in pairwise(edges):
        # A packet may be any amount late, but never this much earlier than all before it.
        ahead = arrival_s[first:last] - device_s[first:last]
        least = np.minimum.accumulate(ahead)
        leaps += [first + int(i) + 1 for i in np.flatnonzero(least[:-1] - ahead[1:] > JUMP_S)]
    return sorted({*edges, *leaps})


def _shared_out(pings: Sequence[Ping], spans_s: list[tuple[float, float]]) -> list[list[Ping]]:
    """The pings of each segment: those heard from its first packet to its last, for around them the device may have
    shown the clock of another one."""
    sound = [p for p in pings if math.isfinite(p.sent_s) and math.isfinite(p.heard_s) and math.isfinite(p.device_s)]
    sound.sort(key=lambda ping: ping.heard_s)
    heard_s = [ping.heard_s for ping in sound]
    return [sound[bisect_left(heard_s, first_s) : bisect_right(heard_s, last_s)] for first_s, last_s in spans_s]


def _room(pings: list[Ping], slope: float, x0: float, y0: float) -> tuple[float, float] | None:
    """Between which heights at ``x0`` the line must lie by the pings; None without any, or where they contradict."""
    if not pings:
        return None
    low = max(ping.sent_s - y0 - slope * (ping.device_s - x0) for ping in pings)
    high = min(ping.heard_s - y0 - slope * (ping.device_s - x0) for ping in pings)
    return (low, high) if low <= high else None


def _segment(device_s: TimeArray, arrival_s: TimeArray, first: int, last: int, pings: list[Ping]) -> ClockSegment:
    """Fit one connection from the last sample of each packet, which waited least."""
    device, arrival = device_s[first:last], arrival_s[first:last]
    ends = np.append(np.flatnonzero(np.diff(arrival) > 0), len(arrival) - 1)
    x0, y0 = 0.5 * (device[0] + device[-1]), 0.5 * (arrival[0] + arrival[-1])
    x, y = device[ends] - x0, arrival[ends] - y0
    slope = _slope(x, y)
    height = float((y - slope * x).min())
    late = y - slope * x - height
    wait = unseen_wait(y, late, float(np.median(np.diff(x)))) if len(x) > 1 else None
    correction, bound = _correction(height, wait, _room(pings, slope, x0, y0))
    return ClockSegment(
        first=first,
        last=last,
        device_s=float(x0),
        host_s=float(y0 + height - correction),
        slope=slope,
        drift_ppm=(1.0 / slope - 1.0) * 1e6,
        residual_ms=float(np.median(late)) * 1e3,
        late_ms=float(np.quantile(late, 0.95)) * 1e3,
        correction_ms=correction * 1e3,
        bound_ms=None if bound is None else bound * 1e3,
        packets=len(ends),
        duration_s=float(arrival[-1] - arrival[0]),
    )


def _correction(height: float, wait: float | None, room: tuple[float, float] | None) -> tuple[float, float | None]:
    """How much earlier than the line of least delay the truth lies, in the middle of what is possible, and how far
    it may be from there.

    By the link's rhythm it is between 0 and ``wait`` earlier; by the pings it lies within ``room``.
    """
    least, most = 0.0, wait
    if room is not None and height - room[1] < JUMP_S:  # no packet is that late: another clock, or none
        low, high = height - room[1], height - room[0]
        if wait is None or low > wait or high < 0.0:
            least, most = max(low, 0.0), max(high, 0.0)  # no rhythm, or a delay that all packets share
        else:
            least, most = max(low, 0.0), min(high, wait)
    if most is None:
        return 0.0, None
    return 0.5 * (least + most), 0.5 * (most - least)


def _slope(x: TimeArray, y: TimeArray) -> float:
    """Host seconds in a device second: the hull's, held within what crystals do, or 1 where there is too little."""
    if len(x) < FEW_PACKETS or x[-1] - x[0] < SHORT_S:
        return 1.0
    slope, _ = lower_line(x, y)
    away = abs(slope - 1.0)
    if away > PLAYED_SHARE and away * (x[-1] - x[0]) > PLAYED_S and slope > 1e-3:
        return slope  # no crystal and no stall: a recording that is played at another speed
    return float(np.clip(slope, 1.0 - CRYSTAL_PPM * 1e-6, 1.0 + CRYSTAL_PPM * 1e-6))
