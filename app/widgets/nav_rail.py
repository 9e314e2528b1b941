"""The rail at the left that leads from page to page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout

from app.style import icons
from app.style.metrics import GAP_L, GAP_M, GAP_S, RAIL_NARROW, RAIL_WIDE
from app.style.theme import set_icon
from app.widgets.basics import row, text


class NavRail(QFrame):
    """One button a page; the last entry stands at the foot.

    Signals:
        chosen: the key of the page that was clicked.
    """

    chosen = Signal(str)

    def __init__(self, entries: Sequence[tuple[str, str, str, str]]) -> None:
        """Build it.

        Args:
            entries: key, title, icon and tool tip of each page, in order.
        """
        super().__init__()
        self.setProperty("kind", "rail")
        self.setAccessibleName("Pages")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.buttons: dict[str, QToolButton] = {}
        self._icons: dict[str, str] = {}
        self._marks: dict[str, str] = {}
        self._name = text("PSKD Studio", "strong")
        self._place = text("", "caption")
        self._place.setMaximumWidth(RAIL_WIDE - 2 * GAP_L)
        self._place.setIndent(GAP_M + GAP_S)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_M + GAP_S, GAP_L + GAP_S, GAP_M + GAP_S, GAP_L)
        layout.setSpacing(GAP_S)
        layout.addWidget(self._head())
        layout.addSpacing(GAP_L)
        for number, entry in enumerate(entries, start=1):
            if number == len(entries):
                layout.addStretch(1)
                layout.addWidget(self._place)
                layout.addSpacing(GAP_S)
            layout.addWidget(self._button(number, *entry))
        self.set_narrow(False)

    def show_page(self, key: str) -> None:
        """Mark the page that is up."""
        if key in self.buttons:
            self.buttons[key].setChecked(True)
            for name, button in self.buttons.items():  # Tab stops at the page that is up; arrows lead to the others
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus if name == key else Qt.FocusPolicy.NoFocus)

    def mark(self, key: str, role: str) -> None:
        """Give a page's icon a colour of its own (``record`` while a take runs), or none again."""
        self._marks[key] = role
        self._tint(key)

    def show_place(self, name: str, tip: str = "") -> None:
        """Show the open library's name above the foot."""
        metrics = self._place.fontMetrics()
        self._place.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, RAIL_WIDE - 3 * GAP_L))
        self._place.setToolTip(tip)

    def set_narrow(self, narrow: bool) -> None:
        """Icons only, for small windows."""
        self.setFixedWidth(RAIL_NARROW if narrow else RAIL_WIDE)
        self._name.setVisible(not narrow)
        self._place.setVisible(not narrow)
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if narrow else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        for button in self.buttons.values():
            button.setToolButtonStyle(style)

    def _tint(self, key: str) -> None:
        button = self.buttons[key]
        role = self._marks.get(key) or ("accent" if button.isChecked() else "text_soft")
        set_icon(button, self._icons[key], role, 20)

    def _head(self) -> QFrame:
        frame = QFrame()
        mark = text()
        mark.setPixmap(icons.pixmap("logo", "#FFFFFF", 28, 2.0))
        mark.setFixedSize(QSize(28, 28))
        layout = row(mark, self._name, None, spacing=GAP_M + 2)
        layout.setContentsMargins(GAP_M + 2, 0, 0, 0)
        frame.setLayout(layout)
        return frame

    def _button(self, number: int, key: str, title: str, icon: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "rail")
        button.setText(f"  {title}")
        button.setAccessibleName(title)
        button.setAccessibleDescription(tip)
        button.setToolTip(f"{tip} (Ctrl+{number})")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setMinimumHeight(40)
        set_icon(button, icon, "text_soft", 20)
        self._icons[key] = icon
        button.toggled.connect(lambda _: self._tint(key))
        button.clicked.connect(lambda: self.chosen.emit(key))
        self._group.addButton(button)
        self.buttons[key] = button
        return button
