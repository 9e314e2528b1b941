"""The theme that is on: light or dark, following the system unless a person chose one.

Widgets that paint themselves ask :func:`colors` in ``paintEvent`` and repaint on ``theme.changed``; everything
else is done by the style sheet. Icons that were set with :func:`set_icon` are tinted anew by themselves.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QWidget

from app.style import icons, metrics
from app.style.palette import DARK, LIGHT, Palette
from app.style.sheet import style_sheet

TEXT_GAP = 4  # between a button's icon and its words
CHOICES = ("system", "light", "dark")


class Theme(QObject):
    """Holds the choice and puts it on the application.

    Signals:
        changed: other colours are on now.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choice = "system"
        self.palette: Palette = LIGHT
        self._factor = 1.0
        self._application: QApplication | None = None

    def install(self, application: QApplication, choice: str = "system") -> None:
        """Style the application; call once, before the first window."""
        self._application = application
        application.setStyle("Fusion")
        self._factor = _set_font(application)
        application.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.choose(choice)

    def choose(self, choice: str) -> None:
        """Put on ``system``, ``light`` or ``dark``; anything else counts as ``system``."""
        self.choice = choice if choice in CHOICES else "system"
        hints = QApplication.styleHints()
        wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(self.choice)
        if wanted is None:
            hints.unsetColorScheme()
            wanted = hints.colorScheme()
        else:
            hints.setColorScheme(wanted)
        self._put_on(DARK if wanted == Qt.ColorScheme.Dark else LIGHT)

    def font_px(self, role: str) -> int:
        """Font size of a role in pixels, for widgets that paint text."""
        return round(metrics.TYPE[role][0] * self._factor)

    def _system_changed(self, scheme: Qt.ColorScheme) -> None:
        if self.choice == "system":
            self._put_on(DARK if scheme == Qt.ColorScheme.Dark else LIGHT)

    def _put_on(self, palette: Palette) -> None:
        application = self._application
        if application is None or (palette == self.palette and application.styleSheet()):
            return
        self.palette = palette
        application.setPalette(_qt_palette(palette))
        application.setStyleSheet(style_sheet(palette, self._factor))
        for widget in application.allWidgets():
            _tint(widget)
        self.changed.emit()


theme = Theme()


def colors() -> Palette:
    """The colours that are on."""
    return theme.palette


def color(role: str, alpha: float = 1.0) -> QColor:
    """One of the colours that are on, with an opacity from 0 to 1."""
    value = QColor(getattr(theme.palette, role))
    value.setAlphaF(alpha)
    return value


def set_icon(widget: QAbstractButton | QLabel, name: str, role: str = "text_soft", edge: int = 20) -> None:
    """Give a button or label an icon that follows the theme.

    Args:
        widget: where it goes.
        name: icon name.
        role: field of :class:`Palette` that gives its colour.
        edge: size in device-independent pixels.
    """
    widget.setProperty("icon_name", name)
    widget.setProperty("icon_role", role)
    widget.setProperty("icon_edge", edge)
    _tint(widget)


def restyle(widget: QWidget, **properties: object) -> None:
    """Change the properties that the style sheet looks at, and apply them."""
    changed = False
    for key, value in properties.items():
        if widget.property(key) != value:
            widget.setProperty(key, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _tint(widget: QWidget) -> None:
    name = widget.property("icon_name")
    if not name:
        return
    edge = int(widget.property("icon_edge"))
    pad = TEXT_GAP if isinstance(widget, QPushButton) and widget.text() else 0
    icon = icons.themed(name, widget.property("icon_role"), theme.palette, edge, pad)
    if isinstance(widget, QAbstractButton):
        widget.setIcon(icon)
        widget.setIconSize(QSize(edge + pad, edge))
    elif isinstance(widget, QLabel):
        widget.setPixmap(icon.pixmap(icons.size(edge), widget.devicePixelRatio()))


def _set_font(application: QApplication) -> float:
    known = set(QFontDatabase.families())
    families = [family for family in metrics.FAMILIES if family in known or family.startswith(".")]
    font = QFont(application.font())
    font.setFamilies(families or [font.family()])
    font.setPixelSize(metrics.TYPE["body"][0])
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    factor = metrics.WIDE_FACTOR if QFontInfo(font).family() in metrics.WIDE_FAMILIES else 1.0
    font.setPixelSize(round(metrics.TYPE["body"][0] * factor))
    application.setFont(font)
    return factor


def _qt_palette(p: Palette) -> QPalette:
    result = QPalette()
    role = QPalette.ColorRole
    for key, value in {
        role.Window: p.ground, role.WindowText: p.text, role.Base: p.surface, role.AlternateBase: p.ground,
        role.Text: p.text, role.Button: p.surface, role.ButtonText: p.text, role.ToolTipBase: p.raised,
        role.ToolTipText: p.text, role.Highlight: p.accent, role.HighlightedText: p.on_accent, role.Link: p.accent,
        role.PlaceholderText: p.text_faint, role.Mid: p.line, role.Light: p.surface, role.Dark: p.line_strong,
    }.items():  # fmt: skip
        result.setColor(key, QColor(value))
    for key in (role.Text, role.WindowText, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, key, QColor(p.text_faint))
    return result
