"""Device clocks on the host's clock, against simulated truth."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.performer import Watch
from pskd.sync.clockfit import ClockFit, Ping, fit_clock, lower_line
from pskd.sync.events import connection_interval


def _link(seconds: float, start_s: float, **facts: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Device time, arrival and truth of each sample over a link with 30 ms, 8 % resent, 1 % host stalls."""
    watch = Watch(**{"packet": 1, "interval_s": 0.03, "resend": 0.08, "stalls": 0.01, "offset_s": 77.0, **facts})
    packets = np.arange(watch.first_packet(start_s), watch.first_packet(start_s + seconds))
    samples = watch.samples(packets)
    return watch.device_s(samples), np.repeat(watch.arrival_s(packets), watch.packet), watch.true_s(samples)


def _biases_ms(seconds: float, runs: int) -> np.ndarray:
    dice = np.random.default_rng(8)
    biases = []
    for seed in range(runs):
        device, arrival, true = _link(seconds, dice.uniform(100, 9000), seed=seed, drift_ppm=dice.uniform(-100, 100))
        biases.append(np.mean(fit_clock(device, arrival).to_host(device) - true) * 1e3)
    return np.array(biases)


def test_a_minute_is_enough_for_six_milliseconds() -> None:
    biases = np.abs(_biases_ms(60.0, 16))
    assert biases.mean() < 6.0
    assert biases.max() < 7.5


def test_ten_minutes_are_enough_for_two_milliseconds() -> None:
    assert np.abs(_biases_ms(600.0, 5)).max() < 2.0


def test_drift_is_found() -> None:
    device, arrival, _ = _link(600.0, 500.0, drift_ppm=63.0)
    assert abs(fit_clock(device, arrival).segments[0].drift_ppm - 63.0) < 5.0


def test_arrivals_alone_are_much_worse() -> None:
    device, arrival, true = _link(60.0, 500.0, drift_ppm=40.0)
    fitted = np.abs(fit_clock(device, arrival).to_host(device) - true)
    assert fitted.max() < 0.3 * np.abs(arrival - true).mean()


def test_the_connection_interval_shows_in_the_arrivals() -> None:
    for interval_s in (0.0075, 0.015, 0.03, 0.04875, 0.1):
        watch = Watch(packet=1, interval_s=interval_s, resend=0.05, jitter_s=0.0005)
        found = connection_interval(watch.arrival_s(np.arange(10_000, 13_000)), 0.02)
        assert found is not None
        assert abs(found - interval_s) < 1e-9
    assert connection_interval(np.sort(np.random.default_rng(1).uniform(0, 60, 2000)), 0.03) is None


def test_the_rhythm_of_the_packets_is_not_taken_for_that_of_the_link() -> None:
    device, arrival, true = _link(30.0, 200.0, packet=3, interval_s=0.0075, resend=0.02)
    assert np.abs(fit_clock(device, arrival).to_host(device) - true).max() < 0.012


def test_a_reconnection_with_a_new_clock_is_a_segment_of_its_own() -> None:
    first = _link(30.0, 100.0, offset_s=0.0)
    second = _link(30.0, 160.0, offset_s=-159.0)
    device, arrival, true = (np.concatenate(pair) for pair in zip(first, second, strict=True))
    fit = fit_clock(device, arrival)
    assert [(s.first, s.last) for s in fit.segments] == [(0, len(first[0])), (len(first[0]), len(device))]
    assert np.abs(fit.to_host(device) - true).max() < 0.02


def test_a_reconnection_that_is_told_is_a_segment_of_its_own() -> None:
    device, arrival, _ = _link(20.0, 100.0)
    fit = fit_clock(device, arrival, connected_s=[99.0, 110.0])
    assert len(fit.segments) == 2
    assert arrival[fit.segments[1].first] >= 110.0


def test_a_clock_that_leaps_forward_is_noticed() -> None:
    device, arrival, true = _link(40.0, 100.0)
    device = np.where(true > 120.0, device + 3600.0, device)
    fit = fit_clock(device, arrival)
    assert len(fit.segments) == 2
    assert np.abs(fit.to_host(device) - true).max() < 0.02


def test_a_long_stall_that_is_caught_up_is_no_leap() -> None:
    device, arrival, true = _link(60.0, 100.0)
    arrival = np.maximum(arrival, np.where((true > 120) & (true < 132), 132.0 + (true - 120) * 1e-3, 0.0))
    fit = fit_clock(device, arrival)
    assert len(fit.segments) == 1
    assert np.abs(fit.to_host(device) - true).max() < 0.02


def test_a_recording_that_is_played_faster_keeps_its_own_slope() -> None:
    device = np.arange(3000) / 50.0
    fit = fit_clock(device, 1000.0 + device / 4.0 + 0.002)
    assert abs(fit.segments[0].slope - 0.25) < 1e-6


