"""What a take brought, and whether it is kept."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from app.bridge.take_result import TakeResult
from app.style.metrics import GAP_M
from app.style.theme import set_icon
from app.widgets.basics import Card, button, column, icon_label, row, text
from app.widgets.note_list import SIGNS, NoteList
from app.widgets.tiles import FactList
from app.widgets.words import many, readable

LEAST_PX = 72


class ResultCard(Card):
    """Shown after a take; the take is on disk and kept unless the person redoes it.

    Attributes:
        notes: what a look over the take found.
        found: facts and notes, which scroll where the window is low.
        keep: the button that keeps it.
        redo: the button that sets it aside.

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
        self.found = _Found(self._facts, self.notes)
        self.body.addWidget(self.found)
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
            facts.append((readable(stream.name), words, tone, ""))
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
        self.found.verticalScrollBar().setValue(0)
        self.setAccessibleName(self._heading.text())
        self.show()


class _Found(QScrollArea):
    """As high as what is in it, and scrolled where there is less room than that."""

    def __init__(self, *parts: QWidget) -> None:
        super().__init__()
        self._content = QWidget()
        self._content.setLayout(column(*parts, None, spacing=GAP_M * 2))
        self._content.setProperty("scroll", "true")
        self.setWidget(self._content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.viewport().setAutoFillBackground(False)
        self._content.setAutoFillBackground(False)
        self._content.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Other words, or another width, need another height."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """All of it, at the width that there is."""
        hint = self._content.sizeHint()
        width = self.viewport().width()
        return QSize(hint.width(), self._content.heightForWidth(width) if width > 0 else hint.height())

    def minimumSizeHint(self) -> QSize:
        """A few lines."""
        return QSize(0, min(LEAST_PX, self.sizeHint().height()))


def size_text(size: int) -> str:
    """Bytes as people read them."""
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"
