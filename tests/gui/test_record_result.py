"""The card that shows what a take brought: readable in a low window too."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.bridge.take_result import StreamResult, TakeResult
from app.pages.record_result import ResultCard
from app.widgets.note_list import QualityNote

NOTES = tuple(
    QualityNote("bad", f"The watch was missing for {n}.2 of 12.0 s.", "Keep the watch near the computer and charged.")
    for n in range(5)
)


def result(notes: tuple[QualityNote, ...]) -> TakeResult:
    streams = (StreamResult("watch", 600, 50.0, 2), StreamResult("pose", 360, 30.0, 0))
    labels = {"squat": 3, "wave": 3, "jumping_jack": 3, "rest": 3}
    return TakeResult(Path("take-003_squat"), 12.0, streams, labels, 1_234_567, simulated=True, notes=notes)


@pytest.mark.parametrize(("height", "scrolls"), [(300, True), (900, False)])
def test_no_line_is_cut_whatever_the_height(qtbot: QtBot, height: int, scrolls: bool) -> None:
    holder, card = QWidget(), ResultCard()
    layout = QVBoxLayout(holder)
    layout.addStretch(1)
    layout.addWidget(card)
    qtbot.addWidget(holder)
    holder.resize(316, height)
    holder.show()
    card.show_result(result(NOTES))
    bar = card.found.verticalScrollBar()
    qtbot.waitUntil(lambda: (bar.maximum() > 0) == scrolls)
    labels = [label for label in card.found.findChildren(QLabel) if label.isVisible() and label.text()]
    assert len(labels) > 10
    qtbot.waitUntil(lambda: all(label.height() >= label.heightForWidth(label.width()) for label in labels))
    assert card.keep.isVisible() and card.keep.geometry().bottom() <= card.height()


def test_another_take_is_read_from_its_beginning(qtbot: QtBot) -> None:
    card = ResultCard()
    qtbot.addWidget(card)
    card.resize(316, 300)
    card.show_result(result(NOTES))
    bar = card.found.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    card.show_result(result(NOTES[:4]))
    assert bar.value() == 0
