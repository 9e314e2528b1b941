"""When a sample was taken: the watch's own clock brought onto this computer's clock, connection by connection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pskd.sync.clockfit import ClockFit, Ping, fit_clock
from pskd.types import Marker, TimeArray

LEAST_SAMPLES = 2


@dataclass(frozen=True, slots=True)
class Link:
    """What is known of the link over which a stream came, all on the host's clock.

    Attributes:
        connected_s: when the device (re)connected; its clock may have started anew each time.
        pings: comparisons of the two clocks.
    """

    connected_s: tuple[float, ...] = ()
    pings: tuple[Ping, ...] = ()


def connections(stream: str, markers: tuple[Marker, ...]) -> tuple[float, ...]:
    """When the stream's device (re)connected, in the markers' time.

    A device may give several streams: ``watch-gyroscope`` belongs to the device ``watch``.
    """
    return tuple(
        marker.t_s
        for marker in markers
        if marker.kind == "link"
        and marker.phase == "start"
        and (stream == marker.label or stream.startswith(f"{marker.label}-"))
    )


def fit(device_s: TimeArray, arrival_s: TimeArray, link: Link) -> ClockFit | None:
    """The device's clock over the samples that carry it; None where there are too few of them.

    Args:
        device_s: ``(N,)`` the device's clock, NaN where it has none.
        arrival_s: ``(N,)`` when each sample's packet arrived.
        link: on the clock of ``arrival_s``.
    """
    told = np.isfinite(device_s)
    if np.count_nonzero(told) < LEAST_SAMPLES:
        return None
    return fit_clock(device_s[told], np.maximum.accumulate(arrival_s)[told], link.connected_s, link.pings)


def host_times(stamps_s: TimeArray, device_s: TimeArray, arrival_s: TimeArray, link: Link) -> TimeArray:
    """Sample times ``(N,)`` on the host's clock, never decreasing.

    Args:
        stamps_s: ``(N,)`` stored stamps, used where there is no device clock.
        device_s: as for :func:`fit`.
        arrival_s: as for :func:`fit`.
        link: as for :func:`fit`.
    """
    times = stamps_s.copy()
    found = fit(device_s, arrival_s, link)
    if found is not None:
        told = np.isfinite(device_s)
        times[told] = found.to_host(device_s[told])
    return np.maximum.accumulate(times)
