from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.live.ring import SampleRing


@settings(deadline=None)
@given(st.integers(1, 20), st.lists(st.integers(0, 50), max_size=12))
def test_the_ring_holds_the_newest_samples_however_they_came(capacity: int, packets: list[int]) -> None:
    ring, count = SampleRing(capacity, channels=2), 0
    for size in packets:
        times = np.arange(count, count + size, dtype=np.float64)
        ring.append(np.stack([times, -times], axis=1), times)
        count += size
    expected = np.arange(max(count - capacity, 0), count)
    values, times = ring.since(-1.0)
    assert len(ring) == len(expected)
    assert times.tolist() == expected.tolist() == values[:, 0].tolist()
    assert ring.newest_s == (count - 1 if count else None)
    assert ring.oldest_s == (expected[0] if count else None)


def test_a_slice_brings_the_sample_before_it() -> None:
    ring = SampleRing(10)
    ring.append(np.zeros((5, 3)), np.arange(5.0))
    assert ring.since(2.5)[1].tolist() == [2.0, 3.0, 4.0]
    assert ring.since(2.0)[1].tolist() == [1.0, 2.0, 3.0, 4.0]


def test_nothing_is_left_after_clearing() -> None:
    ring = SampleRing(4)
    ring.append(np.ones((3, 3)), np.arange(3.0))
    ring.clear()
    assert len(ring) == 0 and ring.newest_s is None


@pytest.mark.parametrize("shape", [(3,), (3, 2), (2, 3)])
def test_samples_that_do_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="values"):
        SampleRing(4).append(np.zeros(shape), np.arange(3.0))


def test_a_ring_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity"):
        SampleRing(0)
