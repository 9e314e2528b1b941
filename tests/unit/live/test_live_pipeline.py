from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bundles import CLASSES, SENSOR, gravity_bundle, lying

from pskd.errors import WrongUse
from pskd.evaluation.calibration import softmax
from pskd.export.bundle import Bundle, read_bundle
from pskd.live import pipeline as module
from pskd.live.pipeline import LivePipeline
from pskd.signals.sensor import clip_windows, prepare
from pskd.types import FloatArray, Prediction, TimeArray


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return read_bundle(gravity_bundle(tmp_path_factory.mktemp("bundles") / "made"))


def shaken(count: int, seed: int = 0, rate_hz: float = 50.0) -> tuple[FloatArray, TimeArray]:
    """A moving sensor with jitter in its times."""
    random = np.random.default_rng(seed)
    times = np.arange(count) / rate_hz + random.uniform(0, 0.3 / rate_hz, count)
    return (random.normal(size=(count, 3)) * 4 + [0, 9.8, 0]).astype(np.float32), times


def cut(values: FloatArray, times: TimeArray, sizes: list[int]) -> list[tuple[FloatArray, TimeArray]]:
    edges = np.clip(np.cumsum([0, *sizes, len(times)]), 0, len(times))
    return [(values[a:b], times[a:b]) for a, b in pairwise(edges)]


def essence(predictions: list[Prediction]) -> list[tuple[float, str, float]]:
    return [(p.signal_s, p.label, p.confidence) for p in predictions]


