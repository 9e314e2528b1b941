"""Does every trial show movement, as the other trials of its class do?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np

from pskd.quality.findings import Finding, Severity
from pskd.quality.movement import LIVELY_MPS3, Movement
from pskd.types import Segment

FEW = 3
FAINT = 0.2
NAMED = 3


def check_trials(segments: Sequence[Segment], movement: Movement | None) -> Iterator[Finding]:
    """Trials without movement in classes that have it; a class whose trials are all still is a still class."""
    if movement is None or not segments:
        return
    levels = [movement.level(segment.start_s, segment.end_s, 0.75) for segment in segments]
    empty = [segment for segment, level in zip(segments, levels, strict=True) if not np.isfinite(level)]
    if empty:
        hint = "Record them again, or delete the segments."
        yield Finding("trials", Severity.BAD, f"{_list(empty)} without data from the watch.", hint, float(len(empty)))
    faint = [s for s, level in zip(segments, levels, strict=True) if level < _expected(s.label, segments, levels)]
    if faint:
        hint = "Look at them in the Library, and delete them where nothing was done."
        yield Finding("trials", Severity.NOTICE, f"{_list(faint)} almost without movement.", hint, float(len(faint)))
    if not empty and not faint and len(segments) >= FEW:
        yield Finding("trials", Severity.GOOD, "Every trial shows movement as its class does.", value=0.0)


def _expected(label: str, segments: Sequence[Segment], levels: Sequence[float]) -> float:
    """What a trial must show at least; 0 for a still class, or one with too few trials to compare."""
    own = [level for s, level in zip(segments, levels, strict=True) if s.label == label and np.isfinite(level)]
    usual = median(own) if len(own) >= FEW else 0.0
    return FAINT * usual if usual >= LIVELY_MPS3 else 0.0


def _list(segments: Sequence[Segment]) -> str:
    names = [f"{s.label} at {s.start_s:.0f} s" for s in segments[:NAMED]]
    more = f" and {len(segments) - NAMED} more" if len(segments) > NAMED else ""
    verb = "is" if len(segments) == 1 else "are"
    text = f"{', '.join(names)}{more} {verb}"
    return text[:1].upper() + text[1:]
