"""Splits: which clips train and which test. All clips of one take stand on one side, so their windows do too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pskd.errors import WrongUse
from pskd.library.clips import Clip
from pskd.library.naming import natural_key

TEST_SHARE = 0.25  # of the takes of a class, in the protocol ``take``
MMACT_LAST_TRAINING_SUBJECT = 16
# what MMAct's authors hold out
_MMACT_HELD_OUT = {"scene": 2, "session": 5, "camera": 4}


@dataclass(frozen=True)
class Split:
    """One way of dividing clips.

    Attributes:
        name: such as ``cross-subject`` or ``loso-03``.
        train: indices of clips, ascending; clips without a label may be among them.
        test: indices of clips, ascending, all labelled.
        unseen: classes that are tested but never trained on, so a student must fail there.
    """

    name: str
    train: tuple[int, ...]
    test: tuple[int, ...]
    unseen: tuple[str, ...] = ()


Rule = Callable[[Sequence[Clip], int], dict[str, set[str]]]
"""From clips and a seed to the takes that test, by the split's name."""


def make_splits(clips: Sequence[Clip], protocol: str, *, seed: int = 0) -> list[Split]:
    """Divide clips for a protocol.

    Args:
        clips: as loaded; a split's indices count in them.
        protocol:
            ``cross-subject``: subjects in natural order, every other one tests, beginning with the second (UTD-MHAD:
            1, 3, 5, 7 train, 2, 4, 6, 8 test); for MMAct its authors' 1-16 train, 17-20 test.
            ``trial``: the lower half of the trial numbers trains, all subjects on both sides; where a take holds
            several trials, the earlier half of each subject's takes trains.
            ``loso``: one split a subject, who tests.
            ``take``: a quarter of each class's takes tests, drawn by ``seed``; for one person's library.
            ``cross-session``: each subject's last session tests (MMAct: session 5).
            ``cross-scene``, ``cross-view``: MMAct's scene 2 or camera 4 tests; elsewhere the last one.
        seed: for ``take``.

    Raises:
        WrongUse: an unknown protocol, or one that these clips cannot be divided by; the hint names those that can.
    """
    if protocol not in _RULES:
        raise WrongUse(
            f"There is no protocol called {protocol!r}.", code="split.unknown", hint=f"Known: {', '.join(_RULES)}."
        )
    if not any(clip.label for clip in clips):
        raise WrongUse("There is no labelled clip to divide.", code="split.empty", hint="Label some takes first.")
    splits = _apply(clips, protocol, seed)
    if not splits:
        working = [name for name in _RULES if name != protocol and _apply(clips, name, seed)]
        raise WrongUse(
            f"These clips cannot be divided by {protocol}: {_WHY[protocol]}.",
            code="split.impossible",
            hint=f"What works here: {', '.join(working)}." if working else "Record or label more takes.",
        )
    return splits


def protocols() -> list[str]:
    """All protocols, the most used first."""
    return list(_RULES)


def _apply(clips: Sequence[Clip], protocol: str, seed: int) -> list[Split]:
    """The splits of a protocol whose two sides have a class in common."""
    splits = []
    for name, testing in _RULES[protocol](clips, seed).items():
        train = tuple(i for i, clip in enumerate(clips) if clip.take not in testing)
        test = tuple(i for i, clip in enumerate(clips) if clip.take in testing and clip.label is not None)
        trained, tested = ({label for i in side if (label := clips[i].label)} for side in (train, test))
        if trained & tested:
            splits.append(Split(name, train, test, tuple(_sorted(tested - trained))))
    return splits


def _cross_subject(clips: Sequence[Clip], seed: int) -> dict[str, set[str]]:
    # somebody whose takes nobody labelled can only be learned from, and does not change who is tested
    subjects = _sorted(clip.subject for clip in clips if clip.label is not None)
    if _is_mmact(clips):
        held = {s for s in subjects if s.isdecimal() and int(s) > MMACT_LAST_TRAINING_SUBJECT}
        if held and len(held) < len(subjects):
            return {"cross-subject": _takes(clips, lambda clip: clip.subject in held)}
    held = set(subjects[1::2])
    return {"cross-subject": _takes(clips, lambda clip: clip.subject in held)}


def _loso(clips: Sequence[Clip], seed: int) -> dict[str, set[str]]:
    subjects = _sorted(clip.subject for clip in clips)
    return {f"loso-{who}": {clip.take for clip in clips if clip.subject == who} for who in subjects}


