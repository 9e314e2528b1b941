"""The index of a library: every take folder with its manifest and segments, read anew each time, damaged ones too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pskd import documents, plainfile
from pskd.errors import BadFile
from pskd.library import naming
from pskd.recording.take import TAKE_SCHEMA, Annotations, TakeManifest, TakeState
from pskd.types import Segment

MAX_PARTICIPANTS_BYTES = 1 << 24
NEVER_BEGAN = "It is empty: a recording that never began."


@dataclass(frozen=True, slots=True)
class TakeEntry:
    """One take folder.

    Attributes:
        id: ``sub-01/ses-20261122a/take-003_squat``.
        folder: where it lies.
        manifest: its ``take.json``; None where that cannot be read.
        segments: its labelled segments, in order of start.
        problem: one sentence about what is wrong with it; empty where all is well.
    """

    id: str
    folder: Path
    manifest: TakeManifest | None
    segments: tuple[Segment, ...] = ()
    problem: str = ""

    @property
    def subject(self) -> str:
        """Who, by the folder."""
        return self.id.split("/")[0].removeprefix("sub-")

    @property
    def session(self) -> str:
        """Which wearing, by the folder."""
        return self.id.split("/")[1].removeprefix("ses-")

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.id.split("/")[2]

    @property
    def number(self) -> int:
        """The take's number within its session."""
        return naming.take_number(self.name) or 0

    @property
    def duration_s(self) -> float:
        """Length in seconds; 0 where it is not known."""
        return self.manifest.duration_s if self.manifest else 0.0

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes in it, each once, in order of their first segment."""
        return tuple(dict.fromkeys(segment.label for segment in self.segments))

    @property
    def usable(self) -> bool:
        """Finished and readable: it may be learned from."""
        return self.manifest is not None and self.manifest.state in (TakeState.COMPLETE, TakeState.RECOVERED)


def scan(root: Path) -> list[TakeEntry]:
    """All takes under a library's root, by subject, session and number."""
    return [
        read_entry(take, f"{subject.name}/{session.name}/{take.name}")
        for subject in _folders(root, "sub-")
        for session in _folders(subject, "ses-")
        for take in _folders(session, "take-")
    ]


def read_entry(folder: Path, take_id: str) -> TakeEntry:
    """One take folder; what cannot be read becomes its ``problem``."""
    try:
        manifest = documents.load(folder / "take.json", TakeManifest, schema=TAKE_SCHEMA)
    except BadFile as error:
        return TakeEntry(take_id, folder, None, problem=_trouble(folder, error))
    problem = "" if (folder / "raw.xdf").exists() else "Its recording (raw.xdf) is missing."
    segments: tuple[Segment, ...] = ()
    annotations = folder / "annotations.json"
    if annotations.exists():
        try:
            segments = tuple(sorted(documents.load(annotations, Annotations).segments, key=lambda s: s.start_s))
        except BadFile as error:
            problem = str(error)
    return TakeEntry(take_id, folder, manifest, segments, problem)


def _trouble(folder: Path, error: BadFile) -> str:
    try:
        empty = not list(folder.iterdir())
    except OSError:
        return str(error)
    return NEVER_BEGAN if empty else str(error)


def _folders(root: Path, prefix: str) -> Iterator[Path]:
    try:
        with os.scandir(root) as found:
            names = [e.name for e in found if e.name.startswith(prefix) and e.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for name in sorted(names, key=naming.natural_key):
        yield root / name


class Participants(msgspec.Struct):
    """``participants.tsv``: one line a subject, after the column names (the file that BIDS defines).

    Attributes:
        columns: the first is ``participant_id``.
        rows: cells, by subject name without ``sub-``.
        foreign: there is a file, but it could not be understood: it must not be overwritten.
    """

    columns: list[str]
    rows: dict[str, list[str]]
    foreign: bool = False

    @classmethod
    def load(cls, path: Path) -> Participants:
        """Read the file; an absent or foreign one is empty, for the folders say who is there."""
        try:
            text = plainfile.read_bytes(path, MAX_PARTICIPANTS_BYTES).decode("utf-8-sig")
        except (BadFile, UnicodeDecodeError):
            return cls(["participant_id"], {}, foreign=os.path.lexists(path))
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        columns = lines[0].split("\t")
        if columns[0] != "participant_id":
            return cls(["participant_id"], {}, foreign=bool(text.strip()))
        cells = [line.split("\t") for line in lines[1:] if line.strip()]
        return cls(columns, {row[0].removeprefix("sub-"): row[1:] for row in cells})

    def text(self) -> str:
        """The file's content."""
        blank = ["n/a"] * (len(self.columns) - 1)
        lines = [self.columns] + [[f"sub-{name}", *(cells or blank)] for name, cells in self.rows.items()]
        return "".join("\t".join(line) + "\n" for line in lines)
