"""What the library offers for training, counted without reading a single signal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.widgets.words import readable

if TYPE_CHECKING:
    from pskd.library.clips import Clip
    from pskd.library.library import Library
    from pskd.library.splits import Split

FEW = 4


@dataclass(frozen=True, slots=True)
class Division:
    """How a protocol would divide the clips.

    Attributes:
        why_not: why it cannot; empty where it can.
        train_clips: labelled clips that are learned from (of the first split).
        test_clips: clips that are judged (all splits together).
        train_subjects: who is learned from.
        test_subjects: who is judged.
        splits: how many trainings there are.
        unseen: classes that are judged but never learned.
    """

    why_not: str = ""
    train_clips: int = 0
    test_clips: int = 0
    train_subjects: tuple[str, ...] = ()
    test_subjects: tuple[str, ...] = ()
    splits: int = 1
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataOutline:
    """The library as training sees it.

    Attributes:
        library: its folder.
        name: of the library.
        clips: labelled clips with a watch signal.
        unlabelled: takes that nobody labelled.
        with_camera: clips whose take has a pose.
        seconds: of labelled signal.
        subjects: who has labelled clips.
        class_counts: clips by class, in the library's order.
        class_subjects: subjects by class.
        placements: clips by where the watch sat, where that is known.
        divisions: by protocol.
        problems: what makes training impossible, in words.
        warnings: what a person should know first, in words.
    """

    library: Path
    name: str
    clips: int
    unlabelled: int
    with_camera: int
    seconds: float
    subjects: tuple[str, ...]
    class_counts: dict[str, int]
    class_subjects: dict[str, int]
    placements: dict[str, int]
    divisions: dict[str, Division] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def outline_of(library: Library) -> DataOutline:
    """Count; run it off the window's thread."""
    from pskd.library.naming import natural_key
    from pskd.library.splits import protocols

    clips, poses, unlabelled = _clips(library)
    counts = Counter(clip.label for clip in clips if clip.label)
    order = [*library.document.classes, *sorted(set(counts) - set(library.document.classes), key=natural_key)]
    people = {name: len({clip.subject for clip in clips if clip.label == name}) for name in order}
    placements = Counter(str(clip.attributes["placement"]) for clip in clips if "placement" in clip.attributes)
    subjects = tuple(sorted({clip.subject for clip in clips}, key=natural_key))
    outline = DataOutline(
        library.path,
        library.document.name,
        len(clips),
        unlabelled,
        poses,
        sum(clip.duration_s for clip in clips),
        subjects,
        {name: counts[name] for name in order if counts[name]},
        people,
        dict(placements.most_common()),
        {protocol: _division(clips, protocol) for protocol in protocols()},
    )
    return _judged(outline)


def _clips(library: Library) -> tuple[list[Clip], int, int]:
    """Clips without signals, how many have a pose, and takes that nobody labelled."""
    from pskd.library.clips import Clip
    from pskd.types import StreamKind

    nothing = np.zeros((0, 3), np.float32)
    clips, poses, unlabelled = [], 0, 0
    for take in library.takes():
        kinds = {stream.kind for stream in take.manifest.streams} if take.manifest else set()
        if not take.usable or take.manifest is None or StreamKind.ACCELEROMETER not in kinds:
            continue
        unlabelled += not take.segments
        poses += len(take.segments) if StreamKind.POSE in kinds else 0
        facts = {**take.manifest.attributes, "origin": take.manifest.origin}
        clips += [
            Clip(take.id, take.subject, take.session, s.trial, s.label, nothing, np.zeros(0), None, None, None,
                 s.end_s - s.start_s, facts)
            for s in take.segments
        ]  # fmt: skip
    return clips, poses, unlabelled


def _division(clips: list[Clip], protocol: str) -> Division:
    from pskd.errors import PskdError
    from pskd.library.splits import make_splits

    try:
        splits = make_splits(clips, protocol)
    except PskdError as error:
        why = error.message.partition(": ")[2] or error.message
        return Division(why_not=why[:1].upper() + why[1:])
    return _told(clips, splits)


def _told(clips: list[Clip], splits: list[Split]) -> Division:
    from pskd.library.naming import natural_key

    first = splits[0]

    def people(rows: set[int]) -> tuple[str, ...]:
        return tuple(sorted({clips[row].subject for row in rows}, key=natural_key))

    tested = {row for split in splits for row in split.test}
    return Division(
        train_clips=len(first.train),
        test_clips=len(tested),
        train_subjects=people(set(first.train)),
        test_subjects=people(tested),
        splits=len(splits),
        unseen=tuple(dict.fromkeys(label for split in splits for label in split.unseen)),
    )


def _judged(outline: DataOutline) -> DataOutline:
    problems, warnings = [], []
    if not outline.clips:
        problems.append("No take is labelled yet. Label some in the Library, or record with cues.")
    elif len(outline.class_counts) < 2:
        problems.append("There is only one class. A student needs at least two to tell apart.")
    elif all(division.why_not for division in outline.divisions.values()):
        problems.append(
            "There are too few takes to train on some and test on others. Record every class twice or more."
        )
    few = [name for name, count in outline.class_counts.items() if count < FEW]
    if few:
        warnings.append(f"{_listed(few)}: fewer than {FEW} clips. The student will hardly learn {_them(few)}.")
    if len(outline.subjects) == 1 and outline.clips:
        warnings.append("All clips are of one person. Nobody can tell how well the student does for someone else.")
    partial = [
        n for n, count in outline.class_counts.items() if count and outline.class_subjects[n] < len(outline.subjects)
    ]
    if partial and len(outline.subjects) > 1:
        warnings.append(f"{_listed(partial)}: not every person did {_them(partial)}.")
    blind = outline.clips - outline.with_camera
    if blind:
        many = "No clip has a" if blind == outline.clips else f"{blind} of {outline.clips} clips have no"
        warnings.append(f"{many} skeleton. Teachers that see the skeleton learn nothing there.")
    if len(outline.placements) > 1:
        where = ", ".join(f"{place} in {count} clips" for place, count in outline.placements.items())
        warnings.append(f"The watch sat in different places: {where}.")
    return replace(outline, problems=tuple(problems), warnings=tuple(warnings))


def _listed(names: list[str], most: int = 4) -> str:
    shown = ", ".join(f"“{readable(name)}”" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def _them(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"
