"""Reading takes: whole, cut off, damaged and hostile ones."""

from __future__ import annotations

import struct
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_takes import POSE, START_S, WATCH, block, frame, manifest

from pskd.errors import BadFile, PskdError
from pskd.recording import xdf
from pskd.recording.reader import read_take
from pskd.recording.take import TakeState
from pskd.recording.walker import read_xdf
from pskd.recording.writer import TakeWriter
from pskd.types import Segment, StreamKind


def test_a_take_comes_back_as_it_was_written(take_folder: Path) -> None:
    take = read_take(take_folder)
    assert take.manifest.state == TakeState.COMPLETE
    assert take.manifest.duration_s == pytest.approx(1.003, abs=1e-6)
    watch, pose = take.streams["watch"], take.streams["pose"]
    np.testing.assert_array_equal(watch.values[:5], block(0).values)
    np.testing.assert_allclose(watch.device_s, 7.0 + np.arange(50) / 50)
    np.testing.assert_array_equal(pose.values[3], frame(3).world_m)
    np.testing.assert_array_equal(pose.image[3], frame(3).image)
    np.testing.assert_array_equal(pose.visibility[3], frame(3).visibility)
    assert take.first(StreamKind.POSE) is pose
    assert [marker.label for marker in take.markers] == ["watch", "squat", "squat"]
    assert take.markers[1].t_s == pytest.approx(0.2)


def test_an_import_without_picture_has_none(tmp_path: Path) -> None:
    info = msgspec.structs.replace(POSE, channels=("x", "y", "z"), layout="kinect-20")
    writer = TakeWriter.create(tmp_path / "t", manifest(WATCH, info), durable=False)
    pose = np.full((4, 20, 3), 0.5, np.float32)
    pose[1, 2] = np.nan
    writer.add_samples("pose", START_S + np.arange(4) / 20, pose)
    writer.add_samples("watch", START_S + np.arange(10) / 50, np.ones((10, 3), np.float32))
    writer.finish(segments=[Segment(0.1, 0.15, "b", "import"), Segment(0.0, 0.1, "a", "import")])
    take = read_take(tmp_path / "t")
    np.testing.assert_array_equal(take.streams["pose"].values, pose)
    assert take.streams["pose"].image is None
    assert take.streams["pose"].visibility is None
    assert take.streams["watch"].device_s is None
    np.testing.assert_allclose(take.streams["watch"].times_s, np.arange(10) / 50, atol=1e-9)
    assert [segment.label for segment in take.segments] == ["a", "b"]


@pytest.mark.parametrize(
    ("times", "values", "error"),
    [
        ([0.0, np.nan], np.ones((2, 3)), "in order"),
        ([1.0, 0.0], np.ones((2, 3)), "in order"),
        ([0.0, 1.0], np.full((2, 3), np.nan), "not numbers"),
        ([0.0, 1.0], np.ones((2, 2)), "expected"),
    ],
)
def test_an_import_of_nonsense_writes_nothing(tmp_path: Path, times: list, values: np.ndarray, error: str) -> None:
    writer = TakeWriter.create(tmp_path / "t", manifest(WATCH), durable=False)
    with pytest.raises(PskdError, match=error):
        writer.add_samples("watch", np.array(times), values.astype(np.float32))
    assert writer.counts["watch"] == 0
    writer.abandon()


def test_samples_that_are_not_numbers_never_reach_the_file(tmp_path: Path) -> None:
    writer = TakeWriter.create(tmp_path / "t", manifest(WATCH), durable=False)
    packet = block(0)
    packet.values[2, 1] = np.nan
    writer.add_block(packet)
    writer.finish()
    assert len(read_take(tmp_path / "t").streams["watch"].values) == 4


def test_a_folder_that_holds_a_take_is_left_alone(take_folder: Path) -> None:
    before = (take_folder / "raw.xdf").read_bytes()
    with pytest.raises(PskdError, match="holds a take already"):
        TakeWriter.create(take_folder, manifest())
    assert (take_folder / "raw.xdf").read_bytes() == before


def test_a_file_cut_anywhere_gives_all_before_the_cut(take_folder: Path) -> None:
    path = take_folder / "raw.xdf"
    whole = path.read_bytes()
    counts = []
    for cut in range(len(whole), 4, -997):
        path.write_bytes(whole[:cut])
        take = read_take(take_folder)
        counts.append(len(take.streams["pose"].values))
        np.testing.assert_array_equal(
            take.streams["pose"].values, [frame(n).world_m for n in range(counts[-1])] or np.empty((0, 33, 3))
        )
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 30
    assert counts[-1] == 0


def test_damage_in_the_middle_costs_only_what_lies_before_the_next_boundary(take_folder: Path) -> None:
    path = take_folder / "raw.xdf"
    data = bytearray(path.read_bytes())
    data += struct.pack("<BIH", 4, 18, xdf.BOUNDARY) + xdf.BOUNDARY_ID
    good = len(data)
    data += b"\0" * 300 + struct.pack("<BIH", 4, 18, xdf.BOUNDARY) + xdf.BOUNDARY_ID
    path.write_bytes(data)
    content = read_xdf(path)
    assert content.damaged
    assert not content.cut
    assert content.whole_bytes >= good
    assert len(content.streams[1].times_s) == 50


