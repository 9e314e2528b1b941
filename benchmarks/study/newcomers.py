"""People whom a camera saw and nobody labelled: what they lend to training, cut or as one long take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np

from pskd.library.clips import Clip
from pskd.library.splits import make_splits
from pskd.types import FloatArray, TimeArray

NEWCOMER = "-lent"
"""Marks whose clips were lent to training."""

Loan = Literal["", "cut", "uncut"]
"""What newcomers lend to training: nothing, clips cut to movements, or one long take each."""

REST_S = 1.0
"""Between two trials of a long take."""


def with_newcomers(clips: Sequence[Clip], loan: Loan = "cut") -> tuple[Clip, ...]:
    """The same clips, but those who test under ``cross-subject`` lend the earlier half of their trials to training.

    Nobody labelled what they lend, and to the split it is somebody else's: what judges their later trials has seen them
    move, but was never told what they did.

    Args:
        clips: of a library.
        loan: ``uncut`` makes one long take of what a person lends, so that nobody says either where a movement begins
            and ends.

    Raises:
        WrongUse: there are not two people, or not two trials.
    """
    testing = set(make_splits(clips, "cross-subject")[0].test)
    theirs = [clip for place, clip in enumerate(clips) if place in testing]
    lent = {theirs[place].take for place in make_splits(theirs, "trial")[0].train}
    marked = tuple(replace(c, label=None, subject=f"{c.subject}{NEWCOMER}") if c.take in lent else c for c in clips)
    if loan == "cut":
        return marked
    return (*(c for c in marked if c.take not in lent), *one_after_another([c for c in marked if c.take in lent]))


def one_after_another(clips: Sequence[Clip]) -> list[Clip]:
    """Each person's clips in random order as one take, with :data:`REST_S` of rest between them.

    In the rest, watch and body go evenly from where one clip ends to where the next begins: the clips of a data set
    begin and end with the arms at rest. Clips without a camera stay as they are.
    """
    random = np.random.default_rng(0)
    people: dict[str, list[Clip]] = {}
    for clip in clips:
        if clip.pose_m is not None:
            people.setdefault(clip.subject, []).append(clip)
    alone = [clip for clip in clips if clip.pose_m is None]
    return [_joined([theirs[place] for place in random.permutation(len(theirs))]) for theirs in people.values()] + alone


def _joined(clips: Sequence[Clip]) -> Clip:
    begins = np.cumsum([0.0, *(clip.duration_s + REST_S for clip in clips)])
    sensor = [(clip.acceleration_mps2, clip.acceleration_times_s) for clip in clips]
    poses = [(np.asarray(clip.pose_m), np.asarray(clip.pose_times_s)) for clip in clips]
    seen = [
        (np.ones(pose.shape[:2], np.float32) if clip.visibility is None else clip.visibility, times)
        for clip, (pose, times) in zip(clips, poses, strict=True)
    ]
    acceleration, times = _row(sensor, begins)
    pose, frames = _row(poses, begins)
    first = clips[0]
    return replace(
        first,
        take=f"{first.take}-and-on",
        trial=0,
        acceleration_mps2=acceleration,
        acceleration_times_s=times,
        pose_m=pose,
        pose_times_s=frames,
        visibility=_row(seen, begins)[0],
        duration_s=float(begins[-1] - REST_S),
    )


def _row(parts: Sequence[tuple[FloatArray, TimeArray]], begins: TimeArray) -> tuple[FloatArray, TimeArray]:
    """Values and times one after the other, lines between."""
    moved = [(values, times + begin) for (values, times), begin in zip(parts, begins, strict=False)]
    found = [moved[0]]
    for (these, now), (those, then) in pairwise(moved):
        count = max(round((then[0] - now[-1]) / float(np.median(np.diff(now)))) - 1, 0)
        share = np.arange(1, count + 1) / (count + 1)
        between = these[-1] + share.reshape(-1, *[1] * (these.ndim - 1)) * (those[0] - these[-1])
        found += [(between, now[-1] + share * (then[0] - now[-1])), (those, then)]
    return np.concatenate([values for values, _ in found]).astype(np.float32), np.concatenate([t for _, t in found])
