from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_clips import make_clip

from pskd.training.pieces import in_pieces


@given(st.floats(0.5, 40.0), st.floats(0.4, 6.0))
def test_every_sample_of_a_take_without_labels_is_in_one_piece(seconds: float, window_s: float) -> None:
    whole = make_clip(None, "01", 1, seconds=seconds, like="wave")
    pieces = in_pieces([whole], window_s)
    joined = np.concatenate([piece.acceleration_mps2 for piece in pieces])
    np.testing.assert_array_equal(joined, whole.acceleration_mps2)
    assert all(piece.take == whole.take and piece.label is None for piece in pieces)
    assert all(piece.duration_s <= 1.5 * window_s + 0.02 for piece in pieces)


def test_both_modalities_of_a_piece_show_the_same_moments() -> None:
    whole = make_clip(None, "01", 1, seconds=12.0, like="wave")
    pieces = in_pieces([whole], 4.0)
    assert len(pieces) == 3
    for piece in pieces:
        assert piece.pose_times_s is not None and piece.pose_m is not None
        assert 0 <= piece.acceleration_times_s[0] < 0.02 and 0 <= piece.pose_times_s[0] < 1 / 15
        assert len(piece.pose_m) == len(piece.pose_times_s) == pytest.approx(60, abs=1)


def test_labelled_clips_and_short_ones_are_left_whole() -> None:
    clips = [make_clip("wave", "01", 1, seconds=30.0), make_clip(None, "01", 2, seconds=5.0, like="wave")]
    assert in_pieces(clips, 4.0) == clips


def test_a_piece_in_which_the_camera_saw_nobody_has_no_pose() -> None:
    whole = make_clip(None, "01", 1, seconds=8.0, like="wave")
    assert whole.pose_times_s is not None
    whole.pose_times_s[:] = whole.pose_times_s / 4
    first, second = in_pieces([whole], 4.0)
    assert first.pose_m is not None and second.pose_m is None and second.visibility is None