def chunk(tag: int, content: bytes) -> bytes:
    return struct.pack("<BIH", 4, len(content) + 2, tag) + content


def header(count: object = 1, rate: object = 50, kind: str = "float32", extra: str = "") -> bytes:
    text = (
        f"<?xml version='1.0'?>{extra}<info><name>a</name><type>t</type><channel_count>{count}</channel_count>"
        f"<nominal_srate>{rate}</nominal_srate><channel_format>{kind}</channel_format></info>"
    )
    return chunk(xdf.STREAM_HEADER, struct.pack("<I", 1) + text.encode())


def samples(count: int, body: bytes, number: int = 1) -> bytes:
    return chunk(xdf.SAMPLES, struct.pack("<IBI", number, 4, count) + body)


ROW = struct.pack("<Bdf", 8, 1.0, 2.0)
BOMB = '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"PK\3\4 a zip", "not an XDF file"),
        (b"XDF:" + header(extra=BOMB), "entities"),
        (b"XDF:" + header(count=10**9), "channels"),
        (b"XDF:" + header(count="many"), "channel count"),
        (b"XDF:" + header(rate="nan"), "Hz"),
        (b"XDF:" + header(kind="int128"), "type"),
        (b"XDF:" + header() + header(), "twice"),
        (b"XDF:" + header() + samples(1 << 31, ROW), "do not fill"),
        (b"XDF:" + header() + samples(1, ROW, number=9), "never announced"),
        (b"XDF:" + header() + samples(1, b"\0" + ROW[1:]), "no time stamp"),
        (b"XDF:" + header() + samples(1, struct.pack("<Bdf", 8, np.nan, 2.0)), "not a number"),
        (b"XDF:" + header(kind="string") + samples(1, struct.pack("<BdBI", 8, 1.0, 4, 1 << 30)), "absurdly long"),
        (b"XDF:" + header(kind="string") + samples(1, struct.pack("<Bd", 8, 1.0)), "does not hold"),
        (b"XDF:" + chunk(xdf.SAMPLES, b"\1"), "stream number"),
        (b"XDF:" + chunk(xdf.STREAM_HEADER, b"\1\0\0\0<info>"), "XML"),
    ],
)
def test_a_hostile_file_is_met_by_one_clear_line(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "raw.xdf"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=why) as caught:
        read_xdf(path)
    assert str(path) in str(caught.value)


def test_a_value_too_large_for_a_sample_is_one_clear_line_and_no_warning(tmp_path: Path) -> None:
    writer = TakeWriter.create(tmp_path / "take", manifest(WATCH), durable=False)
    writer.add_samples("watch", START_S + np.array([0.0, 0.1]), np.full((2, 3), 1e300))
    with pytest.raises(BadFile, match="not a number"):
        read_take(writer.finish())


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400), st.integers(0, 2000))
def test_random_damage_never_raises_anything_but_bad_file(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    good = b"XDF:" + header() + samples(2, ROW * 2) + chunk(xdf.BOUNDARY, xdf.BOUNDARY_ID) + samples(1, ROW)
    at %= len(good)
    path = tmp_path_factory.mktemp("noise") / "raw.xdf"
    path.write_bytes(good[:at] + noise + good[at + len(noise) :])
    try:
        content = read_xdf(path)
    except BadFile:
        return
    assert all(np.isfinite(stream.times_s).all() for stream in content.streams.values())


@pytest.mark.parametrize("name", ["take.json", "raw.xdf"])
def test_a_missing_file_is_named(take_folder: Path, name: str) -> None:
    (take_folder / name).unlink()
    with pytest.raises(BadFile, match=name):
        read_take(take_folder)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("take.json", b"[]", "JSON object"),
        ("take.json", b"{", "valid JSON"),
        ("take.json", b'{"schema": 99}', "newer"),
        ("annotations.json", b'{"segments": [{"start_s": 2, "end_s": 1, "label": "a"}]}', "after it starts"),
        ("annotations.json", b'{"segments": 3}', "field is wrong"),
    ],
)
def test_a_wrong_document_is_met_by_one_clear_line(take_folder: Path, name: str, content: bytes, why: str) -> None:
    (take_folder / name).write_bytes(content)
    with pytest.raises(BadFile, match=why):
        read_take(take_folder)


def test_streams_that_do_not_match_the_manifest_are_refused(take_folder: Path) -> None:
    path = take_folder / "take.json"
    path.write_bytes(path.read_bytes().replace(b"mediapipe-33", b"kinect-20"))
    with pytest.raises(BadFile, match="the manifest promises"):
        read_take(take_folder)
    path.write_bytes(path.read_bytes().replace(b"kinect-20", b"martian-7"))
    with pytest.raises(BadFile, match="unknown layout"):
        read_take(take_folder)
