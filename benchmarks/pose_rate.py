"""How much the camera and pose process costs beside MediaPipe alone, with the same model on the same pictures.

    python benchmarks/pose_rate.py [--model full] [--seconds 20] [--film FILM]

A film of 640 x 480 at 30 pictures a second is played through the vision child, which finds the pose of each picture,
shares the preview and sends the landmarks. *Alone* calls MediaPipe in a bare loop on the decoded pictures. Both take
turns, and *against alone* is the median over the rounds, each set against the bare loop just before it, so that other
load on the machine hits both.

*Added latency* is what there is beside MediaPipe from the moment a picture was due until its landmarks arrived in this
process: grabbing, handing over, sending, and all waiting but the one for the pose before, which MediaPipe alone has
too. *From due* counts that one as well. *CPU ms a pose* is all processor time of the process, which other load on the
machine hardly changes: what the child does beside the pose (decoding, counting people, preview, sending).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from pskd.clock import now_s
from pskd.events import Event
from pskd.vision import opencv, preview
from pskd.vision.base import Picture, Shot
from pskd.vision.pose import MODELS, PoseEstimator
from pskd.workers.parent import Child

WIDTH, HEIGHT, RATE_HZ = 640, 480, 30.0
DEFAULT_FILM = Path(__file__).resolve().parents[2] / "shared" / "data" / "videos" / "pose_1.mp4"
SETTLE_S = 1.0  # left out at the start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Pose rate and latency of the vision process.")
    parser.add_argument("--model", choices=MODELS, default="full")
    parser.add_argument("--seconds", type=float, default=48.0, help="of each measurement, all rounds together")
    parser.add_argument(
        "--rounds", type=int, default=12, help="alone and child take turns, so that both see other load"
    )
    parser.add_argument("--film", type=Path, default=DEFAULT_FILM)
    options = parser.parse_args()
    seconds = options.seconds / options.rounds
    bare, live, free = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        pictures = fitted_pictures(options.film)
        film = write_film(pictures, Path(folder) / "film.avi")
        for _ in range(options.rounds):
            bare.append(alone(pictures, options.model, seconds))
            live.append(through_child(f"video:{film}?loop=1", options.model, seconds))
            free.append(through_child(f"video:{film}?loop=1&speed=0", options.model, seconds))
    report(options.model, bare, live, free)


def fitted_pictures(film: Path) -> list[Picture]:
    """The film's pictures, fitted into 640 x 480 with black bars, RGB."""
    cv2 = opencv.load()
    source, found = cv2.VideoCapture(str(film)), []
    while True:
        whole, picture = source.read()
        if not whole:
            break
        scale = min(WIDTH / picture.shape[1], HEIGHT / picture.shape[0])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        top, left = (HEIGHT - small.shape[0]) // 2, (WIDTH - small.shape[1]) // 2
        canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
        found.append(cv2.cvtColor(canvas, cv2.COLOR_BGR2RGB))
    if not found:
        raise SystemExit(f"pose_rate: {film} cannot be read; name a film with --film.")
    return found


def write_film(pictures: list[Picture], path: Path) -> Path:
    """The pictures as a film at 30 a second."""
    cv2 = opencv.load()
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE_HZ, (WIDTH, HEIGHT))
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def alone(pictures: list[Picture], model: str, seconds: float) -> np.ndarray:
    """One row a picture, one after the other: seconds that MediaPipe takes, and processor seconds of this process."""
    spent = []
    with PoseEstimator(model) as estimator:
        estimator.warm_up(pictures[0])
        end_s, number = now_s() + seconds, 0
        while now_s() < end_s:
            began_s, began_cpu_s = now_s(), time.process_time()
            estimator.estimate(Shot(number / RATE_HZ, number, pictures[number % len(pictures)]))
            spent.append((now_s() - began_s, time.process_time() - began_cpu_s))
            number += 1
    return np.array(spent)


def through_child(uri: str, model: str, seconds: float) -> np.ndarray:
    """One row a frame: arrival here, stamp, time that the pose took, processor time of the child; all in seconds."""
    rows: list[tuple[float, float, float, float]] = []
    streaming = threading.Event()

    def hear(event: Event) -> None:
        if event["event"] == "frame":
            spent = process.cpu_times()
            rows.append((now_s(), float(event["grab_s"]), float(event["pose_s"]), spent.user + spent.system))
            streaming.set()

    child = Child("vision", hear)
    process = psutil.Process(child.pid)
    child.send("open", uri=uri, model=model, preview=preview.new_name())
    streaming.wait(60.0)
    threading.Event().wait(seconds + SETTLE_S)
    child.close()
    table = np.array(rows)
    return table[table[:, 0] > table[0, 0] + SETTLE_S]


def report(model: str, alone: list[np.ndarray], live: list[np.ndarray], free: list[np.ndarray]) -> None:
    """Print the table."""
    bare_hz = [1 / float(spent[:, 0].mean()) for spent in alone]
    bare = np.concatenate(alone)
    table = Table(title=f"Pose rate, model {model}, {WIDTH}x{HEIGHT} at {RATE_HZ:g} pictures a second")
    for column in (
        "",
        "poses/s",
        "against alone",
        "CPU ms a pose",
        "pose p50, p95 ms",
        "added p50, p95 ms",
        "from due p50, p95 ms",
    ):
        table.add_column(column, justify="left" if not column else "right")
    table.add_row(
        "MediaPipe alone, bare loop",
        f"{np.median(bare_hz):.1f}",
        "",
        f"{1000 * bare[:, 1].mean():.1f}",
        _ms(bare[:, 0]),
        "",
        "",
    )
    wanted_hz = [min(RATE_HZ, hz) for hz in bare_hz]
    for name, rounds, against in (("child, film at 30", live, wanted_hz), ("child, as fast as it goes", free, bare_hz)):
        rates = [_rate_hz(rows) for rows in rounds]
        shares = [rate / hz for rate, hz in zip(rates, against, strict=True)]
        spread = f"{np.median(shares):.3f} ({min(shares):.2f} to {max(shares):.2f})"
        added = (
            _ms(np.concatenate([added_s(rows) for rows in rounds])),
            _ms(np.concatenate([due_s(r) for r in rounds])),
        )
        poses = _ms(np.concatenate(rounds)[:, 2])
        cpu = f"{1000 * np.mean([(r[-1, 3] - r[0, 3]) / (len(r) - 1) for r in rounds]):.1f}"
        table.add_row(name, f"{np.median(rates):.1f}", spread, cpu, poses, *(added if rounds is live else ("", "")))
    console = Console(width=140)
    console.print(table)
    console.print(f"'against alone' at 30 pictures a second compares with min(30, alone); {len(alone)} rounds.")
    console.print(f"load of the machine: {os.getloadavg()[0]:.1f}")


def due_s(rows: np.ndarray) -> np.ndarray:
    """Seconds from the moment a picture was due until its pose was here, less the time that the pose took."""
    return np.asarray(rows[:, 0] - rows[:, 1] - rows[:, 2])


def added_s(rows: np.ndarray) -> np.ndarray:
    """The same without the wait for the pose before."""
    before = np.concatenate([[-np.inf], rows[:-1, 0]])
    return np.asarray(rows[:, 0] - np.maximum(rows[:, 1], before) - rows[:, 2])


def _rate_hz(rows: np.ndarray) -> float:
    return (len(rows) - 1) / float(rows[-1, 0] - rows[0, 0])


def _ms(seconds: np.ndarray) -> str:
    low, high = np.percentile(seconds * 1000, [50, 95])
    return f"{low:.1f}, {high:.1f}"


if __name__ == "__main__":
    main()
