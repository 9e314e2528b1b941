"""What a take brought, the name of a new wearing, and how a take is set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.bridge.quality import QualityNote
from pskd.clock import now_s

if TYPE_CHECKING:
    from pskd.library.library import Library
    from pskd.recording.status import RecorderStatus


@dataclass(frozen=True, slots=True)
class StreamResult:
    """One stream of a take that has ended: what people call it, what came, and how fast."""

    name: str
    count: int
    rate_hz: float
    gaps: int


@dataclass(frozen=True, slots=True)
class TakeResult:
    """A take that has ended.

    Attributes:
        folder: where it lies.
        duration_s: its length.
        streams: what was recorded.
        labels: segments by class.
        file_bytes: size of the raw file.
        simulated: no hardware was involved in at least one stream.
        film_bytes: size of the film that was kept; 0 where none was.
        notes: what a look over the take found, the worst first.
    """

    folder: Path
    duration_s: float
    streams: tuple[StreamResult, ...]
    labels: dict[str, int]
    file_bytes: int
    simulated: bool
    film_bytes: int = 0
    notes: tuple[QualityNote, ...] = ()

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name


def result_of(folder: Path, status: RecorderStatus, notes: tuple[QualityNote, ...]) -> TakeResult:
    """What the take in ``folder`` brought; ``status`` is how it stood at its end."""
    from collections import Counter

    from pskd.recording.names import stream_name, wrists_of
    from pskd.recording.reader import read_manifest, read_segments

    labels = Counter(segment.label for segment in read_segments(folder))
    simulated = any(stream.simulated for stream in status.streams)
    manifest = read_manifest(folder)
    seconds = manifest.duration_s
    wrists = wrists_of(manifest)
    streams = tuple(
        StreamResult(stream_name(s.name, s.kind, wrists), s.count, s.count / max(seconds, 1e-3), s.gaps)
        for s in status.streams
    )
    size = (folder / "raw.xdf").stat().st_size
    film_bytes = sum(film.stat().st_size for film in folder.glob("film*.avi"))
    return TakeResult(folder, seconds, streams, dict(labels), size, simulated, film_bytes, notes)


def set_aside(folder: Path) -> None:
    """Mark a take as discarded: it is not learned from, and nothing of it is deleted.

    Raises:
        BadFile: its manifest cannot be read.
    """
    import msgspec

    from pskd import documents
    from pskd.recording.reader import read_manifest
    from pskd.recording.take import TakeState

    manifest = msgspec.structs.replace(read_manifest(folder), state=TakeState.DISCARDED)
    documents.save(folder / "take.json", manifest)


def next_session(library: Library, subject: str, today: date) -> str:
    """Name of a new wearing: the date and the first letter that this subject has not used that day."""
    parent = library.path / f"sub-{subject}"
    for letter in "abcdefghijklmnopqrstuvwxyz":
        name = f"{today:%Y%m%d}{letter}"
        if not (parent / f"ses-{name}").exists():
            return name
    return f"{today:%Y%m%d}z{round(now_s())}"
