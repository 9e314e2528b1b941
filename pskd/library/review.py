"""Reviews takes of a library, for the command line and the window alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pskd.errors import PskdError
from pskd.library.index import TakeEntry
from pskd.library.library import Library
from pskd.library.wrists import wrist_of
from pskd.quality.findings import QualityDocument, read_quality
from pskd.quality.review import Review, review_take
from pskd.quality.streams import FILE_CHECK
from pskd.recording.reader import is_whole
from pskd.recording.sync_report import SyncDocument, read_sync

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """One take and what is known of it.

    Attributes:
        entry: the take.
        quality: what a review found; None where it could not be reviewed.
        sync: how camera and watch stand; None likewise.
        problem: why it could not be reviewed; empty where it could.
    """

    entry: TakeEntry
    quality: QualityDocument | None = None
    sync: SyncDocument | None = None
    problem: str = ""


def review_entry(library: Library, entry: TakeEntry) -> Review:
    """Review one take anew.

    Raises:
        BadFile: it cannot be read.
    """
    return review_take(entry.folder, wrist_of(library, entry.subject))


def check_takes(
    library: Library, takes: Iterable[str] = (), *, again: bool = False, progress: Progress | None = None
) -> list[Checked]:
    """What is known of takes; those that were never reviewed, or whose recording was damaged since, are
    reviewed now.

    Args:
        library: theirs.
        takes: ids; all that can be used where there are none.
        again: review every one anew.
        progress: is told ``(done, total)``.

    Raises:
        WrongUse: there is no such take.
    """
    wanted = list(takes)
    entries = [library.take(take) for take in wanted] or [take for take in library.takes() if take.usable]
    found = []
    for done, entry in enumerate(entries, 1):
        found.append(_check(library, entry, again))
        if progress:
            progress(done, len(entries))
    return found


def _check(library: Library, entry: TakeEntry, again: bool) -> Checked:
    quality, sync = read_quality(entry.folder), read_sync(entry.folder)
    if entry.problem:
        return Checked(entry, problem=entry.problem)
    try:
        if again or quality is None or sync is None or _file_has_changed(entry, quality):
            review = review_entry(library, entry)
            quality, sync = review.quality, review.sync
    except PskdError as error:
        return Checked(entry, problem=str(error))
    return Checked(entry, quality, sync)


def _file_has_changed(entry: TakeEntry, quality: QualityDocument) -> bool:
    """The recording has been damaged, or put right, since it was reviewed.

    Raises:
        BadFile: it cannot be read any more.
    """
    told = any(finding.check == FILE_CHECK for finding in quality.findings)
    return told == is_whole(entry.folder)
