"""Cue protocols: what a person is asked to do and when, and how cues and keys become labelled segments."""

from __future__ import annotations

import math
import random
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from pskd import assets, config, plainfile
from pskd.errors import BadFile
from pskd.types import Marker, Segment

MAX_BYTES = 1 << 20
MAX_CUES = 10_000
DISCARDED = "discarded"
"""Phase of a cue marker that takes back the try before it."""


class CueOrder(StrEnum):
    """In which order the trials come."""

    TURNS = "turns"
    BLOCKS = "blocks"
    SHUFFLED = "shuffled"


class CueProtocol(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One protocol document.

    Attributes:
        name: what people call it.
        classes: what to do.
        seconds: length of one trial.
        rest_s: pause after each trial.
        repeats: trials of each class.
        order: ``turns`` (a b c a b c), ``blocks`` (a a b b c c) or ``shuffled`` (every round in another order).
        countdown_s: quiet time before the first trial.
        practice_s: time to try things out before that; recorded, but nothing of it is labelled.
        sounds: tones at every beginning and end, and for the last seconds before a trial.
        seed: what ``shuffled`` follows from.
    """

    name: str
    classes: list[str]
    seconds: float = 4.0
    rest_s: float = 3.0
    repeats: int = 5
    order: CueOrder = CueOrder.SHUFFLED
    countdown_s: float = 5.0
    practice_s: float = 0.0
    sounds: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Cue:
    """One trial that is asked for; times count from the take's start."""

    start_s: float
    end_s: float
    label: str
    trial: int


def load_protocol(path: Path) -> CueProtocol:
    """Read a protocol.

    Raises:
        BadFile: missing, not TOML, of another shape, or asking for what cannot be done.
    """
    try:
        content = tomllib.loads(plainfile.read_bytes(path, MAX_BYTES).decode())
        protocol = msgspec.convert(content, CueProtocol)
    except msgspec.ValidationError as error:
        raise BadFile(path, f"a field is wrong ({error})", code="protocol.shape") from error
    except RecursionError as error:
        raise BadFile(path, "it is not valid TOML (nested far too deeply)", code="protocol.toml") from error
    except ValueError as error:  # not text, not TOML, or a number of thousands of digits
        raise BadFile(path, f"it is not valid TOML ({error})", code="protocol.toml") from error
    problem = _problem(protocol)
    if problem:
        raise BadFile(path, problem, code="protocol.values")
    return protocol


def shipped_protocols() -> dict[str, Path]:
    """The protocols that come with the program, by file name without ending."""
    return {path.stem: path for path in sorted(assets.path("protocols").glob("*.toml"))}


def own_folder() -> Path:
    """Where people put protocols of their own: the folder ``protocols`` beside the settings."""
    return config.folder() / "protocols"


def known_protocols() -> dict[str, Path]:
    """The shipped protocols and those in :func:`own_folder`, by file name without ending; one's own wins a name."""
    return shipped_protocols() | {path.stem: path for path in sorted(own_folder().glob("*.toml"))}


def _problem(protocol: CueProtocol) -> str:
    times = (protocol.seconds, protocol.rest_s, protocol.countdown_s, protocol.practice_s)
    if not all(math.isfinite(t) and 0 <= t <= 3600 for t in times) or protocol.seconds < 0.5:
        return "seconds must be from 0.5 to 3600, rest_s, countdown_s and practice_s from 0 to 3600"
    if not protocol.classes or any(not label.strip() or "/" in label for label in protocol.classes):
        return "classes must be names without /, at least one"
    if len(set(protocol.classes)) < len(protocol.classes):
        return "a class is named twice"
    if not 1 <= protocol.repeats * len(protocol.classes) <= MAX_CUES or protocol.repeats < 1:
        return f"it must ask for 1 to {MAX_CUES} trials"
    return ""


def timed_cues(protocol: CueProtocol) -> list[Cue]:
    """Every trial with its time, in order, where nobody pauses, skips or redoes."""
    cues = []
    at = protocol.practice_s + protocol.countdown_s
    for label, trial in trials(protocol):
        cues.append(Cue(at, at + protocol.seconds, label, trial))
        at += protocol.seconds + protocol.rest_s
    return cues


def trials(protocol: CueProtocol) -> list[tuple[str, int]]:
    """Class and number of the repetition of every trial, in the order in which they come."""
    rounds = range(1, protocol.repeats + 1)
    if protocol.order == CueOrder.BLOCKS:
        return [(label, trial) for label in protocol.classes for trial in rounds]
    chance = random.Random(protocol.seed)
    found = []
    for trial in rounds:
        order = list(protocol.classes)
        if protocol.order == CueOrder.SHUFFLED:
            chance.shuffle(order)
        found += [(label, trial) for label in order]
    return found


def cue_markers(cues: Iterable[Cue], start_s: float = 0.0) -> list[Marker]:
    """The markers of some cues in order of time; ``start_s`` is the take's start on the markers' clock."""
    markers = [
        Marker(start_s + t_s, "cue", cue.label, phase, cue.trial)
        for cue in cues
        for t_s, phase in ((cue.start_s, "start"), (cue.end_s, "end"))
    ]
    return sorted(markers, key=lambda marker: marker.t_s)


def segments_from_markers(markers: Iterable[Marker], end_s: float) -> tuple[Segment, ...]:
    """Labelled segments from cue and key markers.

    A start of another class ends what the same source had open; what is still open when the take ends, ends with it.
    A trial that was discarded (``cue/LABEL/discarded/TRIAL``) makes no segment; its next try does.

    Args:
        markers: their times count from the take's start.
        end_s: length of the take; segments are cut there.
    """
    segments: list[Segment] = []
    open_: dict[str, Marker] = {}

    def close(source: str, t_s: float) -> None:
        began = open_.pop(source)
        start, end = max(0.0, began.t_s), min(t_s, end_s)
        if end > start:
            segments.append(Segment(start, end, began.label, source, began.trial))

    for marker in sorted(markers, key=lambda marker: marker.t_s):
        if marker.kind not in ("cue", "key"):
            continue
        if marker.phase == "start":
            if marker.kind in open_:
                close(marker.kind, marker.t_s)
            open_[marker.kind] = marker
        elif marker.phase == "end" and marker.kind in open_ and open_[marker.kind].label == marker.label:
            close(marker.kind, marker.t_s)
        elif marker.phase == DISCARDED:
            tried = ("cue", marker.label, marker.trial)
            segments = [s for s in segments if (s.source, s.label, s.trial) != tried]
    for source in list(open_):
        close(source, end_s)
    return tuple(sorted(segments, key=lambda segment: segment.start_s))