def _trial(clips: Sequence[Clip], seed: int) -> dict[str, set[str]]:
    of_take: dict[str, set[int]] = {}
    for clip in clips:
        if clip.label is not None:
            of_take.setdefault(clip.take, set()).add(clip.trial)
    numbers = sorted({number for trials in of_take.values() for number in trials})
    if all(len(trials) == 1 for trials in of_take.values()) and 0 not in numbers:
        late = set(numbers[(len(numbers) + 1) // 2 :])
        return {"trial": {take for take, trials in of_take.items() if trials <= late}}
    return {"trial": _later_takes(clips)}


def _labelled(clips: Sequence[Clip]) -> list[Clip]:
    """What decides a border; a clip that nobody labelled moves none, it only stays on its side."""
    return [clip for clip in clips if clip.label is not None]


def _later_takes(clips: Sequence[Clip]) -> set[str]:
    testing: set[str] = set()
    labelled = _labelled(clips)
    for subject in {clip.subject for clip in labelled}:
        takes = _sorted(clip.take for clip in labelled if clip.subject == subject)
        testing |= set(takes[(len(takes) + 1) // 2 :])
    return testing


def _take(clips: Sequence[Clip], seed: int) -> dict[str, set[str]]:
    """Draw takes class by class; a take of several classes counts for its most frequent one."""
    labels: dict[str, Counter[str]] = {}
    for clip in clips:
        if clip.label is not None:
            labels.setdefault(clip.take, Counter())[clip.label] += 1
    by_class: dict[str, list[str]] = {}
    for take in _sorted(labels):
        by_class.setdefault(labels[take].most_common(1)[0][0], []).append(take)
    generator = np.random.default_rng(seed)
    testing: set[str] = set()
    for label in _sorted(by_class):
        takes = by_class[label]
        count = max(1, round(TEST_SHARE * len(takes))) if len(takes) > 1 else 0
        testing |= {takes[i] for i in generator.permutation(len(takes))[:count]}
    return {"take": testing}


def _cross_session(clips: Sequence[Clip], seed: int) -> dict[str, set[str]]:
    if _is_mmact(clips):
        return _held_out(clips, "cross-session", "session")
    labelled = _labelled(clips)
    last = {
        subject: sessions[-1]
        for subject in {clip.subject for clip in labelled}
        if len(sessions := _sorted(clip.session for clip in labelled if clip.subject == subject)) > 1
    }
    return {"cross-session": _takes(clips, lambda clip: last.get(clip.subject) == clip.session)}


def _cross_scene(clips: Sequence[Clip], seed: int) -> dict[str, set[str]]:
    return _held_out(clips, "cross-scene", "scene")


def _cross_view(clips: Sequence[Clip], seed: int) -> dict[str, set[str]]:
    return _held_out(clips, "cross-view", "camera")


def _held_out(clips: Sequence[Clip], name: str, attribute: str) -> dict[str, set[str]]:
    values = _sorted(str(clip.attributes[attribute]) for clip in _labelled(clips) if attribute in clip.attributes)
    if len(values) < 2:
        return {}
    published = str(_MMACT_HELD_OUT[attribute])
    held = published if _is_mmact(clips) and published in values else values[-1]
    return {name: _takes(clips, lambda clip: str(clip.attributes.get(attribute, "")) == held)}


def _is_mmact(clips: Sequence[Clip]) -> bool:
    return all(clip.attributes.get("origin") == "mmact" for clip in clips)


def _takes(clips: Iterable[Clip], chosen: Callable[[Clip], bool]) -> set[str]:
    return {clip.take for clip in clips if chosen(clip)}


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(set(names), key=natural_key)


_RULES: dict[str, Rule] = {
    "cross-subject": _cross_subject,
    "trial": _trial,
    "loso": _loso,
    "take": _take,
    "cross-session": _cross_session,
    "cross-scene": _cross_scene,
    "cross-view": _cross_view,
}
_WHY = {
    "cross-subject": "it needs labelled takes of two subjects",
    "loso": "it needs labelled takes of two subjects",
    "trial": "it needs two trials, in takes of their own",
    "take": "it needs a class with two takes",
    "cross-session": "it needs a subject with two sessions of the same classes",
    "cross-scene": "it needs takes from two scenes",
    "cross-view": "it needs takes from two cameras",
}
