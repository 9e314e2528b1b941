"""The library page's side of :mod:`pskd.library`: the list, the totals, one take at a time, imports."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.bridge.annotations import Saver, Segments
from app.bridge.quality import stored_notes, worst_of
from app.bridge.session import Session
from app.bridge.take_view import TakeView, view_of
from app.widgets.take_list import TakeRow

if TYPE_CHECKING:
    from pskd.library.index import TakeEntry
    from pskd.library.library import Library
    from pskd.recording.take import TakeManifest

USABLE = ("complete", "recovered")


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """The library as a whole.

    Attributes:
        rows: its takes.
        labels: by take, the labels of its segments, repeats kept.
        classes: in the library's order.
        subjects: in natural order.
        problems: takes that cannot be read, with one sentence each.
    """

    rows: tuple[TakeRow, ...] = ()
    labels: dict[str, tuple[str, ...]] | None = None
    classes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def usable(self) -> tuple[TakeRow, ...]:
        """The takes that can be learned from: neither set aside nor damaged."""
        return tuple(row for row in self.rows if row.state in USABLE)

    @property
    def duration_s(self) -> float:
        """All usable takes together."""
        return sum(row.duration_s for row in self.usable)

    @property
    def segments(self) -> int:
        """All labelled segments of usable takes."""
        return sum(len((self.labels or {}).get(row.id, ())) for row in self.usable)

    def counts(self) -> NDArray[np.int64]:
        """Segments of usable takes by class and subject, ``(K, S)``."""
        place = {name: number for number, name in enumerate(self.classes)}
        people = {name: number for number, name in enumerate(self.subjects)}
        table = np.zeros((len(self.classes), len(self.subjects)), np.int64)
        for row in self.usable:
            for label in (self.labels or {}).get(row.id, ()):
                table[place[label], people[row.subject]] += 1
        return table


class LibraryBridge(QObject):
    """Reads the open library off the window's thread.

    Attributes:
        overview: as last read.
        saver: puts annotations on disk.

    Signals:
        changed: ``overview`` is new.
        row_changed: one take's row is new.
        take_ready: a :class:`TakeView`.
        take_failed: id, message and hint of a take that cannot be read.
        review_failed: id of a take that could not be looked over.
    """

    changed = Signal()
    row_changed = Signal(object)
    take_ready = Signal(object)
    take_failed = Signal(str, str, str)
    review_failed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.overview = Overview()
        self.saver = Saver(session)
        self.saver.saved.connect(self._saved)
        self.saver.failed.connect(session.show_error)
        self._wanted = ""
        self._reading = self._again = self._own_change = False
        session.library_changed.connect(self.refresh)
        session.takes_changed.connect(self._takes_changed)

    def refresh(self) -> None:
        """Read the list anew."""
        library = self.session.library
        if library is None:
            self._show(Overview())
        elif self._reading:
            self._again = True
        else:
            self._reading = True
            self.session.run(lambda: overview_of(library), self._listed, self._not_listed)

    def load(self, take_id: str) -> None:
        """Read one take; a later call overtakes an earlier one."""
        library = self.session.library
        self._wanted = take_id
        if library is None or not take_id:
            return

        def work() -> TakeView:
            return _read_view(library, take_id)

        self.session.run(work, self._loaded, lambda error: self._not_loaded(take_id, error))

    def review(self, take_id: str, wrist: str = "") -> None:
        """Look a take over anew and read it again.

        Args:
            take_id: which.
            wrist: the wrist that its subject is said to wear the watch on from now on; as before where empty.
        """
        library = self.session.library
        if library is None or not take_id:
            return
        self.saver.flush()

        def work() -> TakeView:
            from pskd.library.review import review_entry
            from pskd.library.wrists import set_wrist

            entry = library.take(take_id)
            if wrist:
                set_wrist(library, entry.subject, wrist)
            review_entry(library, entry)
            return _read_view(library, take_id)

        self.session.run(work, self._reviewed, lambda error: self._not_reviewed(take_id, error))

    def save(self, take_id: str, segments: Segments) -> None:
        """Put a take's segments on disk soon."""
        if self.session.library is not None:
            self.saver.save(self.session.library, take_id, segments)

    def remove(self, take_id: str) -> None:
        """Move a take into the library's trash."""
        library = self.session.library
        if library is not None:
            self.session.run(lambda: library.remove_take(take_id), lambda _: self._removed(take_id))

    def colour_of(self, label: str) -> int:
        """Which class colour a label has: its place among the library's classes."""
        classes = self.overview.classes
        return classes.index(label) if label in classes else len(classes)

    def _removed(self, take_id: str) -> None:
        self.session.say(f"{take_id} is in the library's trash now.", "Its files are in the folder .trash.")
        self.session.takes_changed.emit()

    def _takes_changed(self) -> None:
        if not self._own_change:
            self.refresh()

    def _listed(self, overview: Overview) -> None:
        self._reading = False
        self._show(overview)
        if self._again:
            self._again = False
            self.refresh()

    def _not_listed(self, error: Exception) -> None:
        self._reading = self._again = False
        self.session.show_error(error)

    def _show(self, overview: Overview) -> None:
        self.overview = overview
        self.changed.emit()

    def _loaded(self, view: TakeView) -> None:
        if view.id == self._wanted:
            self.take_ready.emit(view)

    def _reviewed(self, view: TakeView) -> None:
        """Show the take and its mark anew; the rest of the library is as it was."""
        row = next((row for row in self.overview.rows if row.id == view.id), None)
        if row is not None:
            tone, why = worst_of(view.notes)
            new = replace(row, mark=tone, why=why)
            rows = tuple(new if old.id == view.id else old for old in self.overview.rows)
            self.overview = replace(self.overview, rows=rows)
            self.row_changed.emit(new)
        self._loaded(view)

    def _not_reviewed(self, take_id: str, error: Exception) -> None:
        self.session.show_error(error)
        if take_id == self._wanted:
            self.review_failed.emit(take_id)

    def _not_loaded(self, take_id: str, error: Exception) -> None:
        from app.bridge.session import explained

        if take_id == self._wanted and self.session.library is not None:
            message, hint = explained(error)
            within = message.replace(f"{self.session.library.path}{os.sep}", "")
            self.take_failed.emit(take_id, within, hint or "Its other files are untouched; look at them in its folder.")

    def _saved(self, take_id: str, segments: Segments) -> None:
        """Bring the one row and the totals up to date without reading the whole library again."""
        labels = tuple(segment.label for segment in segments)
        old = self.overview
        rows = tuple(replace(r, labels=tuple(dict.fromkeys(labels))) if r.id == take_id else r for r in old.rows)
        classes = tuple(dict.fromkeys((*old.classes, *labels)))
        self.overview = replace(old, rows=rows, labels={**(old.labels or {}), take_id: labels}, classes=classes)
        row = next((row for row in rows if row.id == take_id), None)
        if row is not None:
            self.row_changed.emit(row)
        self._own_change = True
        self.session.takes_changed.emit()
        self._own_change = False


