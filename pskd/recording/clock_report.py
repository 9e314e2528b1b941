"""How well each stream's own clock is known: fitted from the raw columns, and told in words."""

from __future__ import annotations

from pathlib import Path

from pskd.recording import timing
from pskd.recording.reader import raw_clocks
from pskd.sync.clockfit import ClockFit, ClockSegment

GOOD_MS = 10.0
ENOUGH_PACKETS = 60


def fit_clocks(folder: Path) -> dict[str, ClockFit | None]:
    """The fit of each watch stream of a take by its name; None where it has no clock of its own.

    Raises:
        BadFile: the take cannot be read.
    """
    return {clock.name: timing.fit(clock.device_s, clock.arrival_s, clock.link) for clock in raw_clocks(folder)}


def clock_sentence(name: str, fit: ClockFit | None) -> str:
    """How well a stream's clock is known, for the person."""
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
