"""The simulated watch's clock, flaws and link."""

from __future__ import annotations

import numpy as np

from pskd.performer import Performance, Watch
from pskd.types import GRAVITY_MPS2


def test_device_clock_is_off_and_drifts_as_told() -> None:
    watch = Watch(drift_ppm=80.0, offset_s=12.5)
    samples = np.arange(1_000_000, 1_030_000)
    device, true = watch.device_s(samples), watch.true_s(samples)
    slope = (device[-1] - device[0]) / (true[-1] - true[0])
    assert abs((slope - 1.0) * 1e6 - 80.0) < 0.01
    assert abs(device[0] - true[0] * (1 + 80e-6) - 12.5) < 1e-6


def test_packets_arrive_in_order_after_their_last_sample_and_the_same_every_time() -> None:
    watch = Watch(interval_s=0.03, resend=0.08, stalls=0.01, jitter_s=0.002)
    packets = np.arange(50_000, 52_000)
    arrival = watch.arrival_s(packets)
    last = watch.true_s((packets + 1) * watch.packet - 1)
    assert (np.diff(arrival) >= 0).all()
    assert ((arrival - last) > 0).all()
    assert 0.01 < np.median(arrival - last) < 0.05
    np.testing.assert_array_equal(watch.arrival_s(packets[500:600]), arrival[500:600])


def test_loss_is_as_large_as_told() -> None:
    assert abs(Watch(loss=0.1).lost(np.arange(20_000)).mean() - 0.1) < 0.01
    assert not Watch().lost(np.arange(1000)).any()


def test_first_packet_begins_at_or_after_the_asked_time() -> None:
    for rate in (10.0, 52.0, 100.0):
        watch = Watch(rate_hz=rate, packet=7, drift_ppm=-50.0)
        number = watch.first_packet(1234.567)
        assert watch.true_s(watch.samples(np.array([number])))[0] >= 1234.567
        assert watch.true_s(watch.samples(np.array([number - 1])))[0] < 1234.567


def test_the_sensor_is_noisy_biased_and_clips() -> None:
    person = Performance("rest")
    samples = np.arange(100_000, 100_500)
    truth = person.acceleration(Watch().true_s(samples))
    error = Watch().measure(person, samples)[0] - truth
    assert 0.02 < error.std(axis=0).max() < 0.1
    assert 0.0 < np.abs(error.mean(axis=0)).max() < 0.15
    perfect = Watch(flaws=0.0).measure(person, samples)[0]
    np.testing.assert_allclose(perfect, truth, atol=1e-4)
    wild = Watch(range_g=1.0).measure(Performance("jumping_jack"), samples)[0]
    assert np.abs(wild).max() <= np.float32(GRAVITY_MPS2)


def test_other_seeds_are_other_people() -> None:
    a, b = (Watch(seed=s).measure(Performance("walk", {"seed": str(s)}), np.arange(500)) for s in (1, 2))
    assert np.abs(a[0] - b[0]).max() > 1.0
