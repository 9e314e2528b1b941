"""What a take brought, and whether it is kept."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal

from app.bridge.take_result import TakeResult
from app.style.metrics import GAP_M
from app.style.theme import set_icon
from app.widgets.basics import Card, button, icon_label, row, text
from app.widgets.note_list import SIGNS, NoteList
from app.widgets.tiles import FactList
from app.widgets.words import many, readable

WHAT = {"": "Watch", "gyroscope": "Gyroscope"}


class ResultCard(Card):
    """Shown after a take; the take is on disk and kept unless the person redoes it.

    Signals:
        shown: it is there now, or gone.
        kept: all well.
        redone: set it aside and record it again.
    """

    shown = Signal(bool)
    kept = Signal()
    redone = Signal()

    def __init__(self) -> None:
        super().__init__(padding=16)
        self._heading = text("", "heading")
        self._sign = icon_label("check-circle", "good")
        self._facts = FactList()
        self.notes = NoteList()
        self.keep = button("Keep", "primary", icon="check", tip="Enter", on_click=self.kept.emit)
        self.redo = button("Redo", icon="refresh", tip="Sets this take aside (Backspace)", on_click=self.redone.emit)
        self.body.addLayout(row(self._sign, self._heading, None))
        self.body.addWidget(self._facts)
        self.body.addSpacing(GAP_M)
        self.body.addWidget(self.notes)
        self.body.addSpacing(GAP_M)
        self.body.addLayout(row(self.redo, self.keep))
        self.hide()

    def setVisible(self, visible: bool) -> None:
        """Tell of it."""
        super().setVisible(visible)
        self.shown.emit(visible)

    def show_result(self, result: TakeResult) -> None:
        """Show one take."""
        number = result.name.removeprefix("take-").partition("_")[0]
        self._heading.setText(f"Take {number} recorded")
        facts: list[tuple[str, str, str, str]] = [("Length", f"{result.duration_s:.1f} s", "", "")]
        for stream in result.streams:
            gaps = f", {many(stream.gaps, 'gap')}" if stream.gaps else ""
            tone = "bad" if not stream.count else "warn" if stream.gaps else ""
            words = f"{stream.count} at {stream.rate_hz:.1f} Hz{gaps}" if stream.count else "nothing arrived"
            facts.append((stream_name(stream.name, result.wrists), words, tone, ""))
        labels = ", ".join(f"{readable(name)} {count}" if count > 1 else readable(name)
                           for name, count in result.labels.items())  # fmt: skip
        facts.append(("Labels", labels or "none", "" if labels else "warn", ""))
        facts.append(("File", size_text(result.file_bytes), "", str(result.folder)))
        if result.simulated:
            facts.append(("Source", "Simulated", "", ""))
        self._facts.show_facts(facts)
        worst = result.notes[0].tone if result.notes else "good"
        set_icon(self._sign, SIGNS[worst], worst)
        self.notes.show_notes(result.notes)
        self.setAccessibleName(self._heading.text())
        self.show()


def size_text(size: int) -> str:
    """Bytes as people read them."""
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"


def stream_name(name: str, wrists: Mapping[str, str]) -> str:
    """What people call a stream; ``wrists`` says where each of two watches was worn, by its name."""
    if name == "pose":
        return "Camera"
    watch, _, what = name.partition("-")
    said, side = WHAT.get(what, what.capitalize()), wrists.get(watch, "")
    return f"{side.capitalize()} {said.lower()}" if side else said
