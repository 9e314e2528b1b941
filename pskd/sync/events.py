"""The rhythm of a Bluetooth link: packets leave only at connection events, so even the luckiest has waited a little."""

from __future__ import annotations

import numpy as np

from pskd.types import TimeArray

UNIT_S = 0.00125  # connection intervals are whole multiples of this
SHORTEST, LONGEST = 6, 120
WINDOW_S = 4.0
CLEAR = 0.75
FEW = 60
LOCKED = 0.08


def connection_interval(arrival_s: TimeArray, packet_s: float) -> float | None:
    """The interval at which packets can arrive, found from the arrivals alone.

    For each possible interval the arrivals are wound around a circle of that length; the right one (and its whole
    fractions) brings them together. The longest interval that does is taken. Intervals that the packets' own rhythm
    fits into are left out: packets every 60 ms would show one of 60 ms over any link.

    Args:
        arrival_s: ``(P,)`` one a packet, increasing.
        packet_s: time from one packet to the next.

    Returns:
        Seconds, or None where no rhythm shows.
    """
    if len(arrival_s) < FEW:
        return None
    candidates: TimeArray = np.arange(SHORTEST, LONGEST + 1, dtype=np.float64) * UNIT_S
    turns = packet_s / candidates
    candidates = candidates[np.abs(turns - np.rint(turns)) > LOCKED]
    windows = np.floor((arrival_s - arrival_s[0]) / WINDOW_S).astype(int)
    picked = np.unique(np.linspace(0, windows[-1], 12).astype(int))
    strengths = [_strength(arrival_s[windows == w], candidates) for w in picked if (windows == w).sum() >= 8]
    if not strengths or not len(candidates):
        return None
    strength = np.median(strengths, axis=0)
    clear = np.flatnonzero(strength > max(CLEAR, 0.93 * strength.max()))
    return float(candidates[clear[-1]]) if len(clear) else None


def unseen_wait(arrival_s: TimeArray, late_s: TimeArray, packet_s: float) -> float | None:
    """The longest wait for a connection event that even the fastest packet may have had.

    Waits lie between 0 and one interval. Where the sampling rate and the interval lock (50 Hz and 30 ms: waits of
    ``w``, ``w + 10`` and ``w + 20`` ms for ever), the smallest is not 0, and the line of least delay is too late by
    ``w``. How far the observed waits already reach around the interval says how large ``w`` can be.

    Args:
        arrival_s: ``(P,)`` one a packet, increasing.
        late_s: ``(P,)`` how much later each came than the line of least delay.
        packet_s: time from one packet to the next.

    Returns:
        Seconds, or None where the link shows no rhythm.
    """
    interval_s = connection_interval(arrival_s, packet_s)
    if interval_s is None:
        return None
    waits = np.mod(late_s, interval_s)
    reached = float(np.quantile(waits[late_s < 3.0 * interval_s], 0.985))
    return max(interval_s - reached, 0.0)


def _strength(arrival_s: TimeArray, candidates: TimeArray) -> TimeArray:
    """How well arrivals come together on circles of each length, 0 to 1."""
    angle = 2.0 * np.pi * (arrival_s[:, None] - arrival_s[0]) / candidates[None, :]
    return np.hypot(np.cos(angle).mean(axis=0), np.sin(angle).mean(axis=0))
