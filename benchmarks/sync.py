"""How far apart camera and watch are after one gesture: against the simulated performer's truth, and on real films.

    python benchmarks/sync.py [--trials 200] [--clips 200] [--films FOLDER] [--archive UTD-MHAD.tar.gz]

*Simulated*: two seconds of rest, three of the gesture, two of rest; the camera's stamps are up to half a second off,
the watch's clock runs up to 100 ppm wrong, packets of three samples cross a Bluetooth link of 7.5, 15 or 30 ms with
repeats and stalls, 30 pictures a second. An error is the true time between a picture and the sample that are said to be
of the same moment. The clock's own error (the wait that all packets of a link share) is shown beside it: the gesture
takes it off too.

*Films*: the offset that is found from a film's MediaPipe landmarks and the watch's acceleration, against one that rests
on none of the same curves: the turning of the forearm and the speed of the wrist in the whole film against the whole
gyroscope signal, and by way of the Kinect skeleton of the same trial.

*Clips*: the same with the Kinect skeletons of clips drawn at random from all actions with the sensor on the wrist.
"""

from __future__ import annotations

import argparse
import random
import re
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.io
from rich.console import Console
from rich.table import Table

from pskd.performer import BODIES, Watch, perform_take
from pskd.performer.body import JOINT
from pskd.skeleton import KINECT_20, MEDIAPIPE_33
from pskd.sync.align import Alignment, Arm, align
from pskd.sync.clockfit import fit_clock
from pskd.sync.gesture import LONGEST_S, wrist_in_room
from pskd.sync.lags import correlation, lag_sums
from pskd.sync.traces import GRID_HZ, blur, covered, grid_between
from pskd.types import GRAVITY_MPS2, TimeArray

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
GESTURES = ("clap", "wave", "punch")
INTERVALS_S = (0.0075, 0.015, 0.03)
INERTIAL_HZ = 50.0
LAST_ON_WRIST = 21
NEAR_S = 0.07
REFERENCE_BLUR_S = 0.08


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Error of the offset between camera and watch.")
    parser.add_argument("--trials", type=int, default=200, help="of each gesture")
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--films", type=Path, default=SHARED / "utd-rgb")
    parser.add_argument("--archive", type=Path, default=SHARED / "utd-mhad-inertial-skeleton.tar.gz")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    console = Console(width=130)
    console.print(simulated(options.trials, options.seed))
    if options.archive.exists():
        with tempfile.TemporaryDirectory() as folder, tarfile.open(options.archive) as archive:
            archive.extractall(folder, filter="data")
            console.print(films(options.films, Path(folder)))
            console.print(clips(Path(folder), options.clips, options.seed))


def simulated(trials: int, seed: int) -> Table:
    """The table of simulated gestures."""
    table = Table("gesture", "error p50", "p95", "max (ms)", "clock alone p95", "bound p50 (ms)", "within", "trusted")
    for gesture in GESTURES:
        chance = np.random.default_rng(seed)
        found = [one_gesture(gesture, 10_000 * seed + n, chance) for n in range(trials)]
        errors, clocks, bounds, trusted = (np.array(column) for column in zip(*found, strict=True))
        off, clock = np.abs(errors) * 1e3, np.abs(clocks) * 1e3
        table.add_row(
            gesture,
            *(f"{value:.1f}" for value in (np.median(off), np.quantile(off, 0.95), off.max())),
            f"{np.quantile(clock, 0.95):.1f}",
            f"{np.median(bounds) * 1e3:.1f}",
            f"{np.mean(off <= bounds * 1e3):.1%}",
            f"{trusted.mean():.1%}",
        )
    return table


