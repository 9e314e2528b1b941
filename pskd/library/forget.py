"""Deleting a participant for good: recordings, films, labels, the line in the table, the consent, and what lies in the
library's trash.

Models that learned from the participant are not touched: they hold no recording. ``pskd.training.trace`` names them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pskd import atomic
from pskd.errors import PskdError, WrongUse
from pskd.library import consent, naming
from pskd.library.index import Participants, scan
from pskd.recording import lock

PARTICIPANTS_FILE = "participants.tsv"
TRASH = ".trash"


@dataclass(frozen=True, slots=True)
class Traces:
    """What a library holds of one participant.

    Attributes:
        subject: who.
        takes: ids of the takes.
        duration_s: of the takes that can be read.
        films: film files beside them.
        trashed: takes in the library's trash.
        files_bytes: all files together.
        listed: there is a line in ``participants.tsv``.
        consent: there is a consent.
    """

    subject: str
    takes: tuple[str, ...]
    duration_s: float
    films: int
    trashed: int
    files_bytes: int
    listed: bool
    consent: bool

    @property
    def found(self) -> bool:
        """There is anything at all."""
        return bool(self.takes or self.trashed or self.files_bytes or self.listed or self.consent)


def traces(root: Path, subject: str) -> Traces:
    """What would be deleted.

    Raises:
        WrongUse: the subject's name cannot be one.
        BadFile: the consents cannot be read.
    """
    naming.check_name("subject", subject)
    folders = _folders(root, subject)
    takes = [take for take in scan(root) if take.subject == subject]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    return Traces(
        subject,
        tuple(take.id for take in takes),
        sum(take.duration_s for take in takes),
        sum(file.name.startswith("film") and file.suffix == ".avi" for file in files),
        sum(1 for folder in folders[1:] for _ in folder.glob("ses-*/take-*")),
        sum(file.stat().st_size for file in files),
        subject in Participants.load(root / PARTICIPANTS_FILE).rows,
        subject in consent.consents(root),
    )


def forget(root: Path, subject: str) -> Traces:
    """Delete a participant for good; returns what there was. Done again after an error, it goes on where it stopped.

    Raises:
        WrongUse: there is nothing of such a participant.
        PskdError: a take of theirs is being recorded, or a file cannot be deleted.
    """
    found = traces(root, subject)
    if not found.found and not _folders(root, subject)[0].is_dir():
        raise WrongUse(f"There is no subject {subject} in {root}.", code="library.no-subject")
    folder = _folders(root, subject)[0]
    if any(lock.is_held(take) for take in folder.glob("ses-*/take-*")):
        raise PskdError(
            f"A take of subject {subject} is being recorded.", code="library.busy", hint="Stop it, then try again."
        )
    _out_of_sight(root, folder)
    people = Participants.load(root / PARTICIPANTS_FILE)
    if people.rows.pop(subject, None) is not None:
        atomic.write_bytes(root / PARTICIPANTS_FILE, people.text().encode())
    consent.withdraw(root, subject)
    for part in (*_folders(root, subject), root / ".cache"):
        _delete(part)
    return found


def _folders(root: Path, subject: str) -> list[Path]:
    """The participant's folder, whether it is there or not, then those in the trash."""
    return [root / f"sub-{subject}", *sorted((root / TRASH).glob(f"*/sub-{subject}"))]


def _out_of_sight(root: Path, folder: Path) -> None:
    """In one step, so that no other program sees half of it; where that fails, it is deleted where it lies."""
    if not folder.is_dir() or folder.is_symlink():
        return
    target = root / TRASH / datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ") / folder.name
    with contextlib.suppress(OSError):  # on Windows a file that is open somewhere holds the whole folder
        target.parent.mkdir(parents=True)
        folder.rename(target)


def _delete(folder: Path) -> None:
    try:
        if folder.is_symlink():
            folder.unlink()
        elif os.path.lexists(folder):
            shutil.rmtree(folder)
        if folder.parent.parent.name == TRASH and not any(folder.parent.iterdir()):
            folder.parent.rmdir()
    except OSError as error:
        hint = "Close what has it open, then try again: it goes on where it stopped."
        raise PskdError(
            f"{error.filename or folder} cannot be deleted: {error.strerror or error}.",
            code="library.forget",
            hint=hint,
        ) from error
