from __future__ import annotations

import numpy as np
import pytest

from pskd.live.agreement import Referee, first_s
from pskd.types import Prediction, SampleBlock

CLASSES = ["walk", "run"]


def said(t_s: float, label: str, walk: float = 0.9) -> Prediction:
    return Prediction(1e6 + t_s, label, max(walk, 1 - walk), np.array([walk, 1 - walk], dtype=np.float32), 1.0, t_s)


def test_predictions_and_segments_are_counted_apart() -> None:
    referee = Referee(CLASSES, window_s=2.0)
    referee.label("walk", 0.0)
    for t_s, label, walk in [(0.5, "run", 0.1), (1.5, "walk", 0.9), (2.5, "unsure", 0.45), (3.5, "walk", 0.8)]:
        referee.judge(said(t_s, label, walk))
    referee.label("run", 4.0)
    referee.judge(said(4.2, "walk"))
    referee.judge(said(5.5, "walk", 0.7))
    found = referee.result()
    assert found is not None
    assert (found.counted, found.agreed, found.unsure, found.skipped) == (4, 2, 1, 2)
    assert (found.segments, found.segments_agreed, found.segments_skipped) == (2, 1, 0)
    assert found.share == pytest.approx(0.5)


def test_what_the_student_never_learned_and_what_is_too_short_is_not_counted() -> None:
    referee = Referee(CLASSES, window_s=2.0)
    for label, t_s in [("swim", 0.0), ("walk", 5.0), ("", 5.5)]:
        referee.label(label, t_s)
    for t_s in (3.0, 5.4, 9.0):
        referee.judge(said(t_s, "walk"))
    found = referee.result()
    assert found is not None
    assert (found.counted, found.skipped, found.segments, found.segments_skipped) == (0, 3, 0, 2)
    assert found.share is None


def test_without_truth_there_is_no_agreement() -> None:
    referee = Referee(CLASSES, window_s=2.0)
    referee.judge(said(1.0, "walk"))
    assert referee.result() is None
    referee.label("", 2.0)
    assert referee.result() is None


def test_the_truth_of_a_moment() -> None:
    referee = Referee(CLASSES, window_s=2.0)
    referee.label("walk", 1.0)
    referee.label("run", 3.0)
    assert [referee.truth_at(t) for t in (0.5, 1.0, 2.9, 3.0, 99.0)] == ["", "walk", "walk", "run", "run"]


def test_counting_anew_keeps_what_is_being_done() -> None:
    referee = Referee(CLASSES, window_s=2.0)
    assert referee.share() is None
    referee.label("run", 0.0)
    referee.label("walk", 3.0)
    referee.judge(said(5.0, "run", 0.1))
    assert referee.share() == (0.0, 1)
    referee.forget()
    assert referee.share() is None
    referee.judge(said(6.0, "walk"))
    assert referee.share() == (1.0, 1) and referee.truth_at(6.0) == "walk"


def test_a_block_begins_when_its_first_sample_was_taken() -> None:
    values = np.zeros((2, 3), dtype=np.float32)
    assert first_s(SampleBlock("watch", 9.0, values, np.array([4.0, 4.02]))) == 4.0
    assert first_s(SampleBlock("watch", 9.0, values, None)) == 9.0