def one_gesture(gesture: str, seed: int, chance: np.random.Generator) -> tuple[float, float, float, bool]:
    """One trial: the error, the clock's own, the bound that was claimed, and whether it would have been used."""
    offset_s = chance.uniform(-0.5, 0.5)
    watch = Watch(
        seed=seed,
        interval_s=float(chance.choice(INTERVALS_S)),
        drift_ppm=chance.uniform(-100, 100),
        resend=0.05,
        stalls=0.01,
    )
    script = [("rest", 2.0), (gesture, 3.0), ("rest", 2.0)]
    who = seed % len(BODIES)
    take = perform_take(
        script, {"seed": str(seed), "body": str(who)}, watch=watch, start_s=500.0 + chance.uniform(0, 5000)
    )
    host_s = fit_clock(take.device_s, take.arrival_s).to_host(take.device_s)
    seen = take.landmarks
    paths = arm(BODIES[who].dominant, seen.world_m, seen.image, seen.visibility)
    found = align(host_s, take.acceleration_mps2, take.frame_s + offset_s, [paths], up=MEDIAPIPE_33.up)
    if found is None:
        return np.inf, 0.0, 0.0, False
    clock_s = float(np.mean(host_s - take.true_s))
    return found.fit.offset_s - offset_s + clock_s, clock_s, found.fit.bound_s or 0.0, found.trusted


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One trial of UTD-MHAD: times, acceleration in m/s^2, turning, and the skeleton's right arm."""

    watch_s: TimeArray
    acceleration: TimeArray
    turning: TimeArray
    frame_s: TimeArray
    arm: Arm


def films(folder: Path, unpacked: Path) -> Table:
    """The table of films."""
    table = Table("film", "found (ms)", "bound", "by gyroscope", "apart", "by way of Kinect", "apart", title="Films")
    for film in sorted(folder.glob("*.avi")):
        trial = load_trial(unpacked, film.stem.removesuffix("_color"))
        frame_s, seen_arm = film_arm(film)
        found = align(trial.watch_s, trial.acceleration.astype(np.float32), frame_s, [seen_arm], up=MEDIAPIPE_33.up)
        direct = best_lag(motion(frame_s, seen_arm), turning_of(trial))
        kinect = motion(trial.frame_s, trial.arm)
        across = best_lag(motion(frame_s, seen_arm), kinect) + best_lag(kinect, turning_of(trial))
        table.add_row(film.stem, *row_of(found, direct, across))
    return table


def row_of(found: Alignment | None, direct_s: float, across_s: float) -> list[str]:
    """What was found, beside both references."""
    if found is None:
        return ["nothing", "", f"{direct_s * 1e3:.0f}", "", f"{across_s * 1e3:.0f}", ""]
    offset_s, bound_s = found.fit.offset_s, found.fit.bound_s or 0.0
    cells = [offset_s, bound_s, direct_s, offset_s - direct_s, across_s, offset_s - across_s]
    return [f"{value * 1e3:.0f}" for value in cells]


def clips(unpacked: Path, count: int, seed: int) -> Table:
    """The table of clips."""
    names = sorted(path.name.removesuffix("_inertial.mat") for path in unpacked.rglob("a*_inertial.mat"))
    names = [name for name in names if int(name[1:].partition("_")[0]) <= LAST_ON_WRIST]
    chosen = random.Random(seed).sample(names, min(count, len(names)))
    apart, trusted = [], []
    for name in chosen:
        trial = load_trial(unpacked, name)
        found = align(trial.watch_s, trial.acceleration.astype(np.float32), trial.frame_s, [trial.arm], up=KINECT_20.up)
        reference_s = best_lag(motion(trial.frame_s, trial.arm), turning_of(trial))
        apart.append(abs(found.fit.offset_s - reference_s) if found else np.inf)
        trusted.append(found is not None and found.trusted)
    away, sure = np.array(apart), np.array(trusted)
    table = Table("clips", f"within {NEAR_S * 1e3:.0f} ms", "trusted", "of these within", title="Kinect clips")
    table.add_row(
        str(len(chosen)), f"{np.mean(away <= NEAR_S):.1%}", f"{sure.mean():.1%}", f"{np.mean(away[sure] <= NEAR_S):.1%}"
    )
    return table