def _pings(start_s: float, seconds: float, delay_s: float = 0.0, **facts: float) -> list[Ping]:
    """Answers given at once; each way takes up to 20 ms, and ``delay_s`` is how late the samples' clock is stamped."""
    watch = Watch(**{"offset_s": 77.0, **facts})
    dice = np.random.default_rng(3)
    answered_s = np.arange(start_s + 1.0, start_s + seconds, 1.0)
    device_s = answered_s * (1 + watch.drift_ppm * 1e-6) + watch.offset_s + delay_s
    there, back = dice.uniform(0.001, 0.02, (2, len(answered_s)))
    return [
        Ping(sent_s=float(t - a), heard_s=float(t + b), device_s=float(d))
        for t, a, b, d in zip(answered_s, there, back, device_s, strict=True)
    ]


def test_pings_see_a_delay_that_all_packets_share() -> None:
    device, arrival, true = _link(60.0, 500.0, drift_ppm=40.0)
    arrival = arrival + 0.2
    pings = _pings(500.0, 60.0, drift_ppm=40.0)
    blind, seeing = fit_clock(device, arrival), fit_clock(device, arrival, pings=pings)
    assert np.abs(blind.to_host(device) - true).mean() > 0.18
    errors = np.abs(seeing.to_host(device) - true)
    assert errors.mean() < 0.003
    assert seeing.segments[0].bound_ms is not None
    assert errors.mean() * 1e3 < seeing.segments[0].bound_ms < 12.0


def test_pings_give_a_bound_where_packets_and_connection_events_lock() -> None:
    device, arrival, true = _link(60.0, 500.0, packet=3, interval_s=0.03, drift_ppm=10.0)
    blind = fit_clock(device, arrival).segments[0]
    fit = fit_clock(device, arrival, pings=_pings(500.0, 60.0, drift_ppm=10.0))
    assert blind.bound_ms is None
    assert fit.segments[0].bound_ms is not None
    assert np.abs(fit.to_host(device) - true).mean() * 1e3 <= fit.segments[0].bound_ms + 0.5


def test_pings_that_contradict_each_other_or_are_no_numbers_are_left_alone() -> None:
    device, arrival, _ = _link(30.0, 500.0)
    plain = fit_clock(device, arrival)
    wrong = [Ping(sent_s=510.0, heard_s=510.01, device_s=587.0), Ping(sent_s=511.0, heard_s=511.01, device_s=500.0)]
    wrong.append(Ping(sent_s=float("nan"), heard_s=512.0, device_s=589.0))
    assert fit_clock(device, arrival, pings=wrong) == plain
    assert fit_clock(device, arrival, pings=[Ping(sent_s=1.0, heard_s=2.0, device_s=3.0)]) == plain


def test_each_connection_has_its_own_pings() -> None:
    first, second = _link(30.0, 100.0, offset_s=0.0), _link(30.0, 160.0, offset_s=-159.0)
    device, arrival, true = (np.concatenate(pair) for pair in zip(first, second, strict=True))
    pings = [*_pings(160.0, 30.0, offset_s=-159.0), *_pings(100.0, 30.0, offset_s=0.0)]
    fit = fit_clock(device, arrival + 0.1, pings=pings)
    assert np.abs(fit.to_host(device) - true).mean() < 0.004


def test_a_fit_is_stored_and_read_again() -> None:
    device, arrival, _ = _link(10.0, 100.0)
    fit = fit_clock(device, arrival)
    assert msgspec.json.decode(msgspec.json.encode(fit), type=ClockFit) == fit


def test_nothing_gives_nothing() -> None:
    fit = fit_clock(np.zeros(0), np.zeros(0))
    assert fit.segments == ()
    assert fit.to_host(np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_samples_are_laid_at_their_arrival(count: int) -> None:
    device = 5.0 + np.arange(count) / 50.0
    fit = fit_clock(device, 900.0 + np.arange(count) / 50.0)
    np.testing.assert_allclose(fit.to_host(device), 900.0 + np.arange(count) / 50.0, atol=1e-9)


def test_wrong_shapes_and_values_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="expected two"):
        fit_clock(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="finite"):
        fit_clock(np.array([0.0, np.nan]), np.zeros(2))
    with pytest.raises(ValueError, match="expected"):
        fit_clock(np.arange(3.0), np.arange(3.0)).to_host(np.zeros(2))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.0, 0.5), min_size=20, max_size=200),
    st.floats(-100, 100),
    st.floats(-1e4, 1e4),
    st.floats(0, 1e5),
)
def test_the_line_never_lies_above_an_arrival(
    delays: list[float], drift_ppm: float, offset_s: float, start_s: float
) -> None:
    true = start_s + np.arange(len(delays)) * 0.1
    arrival = np.maximum.accumulate(true + np.array(delays))
    device = true * (1 + drift_ppm * 1e-6) + offset_s
    fit = fit_clock(device, arrival)
    assert len(fit.segments) == 1
    assert (fit.to_host(device) <= arrival + 1e-6).all()
    assert abs(fit.segments[0].drift_ppm) < 301


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=60))
def test_the_lower_line_is_below_all_points_and_touches_one(points: list[tuple[float, float]]) -> None:
    x, y = np.array(sorted(points)).T
    slope, height = lower_line(x, y)
    above = y - (slope * x + height)
    room = 1e-6 * (1 + np.abs(slope * x).max() + np.abs(y).max())
    assert above.min() > -room
    assert above.min() < room
