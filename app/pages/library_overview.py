"""The library as a whole: totals, and what is missing."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.bridge.library import Overview
from app.style.metrics import GAP_L, GAP_M
from app.widgets import axis
from app.widgets.basics import Card, button, column, row, scrolled, text, wrapped
from app.widgets.coverage import Coverage
from app.widgets.tiles import Tiles
from app.widgets.words import many

MOST = 4
TOTALS = ("takes", "subjects", "classes", "segments", "recorded")


class OverviewPanel(QWidget):
    """Totals over a table of classes and subjects.

    Signals:
        chosen: a class and a subject (empty for all) whose takes are wanted.
        forget_wanted: a subject is to be deleted.
    """

    chosen = Signal(str, str)
    forget_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.totals = Tiles(TOTALS)
        self.missing = text("", "small", tone="soft", wrap=True)
        self.problems = text("", "small", tone="warn", wrap=True)
        self.coverage = Coverage()
        self.coverage.chosen.connect(self.chosen)
        inner = wrapped(column(self.coverage, None))
        self.forget = button(
            "Delete a subject…",
            "quiet",
            icon="trash",
            tip="Everything of a participant",
            on_click=self.forget_wanted.emit,
        )
        heading = row(spacing=GAP_M)
        heading.addWidget(text("Labelled segments by class and subject", "heading", wrap=True), 1)
        heading.addWidget(self.forget)
        self.table = Card(column(heading, self.missing, spacing=2), scrolled(inner))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_L)
        layout.addWidget(Card(self.totals, self.problems, spacing=GAP_M))
        layout.addWidget(self.table, 1)

    def show_overview(self, overview: Overview) -> None:
        """Show a library."""
        numbers = (len(overview.usable), len(overview.subjects), len(overview.classes), overview.segments)
        for name, number in zip(TOTALS, numbers, strict=False):
            self.totals.show_value(name, f"{number:,}")
        self.totals.show_value("recorded", axis.duration(overview.duration_s))
        counts = overview.counts()
        self.coverage.set_counts(overview.classes, overview.subjects, counts)
        self.missing.setText(_missing(int((counts == 0).sum()), counts.size))
        lines = _troubles(overview)
        self.problems.setVisible(bool(lines))
        self.problems.setText("\n".join(lines))


def _troubles(overview: Overview) -> list[str]:
    """What is not counted above, and why."""
    lines = [f"{take}: {problem}" for take, problem in overview.problems[:MOST]]
    if len(overview.problems) > MOST:
        lines.append(f"and {len(overview.problems) - MOST} more takes with a problem")
    aside = sum(row.state == "discarded" for row in overview.rows)
    return [*lines, f"{many(aside, 'take')} set aside and not counted."] if aside else lines


def _missing(missing: int, pairs: int) -> str:
    if not pairs:
        return "Nothing is labelled yet. Open a take and drag over the lane above its signal."
    if not missing:
        return "Every subject has every class. Click a bar to see its takes."
    said = "1 pair of class and subject is" if missing == 1 else f"{missing} pairs of class and subject are"
    return f"{said} missing, marked by a dot. Click a bar to see its takes."
