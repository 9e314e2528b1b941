"""Pings: comparisons of a watch's own clock with this computer's, kept beside its samples in ``raw.xdf``.

A stream of them is announced with the first one, so a take without pings is the same file as ever, and a reader that
does not know them sees one more stream of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pskd.recording.layout import Rows
from pskd.recording.walker import MAX_TIME_S, XdfContent
from pskd.recording.xdf import Column, XdfStream
from pskd.sync.clockfit import Ping

TYPE = "ClockPings"
SUFFIX = "-pings"
_COLUMNS = tuple(Column(name, "s", "Clock") for name in ("sent_s", "heard_s", "device_s"))


@dataclass(frozen=True, slots=True)
class WatchPing:
    """A ping and whose it is.

    Attributes:
        source: the watch's name in the take, such as ``watch2``.
        ping: the comparison; its host times are monotonic.
    """

    source: str
    ping: Ping


def xdf_stream(source: str) -> XdfStream:
    """The stream header for the pings of one watch."""
    return XdfStream(source + SUFFIX, TYPE, _COLUMNS, 0.0, "double64", (("kind", "pings"), ("source", source)))


def ping_row(ping: Ping) -> Rows:
    """The row ``(1, 3)`` of one ping; its time stamp is when it was heard."""
    return np.array([[ping.sent_s, ping.heard_s, ping.device_s]])


def pings_of(stream: str, content: XdfContent) -> tuple[Ping, ...]:
    """The pings that tell of a watch stream's clock, host times as stored; what cannot be one is left out.

    A watch may give several streams: ``watch-gyroscope`` has the clock of ``watch``.
    """
    rows = [
        one.values
        for one in content.streams.values()
        if one.type == TYPE and one.values.ndim == 2 and one.values.shape[1] == len(_COLUMNS)
        if one.name.endswith(SUFFIX) and f"{stream}-".startswith(f"{one.name.removesuffix(SUFFIX)}-")
    ]
    if not rows:
        return ()
    told = np.concatenate(rows).astype(np.float64)
    good = (np.abs(told) < MAX_TIME_S).all(axis=1) & (told[:, 0] <= told[:, 1])
    return tuple(Ping(sent_s=sent, heard_s=heard, device_s=device) for sent, heard, device in told[good].tolist())
