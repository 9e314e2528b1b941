"""The clips of a study, loaded once in each process."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from benchmarks.study.newcomers import Loan, with_newcomers
from pskd.errors import PskdError
from pskd.library.clips import Clip
from pskd.library.extract import load_clips
from pskd.library.library import Library
from pskd.library.splits import make_splits
from pskd.training.data import TrainingData, stack
from pskd.training.folds import classes_of
from pskd.training.pieces import in_pieces
from pskd.training.plan import Plan

WRIST = "wrist"


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a library offers to a protocol.

    Attributes:
        name: of the library.
        classes: of the library, in its order.
        clips: those of the placement, also without a label.
        mark: fingerprint of classes and clips.
    """

    name: str
    classes: tuple[str, ...]
    clips: tuple[Clip, ...]
    mark: str

    def wrist_classes(self) -> list[str]:
        """Classes whose every clip is of a watch on the wrist; empty where that is true of all or of none."""
        found = {clip.label for clip in self.clips if clip.label is not None}
        elsewhere = {clip.label for clip in self.clips if clip.attributes.get("placement") != WRIST}
        wrist = found - elsewhere
        return [name for name in self.classes if name in wrist] if wrist != found else []


class Selection(NamedTuple):
    """Which of a library's clips a protocol uses.

    Attributes:
        placement: only clips whose watch sat there; all where empty.
        within: only clips that train under this split; all where empty.
        newcomers: what they lend; see :func:`benchmarks.study.newcomers.with_newcomers`.
    """

    placement: str = ""
    within: str = ""
    newcomers: Loan = ""


@lru_cache(maxsize=4)
def load(library: str, selection: Selection) -> Material:
    """Load a library's clips; the last few are kept.

    Raises:
        PskdError: no clip is of the placement, or the clips cannot be divided by the split.
    """
    opened = Library.open(Path(library))
    clips = tuple(load_clips(opened, include_unlabelled=True, skip_damaged=True))
    if selection.placement:
        clips = tuple(clip for clip in clips if clip.attributes.get("placement") == selection.placement)
    if not clips:
        raise PskdError(
            f"{library} has no clip{f' of a watch on the {selection.placement}' if selection.placement else ''}.",
            code="study.empty",
        )
    if selection.within:
        clips = tuple(clips[place] for place in make_splits(clips, selection.within)[0].train)
    if selection.newcomers:
        clips = with_newcomers(clips, selection.newcomers)
    classes = tuple(opened.document.classes)
    return Material(opened.document.name, classes, clips, _mark(classes, clips))


def stacked(material: Material, plan: Plan) -> TrainingData:
    """The clips as a plan wants them."""
    clips = [clip for clip in material.clips if plan.unlabelled or clip.label is not None]
    clips = in_pieces(clips, plan.sensor.window_s)
    return stack(clips, classes_of(clips, material.classes), plan.sensor, plan.pose)


def _mark(classes: tuple[str, ...], clips: tuple[Clip, ...]) -> str:
    found = hashlib.sha256(repr(classes).encode())
    for clip in clips:
        facts = sorted((name, str(value)) for name, value in clip.attributes.items())
        found.update(
            f"{clip.take} {clip.subject} {clip.session} {clip.trial} {clip.label} {clip.duration_s} {facts}\n".encode()
        )
        for array in (
            clip.acceleration_mps2, clip.acceleration_times_s, clip.pose_m, clip.pose_times_s, clip.visibility,
        ):  # fmt: skip
            found.update(b"-" if array is None else array.tobytes())
    return found.hexdigest()[:12]
