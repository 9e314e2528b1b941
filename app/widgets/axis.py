"""Round numbers for axes, and times as people read them."""

from __future__ import annotations

import math


def step(span: float, wanted: int) -> float:
    """A round step (1, 2 or 5 times a power of ten) that gives about ``wanted`` ticks over ``span``."""
    if not span > 0:
        return 1.0
    rough = span / max(wanted, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= rough), 10 * power)


def ticks(low: float, high: float, wanted: int) -> list[float]:
    """Round positions from ``low`` to ``high``."""
    if not high > low:
        return []
    pace = step(high - low, wanted)
    first = math.ceil(low / pace - 1e-9)
    last = math.floor(high / pace + 1e-9)
    return [number * pace for number in range(first, last + 1)]


def number(value: float, pace: float) -> str:
    """A tick's text with just enough decimals for ticks ``pace`` apart."""
    decimals = max(0, -math.floor(math.log10(pace) + 1e-9))
    text = f"{value:.{decimals}f}"
    return text.replace("-", "−") if float(text) else f"{0:.{decimals}f}"


def clock(t_s: float, decimals: int = 1) -> str:
    """A moment of a take, such as ``0:03.2`` or ``1:02:03``."""
    t_s = max(t_s, 0.0)
    whole = round(t_s, decimals)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(int(minutes), 60)
    width = 2 if decimals == 0 else 3 + decimals
    tail = f"{seconds:0{width}.{decimals}f}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def duration(seconds: float) -> str:
    """A length in words, such as ``45 s``, ``3 min`` or ``1 h 20 min``."""
    if not math.isfinite(seconds):
        return "unknown"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
