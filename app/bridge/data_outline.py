"""What the library offers for training, counted without reading a single signal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from app.widgets.words import listed, many, short

if TYPE_CHECKING:
    from pskd.library.clips import Clip
    from pskd.library.index import TakeEntry
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
        clips: labelled clips with a watch signal.
        unlabelled: takes that nobody labelled.
        unusable: takes that cannot be read, and labelled ones without a watch signal.
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

    clips: int
    unlabelled: int
    unusable: int
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

    found = _counted(library)
    clips = found.clips
    counts = Counter(clip.label for clip in clips if clip.label)
    order = [*library.document.classes, *sorted(set(counts) - set(library.document.classes), key=natural_key)]
    people = {name: len({clip.subject for clip in clips if clip.label == name}) for name in order}
    placements = Counter(str(clip.attributes["placement"]) for clip in clips if "placement" in clip.attributes)
    outline = DataOutline(
        len(clips),
        found.unlabelled,
        found.unusable,
        found.with_pose,
        sum(clip.duration_s for clip in clips),
        tuple(sorted({clip.subject for clip in clips}, key=natural_key)),
        {name: counts[name] for name in order if counts[name]},
        people,
        dict(placements.most_common()),
        {protocol: _division(clips, protocol) for protocol in protocols()},
    )
    return replace(outline, problems=tuple(_problems(outline)), warnings=tuple(_warnings(outline)))


@dataclass(slots=True)
class _Counted:
    """What a library's takes give: clips without their signals, and the counts of :class:`DataOutline`."""

    clips: list[Clip] = field(default_factory=list)
    with_pose: int = 0
    unlabelled: int = 0
    unusable: int = 0


def _counted(library: Library) -> _Counted:
    from pskd.types import StreamKind

    found = _Counted()
    for take in library.takes():
        kinds = {stream.kind for stream in take.manifest.streams} if take.manifest else set()
        if take.problem or not take.usable or StreamKind.ACCELEROMETER not in kinds:
            found.unusable += _is_missed(take)
            continue
        found.unlabelled += not take.segments
        found.with_pose += len(take.segments) if StreamKind.POSE in kinds else 0
        found.clips += _clips(take)
    return found


def _is_missed(take: TakeEntry) -> bool:
    """Whether a person would wonder where this take has gone: it is damaged, or labelled without a watch."""
    from pskd.library.index import NEVER_BEGAN

    return take.problem != NEVER_BEGAN if take.problem else take.usable and bool(take.segments)


def _clips(take: TakeEntry) -> list[Clip]:
    from pskd.library.clips import Clip

    assert take.manifest is not None
    nothing = np.zeros((0, 3), np.float32)
    facts = {**take.manifest.attributes, "origin": take.manifest.origin}
    number = facts.get("trial")
    trial = number if isinstance(number, int) else 0
    return [
        Clip(take.id, take.subject, take.session, s.trial or trial, s.label, nothing, np.zeros(0), None, None, None,
             s.end_s - s.start_s, facts)
        for s in take.segments
    ]  # fmt: skip


def _division(clips: list[Clip], protocol: str) -> Division:
    from pskd.errors import PskdError
    from pskd.library.splits import make_splits

    try:
        splits = make_splits(clips, protocol)
    except PskdError as error:
        why = error.message.partition(": ")[2] or error.message
        return Division(why_not=why[:1].upper() + why[1:])
    if any(len({clips[row].label for row in split.train}) < 2 for split in splits):
        return Division(why_not="All clips to train on would be of one class.")
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


def _problems(outline: DataOutline) -> Iterator[str]:
    if not outline.clips and outline.unusable:
        yield "No labelled take has a watch signal that can be read. The Library says what is wrong with each."
    elif not outline.clips:
        yield "No take is labelled yet. Label some in the Library, or record with cues."
    elif len(outline.class_counts) < 2:
        yield "There is only one class. A student needs at least two to tell apart."
    elif all(division.why_not for division in outline.divisions.values()):
        yield "There are too few takes to train on some and test on others. Record every class twice or more."


def _warnings(outline: DataOutline) -> Iterator[str]:
    few = [name for name, count in outline.class_counts.items() if count < FEW]
    if few:
        yield f"{listed(few)}: fewer than {FEW} clips. The student will hardly learn {_them(few)}."
    if len(outline.subjects) == 1:
        yield "All clips are of one person. Nobody can tell how well the student does for someone else."
    people = len(outline.subjects)
    partial = [name for name in outline.class_counts if outline.class_subjects[name] < people]
    if partial:
        yield f"{listed(partial)}: not every person did {_them(partial)}."
    blind = outline.clips - outline.with_camera
    if blind:
        which = "No clip has a" if blind == outline.clips else f"{blind} of {outline.clips} clips have no"
        yield f"{which} skeleton. Teachers that see the skeleton learn nothing there."
    if len(outline.placements) > 1:
        where = ", ".join(f"{short(place)} in {many(count, 'clip')}" for place, count in outline.placements.items())
        yield f"The watch sat in different places: {where}."
    if outline.clips and outline.unusable:
        has, is_left = ("has", "is") if outline.unusable == 1 else ("have", "are")
        yield f"{many(outline.unusable, 'take')} {has} no watch signal that can be read and {is_left} left out."


def _them(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"
