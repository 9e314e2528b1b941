"""Is the file whole, and did every stream come, all the time, at its pace?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pskd.quality.findings import Finding, Severity
from pskd.quality.watches import named
from pskd.recording.take import StreamData, Take
from pskd.types import StreamKind

FILE_CHECK = "file"
GAP_S = 0.5
GAP_STEPS = 4.0
LITTLE = 0.80
MOST = 0.97
PACE = 0.15
SHORT_S = 2.0

_DO = {
    StreamKind.POSE: "Close programs that use the camera, and record again.",
    StreamKind.ACCELEROMETER: "Keep the watch near the computer and charged, and record again.",
    StreamKind.GYROSCOPE: "Keep the watch near the computer and charged, and record again.",
}


def check_file(take: Take) -> Iterator[Finding]:
    """Has ``raw.xdf`` been damaged since it was written?"""
    what = []
    if take.damaged:
        what.append("A part of this take's recording (raw.xdf) is damaged and left out.")
    if take.cut:
        what.append("The end of this take's recording (raw.xdf) is missing.")
    if what:
        hint = "Copy the take again from a backup, or record again; a disk that does this more than once is failing."
        yield Finding(FILE_CHECK, Severity.BAD, " ".join(what), hint, about="raw.xdf")


def check_streams(take: Take) -> Iterator[Finding]:
    """Coverage, gaps and pace of each stream."""
    duration_s = take.manifest.duration_s or _last(take)
    for stream in take.streams.values():
        if stream.info.kind in _DO:
            yield from _one(stream, named(take, stream), duration_s)


def _one(stream: StreamData, name: str, duration_s: float) -> Iterator[Finding]:
    do = _DO[stream.info.kind]
    if len(stream.times_s) < 2:
        what = f"Nothing came from the {name}."
        yield Finding(
            "coverage",
            Severity.BAD,
            what,
            "Check that it is on and connected, and record again.",
            0.0,
            about=stream.info.name,
        )
        return
    covered_s, gaps = _gaps(stream, duration_s)
    share = min(covered_s / duration_s, 1.0) if duration_s > 0 else 1.0
    missing_s, longest_s = max(duration_s - covered_s, 0.0), max(gaps, default=0.0)
    if share < LITTLE:
        what = f"The {name} was missing for {missing_s:.1f} of {duration_s:.1f} s."
        yield Finding("coverage", Severity.BAD, what, do, share, about=stream.info.name)
    elif gaps and (share < MOST or longest_s > 2 * GAP_S):
        count = "a gap" if len(gaps) == 1 else f"{len(gaps)} gaps"
        what = f"The {name} has {count}, {missing_s:.1f} s in all; the longest is {longest_s:.1f} s."
        yield Finding("gaps", Severity.NOTICE, what, do, longest_s, "s", stream.info.name)
    else:
        yield Finding("coverage", Severity.GOOD, f"The {name} came without gaps.", value=share, about=stream.info.name)
    yield from _pace(stream, name, covered_s)


def _gaps(stream: StreamData, duration_s: float) -> tuple[float, list[float]]:
    """Seconds that are covered, and the length of each hole, at the beginning and the end too."""
    step_s = _step_s(stream)
    limit_s = max(GAP_S, GAP_STEPS * step_s)
    edges = np.concatenate([[min(0.0, stream.times_s[0])], stream.times_s, [max(duration_s, stream.times_s[-1])]])
    steps = np.diff(edges)
    gaps = steps[steps > limit_s]
    return float(edges[-1] - edges[0] - gaps.sum() + step_s * len(gaps)), [float(gap) for gap in gaps]


def _pace(stream: StreamData, name: str, covered_s: float) -> Iterator[Finding]:
    nominal_hz = stream.info.rate_hz
    if nominal_hz <= 0 or covered_s < SHORT_S:
        return
    rate_hz = (len(stream.times_s) - 1) / covered_s
    if abs(rate_hz / nominal_hz - 1.0) <= PACE:
        return
    what = f"The {name} came at {rate_hz:.1f} Hz instead of {nominal_hz:g} Hz."
    slow = "Choose the lite pose model or a lower camera rate." if stream.info.kind == StreamKind.POSE else ""
    yield Finding(
        "rate",
        Severity.NOTICE,
        what,
        slow or "Check the rate in the watch's settings.",
        rate_hz,
        "Hz",
        stream.info.name,
    )


def _step_s(stream: StreamData) -> float:
    steps = np.diff(stream.times_s)
    return float(np.median(steps)) if len(steps) else 0.0


def _last(take: Take) -> float:
    return max((float(s.times_s[-1]) for s in take.streams.values() if len(s.times_s)), default=0.0)
