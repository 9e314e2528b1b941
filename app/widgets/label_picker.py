"""Choosing a class with a few letters: type, arrows, Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.style.metrics import GAP_M
from app.widgets.tones import class_colour
from app.widgets.words import readable, stored


class LabelPicker(QFrame):
    """A small list of classes over the page. Escape or a click beside it chooses nothing.

    Attributes:
        field: where letters narrow the list.
        names: the classes that match; a last line offers what was typed as a new class.
    """

    def __init__(self, parent: QWidget, classes: Sequence[str], current: str, on_pick: Callable[[str], object]) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("kind", "card")
        self._classes, self._on_pick = tuple(classes), on_pick
        self.field = QLineEdit()
        self.field.setPlaceholderText("Class")
        self.field.setAccessibleName("Class")
        self.field.installEventFilter(self)
        self.names = QListWidget()
        self.names.setAccessibleName("Classes")
        self.names.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.names.setFrameShape(QFrame.Shape.NoFrame)
        self.names.setStyleSheet("QListWidget { border: none; }")
        self.names.setIconSize(QSize(12, 12))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_M, GAP_M, GAP_M, GAP_M)
        layout.addWidget(self.field)
        layout.addWidget(self.names)
        self.field.textChanged.connect(self._narrow)
        self.field.returnPressed.connect(self._pick)
        self.names.itemClicked.connect(lambda _: self._pick())
        self._narrow("")
        if current in self._classes:
            self.names.setCurrentRow(self._classes.index(current))

    def open_at(self, place: QPoint) -> None:
        """Show it near a point of the screen."""
        self.resize(260, min(74 + 31 * max(self.names.count(), 2), 380))
        screen = self.screen().availableGeometry()
        x = min(max(place.x(), screen.left() + 8), screen.right() - self.width() - 8)
        y = min(max(place.y(), screen.top() + 8), screen.bottom() - self.height() - 8)
        self.move(x, y)
        self.show()
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the field walk through the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.names.count():
                self.names.setCurrentRow((self.names.currentRow() + step) % self.names.count())
                return True
        return False

    def _narrow(self, letters: str) -> None:
        wanted = letters.strip().lower()
        self.names.clear()
        for number, name in enumerate(self._classes):
            if wanted in name.lower() or wanted in readable(name).lower():
                self._line(readable(name), name, _dot(class_colour(number)))
        if wanted and stored(letters, self._classes) not in self._classes:
            self._line(f"New class “{readable(letters)}”", letters.strip(), _dot(class_colour(len(self._classes))))
        self.names.setCurrentRow(0)

    def _line(self, words: str, label: str, icon: QIcon) -> None:
        item = QListWidgetItem(icon, words)
        item.setData(Qt.ItemDataRole.UserRole, label)
        self.names.addItem(item)

    def _pick(self) -> None:
        item = self.names.currentItem()
        if item is None:
            return
        label = str(item.data(Qt.ItemDataRole.UserRole))
        self.close()
        self._on_pick(label)


def _dot(colour: QColor) -> QIcon:
    picture = QPixmap(24, 24)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(4, 4, 16, 16)
    painter.end()
    return QIcon(picture)
