"""Step 1: what is there to learn from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout, QWidget

from app.bridge.data_outline import DataOutline
from app.style.metrics import GAP_L, GAP_M
from app.style.theme import restyle
from app.widgets import axis
from app.widgets.basics import Card, column, icon_label, row, scrolled, text, wrapped
from app.widgets.count_bars import CountBars
from app.widgets.tiles import Tiles
from app.widgets.words import many
from app.wizard.step import Step

SCROLL_BAR = 14
TOTALS = ("clips", "classes", "subjects", "with skeleton", "labelled")


class DataStep(Step):
    """Shows the library as training sees it, and says in plain words what to know before going on."""

    def __init__(self) -> None:
        super().__init__(
            "What is there to learn from?",
            "A clip is one labelled segment of a take. The more clips, people and ways of doing it, the better.",
        )
        self.outline: DataOutline | None = None
        self.totals = Tiles(TOTALS)
        self.notes = QWidget()
        self.notes_layout = QVBoxLayout(self.notes)
        self.notes_layout.setContentsMargins(0, 0, 0, 0)
        self.notes_layout.setSpacing(GAP_M)
        self.use_unlabelled = QCheckBox("Let the teachers use them")
        self.use_unlabelled.setChecked(True)
        self.unlabelled_words = text("", "strong", wrap=True)
        self.unlabelled_card = Card(
            self.unlabelled_words,
            text(
                "The teachers say what they see in these takes, and the student learns from that. Takes that are kept "
                "for testing stay out of it.",
                "small", tone="soft", wrap=True,
            ),
            self.use_unlabelled,
        )  # fmt: skip
        self.unlabelled_card.hide()
        self.classes = CountBars()
        left = Card(text("Clips by class", "strong"), scrolled(wrapped(column(self.classes, None))))
        self.right = wrapped(column(Card(self.totals), self.unlabelled_card, self.notes, None, spacing=GAP_L))
        self.right.installEventFilter(self)
        self.right_area = scrolled(self.right)
        lower = row(left, self.right_area, spacing=GAP_L)
        lower.setStretch(0, 5)
        lower.setStretch(1, 6)
        self.body.addLayout(lower, 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """On a narrow page the classes give way to what is said beside them."""
        if watched is self.right and event.type() == QEvent.Type.LayoutRequest:
            self.right_area.setMinimumWidth(self.right.minimumSizeHint().width() + SCROLL_BAR)
        return super().eventFilter(watched, event)

    def ready(self) -> bool:
        """There is something to learn from."""
        return self.outline is not None and not self.outline.problems

    @property
    def unlabelled(self) -> bool:
        """Whether teachers may teach on takes that nobody labelled."""
        return self.use_unlabelled.isChecked()

    def show_outline(self, outline: DataOutline) -> None:
        """Show a library."""
        self.outline = outline
        values = (f"{outline.clips:,}", str(len(outline.class_counts)), str(len(outline.subjects)),
                  f"{outline.with_camera:,}", axis.duration(outline.seconds))  # fmt: skip
        for name, value in zip(TOTALS, values, strict=True):
            self.totals.show_value(name, value)
        self._offer_unlabelled(outline.unlabelled)
        self.classes.set_rows([(name, count) for name, count in outline.class_counts.items()])
        self._show_notes([("bad", line) for line in outline.problems] + [("warn", line) for line in outline.warnings])
        self.changed.emit()

    def _offer_unlabelled(self, count: int) -> None:
        self.unlabelled_words.setText(f"{many(count, 'take')} {'has' if count == 1 else 'have'} no labels")
        self.use_unlabelled.setText(f"Let the teachers use {'it' if count == 1 else 'them'}")
        self.unlabelled_card.setVisible(count > 0)

    def _show_notes(self, notes: Sequence[tuple[str, str]]) -> None:
        while (item := self.notes_layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for tone, line in notes or [("good", "Nothing stands out. This library can be trained on as it is.")]:
            self.notes_layout.addWidget(note(tone, line))


def note(tone: str, line: str) -> QFrame:
    """A sentence on a ground that says how serious it is."""
    frame = QFrame()
    frame.setProperty("kind", "banner")
    restyle(frame, tone=tone)
    icon = {"bad": "error", "warn": "warning", "good": "check-circle"}.get(tone, "info")
    words = text(line, "small", wrap=True)
    words.setMinimumWidth(1)  # else one long name in it would widen the page
    sign = icon_label(icon, tone if tone in ("bad", "warn", "good") else "accent", 18)
    layout = row(sign, words, spacing=GAP_M)
    layout.setStretch(1, 1)
    layout.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
    layout.setContentsMargins(GAP_L - 2, GAP_M + 2, GAP_L - 2, GAP_M + 2)
    frame.setLayout(layout)
    return frame
