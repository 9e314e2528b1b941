"""Settings: how it looks, what is used by default, what this computer can do, and whose work is in it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.bridge import computer, sending, sources, watch_memory
from app.bridge.session import Session
from app.bridge.watch_words import plain
from app.pages.page import Page
from app.pages.record_camera import PRESETS
from app.style.metrics import GAP_L, GAP_M, GAP_S
from app.widgets.basics import Card, button, column, icon_label, row, scrolled, text
from app.widgets.pick_box import PickBox
from app.widgets.segmented import Segmented
from app.widgets.sheet import Sheet
from app.widgets.words import place
from pskd import __version__, config

THEMES = (
    ("system", "System", "Light or dark, as the system is"),
    ("light", "Light", "Always light"),
    ("dark", "Dark", "Always dark"),
)
CHECK_NAMES = {"lsl": "LSL"}
LSL_OPENS = (
    "From the next time that Record connects, other programs on this computer can have its streams. "
    "liblsl then opens ports on the local network; a firewall keeps others out."
)
LSL_MISSING = "Lab Streaming Layer is not installed here; the line LSL under This computer says more."


class SettingsPage(Page):
    """The page.

    Attributes:
        theme: picker of the theme.
        pose_model: picker of the pose model.
        sounds: whether cues sound.
        camera: default camera.
        watch: default watch.
        connect_self: whether the watch used last is connected to when Record opens.
        lsl: whether what Record receives is sent to the Lab Streaming Layer too.
    """

    key = "settings"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.theme = Segmented("Theme", THEMES)
        self.pose_model = Segmented("Pose model", [(model, *PRESETS[model]) for model in _installed_models()])
        self.sounds = QCheckBox("Sound when a cue begins and ends")
        self.camera, self.watch = PickBox("Default camera"), PickBox("Default watch")
        self.connect_self = QCheckBox("Connect to the last watch by itself")
        self.connect_self.setToolTip("When Record opens; otherwise a button there connects")
        self.lsl = QCheckBox("Also send to Lab Streaming Layer")
        self._library = text("", "small", tone="soft", wrap=True)
        self._checks = QGridLayout()
        self._build()
        self._connect()
        self._show()
        self._checked = False

    def enter(self, **arguments: Any) -> None:
        """Look at this computer the first time."""
        self._show()
        if not self._checked:
            self._checked = True
            self.look()

    def look(self) -> None:
        """Look at this computer (anew)."""
        self._again.setEnabled(False)
        self.session.run(computer.checks, self._show_checks)

    def _build(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        for layout in (left, right):
            layout.setSpacing(GAP_L)
        left.addWidget(Card(text("Appearance", "heading"), self.theme, spacing=GAP_M + GAP_S))
        left.addWidget(self._recording())
        left.addWidget(self._place())
        left.addStretch(1)
        right.addWidget(self._computer())
        right.addWidget(self._about())
        right.addStretch(1)
        content = QWidget()
        both = row(spacing=GAP_L)
        both.addLayout(left, 1)
        both.addLayout(right, 1)
        both.setContentsMargins(0, 0, GAP_M, 0)
        content.setLayout(both)
        self.body.addWidget(scrolled(content))

    def _recording(self) -> Card:
        return Card(
            text("Recording", "heading"),
            column(text("Camera", "small", tone="soft"), self.camera, spacing=6),
            column(text("Watch", "small", tone="soft"), self.watch, spacing=6),
            self.connect_self,
            column(text("Pose model", "small", tone="soft"), self.pose_model, spacing=6),
            self.sounds,
            column(self.lsl, text(LSL_OPENS if sending.installed() else LSL_MISSING, "caption", wrap=True), spacing=4),
            spacing=GAP_M + GAP_S,
        )

    def _place(self) -> Card:
        show = button("Show in the file manager", icon="folder-open", on_click=self._show_folder)
        self._show_library = show
        return Card(text("Library", "heading"), self._library, row(show, None), spacing=GAP_M)

    def _computer(self) -> Card:
        self._again = button("Look again", "quiet", icon="refresh", on_click=self.look)
        self._checks.setContentsMargins(0, 0, 0, 0)
        self._checks.setHorizontalSpacing(GAP_M + GAP_S)
        self._checks.setVerticalSpacing(GAP_M)
        self._checks.setColumnStretch(2, 1)
        self._checks.addWidget(text("Looking…", "small", tone="faint"), 0, 0)
        return Card(row(text("This computer", "heading"), None, self._again), self._checks, spacing=GAP_M)

    def _about(self) -> Card:
        words = text(
            "Record, train, distil and predict activities from a watch. Everything stays on this computer: "
            "nothing is sent anywhere unless you switch it on.",
            "small",
            tone="soft",
            wrap=True,
        )
        links = row(
            button("Licences", "quiet", icon="document", on_click=self.show_licences),
            button("Log", "quiet", icon="list", tip=place(config.folder()), on_click=self._show_log),
            None,
            spacing=GAP_S,
        )
        return Card(text("About", "heading"), text(f"PSKD Studio {__version__}", "strong"), words, links)

    def show_licences(self) -> Sheet:
        """Show what this program is made of."""
        words = text(computer.licences(), "small", tone="soft", wrap=True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        holder = QWidget()
        holder.setLayout(column(words))
        area = scrolled(holder)
        area.setMinimumSize(560, 420)
        sheet = Sheet(self.window(), Card(text("Licences", "heading"), area, padding=24, spacing=GAP_L))
        close = button("Close", "primary", on_click=sheet.close_sheet)
        sheet.card.layout().addLayout(row(None, close))  # type: ignore[union-attr]
        return sheet

    def _connect(self) -> None:
        session = self.session
        self.theme.chosen.connect(lambda choice: session.change(theme=choice))
        self.pose_model.chosen.connect(lambda choice: session.change(pose_model=choice))
        self.sounds.toggled.connect(lambda on: session.change(sounds=on))
        self.connect_self.toggled.connect(lambda on: session.change(connect=on))
        self.lsl.toggled.connect(lambda on: session.change(lsl=on))
        self.camera.picked.connect(lambda uri: session.change(camera=uri))
        self.watch.picked.connect(lambda uri: session.change(watch=uri))
        session.settings_changed.connect(self._show)
        session.library_changed.connect(self._show)
        session.cameras.changed.connect(self._show)

    def _show(self) -> None:
        settings = self.session.settings
        self.theme.choose(settings.theme)
        self.pose_model.choose(settings.pose_model)
        can_send = sending.installed()
        self.lsl.setEnabled(can_send)
        switches = {self.sounds: settings.sounds, self.connect_self: settings.connect}
        for switch, on in {**switches, self.lsl: settings.lsl and can_send}.items():
            switch.blockSignals(True)
            switch.setChecked(on)
            switch.blockSignals(False)
        for role, box, choices, uri in (
            ("camera", self.camera, self.session.cameras.choices(), settings.camera),
            ("watch", self.watch, [*watch_memory.remembered(self.session), *sources.watches()], settings.watch),
        ):
            box.set_entries([(c.uri, c.name, c.icon, c.note) for c in choices])
            if not box.choose(uri):
                choice = watch_memory.known(self.session, uri, role)
                box.offer((choice.uri, choice.name, choice.icon, choice.note))
        library = self.session.library
        self._library.setText(place(library.path) if library is not None else "No library is open.")
        self._show_library.setEnabled(library is not None)

    def _show_checks(self, found: list[computer.Fact]) -> None:
        self._again.setEnabled(True)
        while item := self._checks.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        top = Qt.AlignmentFlag.AlignTop
        for line, fact in enumerate(found):
            mark = icon_label("check-circle" if fact.ok else "info", "good" if fact.ok else "warn", 16)
            self._checks.addWidget(mark, line, 0, top)
            self._checks.addWidget(text(CHECK_NAMES.get(fact.name, fact.name.capitalize()), "small"), line, 1, top)
            self._checks.addWidget(self._fact(fact), line, 2, top)

    def _fact(self, fact: computer.Fact) -> QLabel:
        words = f"{fact.found}\n{plain(fact.todo)}" if fact.todo else fact.found
        label = text(words, "small", tone="soft", wrap=True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return label

    def _show_folder(self) -> None:
        if self.session.library is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.session.library.path)))

    def _show_log(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(config.folder())))


def _installed_models() -> tuple[str, ...]:
    from pskd.vision.pose import installed_models

    return installed_models()
