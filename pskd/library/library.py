"""The library: a folder of subjects, sessions and takes, with the classes that are told apart."""

from __future__ import annotations

import math
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from pskd import atomic, documents
from pskd.errors import BadFile, PskdError, WrongUse
from pskd.library import forget, naming
from pskd.library.forget import Traces
from pskd.library.index import Participants, TakeEntry, read_entry, scan
from pskd.recording.take import Annotations
from pskd.types import Segment

LIBRARY_SCHEMA = 1
LIBRARY_FILE = "library.json"
_EDGE_S = 1e-3  # rounding that a segment's end may stand beyond its take's end


class LibraryDocument(msgspec.Struct, kw_only=True):
    """``library.json``.

    Attributes:
        name: what people call it.
        classes: class names in the order in which reports and models list them.
    """

    name: str
    classes: list[str] = []
    schema: int = LIBRARY_SCHEMA


class Library:
    """One library on disk. Takes are read from their folders each time, so two programs may work on it.

    Attributes:
        path: its folder.
        document: its ``library.json`` as it was last read or written.
    """

    def __init__(self, path: Path, document: LibraryDocument) -> None:
        self.path = path
        self.document = document

    @classmethod
    def create(cls, path: Path | str, name: str = "") -> Library:
        """Make an empty library.

        Args:
            path: a folder that does not exist yet, or is empty.
            name: what people call it; the folder's name where empty.

        Raises:
            PskdError: there is something already.
        """
        path = Path(path)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            what = "is a library already" if (path / LIBRARY_FILE).exists() else "exists and is not empty"
            raise PskdError(f"{path} {what}.", code="library.exists", hint="Choose another folder, or open it.")
        check_place(path)
        path.mkdir(parents=True, exist_ok=True)
        library = cls(path, LibraryDocument(name=name or path.resolve().name))
        library._write_participants(Participants(["participant_id"], {}))
        documents.save(path / LIBRARY_FILE, library.document)
        return library

    @classmethod
    def open(cls, path: Path | str) -> Library:
        """Open an existing library.

        Raises:
            PskdError: there is no such folder, or it is not a library.
            BadFile: its ``library.json`` is damaged or newer than this program.
        """
        path = Path(path)
        if not path.is_dir():
            raise PskdError(
                f"There is no library at {path}.",
                code="library.not-found",
                hint="Make one with pskd import or pskd record, or choose another folder.",
            )
        if not (path / LIBRARY_FILE).is_file():
            raise PskdError(
                f"{path} is not a library: it has no {LIBRARY_FILE}.",
                code="library.not-a-library",
                hint="Choose the folder that holds library.json.",
            )
        return cls(path, documents.load(path / LIBRARY_FILE, LibraryDocument, schema=LIBRARY_SCHEMA))

    @classmethod
    def open_or_create(cls, path: Path | str) -> Library:
        """Open a library, or make an empty one where there is nothing yet."""
        path = Path(path)
        return cls.open(path) if (path / LIBRARY_FILE).exists() else cls.create(path)

    def takes(self) -> list[TakeEntry]:
        """Every take, by subject, session and number; damaged ones are listed with their problem."""
        return scan(self.path)

    def take(self, take_id: str) -> TakeEntry:
        """One take.

        Raises:
            WrongUse: there is none with this id.
        """
        folder = self.path.joinpath("sub-{}/ses-{}/{}".format(*naming.split_take_id(take_id)))
        if not folder.is_dir():
            raise WrongUse(f"There is no take {take_id} in {self.path}.", code="library.no-take")
        return read_entry(folder, take_id)

    def subjects(self) -> list[str]:
        """Everyone in the library, with takes or only enrolled, in natural order."""
        found = {folder.name.removeprefix("sub-") for folder in self.path.glob("sub-*") if folder.is_dir()}
        found |= set(Participants.load(self.path / "participants.tsv").rows)
        return sorted(found, key=naming.natural_key)

    def classes(self) -> list[str]:
        """The classes in their order, then labels that stand only in takes."""
        return self._classes(self.takes())

    def info(self) -> dict[str, Any]:
        """Facts for people and programs, ready for JSON. Only takes that can be learned from are counted.

        Returns:
            counts ``takes subjects classes sessions segments``, ``duration_s``, the lists ``class_names`` and
            ``subject_names``, ``class_counts`` (segments by class), ``subject_counts`` (takes by subject),
            ``streams`` and ``origins`` (takes by stream and origin), ``unlabelled`` takes; and of all takes, those set
            aside or damaged too, ``states`` (takes by state) and ``problems`` as ``{"take", "problem"}``.
        """
        found = self.takes()
        takes = [take for take in found if take.usable]
        classes, subjects = self._classes(found), self.subjects()
        labels = Counter(segment.label for take in takes for segment in take.segments)
        manifests = [take.manifest for take in takes if take.manifest]
        states = Counter(str(take.manifest.state) for take in found if take.manifest)
        people = Counter(take.subject for take in takes)
        return {
            "name": self.document.name,
            "path": str(self.path),
            "schema": self.document.schema,
            "takes": len(takes),
            "subjects": len(subjects),
            "classes": len(classes),
            "sessions": len({(take.subject, take.session) for take in takes}),
            "segments": labels.total(),
            "unlabelled": sum(1 for take in takes if not take.segments),
            "duration_s": round(math.fsum(take.duration_s for take in takes), 3),
            "class_names": classes,
            "subject_names": subjects,
            "class_counts": {name: labels[name] for name in classes},
            "subject_counts": {name: people[name] for name in subjects},
            "streams": dict(Counter(stream.name for manifest in manifests for stream in manifest.streams)),
            "origins": dict(Counter(manifest.origin for manifest in manifests)),
            "states": dict(states),
            "problems": [{"take": take.id, "problem": take.problem} for take in found if take.problem],
        }

    def new_take(self, subject: str, session: str, label: str = "") -> Path:
        """Make the folder of the next take of a session; two programs never get the same number.

        Args:
            subject: letters, digits, hyphens.
            session: the same.
            label: what will be done, for the folder's name; may be empty.

        Returns:
            the new, empty folder.

        Raises:
            WrongUse: a name that cannot be a folder's.
        """
        naming.check_name("subject", subject)
        naming.check_name("session", session)
        parent = self.path / f"sub-{subject}" / f"ses-{session}"
        parent.mkdir(parents=True, exist_ok=True)
        self.enrol([subject])
        return reserve_take(parent, label)

    def annotate(self, take_id: str, segments: Sequence[Segment]) -> None:
        """Replace a take's segments in one step; a label that is new becomes a class.

        Raises:
            WrongUse: no such take, a segment that ends before it starts or leaves the take, or a bad label.
        """
        entry = self.take(take_id)
        checked = tuple(sorted((_check(s, entry.duration_s) for s in segments), key=lambda s: s.start_s))
        self.add_classes(segment.label for segment in checked)
        path = entry.folder / "annotations.json"
        documents.save(path, Annotations(checked, cues=_cues(path)))

    def add_classes(self, labels: Iterable[str]) -> None:
        """Append the labels that are not classes yet, in the order given."""
        wanted = [naming.check_label(label) for label in labels]
        self.document = documents.load(self.path / LIBRARY_FILE, LibraryDocument, schema=LIBRARY_SCHEMA)
        new = [label for label in dict.fromkeys(wanted) if label not in self.document.classes]
        if new:
            self.document.classes.extend(new)
            documents.save(self.path / LIBRARY_FILE, self.document)

    def enrol(self, subjects: Iterable[str]) -> None:
        """Add subjects to ``participants.tsv`` who are not there yet."""
        people = Participants.load(self.path / "participants.tsv")
        new = [s for s in dict.fromkeys(subjects) if naming.check_name("subject", s) not in people.rows]
        if new:
            people.rows.update({subject: [] for subject in new})
            self._write_participants(people)

    def remove_take(self, take_id: str) -> Path:
        """Move a take into the library's ``.trash`` folder; returns where it is now."""
        return self._trash(self.take(take_id).folder)

    def delete_subject(self, subject: str) -> Path:
        """Move a subject with all takes into ``.trash`` and strike the line in ``participants.tsv``.

        Returns:
            where the subject's folder is now.

        Raises:
            WrongUse: there is no such subject.
        """
        folder = self.path / f"sub-{naming.check_name('subject', subject)}"
        people = Participants.load(self.path / "participants.tsv")
        if not folder.is_dir() and subject not in people.rows:
            raise WrongUse(f"There is no subject {subject} in {self.path}.", code="library.no-subject")
        folder.mkdir(exist_ok=True)
        moved = self._trash(folder)
        if people.rows.pop(subject, None) is not None:
            self._write_participants(people)
        return moved

    def traces(self, subject: str) -> Traces:
        """What there is of a participant, and would go with :meth:`forget`."""
        return forget.traces(self.path, subject)

    def forget(self, subject: str) -> Traces:
        """Delete a participant for good, from the trash too; see :mod:`pskd.library.forget`."""
        return forget.forget(self.path, subject)

    def _trash(self, folder: Path) -> Path:
        shutil.rmtree(self.path / ".cache", ignore_errors=True)  # it holds copies of what is to be gone
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        target = self.path / ".trash" / stamp / folder.relative_to(self.path)
        target.parent.mkdir(parents=True)
        return folder.rename(target)

    def _classes(self, takes: Iterable[TakeEntry]) -> list[str]:
        used = sorted({segment.label for take in takes for segment in take.segments}, key=naming.natural_key)
        return list(dict.fromkeys([*self.document.classes, *used]))

    def _write_participants(self, people: Participants) -> None:
        path = self.path / "participants.tsv"
        if people.foreign:  # somebody's work, in a form that is not understood: set aside, never lost
            path.rename(next(name for n in count(1) if not (name := path.with_suffix(f".damaged-{n}.tsv")).exists()))
        atomic.write_bytes(path, people.text().encode())


