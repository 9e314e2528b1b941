from __future__ import annotations

import pytest
from made_outcomes import made_outcome

from benchmarks.study.mistakes import MOST, mistakes
from benchmarks.study.outcomes import Outcome
from pskd.evaluation.answers import ClipAnswer


def seed(number: int, *clips: tuple[str, str, str, str]) -> Outcome:
    """A finished job; each clip is (subject, truth, what the student said, what the skeleton said)."""
    said = [
        ClipAnswer(f"sub-{subject}/ses-1/take-{place}", place, truth, {"student": student, "skeleton": skeleton})
        for place, (subject, truth, student, skeleton) in enumerate(clips)
    ]
    return made_outcome(number, said)


def test_mistakes_are_gathered_by_person_and_class_worst_first() -> None:
    first = seed(
        0, ("02", "knock", "clap", "knock"), ("02", "knock", "clap", "clap"), ("04", "jog", "walk", "jog"),
        ("04", "walk", "walk", "jog"),
    )  # fmt: skip
    second = seed(
        1, ("02", "knock", "wave", "knock"), ("02", "knock", "clap", "knock"), ("04", "jog", "jog", "jog"),
        ("04", "walk", "walk", "walk"),
    )  # fmt: skip
    found = mistakes([first, second])
    assert (found.wrong, found.clips, found.pairs) == (2.5, 4, 3)
    knock, jog = found.worst
    assert (knock.subject, knock.truth, knock.clips, knock.taken_for) == ("02", "knock", 2, "clap")
    assert knock.wrong == {"student": 2.0, "skeleton": 0.5}
    assert (jog.truth, jog.wrong["student"], jog.taken_for) == ("jog", 0.5, "walk")


def test_a_student_without_a_mistake_has_no_list_and_a_bad_one_a_short_one() -> None:
    assert mistakes([seed(0, ("1", "a", "a", "b"))]).worst == []
    bad = mistakes([seed(0, *[(f"{n:02d}", "a", "b", "a") for n in range(MOST + 3)])])
    assert len(bad.worst) == MOST and bad.wrong == pytest.approx(MOST + 3)
