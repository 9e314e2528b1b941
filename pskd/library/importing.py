"""Imports a data set into a library: everything is read and written aside first, then moved in, or nothing is.

Takes are staged on the library's own disk and renamed into place at the end, so an import that fails or is stopped
leaves the library as it was. A trial that is there already (by origin and source) is left alone.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import psutil

from pskd import documents
from pskd.clock import WallAnchor
from pskd.errors import BadFile, PskdError
from pskd.library import naming
from pskd.library.archives import collect, remove_tree
from pskd.library.formats import IMPORTERS
from pskd.library.importer import Importer, Trial, TrialData
from pskd.library.library import LIBRARY_FILE, Library, check_place, reserve_take
from pskd.recording.lock import TakeLock
from pskd.recording.take import TakeManifest, TakeState
from pskd.recording.writer import TakeWriter
from pskd.types import Segment

Progress = Callable[[int, int, str], None]
_STAGE = ".import-"


@dataclass
class ImportReport:
    """What an import did.

    Attributes:
        importer: the data set's name.
        added: takes that are new.
        already: trials that were in the library before.
        skipped: damaged trials that were left out, each as one sentence (only where that was asked for).
    """

    importer: str
    added: int = 0
    already: int = 0
    skipped: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """One line for people."""
        already = f"{self.already} {'was' if self.already == 1 else 'were'} there already" if self.already else ""
        skipped = f"{len(self.skipped)} damaged left out" if self.skipped else ""
        if not self.added:
            return "; ".join(part for part in ("Nothing changed: no new takes", already, skipped) if part) + "."
        return "; ".join(part for part in (f"Imported {self.added} takes", already, skipped) if part) + "."


def import_dataset(
    name: str,
    source: Path | str,
    library_path: Path | str,
    *,
    progress: Progress | None = None,
    skip_damaged: bool = False,
) -> ImportReport:
    """Import a data set.

    Args:
        name: the importer, such as ``utd-mhad``.
        source: archive or folder.
        library_path: a library, or a path where a new one is made.
        progress: is told ``(done, total, step)``; step is ``reading`` or ``importing``; may raise to stop.
        skip_damaged: leave out trials that cannot be read instead of failing.

    Raises:
        BadFile: the source, or one trial in it, cannot be read; the library is as it was.
        PskdError: the library's path holds something else.
    """
    importer, library_path = IMPORTERS.get(name)(), Path(library_path)
    library = _existing(library_path)
    tell = progress or (lambda done, total, step: None)
    with _alone(library), _staging(library_path, within=library is not None) as stage:
        tell(0, 0, "reading")
        trials = _trials(importer, Path(source), stage / "source")
        known = _known(library, importer) if library else set()
        wanted = [trial for trial in trials if trial.source not in known]
        report = ImportReport(importer.name, already=len(trials) - len(wanted))
        written = _write_all(importer, wanted, stage / "library", report, skip_damaged, tell)
        if written:
            _commit(library, library_path, stage / "library", importer, written)
        report.added = len(written)
    return report


def _existing(path: Path) -> Library | None:
    if not path.exists() or (path.is_dir() and not any(_visible(path))):
        check_place(path)
        return None
    return Library.open(path) if path.is_dir() else _refuse(path)


def _refuse(path: Path) -> Library:
    raise PskdError(f"{path} is a file, not a library.", code="library.not-a-library", hint="Choose a folder.")


def _visible(path: Path) -> Iterator[Path]:
    return (entry for entry in path.iterdir() if not entry.name.startswith(_STAGE))


@contextmanager
def _alone(library: Library | None) -> Iterator[None]:
    """Hold the library's import lock, so that two imports cannot both add the same trials."""
    if library is None:
        yield
        return
    try:
        lock = TakeLock(library.path)
    except BlockingIOError as error:
        raise PskdError(
            f"Another import into {library.path} is running.", code="import.busy", hint="Wait until it has ended."
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _staging(library_path: Path, *, within: bool) -> Iterator[Path]:
    """A folder on the library's disk, gone afterwards; those of imports that were killed are cleared away too."""
    parent = library_path if within else library_path.resolve().parent
    made = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"{_STAGE}*-*"):
        pid = left.name.removeprefix(_STAGE).split("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            remove_tree(left)
    stage = Path(tempfile.mkdtemp(prefix=f"{_STAGE}{os.getpid()}-", dir=parent))
    try:
        yield stage
    finally:
        remove_tree(stage)
        with suppress(OSError):  # the library is in it now
            for folder in made:
                folder.rmdir()


def _trials(importer: Importer, source: Path, into: Path) -> list[Trial]:
    trials = importer.trials(collect(source, importer.wants, into, importer.max_file_bytes))
    if not trials:
        raise BadFile(
            source,
            f"there is no {importer.title} trial in it",
            code="import.nothing",
            hint=f"Expected {importer.expects}.",
        )
    return trials


def _known(library: Library, importer: Importer) -> set[str]:
    manifests = (entry.manifest for entry in library.takes())
    return {manifest.source for manifest in manifests if manifest and manifest.origin == importer.name}


def _write_all(
    importer: Importer, trials: Sequence[Trial], root: Path, report: ImportReport, skip_damaged: bool, tell: Progress
) -> list[Trial]:
    """Write the takes under ``root`` as a library; returns the trials that were written."""
    numbers: dict[tuple[str, str], int] = {}
    written = []
    for done, trial in enumerate(trials):
        tell(done, len(trials), "importing")
        try:
            data = importer.read(trial)
        except BadFile as error:
            named = _named(error, trial)
            if not skip_damaged:
                raise named from error
            report.skipped.append(named.message)
            continue
        place = trial.subject, trial.session
        numbers[place] = numbers.get(place, 0) + 1
        name = naming.take_name(numbers[place], trial.label)
        write_take(root / f"sub-{trial.subject}" / f"ses-{trial.session}" / name, importer.name, trial, data)
        written.append(trial)
    tell(len(trials), len(trials), "importing")
    return written


def _named(error: BadFile, trial: Trial) -> BadFile:
    """The same failure by the trial's name, for an unpacked file's own path says nothing."""
    why = error.message.removesuffix(".")
    for path in trial.files.values():
        why = why.removeprefix(f"Cannot read {path}: ")
    return BadFile(f"the trial {trial.source}", why, code=error.code, hint=error.hint)


def write_take(folder: Path, origin: str, trial: Trial, data: TrialData) -> None:
    """Write one trial as a complete take with a single labelled segment.

    Raises:
        PskdError: the disk refuses.
    """
    manifest = TakeManifest(
        subject=trial.subject,
        session=trial.session,
        name=folder.name,
        state=TakeState.RECORDING,
        start=WallAnchor(0.0, data.utc),
        streams=tuple(stream.info for stream in data.streams),
        origin=origin,
        source=trial.source,
        attributes=dict(trial.attributes),
    )
    writer = TakeWriter.create(folder, manifest, durable=False)
    try:
        for stream in data.streams:
            writer.add_samples(stream.info.name, stream.times_s, stream.values, visibility=stream.visibility)
        segment = Segment(0.0, round(data.duration_s, 6), trial.label, "import", trial.number)
        writer.finish(segments=(segment,))
    except BaseException:
        writer.abandon()
        raise


def _commit(library: Library | None, path: Path, root: Path, importer: Importer, written: Iterable[Trial]) -> None:
    written = list(written)
    used = {trial.label for trial in written}
    labels = [label for label in importer.classes if label in used]
    subjects = sorted({trial.subject for trial in written}, key=naming.natural_key)
    if library is not None:
        _move_in(library, root, labels, subjects)
        return
    staged = _dress(root, path, labels, subjects)
    if path.is_dir():
        path.rmdir()  # an empty folder; Windows renames onto nothing only
    staged.rename(path)


def _dress(root: Path, path: Path, labels: list[str], subjects: list[str]) -> Path:
    """Make the staged takes a library of their own."""
    library = Library.create(root.parent / "dressed", path.resolve().name)
    library.add_classes(labels)
    library.enrol(subjects)
    for folder in sorted(root.iterdir()):
        folder.rename(library.path / folder.name)
    return library.path


def _move_in(library: Library, root: Path, labels: list[str], subjects: list[str]) -> None:
    """Rename the staged takes into the library; if one rename fails, all are taken back."""
    before = {name: _bytes(library.path / name) for name in (LIBRARY_FILE, "participants.tsv")}
    moved: list[tuple[Path, Path]] = []
    made: list[Path] = []
    try:
        library.add_classes(labels)
        library.enrol(subjects)
        for take in sorted(root.glob("sub-*/ses-*/take-*"), key=lambda p: naming.natural_key(p.as_posix())):
            session = library.path / take.parent.relative_to(root)
            made += [folder for folder in (session.parent, session) if not folder.exists()]
            session.mkdir(parents=True, exist_ok=True)
            moved.append((take, _place(take, session)))
    except BaseException:
        for take, target in reversed(moved):
            target.rename(take)
        for folder in reversed(made):
            folder.rmdir()
        for name, content in before.items():
            if content is not None:
                (library.path / name).write_bytes(content)
        raise


def _place(take: Path, session: Path) -> Path:
    """Move one staged take to the next free number of a session."""
    manifest = documents.load(take / "take.json", TakeManifest)
    label = take.name.partition("_")[2]
    target = reserve_take(session, label)
    try:
        if target.name != manifest.name:
            documents.save(take / "take.json", msgspec.structs.replace(manifest, name=target.name), durable=False)
        if os.name == "nt":
            target.rmdir()
        take.rename(target)
    except BaseException:
        if target.exists() and not any(target.iterdir()):
            target.rmdir()
        raise
    return target


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
