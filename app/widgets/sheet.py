"""A sheet over the window: questions and help. It does not stop the program; the answer comes as a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QPushButton, QVBoxLayout, QWidget

from app.style.metrics import GAP_L, GAP_M, GAP_S, GAP_XL
from app.widgets.basics import Card, button, column, icon_button, row, text


class Sheet(QWidget):
    """A card above a dimmed parent. Escape, or a click beside it, closes it.

    Attributes:
        card: what is shown.
    """

    def __init__(self, parent: QWidget, card: QWidget) -> None:
        super().__init__(parent)
        self._below = parent
        self.card = card
        self._before = QApplication.focusWidget()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QVBoxLayout(self)
        layout.addWidget(card, 0, Qt.AlignmentFlag.AlignCenter)
        parent.installEventFilter(self)
        self.setGeometry(parent.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def close_sheet(self) -> None:
        """Go away and give the focus back."""
        self.hide()
        self.deleteLater()
        if self._before is not None:
            try:
                self._before.setFocus()
            except RuntimeError:
                self._before = None  # that widget is gone

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the parent when it changes size."""
        if event.type() == QEvent.Type.Resize and watched is self._below:
            self.setGeometry(self._below.rect())
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the card closes."""
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_sheet()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what lies below."""
        QPainter(self).fillRect(self.rect(), QColor(8, 10, 14, 120))


class Question(Sheet):
    """A question with named answers.

    Attributes:
        buttons: the answers' buttons, by their words.
    """

    def __init__(
        self, parent: QWidget, heading: str, explanation: str, answers: Sequence[tuple[str, str, Callable[[], object]]]
    ) -> None:
        """Ask.

        Args:
            parent: the window.
            heading: the question.
            explanation: what each answer leads to.
            answers: words, button kind, and what is done; Cancel is always there.
        """
        self.buttons: dict[str, QPushButton] = {}
        words = text(explanation, "body", tone="soft", wrap=True)
        words.setMinimumWidth(400)
        words.setMaximumWidth(440)
        foot = row(None)
        cancel = button("Cancel", "plain", on_click=self.close_sheet)
        foot.addWidget(cancel)
        self.buttons["Cancel"] = cancel
        for label, kind, action in answers:
            self.buttons[label] = button(label, kind, on_click=self._answer(action))
            foot.addWidget(self.buttons[label])
        card = Card(text(heading, "heading"), words, GAP_M, foot, padding=GAP_XL)
        card.setAccessibleName(heading)
        super().__init__(parent, card)
        list(self.buttons.values())[-1].setFocus(Qt.FocusReason.TabFocusReason)

    def _answer(self, action: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            self.close_sheet()
            action()

        return run


class KeySheet(Sheet):
    """The list of shortcuts."""

    def __init__(self, parent: QWidget, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        """Show it.

        Args:
            parent: the window.
            groups: heading, and its shortcuts with what they do.
        """
        body = column(spacing=GAP_L)
        for heading, keys in groups:
            if keys:
                body.addLayout(column(text(heading, "strong"), _key_grid(keys), spacing=GAP_M))
        head = row(text("Keyboard", "heading"), None, icon_button("cross", "Close (Esc)", on_click=self.close_sheet))
        card = Card(head, body, padding=GAP_XL, spacing=GAP_L)
        card.setMinimumWidth(460)
        super().__init__(parent, card)


def _key_grid(keys: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(GAP_XL)
    grid.setVerticalSpacing(GAP_S)
    grid.setColumnStretch(0, 1)
    for line, (key, meaning) in enumerate(keys):
        grid.addWidget(text(meaning, "small", tone="soft"), line, 0)
        grid.addWidget(text(key, "key"), line, 1, Qt.AlignmentFlag.AlignRight)
    return grid
