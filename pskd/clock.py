"""The one clock: ``time.perf_counter``, which every process of one machine shares.

On Linux, Windows and macOS it counts from a point common to all processes, so a stamp taken in the
vision child can be compared with one taken in the window. Wall time is stored once a take.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

import msgspec


def now_s() -> float:
    """Seconds on the monotonic clock that all processes of this machine share."""
    return time.perf_counter_ns() * 1e-9


def wall_s() -> float:
    """Seconds on the wall clock, which a person, a time server or a summer can move."""
    return time.time()


def suspended_s() -> float:
    """Seconds that this computer has slept since it was started, where :func:`now_s` does not count them.

    Windows counts them in :func:`now_s`; there this is always 0.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC) - time.clock_gettime(time.CLOCK_UPTIME_RAW)
    return 0.0


def utc_now() -> str:
    """The wall time now as an ISO 8601 string in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class WallAnchor(msgspec.Struct, frozen=True):
    """One moment on both clocks, so that a monotonic stamp can be turned into wall time.

    Attributes:
        monotonic_s: the moment on the monotonic clock, in seconds.
        utc: the same moment as ISO 8601 in UTC.
    """

    monotonic_s: float
    utc: str

    @classmethod
    def now(cls) -> WallAnchor:
        """Read both clocks at once."""
        return cls(now_s(), utc_now())

    @classmethod
    def at(cls, monotonic_s: float) -> WallAnchor:
        """A moment a little back or ahead on the monotonic clock."""
        wall = datetime.now(UTC) + timedelta(seconds=monotonic_s - now_s())
        return cls(monotonic_s, wall.isoformat(timespec="milliseconds"))
