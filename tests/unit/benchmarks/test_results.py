from __future__ import annotations

import pytest
from made_outcomes import made_outcome

from benchmarks.study.results import _majority, _row, spread, wrist_accuracy
from benchmarks.study.version import code_version, meaning
from pskd.evaluation.answers import Answers, ClipAnswer


def answers(*said: str) -> Answers:
    truths = ("wave", "clap", "squat")
    clips = zip(truths, said, strict=True)
    return Answers(clips=[ClipAnswer("take", place, t, {"student": a}) for place, (t, a) in enumerate(clips)])


def test_one_seed_has_no_spread() -> None:
    assert spread([0.5]).sd == 0.0 and spread([0.5]).n == 1
    found = spread([0.5, 0.7])
    assert found.mean == pytest.approx(0.6) and found.sd == pytest.approx(0.1414, abs=1e-4)
    assert (found.low, found.high) == (0.5, 0.7)


def test_the_wrist_classes_are_judged_alone() -> None:
    said = answers("wave", "wave", "squat")
    assert wrist_accuracy(said, ["wave", "clap"]) == 0.5
    assert wrist_accuracy(said, []) is None


def test_a_clip_counts_as_right_where_most_seeds_had_it() -> None:
    seeds = [answers("wave", "clap", "wave"), answers("wave", "wave", "wave"), answers("clap", "clap", "wave")]
    assert list(_majority(seeds).values()) == [True, True, False]
    assert list(_majority(seeds[:2]).values()) == [True, False, False]


def test_a_teacher_that_one_seed_could_not_judge_is_averaged_over_the_others() -> None:
    seeds = [made_outcome(0, teachers={}), made_outcome(1, teachers={"skeleton": 0.9, "fused": 0.8})]
    assert {name: one.n for name, one in _row("made", seeds).teachers.items()} == {"skeleton": 1, "fused": 1}


def test_words_about_the_code_are_not_the_code() -> None:
    plain = "def f(x):\n    return x + 1\n"
    told = '"""Says."""\n\n\ndef f(x):  # adds\n    """Adds."""\n    return (x + 1)\n'
    assert meaning(plain) == meaning(told) != meaning(plain.replace("1", "2"))
    assert len(code_version()) == 12
