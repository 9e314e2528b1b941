"""How the camera is used: picture size and rate, pose model, mirror, raised hands."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from app.bridge.session import Session
from app.style.metrics import GAP_M, GAP_S, GAP_XL
from app.widgets.basics import Card, button, column, row, text
from app.widgets.segmented import Segmented
from app.widgets.sheet import Sheet

SIZES = ((640, 480), (320, 240), (800, 600), (1280, 720), (1920, 1080))
RATES_HZ = (30, 15, 25, 60)
PRESETS = {
    "lite": ("Lite", "Fastest: for slow computers"),
    "full": ("Full", "The right choice for most"),
    "heavy": ("Heavy", "Most exact; about 13 poses a second on two cores"),
}
WIDTH = 420


class CameraSheet(Sheet):
    """Changes the settings at once; ``on_closed`` hears whether the camera must be opened again.

    Attributes:
        size_box: picture sizes.
        rate: rates.
        preset: pose models.
        mirrored: the switch of the mirror.
        hands: the switch of raised hands.
        large: the switch of cues that fill the screen.
    """

    def __init__(self, parent: QWidget, session: Session, on_closed: Callable[[bool], object]) -> None:
        self._session, self._on_closed = session, on_closed
        settings = session.settings
        self._at_first = (settings.camera_size, settings.camera_rate_hz, settings.pose_model)
        self.size_box = _combo("Picture size", [f"{w} × {h}" for w, h in SIZES])
        self.rate = _combo("Rate", [f"{rate} pictures a second" for rate in RATES_HZ])
        self.preset = Segmented("Pose model", [(key, *PRESETS[key]) for key in _installed()])
        self.mirrored = QCheckBox("Show the picture as in a mirror")
        self.hands = QCheckBox("Both hands up pause the cues")
        self.large = QCheckBox("Cues fill the screen")
        about = "Asked of a webcam, which gives what it can. 640 × 480 is enough: larger pictures find no better body."
        card = Card(
            text("Camera", "heading"),
            *_field("Picture size", self.size_box),
            *_field("Rate", self.rate),
            text(about, "caption", wrap=True),
            GAP_S,
            *_field("Pose model", self.preset),
            GAP_S,
            column(self.mirrored, self.hands, self.large, spacing=GAP_M),
            GAP_M,
            row(None, button("Done", "primary", on_click=self._done)),
            padding=GAP_XL,
            spacing=GAP_S,
        )
        card.setFixedWidth(WIDTH)
        super().__init__(parent, card)
        self._show()
        self._connect()

    def close_sheet(self) -> None:
        """Go away, and tell."""
        super().close_sheet()
        settings = self._session.settings
        self._on_closed(self._at_first != (settings.camera_size, settings.camera_rate_hz, settings.pose_model))

    def _show(self) -> None:
        settings = self._session.settings
        if tuple(settings.camera_size) in SIZES:
            self.size_box.setCurrentIndex(SIZES.index(tuple(settings.camera_size)))
        if settings.camera_rate_hz in RATES_HZ:
            self.rate.setCurrentIndex(RATES_HZ.index(settings.camera_rate_hz))
        self.preset.choose(settings.pose_model)
        self.mirrored.setChecked(settings.mirrored)
        self.hands.setChecked(settings.hands)
        self.large.setChecked(settings.large_cues)

    def _connect(self) -> None:
        change = self._session.change
        self.size_box.activated.connect(lambda place: change(camera_size=SIZES[place]))
        self.rate.activated.connect(lambda place: change(camera_rate_hz=RATES_HZ[place]))
        self.preset.chosen.connect(lambda key: change(pose_model=key))
        self.mirrored.toggled.connect(lambda on: change(mirrored=on))
        self.hands.toggled.connect(lambda on: change(hands=on))
        self.large.toggled.connect(lambda on: change(large_cues=on))

    def _done(self) -> None:
        self.close_sheet()


def _installed() -> list[str]:
    from pskd.vision.pose import installed_models

    return list(installed_models())


def _combo(name: str, entries: list[str]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.addItems(entries)
    return box


def _field(name: str, widget: QWidget) -> tuple[QWidget, QWidget]:
    label = text(name, "small", tone="soft")
    label.setBuddy(widget)
    return label, widget
