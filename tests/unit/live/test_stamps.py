from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.live.stamps import BlockClock


def test_the_device_clock_is_taken_as_it_is() -> None:
    device = np.array([5.0, 5.02, 5.04])
    assert BlockClock(50.0).times(3, 99.0, device).tolist() == device.tolist()


def test_without_a_device_clock_the_first_packet_is_laid_back_from_its_arrival() -> None:
    assert np.allclose(BlockClock(50.0).times(3, 10.0), [9.96, 9.98, 10.0])


@settings(deadline=None)
@given(st.lists(st.floats(0, 0.2), min_size=5, max_size=60), st.integers(1, 10))
def test_jittering_arrivals_give_steady_times(delays: list[float], count: int) -> None:
    clock, times = BlockClock(50.0), []
    for number, delay in enumerate(delays, start=1):
        times.append(clock.times(count, number * count / 50.0 + delay))
    steps = np.diff(np.concatenate(times))
    assert (steps > 0).all()
    assert np.abs(steps - 0.02).max() <= 0.02  # an arrival pulls by a twentieth, spread over its packet


def test_a_watch_that_runs_faster_than_it_says_is_followed() -> None:
    clock = BlockClock(50.0)
    for number in range(1, 200):
        times = clock.times(10, number * 10 / 52.0)
    assert abs(times[-1] - number * 10 / 52.0) < 0.2
    assert np.allclose(np.diff(times), 1 / 52.0, atol=2e-4)


def test_a_late_packet_is_a_gap() -> None:
    clock = BlockClock(50.0)
    before = clock.times(5, 1.0)[-1]
    assert clock.times(5, 4.0)[0] - before > 2.5


def test_an_irregular_stream_spreads_its_samples_between_arrivals() -> None:
    clock = BlockClock(0.0)
    clock.times(2, 1.0)
    assert np.allclose(clock.times(4, 1.2), [1.05, 1.1, 1.15, 1.2])


def test_after_a_reset_the_count_begins_anew() -> None:
    clock = BlockClock(50.0)
    clock.times(5, 100.0)
    clock.reset()
    assert clock.times(1, 2.0).tolist() == [2.0]
