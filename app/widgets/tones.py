"""Colours of classes and channels, all taken from the theme's series."""

from __future__ import annotations

from PySide6.QtGui import QColor

from app.style.theme import colors

_COLOURFUL = (0, 1, 2, 3, 5)


def class_colour(index: int) -> QColor:
    """The colour of a class: the theme's series in order, then the same ones nearer to text and to ground.

    The series' grey is left out, for grey says ``unsure``. A class's name always stands beside its colour, so colours
    may come near to each other after the first dozen.
    """
    palette = colors()
    turn, place = divmod(max(index, 0), len(_COLOURFUL))
    base = palette.series[_COLOURFUL[place]]
    toward, share = ((base, 0.0), (palette.text, 0.35), (palette.surface, 0.35))[turn % 3]
    return blend(QColor(base), QColor(toward), share)


def channel_colour(index: int) -> QColor:
    """The colour of a signal's channel."""
    series = colors().series
    return QColor(series[index % len(series)])


def blend(first: QColor, second: QColor, share: float) -> QColor:
    """A colour between two; ``share`` 0 is the first, 1 the second."""
    part = min(max(share, 0.0), 1.0)
    return QColor(
        round(first.red() + (second.red() - first.red()) * part),
        round(first.green() + (second.green() - first.green()) * part),
        round(first.blue() + (second.blue() - first.blue()) * part),
    )


def on_colour(ground: QColor) -> QColor:
    """The theme's dark or light text, whichever is easier to read on a ground."""
    palette = colors()
    choices = (QColor(palette.text), QColor(palette.surface), QColor(palette.on_accent))
    return max(choices, key=lambda text: _contrast(text, ground))


def _contrast(first: QColor, second: QColor) -> float:
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
