"""Fonts for widgets that paint their own text, in the sizes of the theme's type scale."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from app.style.theme import theme


def font(widget: QWidget, role: str) -> QFont:
    """A widget's font in the size of a role (``body``, ``small``, ``caption``, ...)."""
    result = QFont(widget.font())
    result.setPixelSize(theme.font_px(role))
    return result
