"""Sample times: from the device's clock where it has one, connection by connection."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_takes import START_S, WATCH, manifest

from pskd.recording import timing
from pskd.recording.clock_report import fit_clocks
from pskd.recording.pings import WatchPing, pings_of
from pskd.recording.reader import read_take
from pskd.recording.sync_report import SyncDocument, write_sync
from pskd.recording.walker import MAX_TIME_S, read_xdf
from pskd.recording.writer import TakeWriter
from pskd.sync.clockfit import Ping
from pskd.types import Marker, SampleBlock


def write_packets(folder: Path, seconds: float, drift_ppm: float, reboot_s: float | None = None) -> np.ndarray:
    """A watch whose packets are late by chance; returns the true sample times from the take's start."""
    rng = np.random.default_rng(1)
    writer = TakeWriter.create(folder, manifest(WATCH), durable=False)
    writer.add_marker(Marker(START_S, "link", "watch", "start"))
    true_s = np.arange(int(seconds * 50)) / 50.0
    if reboot_s is not None:
        true_s = true_s[(true_s < reboot_s - 1.0) | (true_s >= reboot_s)]
    offset_s = 77.0
    for first in range(0, len(true_s), 5):
        t = true_s[first : first + 5]
        if reboot_s is not None and t[0] >= reboot_s and offset_s == 77.0:
            offset_s = -reboot_s
            writer.add_marker(Marker(START_S + t[0] - 0.01, "link", "watch", "start"))
        device_s = (t + offset_s) * (1 + drift_ppm * 1e-6)
        late_s = rng.exponential(0.02)
        values = np.zeros((len(t), 3), np.float32)
        writer.add_block(SampleBlock("watch", START_S + t[-1] + late_s, values, device_s))
    writer.finish()
    return true_s


@pytest.mark.parametrize("reboot_s", [None, 30.0])
def test_jitter_and_drift_are_taken_out(tmp_path: Path, reboot_s: float | None) -> None:
    true_s = write_packets(tmp_path / "t", 60.0, 60.0, reboot_s)
    found_s = read_take(tmp_path / "t").streams["watch"].times_s
    assert np.abs(found_s - true_s).max() < 0.005
    assert (np.diff(found_s) >= 0).all()


def test_the_clock_report_says_what_it_found(tmp_path: Path) -> None:
    write_packets(tmp_path / "t", 60.0, 60.0)
    document = write_sync(tmp_path / "t")
    assert document.clocks["watch"].segments[0].drift_ppm == pytest.approx(60.0, abs=15.0)
    assert document.verdict.startswith("watch: clock good, one connection")
    assert (tmp_path / "t" / "sync.json").exists()
    assert isinstance(document, SyncDocument)


def test_without_a_device_clock_the_report_says_so(tmp_path: Path) -> None:
    writer = TakeWriter.create(tmp_path / "t", manifest(WATCH), durable=False)
    writer.add_samples("watch", START_S + np.arange(9) / 50, np.zeros((9, 3), np.float32))
    writer.finish()
    assert "no clock of its own" in write_sync(tmp_path / "t").verdict


def test_a_packet_without_device_clock_is_laid_back_by_the_nominal_rate(tmp_path: Path) -> None:
    writer = TakeWriter.create(tmp_path / "t", manifest(WATCH), durable=False)
    writer.add_block(SampleBlock("watch", START_S + 1.0, np.zeros((3, 3), np.float32)))
    writer.finish()
    np.testing.assert_allclose(read_take(tmp_path / "t").streams["watch"].times_s, [0.96, 0.98, 1.0], atol=1e-9)


def test_a_connection_belongs_to_all_streams_of_its_device() -> None:
    markers = tuple(
        Marker(float(t), "link", label, phase)
        for t, (label, phase) in enumerate(
            [("watch", "start"), ("watch", "end"), ("watch2", "start"), ("watch", "start")]
        )
    )
    assert timing.connections("watch-gyroscope", markers) == (0.0, 3.0)
    assert timing.connections("watch2", markers) == (2.0,)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 2), st.booleans()), min_size=1, max_size=60))
def test_times_are_finite_and_in_order_whatever_the_device_says(samples: list[tuple[float, float, bool]]) -> None:
    device_s = np.array([value if told else np.nan for value, _, told in samples])
    arrival_s = np.cumsum([step for _, step, _ in samples])
    times = timing.host_times(arrival_s, device_s, arrival_s, timing.Link((0.5,)))
    assert np.isfinite(times).all()
    assert (np.diff(times) >= 0).all()


SHARED_S = 0.1
OFFSET_S = 77.0


def write_late_watch(folder: Path, source: str = "watch") -> np.ndarray:
    """A watch whose packets are all a tenth of a second late, pinged every half second; returns the true times."""
    writer = TakeWriter.create(folder, manifest(WATCH), durable=False)
    true_s = np.arange(500) / 50.0
    for first in range(0, len(true_s), 5):
        t = true_s[first : first + 5]
        values = np.zeros((5, 3), np.float32)
        writer.add_block(SampleBlock("watch", START_S + t[-1] + SHARED_S, values, t + OFFSET_S))
        if first % 25 == 0 and first:
            sent_s = START_S + t[0] + 0.005
            writer.add_ping(
                WatchPing(source, Ping(sent_s=sent_s, heard_s=sent_s + 0.02, device_s=t[0] + 0.015 + OFFSET_S))
            )
    assert writer.counts == {"watch": 500, "markers": 0}
    assert writer.duration_s == pytest.approx(true_s[-1] + SHARED_S)
    writer.finish()
    return true_s


def test_pings_of_a_take_see_a_delay_that_all_packets_share(tmp_path: Path) -> None:
    true_s = write_late_watch(tmp_path / "t")
    take, fit = read_take(tmp_path / "t"), fit_clocks(tmp_path / "t")["watch"]
    assert np.abs(take.streams["watch"].times_s - true_s).max() < 0.011
    assert fit is not None
    assert fit.segments[0].bound_ms == pytest.approx(10.0, abs=0.1)
    assert list(take.streams) == ["watch"]


def test_pings_of_another_watch_change_nothing(tmp_path: Path) -> None:
    true_s = write_late_watch(tmp_path / "t", "watch2")
    found_s = read_take(tmp_path / "t").streams["watch"].times_s
    np.testing.assert_allclose(found_s, true_s + SHARED_S, atol=1e-6)
    content = read_xdf(tmp_path / "t" / "raw.xdf")
    assert len(pings_of("watch2-gyroscope", content)) == 19
    assert pings_of("watch", content) == pings_of("watch22", content) == ()


@given(st.lists(st.tuples(*[st.floats() | st.floats(90.0, 120.0)] * 3), max_size=8))
@settings(max_examples=30, deadline=None)
def test_pings_that_cannot_be_are_left_out(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple]) -> None:
    folder = tmp_path_factory.mktemp("take") / "t"
    writer = TakeWriter.create(folder, manifest(WATCH), durable=False)
    writer.add_block(SampleBlock("watch", START_S + 0.1, np.zeros((5, 3), np.float32), 1.0 + np.arange(5) / 50))
    for sent_s, heard_s, device_s in rows:
        writer.add_ping(WatchPing("watch", Ping(sent_s=sent_s, heard_s=heard_s, device_s=device_s)))
    writer.finish()
    if all(abs(heard_s) < MAX_TIME_S for _, heard_s, _ in rows if np.isfinite(heard_s)):
        assert np.isfinite(read_take(folder).streams["watch"].times_s).all()
