"""Deleting a participant for good, after saying what goes and which runs had to do with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QWidget

from app.bridge.runs import runs_folder
from app.bridge.session import Session
from app.style.metrics import GAP_M, GAP_XL
from app.widgets import axis
from app.widgets.basics import Card, button, row, text
from app.widgets.sheet import Sheet
from app.widgets.words import many

if TYPE_CHECKING:
    from pskd.library.forget import Traces
    from pskd.library.library import Library
    from pskd.training.trace import Use

WIDTH = 500
MOST_RUNS = 6


class ForgetSheet(Sheet):
    """Choose a subject, read what goes, delete.

    Attributes:
        subject: who.
        what: what goes.
        delete: does it; off until it is known what goes.
    """

    def __init__(self, parent: QWidget, session: Session, library: Library, subjects: Sequence[str]) -> None:
        self._session, self._library = session, library
        self.subject = QComboBox()
        self.subject.setAccessibleName("Subject to delete")
        self.subject.addItems(list(subjects))
        self.what = text("", "body", wrap=True)
        self.runs = text("", "small", tone="soft", wrap=True)
        self.delete = button("Delete for good", "danger", icon="trash", on_click=self._delete)
        card = Card(
            text("Delete a subject", "heading"),
            self.subject,
            self.what,
            self.runs,
            GAP_M,
            row(None, button("Cancel", on_click=self.close_sheet), self.delete),
            padding=GAP_XL,
            spacing=GAP_M,
        )
        card.setFixedWidth(WIDTH)
        super().__init__(parent, card)
        self.subject.currentTextChanged.connect(self._look)
        self._look(self.subject.currentText())
        self.subject.setFocus()

    def _look(self, subject: str) -> None:
        self.delete.setEnabled(False)
        self.what.setText("Looking…")
        self.runs.setText("")
        library = self._library

        def work() -> tuple[Traces, list[Use]]:
            from pskd.training.trace import uses_of

            places = [library.path / "runs", runs_folder(library.path)]
            return library.traces(subject), uses_of(subject, library.path, places)

        self._session.run(work, lambda found: self._show(*found))

    def _show(self, found: Traces, uses: list[Use]) -> None:
        try:
            if found.subject != self.subject.currentText():
                return
        except RuntimeError:
            return  # the sheet has been closed meanwhile
        self.what.setText(what_goes(found))
        self.runs.setText(_about_runs([(use.run, use.how) for use in uses]))
        self.delete.setEnabled(True)

    def _delete(self) -> None:
        subject, library, session = self.subject.currentText(), self._library, self._session
        self.close_sheet()

        def done(found: object) -> None:
            session.say(f"Everything of subject {subject} is deleted.", tone="good")
            session.takes_changed.emit()

        session.run(lambda: library.forget(subject), done)


def what_goes(found: Traces) -> str:
    """What is deleted, in one or two sentences."""
    parts = [f"{many(len(found.takes), 'take')} ({axis.duration(found.duration_s)})", "all labels"]
    parts += [many(found.films, "film")] if found.films else []
    parts += [f"{many(found.trashed, 'take')} in the trash"] if found.trashed else []
    parts += ["the line in the table of participants"] if found.listed else []
    parts += ["the consent"] if found.consent else []
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{listed} of subject {found.subject} are deleted from this disk. This cannot be undone."


def _about_runs(uses: Sequence[tuple[Path, str]]) -> str:
    if not uses:
        return "No run had to do with this subject."
    named = [f"{run.name} {how}" for run, how in uses[:MOST_RUNS]]
    more = [f"and {len(uses) - MOST_RUNS} more"] if len(uses) > MOST_RUNS else []
    return "These runs are left as they are; they hold no recording:\n" + "\n".join([*named, *more])
