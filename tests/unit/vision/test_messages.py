"""A frame survives the pipe unchanged, and anything else is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pskd import events
from pskd.errors import PskdError
from pskd.types import PoseFrame
from pskd.vision import messages
from pskd.vision.pose import nobody

values = st.floats(width=32, allow_nan=True)


@given(table=arrays(np.float32, (33, 6), elements=values), number=st.integers(0, 2**40), grab_s=st.floats(0, 1e9))
def test_a_frame_comes_back_bit_for_bit(table: np.ndarray, number: int, grab_s: float) -> None:
    frame = PoseFrame(grab_s, number, table[:, :3].copy(), table[:, 3:5].copy(), table[:, 5].copy(), 1)
    event = events.decode(events.encode("frame", **messages.pack(frame)))
    assert event is not None
    back = messages.unpack(event)
    assert (back.grab_s, back.number, back.people) == (grab_s, number, 1)
    for name in ("world_m", "image", "visibility"):
        assert np.array_equal(getattr(back, name), getattr(frame, name), equal_nan=True)
        assert getattr(back, name).dtype == np.float32


def test_nobody_is_not_a_number_and_not_visible() -> None:
    back = messages.unpack(messages.pack(nobody(1.5, 3)))
    assert back.people == 0
    assert np.isnan(back.world_m).all() and np.isnan(back.image).all()
    assert (back.visibility == 0).all()


@pytest.mark.parametrize(
    "event",
    [{}, {"joints": "!!"}, {"joints": "AAAA", "grab_s": 0, "number": 0, "people": 0}, {"joints": None}, {"joints": 3}],
)
def test_other_events_are_refused(event: dict) -> None:
    with pytest.raises(PskdError):
        messages.unpack(event)
