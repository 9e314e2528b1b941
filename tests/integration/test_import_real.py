"""The importers on the real recordings."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from pskd.library.extract import load_clips
from pskd.library.importing import import_dataset
from pskd.library.library import Library
from pskd.library.splits import make_splits
from pskd.recording.reader import read_take
from pskd.skeleton import CANONICAL

G = 9.80665


@pytest.fixture(scope="session")
def utd(shared_data, tmp_path_factory) -> Library:
    path = tmp_path_factory.mktemp("utd") / "library"
    import_dataset("utd-mhad", shared_data / "utd-mhad-inertial-skeleton.tar.gz", path)
    return Library.open(path)


@pytest.fixture(scope="session")
def berkeley(shared_data, tmp_path_factory) -> Library:
    """All accelerometers, and the motion capture of the one sequence that is here."""
    root = tmp_path_factory.mktemp("berkeley")
    with tarfile.open(shared_data / "berkeley-mhad-sample.tar.gz") as tar:
        tar.extractall(root / "source", filter="data")
    shutil.copy(shared_data / "berkeley-mhad-moc_s01_a01_r01.txt.gz", root / "source" / "moc_s01_a01_r01.txt.gz")
    import_dataset("berkeley-mhad", root / "source", root / "library")
    return Library.open(root / "library")


def resampled(times: np.ndarray, values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    return np.interp(grid, times, values)


def test_utd_becomes_861_takes_of_8_subjects_and_27_classes(utd):
    info = utd.info()
    assert (info["takes"], info["subjects"], info["classes"]) == (861, 8, 27)
    assert info["class_counts"]["squat"] == 31 and info["class_counts"]["swipe left"] == 32
    assert info["problems"] == [] and info["duration_s"] == pytest.approx(3095.5, abs=1)


def test_utd_clips_stand_on_their_feet_and_hold_gravity(utd):
    clips = load_clips(utd)
    assert len(clips) == 861 and {clip.trial for clip in clips} == {1, 2, 3, 4}
    head, ankle = CANONICAL.index("head"), CANONICAL.index("left_ankle")
    for clip in clips:
        assert 0.9 * G < np.median(np.linalg.norm(clip.acceleration_mps2, axis=1)) < 1.5 * G
        assert np.median(clip.pose_m[:, head, 1] - clip.pose_m[:, ankle, 1]) > 0.8
        assert clip.pose_times_s[-1] == pytest.approx(clip.acceleration_times_s[-1])
    on_thigh = {clip.label for clip in clips if clip.attributes["placement"] == "thigh"}
    assert on_thigh == {"jog", "walk", "sit to stand", "stand to sit", "lunge", "squat"}
    (split,) = make_splits(clips, "cross-subject")
    assert (len(split.train), len(split.test), split.unseen) == (431, 430, ())


def test_utd_wrist_and_skeleton_of_a_trial_belong_together(utd):
    """The wrist's speed follows the gyroscope better within a trial than with the trial before it."""
    takes = [read_take(entry.folder) for entry in utd.takes() if entry.session == "wrist"][:120]
    speeds, turns = [], []
    for take in takes:
        pose, gyro = take.streams["pose"], take.streams["watch-gyroscope"]
        grid = np.linspace(0, take.manifest.duration_s, 60)
        speed = np.linalg.norm(np.gradient(pose.values[:, 10], pose.times_s, axis=0), axis=1)
        speeds.append(resampled(pose.times_s, speed, grid))
        turns.append(resampled(gyro.times_s, np.linalg.norm(gyro.values, axis=1), grid))
    true = np.median([np.corrcoef(a, b)[0, 1] for a, b in zip(speeds, turns, strict=True)])
    other = np.median([np.corrcoef(a, b)[0, 1] for a, b in zip(speeds, turns[1:] + turns[:1], strict=True)])
    assert true > 0.7 and true > other + 0.1


def test_berkeley_becomes_658_takes_with_both_wrists(berkeley):
    info = berkeley.info()
    assert (info["takes"], info["subjects"], info["classes"]) == (658, 12, 11)
    assert info["streams"]["watch"] == info["streams"]["watch-left"] == 658 and info["streams"]["pose"] == 1
    assert info["problems"] == []
    entry = berkeley.takes()[0]
    assert entry.manifest.start.utc.startswith("2011-07-01T16:54:24")
    assert 29 < entry.manifest.streams[0].rate_hz < 33


