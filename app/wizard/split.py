"""Step 2: who is learned from and who is judged."""

from __future__ import annotations

from app.bridge.data_outline import DataOutline, Division
from app.style.metrics import GAP_M
from app.widgets.basics import column, scrolled, wrapped
from app.widgets.choice_card import ChoiceCard, ChoiceGroup
from app.widgets.words import listed, many
from app.wizard.step import Step

# protocol -> what people read, what it means
CHOICES = {
    "cross-subject": (
        "New people",
        "Half of the people train the student, the other half test it. The number says how well the student does for "
        "someone it has never met. This is the honest choice when other people will use it.",
    ),
    "loso": (
        "Every person in turn",
        "Each person is left out once and tested by a student that never saw them. The most thorough answer, and one "
        "training for every person, so it takes longest.",
    ),
    "trial": (
        "Same people, other repetitions",
        "Everyone trains with their first repetitions and is tested on their later ones. Right when only these people "
        "will use it; for others the number is too good.",
    ),
    "take": (
        "Some of the takes",
        "A quarter of the takes of each class is put aside for the test. For a library of one person, or a first look.",
    ),
    "cross-session": (
        "Another day",
        "Each person's last session is put aside for the test: the watch was taken off and put on again in between.",
    ),
    "cross-scene": ("Another place", "One scene is put aside for the test."),
    "cross-view": ("Another camera", "One camera is put aside for the test."),
}
ALWAYS = ("cross-subject", "loso", "trial", "take")


class SplitStep(Step):
    """Chooses a protocol. One that is impossible is grey and says why."""

    def __init__(self) -> None:
        super().__init__(
            "Who trains the student, and who tests it?",
            "Clips that test are never learned from. Nothing is chosen by looking at them.",
        )
        self.cards = [
            ChoiceCard(key, heading, words, "recommended" if key == "cross-subject" else "")
            for key, (heading, words) in CHOICES.items()
        ]
        self.group = ChoiceGroup(self.cards)
        for card in self.cards:
            card.chosen.connect(self.choose)
        self.body.addWidget(scrolled(wrapped(column(*self.cards, None, spacing=GAP_M))), 1)

    @property
    def protocol(self) -> str:
        """The chosen protocol, or empty."""
        return self.group.choice

    def ready(self) -> bool:
        """A possible protocol is chosen."""
        return self.group.choice in self.group.possible()

    def choose(self, protocol: str) -> None:
        """Choose a protocol."""
        self.group.choose(protocol)
        self.changed.emit()

    def show_outline(self, outline: DataOutline) -> None:
        """Say what each choice means for this library."""
        for card in self.cards:
            division = outline.divisions.get(card.key, Division(why_not="It is not known here."))
            card.setVisible(card.key in ALWAYS or not division.why_not)
            card.set_facts("" if division.why_not else said(card.key, division))
            card.set_possible(division.why_not)
        if not self.ready():
            possible = self.group.possible()
            self.group.choose(next((key for key in CHOICES if key in possible), ""))
        self.changed.emit()


def said(protocol: str, division: Division) -> str:
    """A division in numbers."""
    if protocol == "loso":
        line = (
            f"{many(division.splits, 'training')}, and one on everybody for the student to keep; "
            f"all {many(division.test_clips, 'clip')} are tested once."
        )
    elif set(division.train_subjects) == set(division.test_subjects):
        people = len(division.test_subjects)
        both = f"the same {people} people in both" if people > 1 else "the same person in both"
        line = f"{many(division.train_clips, 'clip')} to train, {division.test_clips} to test; {both}."
    else:
        line = (
            f"{many(division.train_clips, 'clip')} of {_people(division.train_subjects)} to train, "
            f"{many(division.test_clips, 'clip')} of {_people(division.test_subjects)} to test."
        )
    if division.unseen:
        line += f" Tested but never trained on: {listed(division.unseen)}."
    return line


def _people(names: tuple[str, ...]) -> str:
    return f"subject {names[0]}" if len(names) == 1 else f"subjects {', '.join(names)}"
