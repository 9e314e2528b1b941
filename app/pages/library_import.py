"""The sheet that imports a published data set into the open library."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLineEdit, QProgressBar, QWidget

from app.bridge.importing import ImportBridge
from app.bridge.session import Session
from app.style.metrics import GAP_L, GAP_S, GAP_XL
from app.style.theme import restyle
from app.widgets.basics import Card, button, column, row, text
from app.widgets.sheet import Sheet

_STEPS = {"reading": "Looking through the files", "importing": "Writing takes"}


class ImportSheet(Sheet):
    """Choose a data set and its files, watch the progress, or stop without a trace."""

    def __init__(self, parent: QWidget, session: Session) -> None:
        self.session = session
        self.bridge = ImportBridge(session)
        self.sets = ImportBridge.data_sets()
        self.kind = QComboBox()
        self.kind.setAccessibleName("Data set")
        for entry in self.sets:
            self.kind.addItem(entry.title)
        self.expects = text("", "caption", wrap=True)
        self.source = QLineEdit()
        self.source.setAccessibleName("Archive or folder")
        self.source.setPlaceholderText("Archive or folder")
        self.skip = QCheckBox("Leave damaged trials out instead of stopping")
        self.bar = QProgressBar()
        self.said = text("", "small", tone="soft", wrap=True)
        self.go = button("Import", "primary", on_click=self._start)
        self.away = button("Close", on_click=self._leave)
        super().__init__(parent, self._card())
        self.kind.currentIndexChanged.connect(self._describe)
        self.source.textChanged.connect(lambda _: self._refresh())
        self.bridge.progress.connect(self._progress)
        self.bridge.finished.connect(self._finished)
        self.bridge.failed.connect(self._failed)
        self._describe(0)
        self._refresh()
        self.source.setFocus()

    def _card(self) -> Card:
        files = button("File…", on_click=self._ask_file)
        folder = button("Folder…", on_click=self._ask_folder)
        library = self.session.library_name()
        card = Card(
            text("Import a data set", "heading"),
            text(f"Every trial becomes a take in “{library}”. Trials that are there already are left alone.", "small",
                 tone="soft", wrap=True),
            GAP_S,
            column(text("Data set", "small", tone="soft"), self.kind, self.expects, spacing=GAP_S),
            column(text("Files", "small", tone="soft"), row(self.source, files, folder), spacing=GAP_S),
            self.skip,
            self.bar,
            self.said,
            row(None, self.away, self.go),
            padding=GAP_XL,
            spacing=GAP_L - 2,
        )  # fmt: skip
        card.setFixedWidth(560)
        self.bar.hide()
        return card

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes, or stops a running import."""
        if self.bridge.running:
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the card closes, unless an import is running."""
        if not self.bridge.running:
            super().mousePressEvent(event)

    def _describe(self, index: int) -> None:
        entry = self.sets[index]
        self.expects.setText(f"Expects {entry.expects}. {entry.reference}")

    def _ask_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Archive", "", "Archives (*.zip *.tar *.tar.gz *.tgz);;All (*)")
        if path:
            self.source.setText(path)

    def _ask_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Folder")
        if path:
            self.source.setText(path)

    def _refresh(self) -> None:
        running = self.bridge.running
        self.go.setEnabled(bool(self.source.text().strip()) and not running and self.session.library is not None)
        self.away.setText("Stop" if running else "Close")
        for widget in (self.kind, self.source, self.skip):
            widget.setEnabled(not running)

    def _start(self) -> None:
        library = self.session.library
        if library is None:
            return
        source = Path(self.source.text().strip()).expanduser()
        self.bar.setRange(0, 0)
        self.bar.show()
        self._say("Looking through the files", "soft")
        name = self.sets[self.kind.currentIndex()].name
        self.bridge.start(name, source, library.path, skip_damaged=self.skip.isChecked())
        self._refresh()

    def _leave(self) -> None:
        if self.bridge.running:
            self._say("Stopping", "soft")
            self.bridge.stop()
        else:
            self.close_sheet()

    def _progress(self, done: int, total: int, step: str) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        words = _STEPS.get(step, step)
        self._say(f"{words}: {done} of {total}" if total else words, "soft")

    def _finished(self, words: str) -> None:
        self.bar.hide()
        self._say(words or "Stopped. The library is as it was.", "good" if words else "soft")
        self._refresh()

    def _failed(self, message: str, hint: str) -> None:
        self.bar.hide()
        self._say(f"{message} {hint}".strip(), "bad")
        self._refresh()

    def _say(self, words: str, tone: str) -> None:
        self.said.setText(words)
        restyle(self.said, tone=tone)
