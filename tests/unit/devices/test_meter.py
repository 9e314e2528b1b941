from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pskd.devices.meter import StreamMeter
from pskd.types import SampleBlock, StreamInfo, StreamKind

INFO = StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", 50.0)


def block(arrival_s: float, count: int, first_s: float | None = None) -> SampleBlock:
    device_s = None if first_s is None else first_s + np.arange(count) / 50.0
    return SampleBlock("watch", arrival_s, np.full((count, 3), arrival_s, np.float32), device_s)


def test_rate_age_and_newest_samples() -> None:
    meter = StreamMeter(INFO, keep=4)
    for number in range(101):
        meter.add(block(10 + 0.06 * number, 3, 0.06 * number))
    reading = meter.read(17.0)
    assert reading.samples == 303
    assert reading.rate_hz == pytest.approx(50.0)
    assert reading.recent_hz == pytest.approx(50.0)
    assert reading.age_s == pytest.approx(1.0)
    assert reading.gaps == 0
    assert meter.newest().shape == (4, 3)
    assert meter.newest()[-1, 0] == pytest.approx(16.0)


def test_nothing_yet() -> None:
    meter = StreamMeter(INFO)
    meter.add(block(1.0, 0))
    reading = meter.read(5.0)
    assert (reading.samples, reading.rate_hz, reading.age_s, reading.gaps) == (0, 0.0, None, 0)
    assert meter.newest().shape == (0, 3)


def test_a_gap_in_the_devices_clock_is_seen_though_packets_came_late() -> None:
    meter = StreamMeter(INFO)
    for arrival_s, first_s in ((0.0, 0.0), (0.3, 0.06), (0.31, 0.12), (0.4, 0.30)):
        meter.add(block(arrival_s, 3, first_s))
    reading = meter.read(1.0)
    assert reading.gaps == 1
    assert reading.longest_gap_s == pytest.approx(0.12)


def test_without_a_clock_only_silence_is_a_gap() -> None:
    meter = StreamMeter(INFO)
    for arrival_s in (0.0, 0.02, 0.3, 0.32, 2.32):
        meter.add(block(arrival_s, 1))
    reading = meter.read(3.0)
    assert reading.gaps == 1
    assert reading.longest_gap_s == pytest.approx(1.98)


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 5), st.booleans()), max_size=40))
def test_any_course_of_packets_gives_sound_numbers(packets: list[tuple[float, int, bool]]) -> None:
    meter, now_s = StreamMeter(INFO, keep=10), 0.0
    for wait_s, count, clock in packets:
        now_s += wait_s
        meter.add(block(now_s, count, now_s if clock else None))
        reading = meter.read(now_s)
        assert np.isfinite([reading.rate_hz, reading.recent_hz, reading.longest_gap_s]).all()
        assert reading.longest_gap_s >= 0
    assert meter.read(now_s).samples == sum(count for _, count, _ in packets)
