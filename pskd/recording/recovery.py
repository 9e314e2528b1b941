"""Takes that were cut off (a crash, a kill, a power cut) are found and closed at the next start; none is rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pskd import documents
from pskd.errors import PskdError
from pskd.recording import lock
from pskd.recording.cues import segments_from_markers
from pskd.recording.reader import read_manifest, read_segments, read_take
from pskd.recording.take import Annotations, Problem, Take, TakeManifest, TakeState
from pskd.recording.writer import ANNOTATIONS_FILE, RAW_FILE, TAKE_FILE


@dataclass(frozen=True, slots=True)
class Recovered:
    """One take that was found cut off.

    Attributes:
        folder: the take.
        state: how it stands now: ``recovered``, ``discarded`` (nothing had been recorded), or still ``recording``
            where it could not be read.
        duration_s: how much of it there is.
        samples: by stream name.
        sentence: what happened, for the person.
    """

    folder: Path
    state: TakeState
    duration_s: float
    samples: dict[str, int]
    sentence: str


def recover(library_root: Path) -> list[Recovered]:
    """Close every take of a library whose writer has gone; ``raw.xdf`` is only read.

    A take that another process is recording at this moment is left alone.
    """
    return [found for folder in _orphans(library_root) if (found := _recover(folder)) is not None]


def _orphans(root: Path) -> Iterator[Path]:
    for path in sorted(root.glob(f"sub-*/ses-*/take-*/{TAKE_FILE}")):
        try:
            manifest = read_manifest(path.parent)
        except PskdError:
            continue  # the library lists it with its problem
        if manifest.state == TakeState.RECORDING and not lock.is_held(path.parent):
            yield path.parent


def _recover(folder: Path) -> Recovered | None:
    try:
        holder = lock.TakeLock(folder)
    except OSError as error:
        return _unrecovered(folder, f"it cannot be changed ({error})")
    try:
        manifest = read_manifest(folder)
        if manifest.state != TakeState.RECORDING:
            return None  # its writer has finished it meanwhile
        if not (folder / RAW_FILE).exists() or (folder / RAW_FILE).stat().st_size == 0:
            return _close(folder, manifest, None)
        return _close(folder, manifest, read_take(folder))
    except PskdError as error:
        return _unrecovered(folder, error.message)
    except OSError as error:
        return _unrecovered(folder, error.strerror or str(error))
    finally:
        holder.release()


def _close(folder: Path, manifest: TakeManifest, take: Take | None) -> Recovered:
    samples = {name: len(stream.times_s) for name, stream in take.streams.items()} if take else {}
    ends = [float(stream.times_s[-1]) for stream in take.streams.values() if len(stream.times_s)] if take else []
    duration_s = max([0.0, *ends])
    state = TakeState.RECOVERED if any(samples.values()) else TakeState.DISCARDED
    if take and not read_segments(folder):
        segments = segments_from_markers(take.markers, duration_s)
        documents.save(folder / ANNOTATIONS_FILE, Annotations(segments))
    sentence = _sentence(folder, state, duration_s, samples, damaged=take is not None and take.damaged)
    problems = (*manifest.problems, Problem(round(duration_s, 3), sentence))
    closed = msgspec.structs.replace(manifest, state=state, duration_s=round(duration_s, 6), problems=problems)
    documents.save(folder / TAKE_FILE, closed)
    return Recovered(folder, state, duration_s, samples, sentence)


def _sentence(folder: Path, state: TakeState, duration_s: float, samples: dict[str, int], *, damaged: bool) -> str:
    if state == TakeState.DISCARDED:
        return f"The take {folder.name} had been started, but nothing had arrived; it is set aside."
    counts = ", ".join(f"{count} samples of {name}" for name, count in samples.items())
    found = f"The take {folder.name} was cut off while it was recorded. {duration_s:.1f} s are recovered: {counts}."
    return f"{found} A part in the middle is damaged and left out." if damaged else found


def _unrecovered(folder: Path, why: str) -> Recovered:
    sentence = f"The take {folder.name} was cut off while it was recorded and could not be recovered: {why}"
    return Recovered(folder, TakeState.RECORDING, 0.0, {}, sentence)
