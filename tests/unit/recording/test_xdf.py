"""The writer, seen through pyxdf: the reader that the field uses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pyxdf
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.errors import PskdError
from pskd.recording import xdf
from pskd.recording.walker import read_xdf
from pskd.recording.xdf import Column, XdfStream, XdfWriter

ONE = XdfStream("watch", "Accelerometer", (Column("x", "m/s^2", "ACC"),), 50.0, "double64")
TEXT = XdfStream("markers", "Markers", (Column("marker", "", "Marker"),), 0.0, "string")


def load(path: Path) -> tuple[dict[str, dict], dict]:
    streams, header = pyxdf.load_xdf(path, dejitter_timestamps=False)
    return {stream["info"]["name"][0]: stream for stream in streams}, header


def test_pyxdf_reads_every_stream_with_its_stamps(take_folder: Path) -> None:
    streams, header = load(take_folder / "raw.xdf")
    assert header["info"]["version"] == ["1.0"]
    assert streams["watch"]["time_series"].shape == (50, 5)
    assert streams["pose"]["time_series"].shape == (30, 33 * 6)
    assert [row[0] for row in streams["markers"]["time_series"]][1] == "cue/squat/start/1"
    np.testing.assert_allclose(streams["pose"]["time_stamps"], 1000.0 + np.arange(30) / 30, atol=1e-9)


def test_the_header_says_what_mne_asks_for(take_folder: Path) -> None:
    streams, _ = load(take_folder / "raw.xdf")
    info = streams["watch"]["info"]
    channels = info["desc"][0]["channels"][0]["channel"]
    assert float(info["nominal_srate"][0]) == 50.0
    assert [channel["label"][0] for channel in channels] == ["x", "y", "z", "device_s", "arrival_s"]
    assert [channel["unit"][0] for channel in channels] == ["m/s^2"] * 3 + ["s"] * 2
    assert all(channel["type"][0] for channel in channels)
    assert info["desc"][0]["simulated"] == ["true"]
    assert info["desc"][0]["source"] == ["sim:squat"]


def test_the_footer_counts_what_was_written(take_folder: Path) -> None:
    streams, _ = load(take_folder / "raw.xdf")
    footer = streams["watch"]["footer"]["info"]
    assert footer["sample_count"] == ["50"]
    assert float(footer["last_timestamp"][0]) == pytest.approx(streams["watch"]["time_stamps"][-1], abs=1e-8)


def test_pyxdf_reads_a_stream_that_was_added_on_the_way(tmp_path: Path) -> None:
    writer = XdfWriter(tmp_path / "a.xdf", [ONE], start_s=0.0, durable=False)
    writer.samples(1, np.array([0.1, 0.2]), np.ones((2, 1)))
    number = writer.add_stream(replace(ONE, name="watch-pings", rate_hz=0.0), 0.25)
    writer.samples(number, np.array([0.3]), np.array([[5.0]]))
    writer.samples(1, np.array([0.28]), np.ones((1, 1)))
    assert (writer.counts, writer.last_s) == ({"watch": 3}, 0.28)
    writer.finish(1.0)
    ours, (theirs, _) = read_xdf(tmp_path / "a.xdf"), load(tmp_path / "a.xdf")
    assert theirs["watch-pings"]["time_series"].tolist() == [[5.0]] == ours.streams[2].values.tolist()
    assert theirs["watch-pings"]["footer"]["info"]["sample_count"] == ["1"]
    assert len(theirs["watch"]["time_series"]) == 3


def test_pyxdf_with_its_own_dejittering_keeps_the_rate(take_folder: Path) -> None:
    streams, _ = pyxdf.load_xdf(take_folder / "raw.xdf")
    watch = next(stream for stream in streams if stream["info"]["name"] == ["watch"])
    assert watch["info"]["effective_srate"] == pytest.approx(50.0, rel=1e-3)


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "raw.xdf"
    path.write_bytes(b"a recording")
    with pytest.raises(PskdError, match="exists already"):
        XdfWriter(path, [ONE], start_s=0.0)
    assert path.read_bytes() == b"a recording"


def test_a_file_that_is_no_longer_in_its_place_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xdf, "FSYNC_S", 0.0)
    writer = XdfWriter(tmp_path / "a.xdf", [ONE], start_s=0.0)
    writer.tick()
    (tmp_path / "a.xdf").rename(tmp_path / "b.xdf")
    (tmp_path / "a.xdf").write_bytes(b"another")
    with pytest.raises(PskdError, match="no longer there"):
        writer.tick()
    writer.finish(1.0)
    assert (tmp_path / "a.xdf").read_bytes() == b"another"


def test_names_with_markup_and_control_characters_stay_readable(tmp_path: Path) -> None:
    name = "<watch> & \x00 'left'"
    stream = XdfStream(name, "T", (Column("<x>", "m/s²", "&"),), 50.0, "float32", (("source", "a<b>\x07"),))
    XdfWriter(tmp_path / "a.xdf", [stream], start_s=0.0, durable=False).finish(1.0)
    streams, _ = load(tmp_path / "a.xdf")
    assert list(streams) == [name.replace("\x00", " ")]


@settings(deadline=None, max_examples=12)
@given(
    st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=40),
    st.text(max_size=50).filter(lambda text: text.isprintable()),
)
def test_what_goes_in_comes_out(tmp_path_factory: pytest.TempPathFactory, numbers: list[float], text: str) -> None:
    path = tmp_path_factory.mktemp("xdf") / "a.xdf"
    writer = XdfWriter(path, [ONE, TEXT], start_s=0.0, durable=False)
    writer.samples(1, np.arange(len(numbers)) / 50, np.array(numbers)[:, None])
    writer.text(2, 0.5, text)
    writer.finish(1.0)
    ours, (theirs, _) = read_xdf(path), load(path)
    np.testing.assert_array_equal(ours.streams[1].values[:, 0], numbers)
    np.testing.assert_array_equal(theirs["watch"]["time_series"][:, 0], numbers)
    assert ours.streams[2].texts == [text] == [row[0] for row in theirs["markers"]["time_series"]]
    assert all(stream.ended for stream in ours.streams.values())


def test_samples_can_be_counted_by_another_thread_while_a_stream_is_added(tmp_path: Path) -> None:
    writer = XdfWriter(tmp_path / "a.xdf", [ONE, replace(ONE, name="watch2")], start_s=0.0, durable=False)
    counting = iter(writer._tallies.values())  # as another thread is in the middle of counts or last_s
    next(counting)
    writer.add_stream(replace(ONE, name="watch-pings"), 0.1)
    assert [tally.stream.name for tally in counting] == ["watch2"]
    assert set(writer.counts) == {"watch", "watch2"}
    writer.finish(0.2)
