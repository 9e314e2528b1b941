"""Changing a take's segments: every change can be undone, and is on disk a moment later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.bridge.session import Session
from app.widgets.words import readable
from pskd.types import Segment

if TYPE_CHECKING:
    from pskd.library.library import Library

Segments = tuple[Segment, ...]


class _Change(QUndoCommand):
    """One change: the segments before and after, whole (a take has few)."""

    def __init__(self, words: str, before: Segments, after: Segments, put: Callable[[Segments], None]) -> None:
        super().__init__(words)
        self._before, self._after, self._put = before, after, put

    def redo(self) -> None:
        self._put(self._after)

    def undo(self) -> None:
        self._put(self._before)


class AnnotationEditor(QObject):
    """The segments of one take while a person works on them.

    Attributes:
        take_id: whose segments they are.
        segments: as they stand, in order of start.
        stack: undo and redo.

    Signals:
        changed: the segments are others now.
        history_changed: what can be undone and redone is otherwise now.
    """

    changed = Signal()
    history_changed = Signal()

    def __init__(self, take_id: str, segments: Sequence[Segment], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.take_id = take_id
        self.segments: Segments = _ordered(segments)
        self.stack = QUndoStack(self)

    def add(self, start_s: float, end_s: float, label: str) -> int:
        """Label an interval; returns its number."""
        new = Segment(start_s, end_s, label)
        self._do(f"Add {readable(label)}", (*self.segments, new))
        return self.segments.index(new)

    def move(self, index: int, start_s: float, end_s: float) -> int:
        """Give a segment other ends; returns its number afterwards."""
        moved = msgspec.structs.replace(self.segments[index], start_s=start_s, end_s=end_s, source="person")
        return self._swap(f"Move {readable(moved.label)}", index, moved)

    def relabel(self, index: int, label: str) -> int:
        """Give a segment another class; returns its number."""
        if self.segments[index].label == label:
            return index
        return self._swap(
            f"Relabel as {readable(label)}",
            index,
            msgspec.structs.replace(self.segments[index], label=label, source="person"),
        )

    def delete(self, index: int) -> None:
        """Take a segment away."""
        rest = self.segments[:index] + self.segments[index + 1 :]
        self._do(f"Delete {readable(self.segments[index].label)}", rest)

    def undo(self) -> None:
        """Take the last change back."""
        self.stack.undo()
        self.history_changed.emit()

    def redo(self) -> None:
        """Make it again."""
        self.stack.redo()
        self.history_changed.emit()

    def _swap(self, words: str, index: int, new: Segment) -> int:
        self._do(words, (*self.segments[:index], new, *self.segments[index + 1 :]))
        return self.segments.index(new)

    def _do(self, words: str, after: Segments) -> None:
        self.stack.push(_Change(words, self.segments, _ordered(after), self._put))
        self.history_changed.emit()

    def _put(self, segments: Segments) -> None:
        self.segments = segments
        self.changed.emit()


class Saver(QObject):
    """Writes annotations one after another off the window's thread; the newest state of a take always wins.

    Signals:
        saved: a take's id and the segments that are on disk now.
        failed: the exception; the change stays in the window and is tried again with the next one.
    """

    saved = Signal(str, object)
    failed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._waiting: dict[str, tuple[Library, Segments]] = {}
        self._writing = self._closed = False

    @property
    def idle(self) -> bool:
        """True when everything is on disk."""
        return not self._writing and not self._waiting

    def save(self, library: Library, take_id: str, segments: Segments) -> None:
        """Put a take's segments on disk soon."""
        self._waiting[take_id] = (library, segments)
        self._next()

    def flush(self) -> None:
        """Write what waits, here and now, and tell nobody any more: the window closes."""
        self._closed = True
        while self._waiting:
            take_id, (library, segments) = self._waiting.popitem()
            library.annotate(take_id, segments)

    def _next(self) -> None:
        if self._writing or not self._waiting:
            return
        take_id = next(iter(self._waiting))
        library, segments = self._waiting.pop(take_id)
        self._writing = True
        self._session.run(
            lambda: library.annotate(take_id, segments),
            lambda _: self._wrote(take_id, segments),
            self._broke,
        )

    def _wrote(self, take_id: str, segments: Segments) -> None:
        self._writing = False
        if not self._closed:
            self.saved.emit(take_id, segments)
            self._next()

    def _broke(self, error: Exception) -> None:
        self._writing = False
        self.failed.emit(error)
        self._next()


def _ordered(segments: Sequence[Segment]) -> Segments:
    return tuple(sorted(segments, key=lambda segment: (segment.start_s, segment.end_s)))