def test_berkeley_markers_become_a_person_who_moves_with_the_watch(berkeley):
    (clip,) = [clip for clip in load_clips(berkeley) if clip.pose_m is not None]
    assert clip.attributes["source"] == "s01_a01_r01" and clip.label == "jump in place"
    steps = np.diff(clip.pose_times_s)
    assert 55 < 1 / np.median(steps) < 65
    pose, joint = clip.pose_m, CANONICAL.index
    assert np.isfinite(pose).mean() > 0.85
    assert 1.3 < np.nanmedian(pose[:, joint("head"), 1] - pose[:, joint("left_ankle"), 1]) < 1.8
    for side in ("left", "right"):
        for upper, lower, low, high in (
            ("shoulder", "elbow", 0.2, 0.35),
            ("elbow", "wrist", 0.2, 0.35),
            ("hip", "knee", 0.3, 0.5),
            ("knee", "ankle", 0.3, 0.5),
        ):
            ends = [joint(f"{side}_{upper}"), joint(f"{side}_{lower}")]
            seen = (clip.visibility[:, ends] > 0).all(axis=1)
            length = np.linalg.norm(pose[seen, ends[0]] - pose[seen, ends[1]], axis=1)
            assert seen.sum() > 200 and low < np.median(length) < high and length.std() < 0.03
    # facing +z, the left is at +x
    assert np.nanmedian(pose[:, joint("left_shoulder"), 0] - pose[:, joint("right_shoulder"), 0]) > 0.2
    wrist = pose[:, joint("right_wrist")]
    seen = np.isfinite(wrist).all(axis=1)
    times, height = clip.pose_times_s[seen], wrist[seen]
    felt = np.gradient(np.gradient(height, times, axis=0), times, axis=0)
    felt[:, 1] += G
    smooth = np.convolve(np.linalg.norm(felt, axis=1), np.ones(5) / 5, "same")
    grid = np.arange(0.2, min(times[-1], clip.acceleration_times_s[-1]) - 0.2, 1 / 30)
    magnitude = np.linalg.norm(clip.acceleration_mps2, axis=1)
    found = np.corrcoef(resampled(times, smooth, grid), resampled(clip.acceleration_times_s, magnitude, grid))[0, 1]
    assert found > 0.75


def test_a_real_archive_that_was_cut_off_changes_nothing(shared_data, tmp_path):
    whole = (shared_data / "utd-mhad-inertial-skeleton.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 3])
    done = subprocess.run(
        [sys.executable, "-m", "pskd", "import", "utd-mhad", str(tmp_path / "cut.tar.gz"), str(tmp_path / "library")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "cut off" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["cut.tar.gz"]


def test_real_mocap_in_a_wrong_unit_or_cut_is_refused(shared_data, tmp_path):
    lines = gzip.decompress((shared_data / "berkeley-mhad-moc_s01_a01_r01.txt.gz").read_bytes()).splitlines()[:200]
    with tarfile.open(shared_data / "berkeley-mhad-sample.tar.gz") as tar:
        watch = tar.extractfile("BerkeleyMHAD/Accelerometer/Shimmer02/acc_h02_s01_a01_r01.txt").read()
    source = tmp_path / "source"
    source.mkdir()
    (source / "acc_h02_s01_a01_r01.txt").write_bytes(watch)
    metres = [b" ".join(b"%.6f" % (float(c) / 1000) for c in line.split()[:-2]) for line in lines]
    clock = [b" ".join(line.split()[-2:]) for line in lines]
    wrong = {
        "height": b"\n".join(a + b" " + b for a, b in zip(metres, clock, strict=True)),
        "numbers": b"\n".join(lines)[:-800],
    }
    for word, content in wrong.items():
        (source / "moc_s01_a01_r01.txt").write_bytes(content)
        done = subprocess.run(
            [sys.executable, "-m", "pskd", "import", "berkeley-mhad", str(source), str(tmp_path / "library"), "--json"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1 and word in done.stderr and not done.stdout, done.stderr
        assert not (tmp_path / "library").exists()


def test_the_verbs_say_what_is_there(utd, tmp_path):
    run = [sys.executable, "-m", "pskd", "library"]
    facts = json.loads(subprocess.run([*run, "info", utd.path], capture_output=True, check=True).stdout)
    assert (facts["takes"], facts["subjects"], facts["classes"]) == (861, 8, 27)
    found = subprocess.run(
        [*run, "takes", utd.path, "--subject", "05", "--class", "squat"], capture_output=True, check=True
    )
    takes = json.loads(found.stdout)
    assert len(takes) == 4 and takes[0]["segments"][0]["label"] == "squat" and Path(takes[0]["folder"]).is_dir()
