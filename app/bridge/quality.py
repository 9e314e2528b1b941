"""What a review of a take found, ready to be shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.bridge.session import log
from app.widgets.note_list import QualityNote
from pskd.errors import PskdError

if TYPE_CHECKING:
    from pskd.library.library import Library
    from pskd.quality.findings import QualityDocument

TONES = {"good": "good", "notice": "warn", "bad": "bad"}


def review_notes(library: Library, folder: Path, subject: str) -> tuple[QualityNote, ...]:
    """Review a take that has just ended; a take that cannot be reviewed is kept all the same, and says so."""
    from pskd.library.wrists import wrist_of
    from pskd.quality.review import review_take

    try:
        return notes_of(review_take(folder, wrist_of(library, subject)).quality)
    except PskdError as error:
        log.warning("%s could not be looked over: %s", folder, error)
        return (QualityNote("warn", "This take could not be looked over.", str(error)),)


def notes_of(quality: QualityDocument) -> tuple[QualityNote, ...]:
    """The findings as notes, the worst first."""
    return tuple(
        QualityNote(TONES[finding.severity], finding.text, finding.hint, finding.check, finding.about)
        for finding in quality.findings
    )


def stored_notes(folder: Path) -> tuple[QualityNote, ...]:
    """What was found when the take was last looked over; nothing where it never was."""
    from pskd.quality.findings import read_quality

    quality = read_quality(folder)
    return notes_of(quality) if quality is not None else ()


def worst_of(notes: tuple[QualityNote, ...]) -> tuple[str, str]:
    """The tone of the worst note, and the sentences that need a look; both empty where all is well."""
    troubles = [note for note in notes if note.tone != "good"]
    return (troubles[0].tone, "\n".join(note.text for note in troubles)) if troubles else ("", "")