def test_live_windows_are_the_training_windows(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the student sees live is, number for number, what training makes of the same samples."""
    seen: list[FloatArray] = []

    def watched(*arguments: object, **named: object) -> FloatArray:
        seen.append(prepare(*arguments, **named))  # type: ignore[arg-type]
        return seen[-1]

    monkeypatch.setattr(module, "prepare", watched)
    for rate_hz in (31.0, 50.0, 100.0):
        seen.clear()
        values, times = shaken(int(8 * rate_hz), rate_hz=rate_hz)
        live = LivePipeline(bundle, min_fill=1.0)
        predictions = [p for block in cut(values, times, [7] * 200) for p in live.push(*block)]
        assert len(predictions) == len(seen) > 20
        for prediction, window in zip(predictions, seen, strict=True):
            past = times <= prediction.signal_s
            expected = prepare(values[past], times[past], SENSOR, end_s=prediction.signal_s)
            assert np.abs(window - expected).max() < 1e-5


def test_a_clip_of_one_window_gives_live_what_it_gives_in_training(bundle: Bundle) -> None:
    values = shaken(SENSOR.window_samples)[0]
    times = np.arange(len(values)) / SENSOR.rate_hz
    in_training = softmax(bundle.student.logits(clip_windows(values, times, SENSOR)), bundle.calibration.temperature)
    live = LivePipeline(bundle, min_fill=1.0).push(values, times)
    assert len(live) == 1
    assert live[0].probabilities == pytest.approx(in_training[0], abs=1e-5)


@settings(deadline=None, max_examples=30)
@given(sizes=st.lists(st.integers(0, 120), max_size=30), seed=st.integers(0, 5))
def test_how_the_samples_were_cut_into_packets_changes_nothing(bundle: Bundle, sizes: list[int], seed: int) -> None:
    values, times = shaken(400, seed)
    whole = LivePipeline(bundle).push(values, times)
    live = LivePipeline(bundle)
    pieces = [p for block in cut(values, times, sizes) for p in live.push(*block)]
    assert essence(pieces) == essence(whole)
    assert len(whole) > 20


def test_nothing_that_comes_later_changes_an_answer(bundle: Bundle) -> None:
    values, times = shaken(400)
    early = LivePipeline(bundle).push(values[:250], times[:250])
    assert essence(LivePipeline(bundle).push(values, times))[: len(early)] == essence(early)


def test_the_right_axis_is_named_and_a_change_is_followed(bundle: Bundle) -> None:
    live = LivePipeline(bundle)
    first = live.push(*lying(0, 250))
    assert {p.label for p in first} == {CLASSES[0]}
    second = live.push(*lying(2, 250, start_s=5.0))
    assert second[-1].label == CLASSES[2]
    labels = [p.label for p in second]
    assert labels[0] == CLASSES[0] and "unsure" in labels  # neither class while the window holds both


def test_predictions_come_every_hop_from_half_a_window_on(bundle: Bundle) -> None:
    live = LivePipeline(bundle, hop_s=0.2)
    predictions = live.push(*lying(1, 250))
    ends = np.array([p.signal_s for p in predictions])
    assert ends[0] == pytest.approx(SENSOR.window_s / 2, abs=0.03)
    assert np.allclose(np.diff(ends), 0.2, atol=1e-6)


def test_it_waits_until_there_is_enough_signal_and_says_how_much_is_missing(bundle: Bundle) -> None:
    live = LivePipeline(bundle, min_fill=1.0)
    assert live.waiting_s == pytest.approx(1.98)
    assert live.push(*lying(0, 50)) == []
    assert live.waiting_s == pytest.approx(1.0)
    assert len(live.push(*lying(0, 60, start_s=1.0))) == 1
    assert live.waiting_s == 0


@pytest.mark.parametrize("jump_s", [3.0, -100.0])
def test_no_window_reaches_across_a_gap_or_a_clock_that_began_anew(bundle: Bundle, jump_s: float) -> None:
    live = LivePipeline(bundle)
    live.push(*lying(0, 200))
    after = lying(2, 200, start_s=4.0 + jump_s)
    one_packet = LivePipeline(bundle)
    one_packet.push(*lying(0, 200))
    predictions = live.push(after[0][:20], after[1][:20])
    assert predictions == [] and live.waiting_s > 0
    predictions = live.push(after[0][20:], after[1][20:])
    assert {p.label for p in predictions} == {CLASSES[2]}
    assert essence(one_packet.push(*after)) == essence(predictions)


def test_a_gap_within_one_packet_is_a_gap_too(bundle: Bundle) -> None:
    a, b = lying(0, 120), lying(2, 120, start_s=10.0)
    predictions = LivePipeline(bundle).push(np.concatenate([a[0], b[0]]), np.concatenate([a[1], b[1]]))
    assert {p.label for p in predictions if p.signal_s < 5} == {CLASSES[0]}
    assert {p.label for p in predictions if p.signal_s > 5} == {CLASSES[2]}


def test_samples_that_no_sensor_can_measure_are_left_out(bundle: Bundle) -> None:
    values, times = lying(1, 200)
    clean = LivePipeline(bundle).push(values, times)
    values[::7] = np.nan
    values[3::11] = np.inf
    values[5::13] = 1e30
    dirty = LivePipeline(bundle).push(values, times)
    assert {p.label for p in dirty} == {p.label for p in clean} == {CLASSES[1]}
    assert all(np.isfinite(p.probabilities).all() for p in dirty)


def test_samples_sent_twice_count_once(bundle: Bundle) -> None:
    values, times = shaken(300)
    live = LivePipeline(bundle)
    found = live.push(values[:200], times[:200]) + live.push(values[180:], times[180:])
    assert essence(found) == essence(LivePipeline(bundle).push(values, times))


def test_an_empty_packet_changes_nothing(bundle: Bundle) -> None:
    assert LivePipeline(bundle).push(np.zeros((0, 3)), np.zeros(0)) == []


@pytest.mark.parametrize(("values", "times"), [((3, 2), 3), ((3, 3), 2), ((3,), 3)])
def test_a_packet_of_another_shape_is_refused(bundle: Bundle, values: tuple[int, ...], times: int) -> None:
    with pytest.raises(WrongUse, match="expected"):
        LivePipeline(bundle).push(np.zeros(values), np.zeros(times))


@pytest.mark.parametrize("options", [{"hop_s": 0.0}, {"smooth_s": -1.0}, {"min_fill": 0.0}, {"hop_s": float("nan")}])
def test_options_out_of_range_are_refused(bundle: Bundle, options: dict[str, float]) -> None:
    with pytest.raises(WrongUse):
        LivePipeline(bundle, **options)


def test_times_of_the_window_are_told_on_both_clocks(bundle: Bundle) -> None:
    values, times = lying(0, 300)
    predictions = LivePipeline(bundle).push(values, times, arrival_s=1000.0)
    last = times[-1]
    assert all(p.t_s == pytest.approx(1000.0 - (last - p.signal_s)) for p in predictions)
