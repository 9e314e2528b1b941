"""``sync.json``: how well each stream's clock is known. Derived from the raw columns; it can be made again any time."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pskd import documents
from pskd.recording import timing
from pskd.recording.reader import raw_clocks
from pskd.sync.clockfit import ClockFit

SYNC_FILE = "sync.json"
SYNC_SCHEMA = 1
GOOD_MS = 10.0


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
    bound = longest.bound_ms if longest.bound_ms is not None else longest.residual_ms
    grade = "good" if bound <= GOOD_MS else "rough"
    return (
        f"{name}: {grade}, {links}, drift {longest.drift_ppm:+.0f} ppm, "
        f"packets {longest.residual_ms:.0f} ms late in the median."
    )
