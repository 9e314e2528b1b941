"""Notes about a take: one line each with a sign, the worst first; what is well is gathered in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.style.metrics import GAP_M, GAP_S
from app.style.theme import set_icon
from app.widgets.basics import column, icon_label, row, text, wrapped

SIGNS = {"good": "check-circle", "warn": "warning", "bad": "error"}
EDGE = 16


@dataclass(frozen=True, slots=True)
class QualityNote:
    """One thing that was found.

    Attributes:
        tone: ``good``, ``warn`` or ``bad``.
        text: what was found, one sentence.
        hint: what to do; empty where nothing needs to be done.
        check: what was looked at, such as ``sync``.
        about: what it is about, such as ``left``; may be empty.
    """

    tone: str
    text: str
    hint: str = ""
    check: str = ""
    about: str = ""


class NoteList(QWidget):
    """The notes of one take.

    Args:
        always: checks whose note is shown even where all is well.
    """

    def __init__(self, always: Sequence[str] = ("sync",)) -> None:
        super().__init__()
        self._always = frozenset(always)
        self._lines: list[_Line] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GAP_M)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_notes(self, notes: Sequence[QualityNote]) -> None:
        """Show these; nothing where there are none."""
        shown = [note for note in notes if note.tone != "good" or note.check in self._always]
        rest = [note for note in notes if note not in shown]
        if rest:
            troubled = any(note.tone != "good" for note in shown)
            said = (
                "Everything else is as it should be." if troubled else "Streams, sensor and body are as they should be."
            )
            shown.append(QualityNote("good", said, "\n".join(note.text for note in rest)))
        while len(self._lines) < len(shown):
            self._lines.append(_Line())
            self._layout.addWidget(self._lines[-1])
        for number, line in enumerate(self._lines):
            line.setVisible(number < len(shown))
            if number < len(shown):
                line.show_note(shown[number])
        self.setVisible(bool(shown))

    def sentences(self) -> list[str]:
        """What can be read now, for tests and for who listens instead of looking."""
        return [line.sentence for line in self._lines if line.isVisibleTo(self)]


class _Line(QWidget):
    """One note: a sign, the sentence, and below it what to do."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = ""
        self._sign = icon_label("check-circle", "good", EDGE)
        self._text, self._hint = text("", "small", wrap=True), text("", "small", tone="soft", wrap=True)
        for label in (self._text, self._hint):
            _selectable(label)
        words = column(self._text, self._hint, spacing=GAP_S // 2)
        words.setContentsMargins(0, 0, 0, 0)
        line = row(spacing=GAP_M)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(wrapped(words), 1)
        line.setContentsMargins(0, 0, 0, 0)
        self.setLayout(line)

    def show_note(self, note: QualityNote) -> None:
        """Say this."""
        good = note.tone == "good"
        set_icon(self._sign, SIGNS[note.tone], note.tone, EDGE)
        self._text.setText(note.text)
        self._hint.setText("" if good else note.hint)
        self._hint.setVisible(bool(note.hint) and not good)
        self.setToolTip(note.hint if good else "")
        self.sentence = note.text if good else f"{note.text} {note.hint}".rstrip()
        self.setAccessibleName(self.sentence)


def _selectable(label: QLabel) -> None:
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
