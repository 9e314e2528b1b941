"""Small data sets in the published folder and file formats, written by the tests themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from scipy.io import savemat

G = 9.80665


@dataclass(frozen=True)
class Published:
    """One made-up data set.

    Attributes:
        name: its importer.
        build: writes it into a folder.
        trials: trials in it.
        subjects: subjects in it.
        classes: classes in it.
        file: one inertial file of it, by its path.
        wrong_unit: rewrites that file in another unit.
        not_a_number: rewrites that file with a NaN in it.
    """

    name: str
    build: Callable[[Path], None]
    trials: int
    subjects: int
    classes: int
    file: str
    wrong_unit: Callable[[Path], None]
    not_a_number: Callable[[Path], None]


def wrist(samples: int, rate_hz: float, seed: int) -> np.ndarray:
    """A wrist that swings: ``(N, 3)`` in g, near 1 g."""
    t = np.arange(samples) / rate_hz
    generator = np.random.default_rng(seed)
    turning = 0.8 * np.sin(2 * np.pi * t + seed)
    values = np.stack([np.sin(turning), np.zeros_like(t), np.cos(turning)], axis=1)
    return values + generator.normal(0, 0.02, values.shape)


def kinect(frames: int) -> np.ndarray:
    """A standing person, ``(20, 3, M)`` metres, y up."""
    pose = np.zeros((20, 3, frames))
    heights = [0.65, 0.45, 0.1, 0.0, 0.4, 0.15, -0.05, -0.1, 0.4, 0.15, -0.05, -0.1, -0.05, -0.45, -0.8, -0.85]
    pose[:, 1] = np.array([*heights, -0.05, -0.45, -0.8, -0.85])[:, None]
    pose[[4, 5, 6, 7, 12, 13, 14, 15], 0] = -0.2
    pose[[8, 9, 10, 11, 16, 17, 18, 19], 0] = 0.2
    pose[10, 1] += 0.3 * np.sin(np.linspace(0, 6, frames))
    pose[:, 2] = 2.5
    return pose


def utd(root: Path) -> None:
    """Two subjects, three actions (one on the thigh), two trials; one trial without a skeleton; a film beside."""
    (root / "Inertial").mkdir(parents=True)
    (root / "Skeleton").mkdir()
    (root / "RGB").mkdir()
    (root / "RGB" / "a1_s1_t1_color.avi").write_bytes(b"a film")
    (root / "Skeleton" / "Skeleton_joint_order.txt").write_text("1. head\n")
    for seed, (action, subject, trial) in enumerate((a, s, t) for a in (1, 9, 27) for s in (1, 2) for t in (1, 2)):
        base = f"a{action}_s{subject}_t{trial}"
        inertial = np.hstack([wrist(120 + seed, 50.0, seed), np.full((120 + seed, 3), 5.0)])
        savemat(root / "Inertial" / f"{base}_inertial.mat", {"d_iner": inertial}, do_compression=bool(seed % 2))
        if base != "a9_s2_t2":
            savemat(root / "Skeleton" / f"{base}_skeleton.mat", {"d_skel": kinect(45 + seed)})


def _utd_values(scale: float) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        savemat(path, {"d_iner": np.hstack([wrist(100, 50.0, 1) * scale, np.zeros((100, 3))])})

    return write


def berkeley(root: Path) -> None:
    """Two subjects, two actions, two repetitions; once only the left wrist; motion capture of one."""
    left, right = root / "Accelerometer" / "Shimmer01", root / "Accelerometer" / "Shimmer02"
    mocap = root / "Mocap" / "OpticalData"
    for folder in (left, right, mocap):
        folder.mkdir(parents=True)
    for seed, (subject, action, trial) in enumerate((s, a, t) for s in (1, 12) for a in (2, 11) for t in (1, 2)):
        base = f"s{subject:02d}_a{action:02d}_r{trial:02d}.txt"
        start = 1309539264.0 + 100 * seed
        _acc(left / f"acc_h01_{base}", 90 + seed, start, seed)
        if seed != 3:
            _acc(right / f"acc_h02_{base}", 90 + seed, start + 0.01, seed + 50)
    _moc(mocap / "moc_s01_a02_r01.txt", 240, 1309539264.05)
    (root / "Accelerometer" / "Shimmer03").mkdir()
    _acc(root / "Accelerometer" / "Shimmer03" / "acc_h03_s01_a02_r01.txt", 90, 1309539264.0, 7)


def _acc(path: Path, samples: int, start: float, seed: int, scale: float = 1.0) -> None:
    jitter = np.random.default_rng(seed).uniform(0.02, 0.04, samples).cumsum()
    rows = np.column_stack([wrist(samples, 31.0, seed) * scale, start + jitter])
    np.savetxt(path, rows, fmt=("%.6f",) * 4)


def _moc(path: Path, frames: int, start: float) -> None:
    generator = np.random.default_rng(3)
    place = generator.uniform(300, 800, (43, 3))
    place[:, 1] = np.linspace(1600, 40, 43)
    markers = np.repeat(place[None], frames, axis=0) + generator.normal(0, 2, (frames, 43, 3))
    markers[100:160, 5] = 0.0  # a short gap
    markers[0:230, 6] = 0.0  # hardly ever seen
    clock = np.column_stack([np.arange(frames), start + np.arange(frames) / 480])
    np.savetxt(path, np.hstack([markers.reshape(frames, -1), clock]), fmt="%.6f")


def mmact(root: Path) -> None:
    """Three subjects, two scenes, two sessions, with a class that exists only at the desk of scene 3."""
    for seed, (subject, scene, session) in enumerate((s, c, n) for s in (1, 2, 17) for c in (2, 3) for n in (1, 5)):
        where = Path(f"subject{subject}") / f"scene{scene}" / f"session{session}"
        for label in ("walking", "using_phone", "Carrying_light"):
            _watch_csv(root / "acc_watch_clip" / where / f"{label}.csv", 150 + seed, seed)
        _watch_csv(root / "acc_phone_clip" / where / "walking.csv", 150, seed)


def _watch_csv(path: Path, samples: int, seed: int, scale: float = 1.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    start = datetime(2019, 2, 15, 23, 59, 59, 500_000)  # past midnight within the clip
    lines = []
    for number, row in enumerate(wrist(samples, 100.0, seed) * G * scale):
        stamp = start + timedelta(milliseconds=10 * number)
        lines.append(f"{stamp:%Y%m%d_%H:%M:%S}.{stamp.microsecond // 1000:03d}," + ",".join(f"{v:.5f}" for v in row))
    path.write_text("\n".join(lines) + "\n")


def _nan(path: Path, number: str) -> None:
    lines = path.read_text().splitlines()
    lines[5] = lines[5].replace(lines[5].split(number)[1], "nan", 1)
    path.write_text("\n".join(lines))


PUBLISHED = {
    each.name: each
    for each in (
        Published(
            "utd-mhad", utd, 12, 2, 3, "Inertial/a9_s1_t2_inertial.mat", _utd_values(G), _utd_values(float("nan"))
        ),
        Published(
            "berkeley-mhad", berkeley, 8, 2, 2, "Accelerometer/Shimmer02/acc_h02_s12_a02_r01.txt",
            lambda path: _acc(path, 90, 1309539664.0, 4, G), lambda path: _nan(path, " "),
        ),
        Published(
            "mmact", mmact, 36, 3, 4, "acc_watch_clip/subject2/scene2/session1/walking.csv",
            lambda path: _watch_csv(path, 150, 4, 1 / G), lambda path: _nan(path, ","),
        ),
    )
}  # fmt: skip
