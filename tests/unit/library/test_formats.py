"""What each importer knows about its data set, beyond what all share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from published_sets import G, berkeley, kinect, mmact, utd, wrist
from scipy.io import savemat

from pskd.errors import BadFile
from pskd.library.formats import IMPORTERS
from pskd.library.importer import Trial
from pskd.types import StreamKind


def trials(name: str, root: Path) -> dict[str, Trial]:
    importer = IMPORTERS.get(name)()
    files = {p.relative_to(root).as_posix(): p for p in sorted(root.rglob("*")) if p.is_file()}
    found = importer.trials({inside: path for inside, path in files.items() if importer.wants(inside)})
    return {trial.source: trial for trial in found}


def read(name: str, trial: Trial):
    return {stream.info.name: stream for stream in IMPORTERS.get(name)().read(trial).streams}


def csv(path: Path, lines: list[str]) -> Trial:
    path.write_text("\n".join(lines))
    return Trial("x", "01", "a", "walking", 1, {"watch": path})


def test_utd_knows_where_the_sensor_sat(tmp_path):
    utd(tmp_path)
    found = trials("utd-mhad", tmp_path)
    swipe, squat = found["a1_s1_t1"], found["a27_s2_t2"]
    assert (swipe.label, swipe.session, swipe.attributes["placement"]) == ("swipe left", "wrist", "wrist")
    assert (squat.label, squat.session, squat.subject, squat.number) == ("squat", "thigh", "02", 2)


def test_utd_skeleton_frames_spread_over_the_inertial_recording(tmp_path):
    utd(tmp_path)
    found = trials("utd-mhad", tmp_path)
    streams = read("utd-mhad", found["a1_s1_t1"])
    watch, gyro, pose = (streams[name] for name in ("watch", "watch-gyroscope", "pose"))
    assert watch.times_s[-1] == gyro.times_s[-1] == pose.times_s[-1] == pytest.approx(119 / 50)
    assert pose.values.shape == (45, 20, 3) and pose.info.layout == "kinect-20"
    assert pose.info.rate_hz == pytest.approx(44 / (119 / 50), abs=1e-3)
    assert (gyro.info.kind, gyro.info.unit, gyro.values[0, 0]) == (StreamKind.GYROSCOPE, "deg/s", 5.0)
    assert "pose" not in read("utd-mhad", found["a9_s2_t2"])


@pytest.mark.parametrize(
    "pose",
    [kinect(40) * 1000, -kinect(40), kinect(40)[[2, 1, 0, *range(3, 20)]] * np.nan, kinect(1)],
    ids=["millimetres", "upside down", "nan", "one frame"],
)
def test_utd_skeletons_that_cannot_be_are_refused(tmp_path, pose):
    utd(tmp_path)
    trial = trials("utd-mhad", tmp_path)["a1_s1_t1"]
    savemat(trial.files["skeleton"], {"d_skel": pose})
    with pytest.raises(BadFile):
        read("utd-mhad", trial)


def test_utd_gyroscope_values_that_are_no_numbers_are_refused(tmp_path):
    utd(tmp_path)
    trial = trials("utd-mhad", tmp_path)["a1_s1_t1"]
    savemat(trial.files["inertial"], {"d_iner": np.hstack([wrist(50, 50.0, 1), np.full((50, 3), np.nan)])})
    with pytest.raises(BadFile, match="not numbers"):
        read("utd-mhad", trial)


@pytest.mark.parametrize("name", ["a28_s1_t1_inertial.mat", "a0_s1_t1_inertial.mat", "a1_s1_t1_depth.mat", "x.mat"])
def test_utd_leaves_other_files_aside(name):
    assert not IMPORTERS.get("utd-mhad")().wants(f"Inertial/{name}")


@pytest.mark.parametrize("name", IMPORTERS.names())
def test_one_trial_in_two_places_is_refused(name, tmp_path):
    {"utd-mhad": utd, "berkeley-mhad": berkeley, "mmact": mmact}[name](tmp_path / "one" / "acc_watch_clip")
    {"utd-mhad": utd, "berkeley-mhad": berkeley, "mmact": mmact}[name](tmp_path / "two" / "acc_watch_clip")
    with pytest.raises(BadFile, match="twice"):
        trials(name, tmp_path)


def test_berkeley_wrists_and_markers_share_one_clock(tmp_path):
    berkeley(tmp_path)
    found = trials("berkeley-mhad", tmp_path)
    assert found["s12_a11_r02"].label == "stand up" and found["s01_a11_r02"].attributes["side"] == "left"
    streams = read("berkeley-mhad", found["s01_a02_r01"])
    assert set(streams) == {"watch", "watch-left", "pose"}
    assert min(stream.times_s[0] for stream in streams.values()) == 0
    assert streams["pose"].times_s[0] - streams["watch-left"].times_s[0] == pytest.approx(0.02, abs=0.02)
    assert streams["pose"].info.rate_hz == pytest.approx(60, abs=0.1) and np.nanmax(streams["pose"].values) < 2


def test_berkeley_markers_that_no_camera_saw_are_nan_and_invisible(tmp_path):
    berkeley(tmp_path)
    pose = read("berkeley-mhad", trials("berkeley-mhad", tmp_path)["s01_a02_r01"])["pose"]
    assert np.isnan(pose.values[0:28, 6]).all() and not pose.visibility[0:28, 6].any()
    assert np.isfinite(pose.values[-1, 6]).all() and pose.visibility[-1, 6] == 1
    gap = pose.visibility[:, 5] == 0
    assert 0.08 < gap.sum() / 60 < 0.14


@pytest.mark.parametrize("clock", [-5.0, 9e9, float("nan")])
def test_berkeley_clocks_that_cannot_be_are_refused(tmp_path, clock):
    berkeley(tmp_path)
    trial = trials("berkeley-mhad", tmp_path)["s12_a02_r01"]
    np.savetxt(trial.files["watch"], np.column_stack([wrist(50, 31.0, 1), np.full(50, clock)]))
    with pytest.raises(BadFile):
        read("berkeley-mhad", trial)


def test_mmact_actions_at_the_desk_are_classes_of_their_own(tmp_path):
    mmact(tmp_path)
    found = trials("mmact", tmp_path)
    assert found["subject2/scene3/session5/using_phone_desk"].label == "using phone desk"
    assert found["subject2/scene2/session5/using_phone"].label == "using phone"
    assert found["subject17/scene2/session1/carrying_light"].attributes["scene"] == 2
    walking = [t for t in found.values() if t.subject == "01" and t.label == "walking"]
    assert [t.number for t in walking] == [1, 2, 3, 4]


def test_mmact_reads_only_the_watch_and_tolerates_a_camera_level():
    importer = IMPORTERS.get("mmact")()
    assert importer.wants("MMAct/acc_watch_clip/subject3/scene1/session2/Carrying_heavy.csv")
    assert importer.wants("subject3/cam2/scene1/session2/walking.csv")
    for name in (
        "acc_phone_clip/subject3/scene1/session2/walking.csv",
        "acc_watch_clip/subject3/scene1/session2/flying.csv",
        "acc_watch_clip/subject3/scene1/walking.csv",
        "acc_watch_clip/subject3/scene1/session2/walking.txt",
    ):
        assert not importer.wants(name)


def test_mmact_times_pass_midnight(tmp_path):
    mmact(tmp_path)
    stream = read("mmact", trials("mmact", tmp_path)["subject1/scene2/session1/walking"])["watch"]
    assert stream.times_s[-1] == pytest.approx(1.49) and stream.info.rate_hz == pytest.approx(100)


@pytest.mark.parametrize(
    "lines",
    [
        ["20190215_10:00:00.000,0,0,9.8"],
        ["20190215_10:00:01.000,0,0,9.8", "20190215_10:00:00.000,0,0,9.8"],
        ["time,x,y,z", "20190215_10:00:00.000,0,0,9.8", "20190215_10:00:00.010,0,0,9.8"],
        ["20191315_10:00:00.000,0,0,9.8", "20191315_10:00:00.010,0,0,9.8"],
        ["20190215_10:00:00.000,9.8", "20190215_10:00:00.010,9.8"],
        ["20190215_10:00:00.000,0,9.8", "20190215_10:00:00.010,0,9.8"],
        ["20190215_10:00:00.000,0,0,9.8,1", "20190215_10:00:00.010,0,0,9.8,1"],
        ["20190215_10:00:00.000,0,0,x", "20190215_10:00:00.010,0,0,9.8"],
    ],
    ids=["one row", "backwards", "header", "month 13", "one number", "two numbers", "four numbers", "a word"],
)
def test_mmact_lines_that_are_not_as_published_are_refused(tmp_path, lines):
    with pytest.raises(BadFile):
        read("mmact", csv(tmp_path / "walking.csv", lines))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="0123456789_:.,-\nenaif ", max_size=120))
@example("20190215_10:00:00.000,0,0,9.8\n20190215_10:00:00.010,0,0,9.8")
@example("20190215_10:00:60.000,0,0,9.8\n20190215_10:00:00.010,0,0,9.8")
def test_any_text_is_a_mmact_clip_or_refused(tmp_path, text):
    try:
        streams = read("mmact", csv(tmp_path / "walking.csv", [text]))
    except BadFile:
        return
    values = streams["watch"].values
    assert np.isfinite(values).all() and 0.3 * G < np.median(np.linalg.norm(values, axis=1)) < 4 * G
