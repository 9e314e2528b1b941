"""The drawing for the camera preview."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.performer import Performance, picture


def test_the_figure_is_drawn_where_the_landmarks_are() -> None:
    seen = Performance("jumping_jack", {"noise": "0"}).landmarks(np.array([100.0, 100.5]))
    first, second = (picture(image, 320, 240) for image in seen.image)
    assert first.shape == (240, 320, 3)
    assert first.dtype == np.uint8
    empty = picture(np.full((33, 2), np.nan, np.float32), 320, 240)
    changed = (first != empty).any(axis=-1)
    assert 0.01 < changed.mean() < 0.3
    for u, v in seen.image[0]:
        assert changed[min(int(v * 240), 239), min(int(u * 320), 319)]
    assert (first != second).any()


def test_the_background_is_not_painted_over() -> None:
    image = Performance().landmarks(np.array([1.0])).image[0]
    picture(image, 64, 48)[...] = 0
    assert picture(image, 64, 48).any()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-3, 4, width=32), min_size=66, max_size=66), st.integers(8, 80), st.integers(8, 80))
def test_landmarks_anywhere_are_drawn_or_left_out(values: list[float], width: int, height: int) -> None:
    drawn = picture(np.array(values, np.float32).reshape(33, 2), width, height)
    assert drawn.shape == (height, width, 3)