def _cues(path: Path) -> tuple[Segment, ...]:
    """What had been asked for, which editing does not change."""
    try:
        return documents.load(path, Annotations).cues
    except BadFile:  # not there yet, or damaged: then the segments are written anew
        return ()


def check_place(path: Path) -> None:
    """Refuse to make a library within another one: their takes would be mixed up.

    Raises:
        PskdError: a folder above holds a library.
    """
    for folder in path.resolve().parents:
        if (folder / LIBRARY_FILE).is_file():
            raise PskdError(
                f"{path} lies within the library {folder}.",
                code="library.inside",
                hint="Choose a folder outside of it.",
            )


def reserve_take(session_folder: Path, label: str, first: int = 1) -> Path:
    """Make the folder of the next free take number in a session, safely beside other programs.

    A folder's name holds the label too, so two programs could make two folders with one number: whoever
    sees another folder with its own number right after making it steps back and tries again.
    """
    while True:
        number = max([first - 1, *_numbers(session_folder)]) + 1
        folder = session_folder / naming.take_name(number, label)
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        if _numbers(session_folder).count(number) == 1:
            return folder
        folder.rmdir()
        time.sleep(random.uniform(0.0, 0.01))


def _numbers(folder: Path) -> list[int]:
    found = (naming.take_number(entry.name) for entry in folder.iterdir())
    return [number for number in found if number is not None]


def _check(segment: Segment, duration_s: float) -> Segment:
    label = naming.check_label(segment.label)
    start, end = segment.start_s, segment.end_s
    if not (math.isfinite(start) and math.isfinite(end) and start < end):
        raise WrongUse(f"The segment {label!r} from {start:g} s to {end:g} s has no length.", code="segment.length")
    if start < 0 or (duration_s > 0 and end > duration_s + _EDGE_S):
        raise WrongUse(
            f"The segment {label!r} from {start:g} s to {end:g} s leaves the take (0 to {duration_s:g} s).",
            code="segment.outside",
        )
    return msgspec.structs.replace(segment, label=label)