def load_trial(unpacked: Path, name: str) -> Trial:
    """Read one trial; the skeleton's frames spread evenly over the inertial recording."""
    if not re.fullmatch(r"a\d+_s\d+_t\d+", name):
        raise SystemExit(f"sync: {name} is not the name of a trial of UTD-MHAD.")
    inertial = scipy.io.loadmat(next(unpacked.rglob(f"{name}_inertial.mat")))["d_iner"]
    joints = scipy.io.loadmat(next(unpacked.rglob(f"{name}_skeleton.mat")))["d_skel"].transpose(2, 0, 1)
    watch_s = np.arange(len(inertial)) / INERTIAL_HZ
    frame_s = np.linspace(0.0, watch_s[-1], len(joints))
    wrist, elbow = (KINECT_20.joints.index(f"right_{joint}") for joint in ("wrist", "elbow"))
    seen = Arm("right", joints[:, wrist], joints[:, elbow], np.ones(len(joints)))
    return Trial(watch_s, inertial[:, :3] * GRAVITY_MPS2, inertial[:, 3:], frame_s, seen)


def film_arm(film: Path) -> tuple[TimeArray, Arm]:
    """The right arm by MediaPipe, picture by picture."""
    from pskd.vision.pose import PoseEstimator

    with PoseEstimator("full") as estimator:
        frames = [estimator.estimate(shot) for shot in shots(film)]
    world, image = np.stack([f.world_m for f in frames]), np.stack([f.image for f in frames])
    visibility = np.stack([f.visibility for f in frames])
    return np.array([f.grab_s for f in frames]), arm("right", world, image, visibility)


def shots(film: Path) -> Iterator[object]:
    """The film's pictures."""
    from pskd.vision import opencv
    from pskd.vision.base import Shot

    cv2 = opencv.load()
    source, number = cv2.VideoCapture(str(film)), 0
    rate_hz = source.get(cv2.CAP_PROP_FPS)
    while True:
        whole, picture = source.read()
        if not whole:
            return
        yield Shot(number / rate_hz, number, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        number += 1


def arm(side: str, world: np.ndarray, image: np.ndarray, visibility: np.ndarray) -> Arm:
    """One arm of MediaPipe landmarks in the room."""
    wrist, elbow = JOINT[f"{side}_wrist"], JOINT[f"{side}_elbow"]
    wrist_m, elbow_m = (wrist_in_room(world, image, visibility, joint) for joint in (wrist, elbow))
    return Arm(side, wrist_m, elbow_m, np.asarray(visibility[:, wrist], np.float64))


Curves = tuple[TimeArray, list[TimeArray], TimeArray]


def motion(frame_s: TimeArray, seen: Arm) -> Curves:
    """How fast the forearm turns and the wrist goes, on a grid."""
    grid = grid_between(float(frame_s[0]), float(frame_s[-1]))
    wrist, elbow = (
        blur(np.stack([np.interp(grid, frame_s, column) for column in np.asarray(path, float).T], axis=1), 0.04)
        for path in (seen.wrist_m, seen.elbow_m)
    )
    along = wrist - elbow
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    return grid, [smooth_speed(along), smooth_speed(wrist)], frame_s


def turning_of(trial: Trial) -> Curves:
    """The gyroscope's length on a grid, to be laid against both curves of :func:`motion`."""
    grid = grid_between(0.0, float(trial.watch_s[-1]))
    length = np.interp(grid, trial.watch_s, np.linalg.norm(trial.turning, axis=1))
    smooth = blur(length[:, None], REFERENCE_BLUR_S)[:, 0]
    return grid, [smooth, smooth], trial.watch_s


def smooth_speed(path: TimeArray) -> TimeArray:
    """Length of the derivative, smoothed."""
    speed = np.linalg.norm(np.gradient(path, axis=0), axis=1) * GRID_HZ
    return blur(speed[:, None], REFERENCE_BLUR_S)[:, 0]


def best_lag(late: Curves, early: Curves) -> float:
    """By how much the first curves are behind the second, where their correlations add up to the most."""
    reach = round(LONGEST_S * GRID_HZ)
    grid = late[0]
    wide = grid[0] + (np.arange(len(grid) + 2 * reach) - reach) / GRID_HZ
    edges = np.array([0, len(grid)])
    total = np.zeros(2 * reach + 1)
    for ours, theirs in zip(late[1], early[1], strict=True):
        spread = np.interp(wide, early[0], theirs)
        sums = lag_sums(ours, covered(grid, late[2]), spread, covered(wide, early[2]), edges).sum(axis=0)
        total = total + correlation(sums, 0.4 * float(sums[0].max()))
    return (int(np.nanargmax(total)) - reach) / GRID_HZ


if __name__ == "__main__":
    main()
