"""Sample times: from the device's clock where it has one, connection by connection."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_takes import START_S, WATCH, manifest

from pskd.recording import timing
from pskd.recording.reader import read_take
from pskd.recording.sync_report import SyncDocument, write_sync
from pskd.recording.writer import TakeWriter
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
    times = timing.host_times(arrival_s, device_s, arrival_s, (0.5,))
    assert np.isfinite(times).all()
    assert (np.diff(times) >= 0).all()
