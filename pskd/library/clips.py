"""Clips: the pieces of takes that are learned from and judged on, with both modalities on one time line."""

from __future__ import annotations

from dataclasses import dataclass

from pskd.types import FloatArray, TimeArray


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A labelled segment of a take (or a whole take that nobody labelled), cut out.

    Attributes:
        take: id of the take within the library, ``sub-01/ses-1/take-003_squat``.
        subject: who.
        session: which wearing.
        trial: number of the repetition, from 1; 0 where unknown.
        label: class name, or None where nobody labelled it.
        acceleration_mps2: ``(T, 3)`` float32.
        acceleration_times_s: ``(T,)`` from the clip's start.
        pose_m: ``(F, 15, 3)`` float32 in the canonical joints, y up, or None without a camera.
        pose_times_s: ``(F,)`` from the clip's start, or None.
        visibility: ``(F, 15)`` 0 to 1, or None.
        duration_s: length of the segment.
        attributes: the take's extra facts (placement, scene, camera, source).
    """

    take: str
    subject: str
    session: str
    trial: int
    label: str | None
    acceleration_mps2: FloatArray
    acceleration_times_s: TimeArray
    pose_m: FloatArray | None
    pose_times_s: TimeArray | None
    visibility: FloatArray | None
    duration_s: float
    attributes: dict[str, object]
