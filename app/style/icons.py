"""Icons: the line drawings in ``assets/icons``, tinted with the theme's colours and sharp at every scale."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.style.palette import Palette
from pskd import assets

_RATIOS = (1.0, 2.0)


def pixmap(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """One icon as a picture.

    Args:
        name: file name in ``assets/icons`` without ``.svg``.
        color: what ``currentColor`` becomes, ``#RRGGBB``.
        size: edge in device-independent pixels.
        ratio: device pixels for each of them.

    Raises:
        PskdError: there is no such icon.
    """
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, picture.width(), picture.height()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def tinted(name: str, color: str, disabled: str, edge: int, pad: int = 0) -> QIcon:
    """One icon of one size in one colour, and in another where its widget is disabled; ``pad`` pixels at its right."""
    icon = QIcon()
    for ratio in _RATIOS:
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # a selected row does not tint its signs
            icon.addPixmap(_padded(pixmap(name, color, edge, ratio), pad), mode)
        icon.addPixmap(_padded(pixmap(name, disabled, edge, ratio), pad), QIcon.Mode.Disabled)
    return icon


@lru_cache(maxsize=256)
def themed(name: str, role: str, palette: Palette, edge: int, pad: int = 0) -> QIcon:
    """One icon in the colour that the palette calls ``role`` (``text``, ``accent``, ``on_accent``, ...)."""
    disabled = palette.text_faint if pad else palette.line_strong  # beside words as they are; alone it must show
    return tinted(name, getattr(palette, role), disabled, edge, pad)


def app_icon() -> QIcon:
    """The application's mark, for the title bar and the task bar."""
    icon = QIcon()
    for size in (16, 32, 48, 128, 256):
        icon.addPixmap(pixmap("logo", "#FFFFFF", size))
    return icon


def draw(painter: QPainter, name: str, color: str, rect: QRectF) -> None:
    """Draw one icon with a painter that is already open."""
    QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode())).render(painter, rect)


def size(edge: int) -> QSize:
    """A square."""
    return QSize(edge, edge)


def _padded(picture: QPixmap, pad: int) -> QPixmap:
    if not pad:
        return picture
    ratio = picture.devicePixelRatio()
    wider = QPixmap(picture.width() + round(pad * ratio), picture.height())
    wider.setDevicePixelRatio(ratio)
    wider.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wider)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return wider


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return assets.path("icons", f"{name}.svg").read_text(encoding="utf-8")
