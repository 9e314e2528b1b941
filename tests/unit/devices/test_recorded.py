"""What can be played: takes, MATLAB clips, tables; and what is refused."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from pskd.clock import WallAnchor
from pskd.devices import recorded
from pskd.devices.engine import DeviceEngine
from pskd.errors import BadFile, PskdError, WrongUse
from pskd.performer import PerformedTake, perform_take
from pskd.recording.take import TakeManifest, TakeState
from pskd.recording.writer import TakeWriter
from pskd.types import GRAVITY_MPS2, SampleBlock, StreamInfo, StreamKind


def write_take(folder: Path, take: PerformedTake) -> Path:
    """A recorded take as the recorder leaves it."""
    info = StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", 50.0, simulated=True)
    gyro = StreamInfo("watch-gyroscope", StreamKind.GYROSCOPE, ("x", "y", "z"), "deg/s", 50.0, simulated=True)
    manifest = TakeManifest(
        subject="01",
        session="1",
        name=folder.name,
        state=TakeState.RECORDING,
        start=WallAnchor(take.start_s, "2026-01-01T00:00:00.000+00:00"),
        streams=(info, gyro),
    )
    writer = TakeWriter.create(folder, manifest, durable=False)
    for first in range(0, len(take.true_s), 3):
        part = slice(first, first + 3)
        for name, values in (("watch", take.acceleration_mps2), ("watch-gyroscope", take.turning_dps)):
            writer.add_block(
                SampleBlock(name, float(take.arrival_s[first]), values[part], take.device_s[part], first // 3)
            )
    return writer.finish(segments=take.segments)


def write_mat(path: Path, seconds: float = 3.0) -> Path:
    take = perform_take([("throw", seconds)])
    savemat(path, {"d_iner": np.hstack([take.acceleration_mps2 / GRAVITY_MPS2, take.turning_dps])})
    return path


def play(uri: str, seconds: float = 20.0) -> tuple[list[SampleBlock], list[str], str]:
    """All blocks and labels of a replay, and its last sentence."""
    blocks: list[SampleBlock] = []
    labels: list[str] = []
    with DeviceEngine() as engine:
        handle = engine.open(uri, blocks.append, lambda state, text: None, None, labels.append)
        assert handle.wait_end(seconds)
    return blocks, labels, handle.state_text


def test_a_take_is_played_as_it_was_recorded(tmp_path: Path) -> None:
    take = perform_take([("rest", 1.0), ("wave", 2.0)], {"seed": "3"})
    folder = write_take(tmp_path / "take-003_wave", take)
    blocks, labels, text = play(f"replay:{folder}?speed=max")
    watch = [block for block in blocks if block.stream == "watch"]
    np.testing.assert_array_equal(np.concatenate([b.values for b in watch]), take.acceleration_mps2)
    device = np.concatenate([b.device_s for b in watch])
    np.testing.assert_allclose(np.diff(device), np.diff(take.device_s), atol=1e-9)
    assert {len(b.values) for b in watch} == {3}
    assert labels == ["rest", "wave"]
    assert text == "Played to the end."
    assert any(b.stream == "watch-gyroscope" for b in blocks)


def test_a_take_says_that_it_was_simulated(tmp_path: Path) -> None:
    folder = write_take(tmp_path / "take-001", perform_take([("rest", 1.0)]))
    clip = recorded.read(recorded.find(str(folder))[0])
    assert clip.simulated
    assert clip.rate_hz == 50.0


def test_a_take_that_was_cut_off_plays_up_to_the_cut(tmp_path: Path) -> None:
    folder = write_take(tmp_path / "take-001", perform_take([("walk", 4.0)]))
    raw = folder / "raw.xdf"
    whole = raw.read_bytes()
    for share in (0.5, 0.73, 0.9):
        raw.write_bytes(whole[: int(share * len(whole))])
        assert 50 < len(recorded.read(raw).values) < 200


def test_a_take_that_was_damaged_anywhere_is_played_or_refused(tmp_path: Path) -> None:
    folder = write_take(tmp_path / "take-001", perform_take([("walk", 1.0)]))
    raw = folder / "raw.xdf"
    whole = raw.read_bytes()
    dice = np.random.default_rng(5)
    for place in dice.integers(4, len(whole), 150):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(dice.integers(8))
        raw.write_bytes(damaged)
        try:
            assert np.isfinite(recorded.read(raw).values).all()
        except BadFile as error:
            assert "\n" not in str(error)


def test_a_header_that_promises_an_absurd_size_is_refused(tmp_path: Path) -> None:
    folder = write_take(tmp_path / "take-001", perform_take([("walk", 1.0)]))
    raw = folder / "raw.xdf"
    whole = raw.read_bytes()
    raw.write_bytes(whole.replace(b"<channel_count>5<", b"<channel_count>0<"))
    with pytest.raises(BadFile, match="header"):
        recorded.read(raw)


def test_a_utd_clip_is_played_in_metres_per_second_squared(tmp_path: Path) -> None:
    file = write_mat(tmp_path / "a5_s1_t2_inertial.mat")
    blocks, labels, _ = play(f"replay:{file}?speed=max")
    watch = np.concatenate([b.values for b in blocks if b.stream == "watch"])
    assert 8.0 < np.median(np.linalg.norm(watch, axis=1)) < 14.0
    assert labels == ["a5"]


def test_real_clips_are_played(shared_data: Path, tmp_path: Path) -> None:
    import tarfile

    with tarfile.open(shared_data / "utd-mhad-inertial-skeleton.tar.gz") as archive:
        archive.extract("Inertial/a7_s1_t1_inertial.mat", tmp_path, filter="data")
    clip = recorded.read(tmp_path / "Inertial" / "a7_s1_t1_inertial.mat")
    assert clip.values.shape == (178, 3)
    assert clip.label_at(1.0) == "a7"


def test_true_speed_and_faster(tmp_path: Path) -> None:
    file = write_mat(tmp_path / "a5_s1_t2_inertial.mat", 4.0)
    before_s = time.monotonic()
    blocks, _, _ = play(f"replay:{file}?speed=4")
    watch = [b for b in blocks if b.stream == "watch"]
    assert 0.8 < time.monotonic() - before_s < 3.0
    arrivals = watch[-1].arrival_s - watch[0].arrival_s
    recorded_s = watch[-1].device_s[-1] - watch[0].device_s[-1]
    assert abs(recorded_s / arrivals / 4.0 - 1.0) < 0.05


def test_clips_follow_one_another_with_time_running_on(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        write_mat(tmp_path / f"a{number}_s1_t1_inertial.mat", 1.0)
    blocks, labels, _ = play(f"replay:{tmp_path}?speed=max&gap_s=2")
    device = np.concatenate([b.device_s for b in blocks if b.stream == "watch"])
    assert labels == ["a1", "a9", "a10"]
    assert (np.diff(device) > 0).all()
    assert ((np.diff(device) > 1.9) & (np.diff(device) < 2.2)).sum() == 2
    both = f"replay:{tmp_path / 'a9_s1_t1_inertial.mat'};{tmp_path / 'a1_s1_t1_inertial.mat'}?speed=max"
    assert play(both)[1] == ["a9", "a1"]


def test_a_path_may_hold_spaces_colons_and_question_marks(tmp_path: Path) -> None:
    folder = tmp_path / "what: is this? ; a = folder"
    folder.mkdir()
    write_mat(folder / "a1_s1_t1_inertial.mat", 1.0)
    assert play(f"replay:{folder}/a1_s1_t1_inertial.mat?speed=max")[1] == ["a1"]
    assert play(f"replay:{folder}?speed=max")[1] == ["a1"]


def test_a_loop_goes_on_until_it_is_closed(tmp_path: Path) -> None:
    file = write_mat(tmp_path / "a1_s1_t1_inertial.mat", 1.0)
    blocks: list[SampleBlock] = []
    with DeviceEngine() as engine:
        handle = engine.open(f"replay:{file}?loop=1&speed=50&gap_s=0", blocks.append, lambda state, text: None)
        assert not handle.capabilities.ends
        assert not handle.wait_end(0.6)
        handle.close()
    device = np.concatenate([b.device_s for b in blocks if b.stream == "watch"])
    assert device[-1] > 5.0
    assert (np.diff(device) > 0).all()


@pytest.mark.parametrize("unit", ["", "g"])
def test_a_table_in_g_becomes_metres_per_second_squared(tmp_path: Path, unit: str) -> None:
    rows = np.column_stack([np.arange(100) / 25.0, np.zeros((100, 2)), np.ones(100)])
    np.savetxt(tmp_path / "x.csv", rows, delimiter=",")
    clip = recorded.read(tmp_path / "x.csv", unit=unit)
    np.testing.assert_allclose(clip.values[:, 2], GRAVITY_MPS2, rtol=1e-6)
    assert clip.rate_hz == 25.0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "no samples"),
        ("words.csv", b"time,x,y,z\n0,1,2,3\n1,a,b,c\n", "line 3"),
        ("nan.csv", b"0,1,2,3\n1,nan,2,3\n", "not numbers"),
        ("backwards.csv", b"1,1,2,3\n0,1,2,3\n", "runs forward"),
        ("narrow.csv", b"0,1\n1,2\n", "4 channels"),
        ("ragged.csv", b"0,1,2,3\n1,2\n", "not numbers"),
        ("huge.csv", b"0,1e9,2,3\n1,2,3,4\n", "far beyond"),
        ("binary.csv", bytes(range(256)), "line|table"),
        ("empty.mat", b"", "MATLAB"),
        ("junk.mat", b"MATLAB 5.0 MAT-file" + bytes(500), "MATLAB|d_iner"),
        ("empty.xdf", b"", "XDF"),
        ("junk.xdf", b"XDF:" + bytes(range(200)), "XDF|stream"),
        ("text.xdf", b"this is no recording", "XDF"),
    ],
)
def test_bad_files_are_met_by_one_clear_line(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadFile, match=words) as caught:
        recorded.read(path)
    assert name in caught.value.message
    assert "\n" not in str(caught.value)


def test_matlab_files_of_other_things_are_refused(tmp_path: Path) -> None:
    for number, content in enumerate(
        (
            {"d_skel": np.zeros((20, 3, 9))},
            {"d_iner": np.zeros((9, 2))},
            {"d_iner": "text"},
            {"d_iner": np.zeros((0, 6))},
        )
    ):
        savemat(tmp_path / f"{number}.mat", content)
        with pytest.raises(BadFile):
            recorded.read(tmp_path / f"{number}.mat")
    savemat(tmp_path / "nan.mat", {"d_iner": np.full((9, 6), np.nan)})
    with pytest.raises(BadFile, match="not numbers"):
        recorded.read(tmp_path / "nan.mat")


def test_a_stream_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    folder = write_take(tmp_path / "take-001", perform_take([("rest", 1.0)]))
    with pytest.raises(BadFile, match="watch-gyroscope"):
        recorded.read(folder / "raw.xdf", "left")


def test_nothing_to_play_is_said(tmp_path: Path) -> None:
    with pytest.raises(WrongUse):
        recorded.find("")
    with pytest.raises(BadFile, match="no such"):
        recorded.find(str(tmp_path / "absent"))
    with pytest.raises(BadFile, match="no take"):
        recorded.find(str(tmp_path))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from([".csv", ".mat", ".xdf"]), st.booleans())
def test_any_bytes_give_a_clip_or_one_clear_error(tmp_path: Path, content: bytes, ending: str, head: bool) -> None:
    path = tmp_path / f"any{ending}"
    path.write_bytes((b"XDF:" if head and ending == ".xdf" else b"") + content)
    try:
        clip = recorded.read(path)
    except PskdError as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(clip.values).all()