def _read_view(library: Library, take_id: str) -> TakeView:
    """Read one take with the camera brought onto the watch; run it off the window's thread."""
    from pskd.recording.reader import read_take
    from pskd.recording.sync_report import aligned

    folder = library.take(take_id).folder
    return view_of(take_id, aligned(read_take(folder)), stored_notes(folder))


def overview_of(library: Library) -> Overview:
    """Read the whole list; run it off the window's thread."""
    takes = library.takes()
    used = {segment.label for take in takes for segment in take.segments}
    listed = list(library.document.classes)
    classes = tuple(dict.fromkeys([*listed, *sorted(used)]))
    subjects = tuple(dict.fromkeys([*library.subjects(), *(take.subject for take in takes)]))
    return Overview(
        tuple(_row(take) for take in takes),
        {take.id: tuple(segment.label for segment in take.segments) for take in takes},
        classes,
        subjects,
        tuple((take.id, take.problem.replace(f"{take.folder}{os.sep}", "")) for take in takes if take.problem),
    )


def _row(take: TakeEntry) -> TakeRow:
    streams = _streams_of(take.manifest) if take.manifest else ""
    state = str(take.manifest.state) if take.manifest else "damaged"
    mark = worst_of(stored_notes(take.folder))
    return TakeRow(take.id, take.subject, take.session, take.name, take.labels, state, take.duration_s, streams, *mark)


def _streams_of(manifest: TakeManifest) -> str:
    """What a take was recorded from, such as ``2 watches + gyroscope + camera``."""
    from pskd.recording.names import NOUNS

    counts = Counter(NOUNS[stream.kind] for stream in manifest.streams if stream.kind in NOUNS)
    return " + ".join("2 watches" if (noun, count) == ("watch", 2) else noun for noun, count in counts.items())
