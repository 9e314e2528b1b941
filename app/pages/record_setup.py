"""The right side of the Record page: from what, from whom, and how it is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.bridge import cues, sources
from app.bridge.session import Session
from app.pages.home_dialogs import choose_file
from app.pages.record_camera import CameraSheet
from app.pages.record_privacy import PrivacyRow
from app.pages.record_watches import WatchList
from app.style.metrics import GAP_M, GAP_S
from app.widgets.basics import Card, column, icon_button, row, text, wrapped
from app.widgets.key_strip import KEYS, KeyStrip
from app.widgets.link_badge import LinkBadge
from app.widgets.pick_box import PickBox
from app.widgets.segmented import Segmented
from app.widgets.words import readable, stored
from pskd.errors import PskdError
from pskd.recording.cues import CueProtocol

MODES = (
    ("one", "One class", "The whole take is one class"),
    ("keys", "Keys", "Press a class's key when it begins and when it ends"),
    ("cues", "Cues", "The screen says what to do, and when"),
)
FILMS = "Films (*.mp4 *.avi *.mov *.mkv *.webm *.m4v);;All files (*)"
WIDTH = 316


class SetupPanel(QWidget):
    """All that is chosen before a take.

    Attributes:
        camera: picker of the camera.
        watches: the watches, one or two.
        watch: picker of the first watch.
        subject: who is recorded.
        mode: how it is labelled.
        label: class of the whole take.
        keys: the class keys.
        protocol: picker of the cue protocol.
        camera_badge: link of the camera.
        privacy: consent, and whether a film is kept.

    Signals:
        sources_changed: another camera or watch was chosen.
    """

    sources_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setFixedWidth(WIDTH)
        self.camera, self.camera_badge = PickBox("Camera"), LinkBadge("Camera")
        self.watches = WatchList(session)
        self.watch = self.watches.slots[0].box
        self.subject = _editable("Subject")
        self.mode = Segmented("Labelling", MODES)
        self.label = _editable("Class")
        self.keys = KeyStrip()
        self.protocol = PickBox("Cue protocol")
        self.privacy = PrivacyRow(session)
        self._how = icon_button("settings", "How the camera is used", on_click=self.show_camera_sheet)
        self._about = text("", "caption", wrap=True)
        self._loaded: CueProtocol | None = None
        self._classes: tuple[str, ...] = ()
        self._keys_caption = text("One key a class, while recording", "caption")
        self._build()
        self._connect()
        self.fill_cameras()
        self._fill_protocols()

    def fill_cameras(self) -> None:
        """Offer the cameras that are there, and choose the one used last."""
        wanted = self._session.settings.camera
        choices = self._session.cameras.choices()
        self.camera.set_entries([(c.uri, c.name, c.icon, c.note) for c in choices], [("film", "Film…", "film")])
        if not self.camera.choose(wanted):
            self._offer(wanted)

    def use(self, camera: str | None = None, watch: str | None = None) -> None:
        """Choose camera and first watch by their URI, as a person would."""
        if camera is not None:
            self._offer(camera)
            self._session.change(camera=self.camera.key)
        if watch is not None:
            self.watches.use(0, watch)  # tells of the change
        else:
            self.sources_changed.emit()

    def set_people(self, subjects: Sequence[str], classes: Sequence[str]) -> None:
        """Offer the library's subjects and classes; what was typed stays."""
        _offer_texts(self.subject, subjects or ["01"])
        self._classes = tuple(classes)
        _offer_texts(self.label, [readable(name) for name in classes])
        self.keys.set_classes(classes)
        few = len(classes) <= len(KEYS)
        self._keys_caption.setText(
            f"{'One key a class' if few else f'Keys for the first {len(KEYS)} classes'}, while recording"
        )

    def wanted_label(self) -> str:
        """The class that was typed or chosen, as it is stored."""
        return stored(self.label.currentText(), self._classes)

    def choose_label(self, label: str) -> None:
        """Choose a class as a person would."""
        self.label.setCurrentText(readable(label))

    def wanted_subject(self) -> str:
        """The subject that was typed or chosen."""
        return self.subject.currentText().strip()

    def wanted_protocol(self) -> CueProtocol | None:
        """The protocol, read; None where it could not be."""
        return self._loaded

    def set_recording(self, on: bool) -> None:
        """While a take runs nothing can be changed but the keys."""
        for widget in (
            self.camera, self.subject, self.mode, self.label, self.protocol, self.privacy, self._how,
        ):  # fmt: skip
            widget.setEnabled(not on)
        self.watches.set_recording(on)
        self.keys.setEnabled(on)

    def make_room(self, on: bool) -> None:
        """Hide what is not needed while the result of a take is shown."""
        self._who.setVisible(not on)

    def _build(self) -> None:
        where = Card(
            _centred(text("Camera", "small", tone="soft"), self._how, None, self.camera_badge),
            self.camera,
            GAP_S,
            self.watches,
            padding=16,
            spacing=6,
        )
        self._pages = QStackedWidget()
        one = column(text("Class", "small", tone="soft"), self.label, None, spacing=6)
        keys = column(self._keys_caption, self.keys, None, spacing=GAP_M)
        cue = column(text("Protocol", "small", tone="soft"), self.protocol, self._about, None, spacing=6)
        for layout in (one, keys, cue):
            self._pages.addWidget(wrapped(layout))
        self._fit_pages()
        self._who = Card(
            text("Subject", "small", tone="soft"),
            self.subject,
            self.privacy,
            GAP_S,
            self.mode,
            GAP_S,
            self._pages,
            padding=16,
            spacing=6,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M + GAP_S)
        layout.addWidget(where)
        layout.addWidget(self._who)
        self.keys.setEnabled(False)

    def _connect(self) -> None:
        self.camera.picked.connect(lambda uri: self.use(camera=uri))
        self.camera.asked.connect(lambda _: choose_file(self, "Film", FILMS, self._use_film))
        self.watches.changed.connect(self.sources_changed.emit)
        self.mode.chosen.connect(self.show_mode)
        self.subject.currentTextChanged.connect(lambda name: self.privacy.show_subject(name.strip()))
        self.protocol.picked.connect(self._load_protocol)
        self._session.cameras.changed.connect(self.fill_cameras)
        self.protocol.asked.connect(
            lambda _: choose_file(self, "Cue protocol", "Protocols (*.toml)", self._own_protocol)
        )

    def show_camera_sheet(self) -> None:
        """How the camera is used; it is opened anew where that asks for it."""
        CameraSheet(self.window(), self._session, lambda anew: self.sources_changed.emit() if anew else None)

    def show_mode(self, mode: str) -> None:
        """Turn to ``one``, ``keys`` or ``cues``."""
        self.mode.choose(mode)
        self._pages.setCurrentIndex([key for key, *_ in MODES].index(mode))
        self._fit_pages()

    def _fit_pages(self) -> None:
        """The card is as high as the page that is up, not as the highest: a library may have many class keys."""
        for page in (self._pages.widget(number) for number in range(self._pages.count())):
            if page is not None:
                up = page is self._pages.currentWidget()
                height = QSizePolicy.Policy.Preferred if up else QSizePolicy.Policy.Ignored
                page.setSizePolicy(QSizePolicy.Policy.Preferred, height)

    def _use_film(self, path: str) -> None:
        self.use(camera=sources.film(path))

    def _offer(self, uri: str) -> None:
        try:
            choice = sources.named(uri, "camera")
        except PskdError as error:
            self._session.show_error(error)
            return
        self.camera.offer((choice.uri, choice.name, choice.icon, choice.note))

    def _fill_protocols(self) -> None:
        found = cues.known_protocols()
        entries = [(str(path), readable(name.replace("-", " ")), "list", str(path)) for name, path in found.items()]
        self.protocol.set_entries(entries, [("file", "Protocol file…", "document")])
        if entries:
            first = str(found.get("quick", Path(entries[0][0])))
            self.protocol.choose(first)
            self._load_protocol(first)

    def _own_protocol(self, path: str) -> None:
        self.protocol.offer((path, Path(path).stem, "document", path))
        self._load_protocol(path)

    def _load_protocol(self, path: str) -> None:
        try:
            self._loaded = cues.load_protocol(Path(path))
        except PskdError as error:
            self._loaded = None
            self._about.setText("This protocol cannot be used.")
            self._session.show_error(error)
            return
        self._about.setText(f"{self._loaded.name}: {cues.describe(self._loaded)}.")


def _centred(*items: QWidget | None) -> QHBoxLayout:
    """A row whose parts keep their own heights."""
    line = row(*items)
    for item in items:
        if item is not None:
            line.setAlignment(item, Qt.AlignmentFlag.AlignVCenter)
    return line


def _editable(name: str) -> QComboBox:
    box = QComboBox()
    box.setEditable(True)
    box.setAccessibleName(name)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    return box


def _offer_texts(box: QComboBox, texts: Sequence[str]) -> None:
    typed = box.currentText()
    box.clear()
    box.addItems(list(texts))
    if typed:
        box.setCurrentText(typed)
