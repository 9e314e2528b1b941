"""The sheet for a new library, and the system's own ways to choose a folder or a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QLayout, QLineEdit, QWidget

from app.style.metrics import GAP_M, GAP_S, GAP_XL
from app.widgets.basics import Card, button, column, row, text
from app.widgets.sheet import Sheet
from app.widgets.words import place

WIDTH = 520


def documents_folder() -> Path:
    """Where people keep their files."""
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(found) if found else Path.home()


def choose_folder(parent: QWidget, title: str, on_chosen: Callable[[str], object], start: str = "") -> QFileDialog:
    """Ask for a folder without stopping the program."""
    dialog = QFileDialog(parent, title, start or str(documents_folder()))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(on_chosen)
    dialog.open()
    return dialog


def choose_file(parent: QWidget, title: str, kinds: str, on_chosen: Callable[[str], object]) -> QFileDialog:
    """Ask for a file without stopping the program; ``kinds`` is a Qt filter."""
    dialog = QFileDialog(parent, title, str(documents_folder()), kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(on_chosen)
    dialog.open()
    return dialog


class NewLibrarySheet(Sheet):
    """Name and place of a new library.

    Signals:
        accepted: folder and name.
    """

    accepted = Signal(object, str)

    def __init__(self, parent: QWidget) -> None:
        self.name = QLineEdit("My library")
        self.name.setAccessibleName("Name of the library")
        self.place = QLineEdit(str(documents_folder()))
        self.place.setAccessibleName("Folder in which it is made")
        self._path = text("", "caption", wrap=True)
        self.create_button = button("Create", "primary", on_click=self._accept)
        browse = button("Choose…", on_click=self._browse)
        card = Card(
            text("New library", "heading"),
            text("A folder that keeps your takes. Everything stays on this computer.", tone="soft", wrap=True),
            GAP_M,
            *_field("Name", self.name),
            *_field("In the folder", self.place, browse),
            self._path,
            GAP_M,
            row(None, button("Cancel", on_click=self._leave), self.create_button),
            padding=GAP_XL,
        )
        card.setFixedWidth(WIDTH)
        super().__init__(parent, card)
        self.name.textChanged.connect(self._check)
        self.place.textChanged.connect(self._check)
        self.name.returnPressed.connect(self._accept)
        self._check()
        self.name.setFocus()
        self.name.selectAll()

    def path(self) -> Path:
        """The folder that will be made."""
        safe = "".join(c if c.isalnum() or c in " -_." else "-" for c in self.name.text()).strip(" .")
        return Path(self.place.text()).expanduser() / safe.replace(" ", "-").lower()

    def _check(self) -> None:
        self._path.setText(place(self.path()))
        self.create_button.setEnabled(bool(self.name.text().strip()) and bool(self.place.text().strip()))

    def _leave(self) -> None:
        self.close_sheet()

    def _browse(self) -> None:
        choose_folder(self, "In which folder?", self.place.setText, self.place.text())

    def _accept(self) -> None:
        if self.create_button.isEnabled():
            self.close_sheet()
            self.accepted.emit(self.path(), self.name.text().strip())


def _field(name: str, *parts: QWidget) -> tuple[QWidget, QLayout]:
    label = text(name, "small", tone="soft")
    label.setBuddy(parts[0])
    line = row(spacing=GAP_M)
    line.addWidget(parts[0], 1)
    for part in parts[1:]:
        line.addWidget(part)
    return label, column(line, GAP_S)
