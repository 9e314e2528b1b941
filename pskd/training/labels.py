"""Which training labels are known: all of them, or only some, to study what few labels cost."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.library.clips import Clip
from pskd.library.naming import natural_key

NOBODY = -1
"""Class number of a clip whose label is not known."""

Numbers = NDArray[np.int64]


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many labels of the training clips are known; the rest are treated as if nobody had labelled them.

    Attributes:
        trials: of each subject and class, the first so many clips; 0 for all.
        subjects: of the first so many training subjects; 0 for all.
    """

    trials: int = 0
    subjects: int = 0


def known_labels(asked: Labels, clips: Sequence[Clip], labels: Numbers, train: Numbers) -> Numbers:
    """The labels that training may see.

    Args:
        asked: how many.
        clips: all clips.
        labels: ``(N,)`` class numbers, :data:`NOBODY` where nobody labelled.
        train: numbers of the training clips; the labels of all others are left as they are.

    Returns:
        ``(N,)``, a copy where something is hidden.
    """
    if not asked.trials and not asked.subjects:
        return labels
    order = sorted(
        (row for row in train if labels[row] != NOBODY),
        key=lambda row: (natural_key(clips[row].subject), clips[row].trial, natural_key(clips[row].take)),
    )
    people = list(dict.fromkeys(clips[row].subject for row in order))
    kept = set(people[: asked.subjects] if asked.subjects else people)
    counts: dict[tuple[str, int], int] = {}
    known = labels.copy()
    for row in order:
        group = (clips[row].subject, int(labels[row]))
        counts[group] = counts.get(group, 0) + 1
        if clips[row].subject not in kept or (asked.trials and counts[group] > asked.trials):
            known[row] = NOBODY
    return known
