"""Whole takes as arrays, much faster than they would last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pskd.performer.camera import Landmarks
from pskd.performer.performance import Performance
from pskd.performer.watch import Watch
from pskd.types import FloatArray, Segment, TimeArray


@dataclass(frozen=True, slots=True, eq=False)
class PerformedTake:
    """What a recorder would have stored, and the truth.

    Attributes:
        start_s: host time of the take's zero; all stamps below are host times unless said otherwise.
        acceleration_mps2: ``(T, 3)`` float32.
        turning_dps: ``(T, 3)`` float32, degrees a second.
        device_s: ``(T,)`` the watch's own clock.
        arrival_s: ``(T,)`` when each sample's packet arrived.
        true_s: ``(T,)`` when each sample was really taken.
        frame_s: ``(F,)`` when each frame was grabbed.
        landmarks: of the frames.
        segments: what was done, in seconds from ``start_s``.
    """

    start_s: float
    acceleration_mps2: FloatArray
    turning_dps: FloatArray
    device_s: TimeArray
    arrival_s: TimeArray
    true_s: TimeArray
    frame_s: TimeArray
    landmarks: Landmarks
    segments: tuple[Segment, ...]


def perform_take(
    script: Sequence[tuple[str, float]],
    options: Mapping[str, str] | None = None,
    *,
    watch: Watch | None = None,
    start_s: float = 1000.0,
    frame_hz: float = 30.0,
) -> PerformedTake:
    """Perform a script.

    Args:
        script: labels, each with how many seconds it lasts.
        options: the performer's, as text.
        watch: the watch worn; one of seed and rate as usual unless given.
        start_s: host time of the beginning; another one gives other repetitions of the same.
        frame_hz: camera rate.

    Raises:
        WrongUse: an option that makes no sense.
    """
    options = dict(options or {})
    performance = Performance("", options)
    watch = watch or Watch(seed=performance.style.seed)
    end_s = start_s
    for label, seconds in script:
        performance.perform(label, end_s)
        end_s += seconds
    packets = np.arange(watch.first_packet(start_s), watch.first_packet(end_s))
    arrival_s = watch.arrival_s(packets)
    heard = ~watch.lost(packets)
    samples = watch.samples(packets[heard])
    acceleration, turning = watch.measure(performance, samples)
    frame_s = start_s + np.arange(int((end_s - start_s) * frame_hz)) / frame_hz
    return PerformedTake(
        start_s,
        acceleration,
        turning,
        watch.device_s(samples),
        np.repeat(arrival_s[heard], watch.packet),
        watch.true_s(samples),
        frame_s,
        performance.landmarks(frame_s),
        performance.segments(start_s, end_s),
    )
