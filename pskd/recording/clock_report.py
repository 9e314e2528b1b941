"""``sync.json``: how well each stream's clock is known. Derived from the raw columns; it can be made again any time."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pskd import documents
from pskd.recording import timing
from pskd.recording.reader import raw_clocks
from pskd.sync.clockfit import ClockFit, ClockSegment

SYNC_FILE = "sync.json"
SYNC_SCHEMA = 1
GOOD_MS = 10.0
ENOUGH_PACKETS = 60


class SyncDocument(msgspec.Struct, kw_only=True):
    """``sync.json``.

    Attributes:
        clocks: the fit of each stream that has a clock of its own.
        verdict: sentences for the person.
    """

    clocks: dict[str, ClockFit]
    verdict: str
    schema: int = SYNC_SCHEMA


def write_sync(folder: Path) -> SyncDocument:
    """Fit the clocks of a take and store what was found beside it.

    Raises:
        BadFile: the take cannot be read.
    """
    clocks: dict[str, ClockFit] = {}
    sentences: list[str] = []
    for name, device_s, arrival_s, connected_s in raw_clocks(folder):
        fit = timing.fit(device_s, arrival_s, connected_s)
        if fit is not None:
            clocks[name] = fit
        sentences.append(_sentence(name, fit))
    document = SyncDocument(clocks=clocks, verdict=" ".join(sentences) or "There is no watch in this take.")
    documents.save(folder / SYNC_FILE, document)
    return document


def _sentence(name: str, fit: ClockFit | None) -> str:
    if fit is None:
        return f"{name}: no clock of its own, so its times are those of arrival."
    longest = max(fit.segments, key=lambda segment: segment.packets)
    links = "one connection" if len(fit.segments) == 1 else f"{len(fit.segments)} connections"
    facts = f"{links}, drift {longest.drift_ppm:+.0f} ppm, packets {longest.residual_ms:.0f} ms late in the median."
    if longest.packets < ENOUGH_PACKETS:
        return f"{name}: too short to tell how well the clock is known; {facts}"
    return f"{name}: clock {'good' if _doubt_ms(longest) <= GOOD_MS else 'rough'}, {facts}"


def _doubt_ms(segment: ClockSegment) -> float:
    """How far off the line may be: the wait that no packet escapes, and the chance that none was truly fast.

    The fastest of n packets with exponential delays is late by a n-th of their mean; five times that is on the safe
    side, for a line has two ends.
    """
    return (segment.bound_ms or 0.0) + 5.0 * segment.residual_ms / segment.packets
