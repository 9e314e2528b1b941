"""How much the camera and pose process costs beside MediaPipe alone, with the same model on the same pictures.

    python benchmarks/pose_rate.py [--model full] [--seconds 20] [--film FILM]

A film of 640 x 480 at 30 pictures a second is played through the vision child, which finds the pose of each picture,
shares the preview and sends the landmarks. *Alone* calls MediaPipe in a bare loop on the decoded pictures. *Added
latency* is the time from the moment a picture was due until its landmarks arrived in this process, less the time
that the pose itself took.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
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
    parser.add_argument("--seconds", type=float, default=24.0, help="of each measurement, all rounds together")
    parser.add_argument("--rounds", type=int, default=4, help="alone and child take turns, so that both see other load")
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
    report(options.model, np.concatenate(bare), live, free)


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
    """Seconds that MediaPipe takes for each picture, one after the other."""
    spent = []
    with PoseEstimator(model) as estimator:
        estimator.warm_up(pictures[0])
        end_s, number = now_s() + seconds, 0
        while now_s() < end_s:
            began_s = now_s()
            estimator.estimate(Shot(number / RATE_HZ, number, pictures[number % len(pictures)]))
            spent.append(now_s() - began_s)
            number += 1
    return np.array(spent)


def through_child(uri: str, model: str, seconds: float) -> np.ndarray:
    """One row a frame: arrival in this process, stamp, time that the pose took; all in seconds."""
    rows: list[tuple[float, float, float]] = []
    streaming = threading.Event()

    def hear(event: Event) -> None:
        if event["event"] == "frame":
            rows.append((now_s(), float(event["grab_s"]), float(event["pose_s"])))
            streaming.set()

    child = Child("vision", hear)
    child.send("open", uri=uri, model=model, preview=preview.new_name())
    streaming.wait(60.0)
    threading.Event().wait(seconds + SETTLE_S)
    child.close()
    table = np.array(rows)
    return table[table[:, 0] > table[0, 0] + SETTLE_S]


def report(model: str, alone_s: np.ndarray, live_rounds: list[np.ndarray], free_rounds: list[np.ndarray]) -> None:
    """Print the table."""
    bare_hz, live_hz, free_hz = 1 / float(alone_s.mean()), _rate_hz(live_rounds), _rate_hz(free_rounds)
    live, free = np.concatenate(live_rounds), np.concatenate(free_rounds)
    table = Table(title=f"Pose rate, model {model}, {WIDTH}x{HEIGHT} at {RATE_HZ:g} pictures a second")
    for column in ("", "poses/s", "against alone", "pose p50 ms", "pose p95 ms", "added p50 ms", "added p95 ms"):
        table.add_column(column, justify="left" if not column else "right")
    table.add_row("MediaPipe alone, bare loop", f"{bare_hz:.1f}", "", *_ms(alone_s), "", "")
    added_s = live[:, 0] - live[:, 1] - live[:, 2]
    wanted_hz = min(RATE_HZ, bare_hz)
    table.add_row("child, film at 30", f"{live_hz:.1f}", f"{live_hz / wanted_hz:.3f}", *_ms(live[:, 2]), *_ms(added_s))
    table.add_row("child, as fast as it goes", f"{free_hz:.1f}", f"{free_hz / bare_hz:.3f}", *_ms(free[:, 2]), "", "")
    console = Console(width=120)
    console.print(table)
    console.print(f"'against alone' at 30 pictures a second compares with min(30, alone) = {wanted_hz:.1f} poses/s.")


def _rate_hz(rounds: list[np.ndarray]) -> float:
    poses = sum(len(table) - 1 for table in rounds)
    return poses / float(sum(table[-1, 0] - table[0, 0] for table in rounds))


def _ms(seconds: np.ndarray) -> tuple[Any, Any]:
    low, high = np.percentile(seconds * 1000, [50, 95])
    return f"{low:.1f}", f"{high:.1f}"


if __name__ == "__main__":
    main()
