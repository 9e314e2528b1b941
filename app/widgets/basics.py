"""The small parts that every page is made of: text, buttons, cards, empty places."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.style.metrics import GAP_L, GAP_M, GAP_XL
from app.style.theme import set_icon

_ICON_ROLES = {"primary": "on_accent", "record": "on_accent", "danger": "bad"}


def text(content: str = "", role: str = "body", *, tone: str = "", wrap: bool = False) -> QLabel:
    """A label.

    Args:
        content: plain text.
        role: size in the type scale: ``display title heading strong body small caption number pill key``.
        tone: ``soft faint good warn bad accent`` or empty for the first text colour.
        wrap: break into lines.
    """
    label = QLabel(content)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    if tone:
        label.setProperty("tone", tone)
    label.setWordWrap(wrap)
    if role in ("pill", "key"):
        label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return label


def button(
    content: str,
    kind: str = "plain",
    *,
    icon: str = "",
    tip: str = "",
    on_click: Callable[[], object] | None = None,
) -> QPushButton:
    """A button.

    Args:
        content: its words; also its accessible name.
        kind: ``primary`` (one a page), ``plain``, ``quiet``, ``danger`` or ``record``.
        icon: icon name, or empty.
        tip: tool tip; name the shortcut there.
        on_click: what it does.
    """
    widget = QPushButton(content)
    widget.setProperty("kind", kind)
    widget.setAccessibleName(content)
    widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves no focus ring behind
    widget.setCursor(Qt.CursorShape.PointingHandCursor)
    widget.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    if tip:
        widget.setToolTip(tip)
        widget.setAccessibleDescription(tip)
    if icon:
        set_icon(widget, icon, _ICON_ROLES.get(kind, "text_soft"), 18)
    if on_click:
        widget.clicked.connect(_plainly(on_click))
    return widget


def icon_button(icon: str, name: str, *, tip: str = "", on_click: Callable[[], object] | None = None) -> QToolButton:
    """A button that is only an icon; ``name`` is its accessible name, and its tool tip unless ``tip`` is given."""
    widget = QToolButton()
    widget.setAccessibleName(name)
    widget.setToolTip(tip or name)
    widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    widget.setCursor(Qt.CursorShape.PointingHandCursor)
    set_icon(widget, icon)
    if on_click:
        widget.clicked.connect(_plainly(on_click))
    return widget


def icon_label(name: str, role: str = "text_soft", edge: int = 20) -> QLabel:
    """An icon that is no button."""
    label = QLabel()
    set_icon(label, name, role, edge)
    label.setFixedSize(edge, edge)
    return label


def line() -> QFrame:
    """A hair line across."""
    frame = QFrame()
    frame.setProperty("kind", "line")
    return frame


Item = QWidget | QLayout | int | None


def row(*items: Item, spacing: int = GAP_M) -> QHBoxLayout:
    """Items side by side; None stretches, a number is that much space."""
    layout = QHBoxLayout()
    _fill(layout, items, spacing)
    return layout


def column(*items: Item, spacing: int = GAP_M) -> QVBoxLayout:
    """Items below each other; None stretches, a number is that much space."""
    layout = QVBoxLayout()
    _fill(layout, items, spacing)
    return layout


def wrapped(layout: QLayout) -> QWidget:
    """A plain widget around a layout, to show and hide it."""
    widget = QWidget()
    widget.setLayout(layout)
    return widget


def scrolled(content: QWidget) -> QScrollArea:
    """``content`` in an area that scrolls up and down and looks like its ground."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    content.setProperty("scroll", "true")
    area.setWidget(content)
    area.viewport().setAutoFillBackground(False)
    content.setAutoFillBackground(False)
    return area


class Card(QFrame):
    """A panel with a border.

    Attributes:
        body: the vertical layout inside.
    """

    def __init__(self, *items: Item, heading: str = "", padding: int = GAP_L + 4, spacing: int = GAP_M) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.body = column(*([text(heading, "heading")] if heading else []), *items, spacing=spacing)
        self.body.setContentsMargins(padding, padding, padding, padding)
        self.setLayout(self.body)


EMPTY_WIDTH = 440


class EmptyState(QWidget):
    """What a page shows when there is nothing yet: why, and the one thing to do.

    Attributes:
        action: the button, or None.
    """

    def __init__(
        self, icon: str, heading: str, explanation: str, action: str = "", on_action: Callable[[], object] | None = None
    ) -> None:
        super().__init__()
        self.action = button(action, "primary", on_click=on_action) if action else None
        self.heading = text(heading, "title")
        self.explanation = text(explanation, "body", tone="soft", wrap=True)
        self.explanation.setFixedWidth(EMPTY_WIDTH)
        self.explanation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = column(None, spacing=GAP_L)
        center = Qt.AlignmentFlag.AlignHCenter
        for part in (icon_label(icon, "text_faint", 48), self.heading, self.explanation, self.action):
            if part is not None:
                layout.addWidget(part, 0, center)
        layout.addStretch(1)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_XL)
        self.setLayout(layout)
        self.tell(heading, explanation, action)

    def tell(self, heading: str, explanation: str, action: str = "") -> None:
        """Say something else; ``action`` are the button's words where it is to be there."""
        self.heading.setText(heading)
        self.explanation.setText(explanation)
        self.explanation.setFixedHeight(max(self.explanation.heightForWidth(EMPTY_WIDTH), 20))
        if self.action is not None:
            self.action.setVisible(bool(action))
            self.action.setText(action)
            self.action.setAccessibleName(action)


def _fill(layout: QHBoxLayout | QVBoxLayout, items: tuple[Item, ...], spacing: int) -> None:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)


def _plainly(action: Callable[[], object]) -> Callable[[bool], None]:
    """Leave out the ``checked`` that Qt hands to what is clicked."""

    def run(checked: bool = False) -> None:
        action()

    return run
