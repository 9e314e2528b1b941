"""A row of choices: its words fit, whichever is on."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.widgets.segmented import Segmented
from app.window import MainWindow

CHOICES = [("nano", "Nano", ""), ("small", "Small", ""), ("large", "Large", "")]
PADDING = 2 * (8 + 1)  # the style's, with the border


def test_the_words_of_the_choice_that_is_on_fit_and_nothing_moves(qtbot: QtBot, window: MainWindow) -> None:
    window.turn_to("settings")
    switch = Segmented("Size", CHOICES)
    switch.setParent(window.pages["settings"])
    switch.show()
    switch.adjustSize()
    QApplication.processEvents()
    before = switch.width()
    for key, button in switch.buttons.items():
        switch.choose(key)
        QApplication.processEvents()
        bold = QFont(button.font())
        bold.setWeight(QFont.Weight.DemiBold)
        assert button.width() >= QFontMetrics(bold).horizontalAdvance(button.text()) + PADDING, key
        assert switch.width() == before
