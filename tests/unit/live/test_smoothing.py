from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.live.smoothing import Smoother

CLASSES = ["walk", "run"]


def smoother(time_s: float = 1.0, margin: float = 0.1, unsure_below: float = 0.0) -> Smoother:
    return Smoother(CLASSES, time_s=time_s, margin=margin, unsure_below=unsure_below)


def test_the_first_answer_stands_as_it_is() -> None:
    label, confidence, mean = smoother().update(np.array([0.3, 0.7]), 0.0)
    assert (label, confidence) == ("run", pytest.approx(0.7))
    assert mean.tolist() == pytest.approx([0.3, 0.7])


def test_one_odd_window_does_not_change_the_label() -> None:
    calm = smoother()
    for _ in range(5):
        calm.update(np.array([0.9, 0.1]), 0.2)
    assert calm.update(np.array([0.1, 0.9]), 0.2)[0] == "walk"
    assert calm.update(np.array([0.9, 0.1]), 0.2)[0] == "walk"


def test_a_lasting_change_is_followed() -> None:
    calm = smoother()
    calm.update(np.array([1.0, 0.0]), 0.2)
    labels = [calm.update(np.array([0.0, 1.0]), 0.2)[0] for _ in range(6)]
    assert labels[0] == "walk" and labels[-1] == "run"


def test_a_narrow_lead_does_not_take_over() -> None:
    calm = smoother(time_s=0.0, margin=0.2)
    calm.update(np.array([0.6, 0.4]), 0.2)
    assert calm.update(np.array([0.45, 0.55]), 0.2)[0] == "walk"
    assert calm.update(np.array([0.3, 0.7]), 0.2)[0] == "run"


def test_a_weak_answer_is_unsure() -> None:
    strict = smoother(unsure_below=0.8)
    assert strict.update(np.array([0.75, 0.25]), 0.0)[0] == "unsure"
    strict.reset()
    assert strict.update(np.array([0.85, 0.15]), 0.0)[0] == "walk"


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 5)), min_size=1, max_size=30), st.floats(0, 3))
def test_the_average_stays_a_distribution(steps: list[tuple[float, float]], time_s: float) -> None:
    calm = smoother(time_s=time_s)
    for share, step_s in steps:
        label, confidence, mean = calm.update(np.array([share, 1 - share]), step_s)
        assert float(mean.sum()) == pytest.approx(1.0, abs=1e-5)
        assert label in CLASSES and 0.5 - 1e-6 <= confidence <= 1.0 + 1e-6


def test_how_often_windows_come_does_not_change_how_fast_it_forgets() -> None:
    often, seldom = smoother(), smoother()
    for calm in (often, seldom):
        calm.update(np.array([1.0, 0.0]), 0.0)
    for _ in range(10):
        quick = often.update(np.array([0.0, 1.0]), 0.1)[2]
    assert seldom.update(np.array([0.0, 1.0]), 1.0)[2] == pytest.approx(quick, abs=1e-5)
