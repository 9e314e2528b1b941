"""Step 3: how long to train, how large a student, and for those who want it, the ladder itself."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QVBoxLayout

from app.bridge.data_outline import DataOutline, Division
from app.bridge.plan_choices import LOSSES, Choices, estimate_s, ladder_rows
from app.style.metrics import GAP_L, GAP_M, GAP_S, GAP_XL
from app.style.theme import set_icon
from app.widgets import axis
from app.widgets.basics import Card, button, column, row, scrolled, text, wrapped
from app.widgets.choice_card import ChoiceCard, ChoiceGroup
from app.widgets.ladder_view import LadderView
from app.widgets.number_box import NumberBox
from app.widgets.segmented import Segmented
from app.widgets.words import many
from app.wizard.step import Step

PRESETS = {
    "quick": ("Quick", "A first look within minutes. The number is a little lower than it could be."),
    "best": ("Best", "Trains several times longer, for a student to keep."),
}
STUDENTS = (
    ("nano", "Nano", "At most 25,000 weights: for the smallest devices, a little less accurate"),
    ("small", "Small", "At most 150,000 weights: for phones and computers"),
    ("large", "Large", "At most 500,000 weights: for computers; takes the longest to train"),
)
USUAL = "small"


class PlanStep(Step):
    """Chooses preset and student; a drawer opens the ladder, the loss and the seed."""

    next_words = "Start training"

    def __init__(self) -> None:
        super().__init__(
            "How shall it be trained?",
            "Teachers that may see the skeleton are trained first. Rung by rung, what they know is handed down to the "
            "student, which sees only the watch.",
        )
        self._protocol = "cross-subject"
        self._division = Division()
        self._custom = False
        self.cards = [ChoiceCard(key, heading, words) for key, (heading, words) in PRESETS.items()]
        self.group = ChoiceGroup(self.cards)
        self.student = Segmented("Student size", STUDENTS)
        self.ladder = LadderView()
        self.loss = QComboBox()
        self.seed = NumberBox("Seed", 0, 2**31 - 1)
        self._build()
        self.group.choose("quick")
        self._reset_ladder()

    def _build(self) -> None:
        presets = row(*self.cards, spacing=GAP_L)
        self.student.choose(USUAL)
        self.student_words = text(_told(USUAL), "small", tone="soft")
        self.student.setMaximumWidth(300)
        size = column(
            text("Student", "strong"), row(self.student, self.student_words, None, spacing=GAP_L), spacing=GAP_S
        )
        self.more = button("Advanced", "quiet", icon="chevron-right", on_click=self._toggle_drawer)
        self.drawer = self._drawer()
        self.drawer.hide()
        inner = wrapped(column(presets, GAP_S, size, GAP_S, row(self.more, None), self.drawer, None, spacing=GAP_M))
        self.body.addWidget(scrolled(inner), 1)
        for card in self.cards:
            card.chosen.connect(self._choose_preset)
        self.student.chosen.connect(self._choose_student)
        self.ladder.edited.connect(self._ladder_edited)
        self.loss.currentIndexChanged.connect(lambda _: self._choose_loss())

    def _drawer(self) -> QFrame:
        for key, words, tip in LOSSES:
            self.loss.addItem(words, key)
            self.loss.setItemData(self.loss.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.loss.setAccessibleName("Loss")
        self.loss_words = text(LOSSES[0][2], "small", tone="soft", wrap=True)
        self.reset = button("Reset", "quiet", icon="undo", on_click=self._reset_ladder)
        side = column(
            text("How rungs learn", "strong"), self.loss, self.loss_words, GAP_M,
            text("Seed", "strong"), self.seed, text("The same seed gives the same run.", "small", tone="soft"), None,
            spacing=GAP_S,
        )  # fmt: skip
        head = row(text("Ladder", "strong"), None, self.reset)
        left = column(head, self.ladder, None, spacing=GAP_S)
        both = row(left, GAP_XL, side)
        both.setStretch(0, 3)
        both.setStretch(2, 2)
        card = Card()
        assert isinstance(card.body, QVBoxLayout)
        card.body.addLayout(both)
        return card

    # -- what was chosen

    def choices(self, *, unlabelled: bool = True) -> Choices:
        """What was chosen; whether unlabelled takes are used was chosen with the data."""
        return Choices(
            self._protocol, self.group.choice, self.student.choice, str(self.loss.currentData()), self.seed.value(),
            self.ladder.rows, self._custom, unlabelled,
        )  # fmt: skip

    def show_outline(self, outline: DataOutline, protocol: str) -> None:
        """Say how long it takes for these clips."""
        self._protocol = protocol
        self._division = outline.divisions.get(protocol, Division())
        self._estimate()

    def _estimate(self) -> None:
        for card in self.cards:
            chosen = card.key == self.group.choice
            rows = (
                self.ladder.rows if chosen else ladder_rows(card.key, self.student.choice, str(self.loss.currentData()))
            )
            seconds = estimate_s(rows, self.student.choice, card.key, self._division)
            epochs = sum(rung.epochs for rung in rows if rung.included)
            rungs = sum(rung.included for rung in rows)
            card.set_facts(
                f"About {axis.duration(seconds)} on this computer: {many(rungs, 'rung')}, {many(epochs, 'epoch')}."
            )

    def _choose_preset(self, key: str) -> None:
        self.group.choose(key)
        self._reset_ladder()

    def _choose_student(self, key: str) -> None:
        self.student_words.setText(_told(key))
        self._estimate()

    def _choose_loss(self) -> None:
        self.loss_words.setText(str(self.loss.currentData(Qt.ItemDataRole.ToolTipRole) or ""))
        self._reset_ladder()

    def _reset_ladder(self) -> None:
        self._custom = False
        self.ladder.set_rows(ladder_rows(self.group.choice, self.student.choice, str(self.loss.currentData())))
        self.reset.setEnabled(False)
        self._estimate()

    def _ladder_edited(self) -> None:
        self._custom = True
        self.reset.setEnabled(True)
        self._estimate()

    def _toggle_drawer(self) -> None:
        shown = self.drawer.isHidden()
        self.drawer.setVisible(shown)
        set_icon(self.more, "chevron-down" if shown else "chevron-right", edge=18)


def _told(student: str) -> str:
    return next(tip for name, _, tip in STUDENTS if name == student)
