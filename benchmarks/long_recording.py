"""A long recording in the program's own window: is it blocked, does memory grow, is the file as long as predicted?

    python benchmarks/long_recording.py --minutes 30
    python benchmarks/long_recording.py --minutes 120 --speed 8

A heartbeat of 10 ms in the window's thread measures how long the window could not have answered. On a machine that
other programs use too a part of that is theirs: Linux tells how long the thread was ready to run but got no processor
(``schedstat``), and the same heartbeat in a bare process beside it shows when the whole machine stood: *alone* counts
only gaps in which that process was on time. With ``--speed`` a watch recording of that length is made first and
replayed so many times as fast, and the simulated camera gives so many times as many pictures a second, so that as many
samples pass as in the full time. Memory is what window and children have resident and do not share with files or other
processes.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from array import array
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from pskd.clock import WallAnchor
from pskd.recording.reader import read_take
from pskd.recording.take import TakeManifest, TakeState
from pskd.recording.writer import TakeWriter
from pskd.types import StreamInfo, StreamKind

FloatArray = NDArray[np.floating[Any]]

BEAT_MS = 10
BLOCKED_MS = 50.0
MEMORY_S = 5.0
WARM_S = 120.0  # caches fill, the plots get their history
WATCH_HZ, CAMERA_HZ, PACKET = 50.0, 30.0, 3
WATCH_ROW, POSE_ROW, CHUNK = 49, 801, 16  # bytes of a sample; of what surrounds a chunk of samples
BOUNDARY = 23

SCHEDSTAT = Path("/proc/thread-self/schedstat")

LATE_MS = 20.0  # a bare process this late says that the machine stood, not the program
WORST = 12

CONTROL = """
import sys, time, threading
late = []
done = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
last = time.perf_counter()
while not done.wait(0.01):
    now = time.perf_counter()
    if now - last > {late}:
        late.append((last * 1000, now * 1000))
    last = now
print(late)
"""


@dataclass(slots=True)
class Beats:
    """The window's heartbeat.

    Attributes:
        ends_ms: when each beat came (monotonic clock).
        gaps_ms: time between two beats.
        starved_ms: how long in each of them the window's thread was ready but the machine gave it no processor.
        busy_ms: processor time that the window's thread used in each of them.
    """

    ends_ms: array[float] = field(default_factory=lambda: array("d"))
    gaps_ms: array[float] = field(default_factory=lambda: array("f"))
    starved_ms: array[float] = field(default_factory=lambda: array("f"))
    busy_ms: array[float] = field(default_factory=lambda: array("f"))
    _last: tuple[float, float, float] | None = None

    def beat(self) -> None:
        """Called by the timer."""
        busy_ns, starved_ns = SCHEDSTAT.read_bytes().split()[:2]
        moment = time.perf_counter() * 1000, int(starved_ns) * 1e-6, int(busy_ns) * 1e-6
        if self._last is not None:
            self.ends_ms.append(moment[0])
            for kept, now, before in zip(
                (self.gaps_ms, self.starved_ms, self.busy_ms), moment, self._last, strict=True
            ):
                kept.append(now - before)
        self._last = moment


@dataclass(slots=True)
class Outcome:
    """What was measured."""

    seconds: float
    camera: str
    watch: str
    beats: int
    gap_p99_ms: float
    gap_longest_ms: float
    gaps_over_50_ms: int
    own_gap_p99_ms: float
    own_gap_longest_ms: float
    own_gaps_over_50_ms: int
    own_work_longest_ms: float
    control_longest_ms: float
    control_over_50_ms: int
    alone_gap_longest_ms: float
    alone_gaps_over_50_ms: int
    worst: list[dict[str, float]]
    memory_first_mib: float
    memory_last_mib: float
    memory_most_mib: float
    growth_mib: float
    file_bytes: int
    predicted_bytes: int
    samples: dict[str, int]
    samples_asked: dict[str, int]
    problems: list[str]
    load: str


def main() -> None:
    """Record and print."""
    parser = argparse.ArgumentParser(description="A long recording in the window.")
    parser.add_argument("--minutes", type=float, default=30.0, help="of recorded time")
    parser.add_argument("--speed", type=float, default=1.0, help="so many times as fast")
    parser.add_argument("--camera", help="instead of the simulated one")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PSKD_CONFIG"] = folder
        watch, camera = sources(Path(folder), options.minutes, options.speed)
        outcome = measure(
            Path(folder), options.minutes * 60 / options.speed, options.camera or camera, watch, options.speed
        )
    text = json.dumps(asdict(outcome), indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


def sources(folder: Path, minutes: float, speed: float) -> tuple[str, str]:
    """Watch and camera."""
    if speed == 1.0:
        return "sim:", "sim:"
    return (
        f"replay:{watch_take(folder / 'source', minutes * 60 + 30)}?speed={speed:g}",
        f"sim:?fps={CAMERA_HZ * speed:g}&width=64&height=64",
    )


def watch_take(folder: Path, seconds: float) -> Path:
    """A take with a watch only, of a slow swing."""
    info = StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", WATCH_HZ, simulated=True)
    manifest = TakeManifest(
        subject="01", session="a", name="source", state=TakeState.RECORDING, start=WallAnchor(0.0, ""), streams=(info,)
    )
    times = np.arange(round(seconds * WATCH_HZ)) / WATCH_HZ
    swing = np.sin(times[:, None] * (1.0, 1.3, 1.7)).astype(np.float32) + np.float32((0.0, 0.0, 9.8))
    writer = TakeWriter.create(folder, manifest, durable=False)
    writer.add_samples("watch", times, swing, device_s=times)
    return writer.finish()


def measure(folder: Path, seconds: float, camera: str, watch: str, speed: float) -> Outcome:
    """Open the window, record for so long, close it."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    from app import pump, run
    from app.bridge.session import Session

    session = Session()
    window = run.open_window(session, "record", "light")
    window.build_rest()
    pump.until(gc.get_freeze_count, 60, "the other pages")
    page: Any = window.pages["record"]
    session.create_library(folder / "library", "Benchmark")
    page.enter(camera=camera, watch=watch)
    pump.until(lambda: page.bridge.is_open and session.library, 90, "the devices")
    page.bridge.start(session.library, "01", "wave")
    pump.until(lambda: page.bridge.taking, 60, "the take")
    pump.wait(2.0)
    memory: list[float] = []
    beats, ended = Beats(), threading.Event()
    keeper = threading.Thread(target=watch_memory, args=(memory, ended), daemon=True)
    control = subprocess.Popen(
        [sys.executable, "-c", CONTROL.format(late=LATE_MS / 1000)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    keeper.start()
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beats.beat)
    timer.start(BEAT_MS)
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    timer.stop()
    ended.set()
    bare: list[tuple[float, float]] = ast.literal_eval(control.communicate()[0])
    results: list[Any] = []
    page.bridge.ended.connect(results.append)
    page.bridge.stop()
    pump.until(lambda: results, 120, "the end of the take")
    folder = results[0].folder
    window.setProperty("closing", True)
    window.close()
    return told(folder, beats, memory, bare, speed, (camera, watch))


def watch_memory(found: list[float], ended: threading.Event) -> None:
    """MiB of the window and its children, every few seconds."""
    process = psutil.Process()
    while not ended.wait(MEMORY_S):
        total = 0
        for each in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                memory = each.memory_info()
                total += memory.rss - memory.shared
        found.append(total / 2**20)


def told(
    folder: Path,
    beats: Beats,
    memory: list[float],
    bare: list[tuple[float, float]],
    speed: float,
    uris: tuple[str, str],
) -> Outcome:
    """The numbers."""
    take = read_take(folder)
    duration_s = take.manifest.duration_s
    warm = memory[min(len(memory) - 1, round(WARM_S / MEMORY_S)) :]
    gaps, busy = np.array(beats.gaps_ms), np.array(beats.busy_ms)
    ends, starved = np.array(beats.ends_ms), np.array(beats.starved_ms)
    own = gaps - starved
    late = np.array([to - since for since, to in bare] or [0.0])
    alone = np.where(beside(bare, ends - gaps, ends) > 0, 0.0, own)
    samples = {name: len(stream.times_s) for name, stream in take.streams.items()}
    asked = {name: CAMERA_HZ if name == "pose" else WATCH_HZ for name in samples}
    return Outcome(
        seconds=round(duration_s, 1),
        camera=uris[0],
        watch=uris[1] if speed == 1 else "replay, see --speed",
        beats=len(gaps),
        gap_p99_ms=round(float(np.percentile(gaps, 99)), 1),
        gap_longest_ms=round(float(gaps.max()), 1),
        gaps_over_50_ms=int((gaps > BLOCKED_MS).sum()),
        own_gap_p99_ms=round(float(np.percentile(own, 99)), 1),
        own_gap_longest_ms=round(float(own.max()), 1),
        own_gaps_over_50_ms=int((own > BLOCKED_MS).sum()),
        own_work_longest_ms=round(float(busy.max()), 1),
        control_longest_ms=round(float(late.max()), 1),
        control_over_50_ms=int((late > BLOCKED_MS).sum()),
        alone_gap_longest_ms=round(float(alone.max()), 1),
        alone_gaps_over_50_ms=int((alone > BLOCKED_MS).sum()),
        worst=worst(ends, gaps, starved, busy, bare),
        memory_first_mib=round(warm[0], 1),
        memory_last_mib=round(warm[-1], 1),
        memory_most_mib=round(max(warm), 1),
        growth_mib=round(max(warm) - warm[0], 1),
        file_bytes=(folder / "raw.xdf").stat().st_size,
        predicted_bytes=predicted_bytes(duration_s, samples, PACKET if speed == 1 else 1),
        samples=samples,
        samples_asked={name: round(duration_s * rate_hz * speed) for name, rate_hz in asked.items()},
        problems=[problem.text for problem in take.manifest.problems],
        load=" ".join(f"{value:.1f}" for value in os.getloadavg()),
    )


def beside(bare: list[tuple[float, float]], starts: FloatArray, ends: FloatArray) -> FloatArray:
    """How long the bare process was late at most while each gap lasted, in ms; 0 where it was on time."""
    most = np.zeros(len(starts))
    for since, to in bare:
        together = (starts < to) & (ends > since)
        most[together] = np.maximum(most[together], to - since)
    return most


def worst(
    ends: FloatArray, gaps: FloatArray, starved: FloatArray, busy: FloatArray, bare: list[tuple[float, float]]
) -> list[dict[str, float]]:
    """The longest gaps: when, and what they were made of."""
    rows = np.argsort(-(gaps - starved))[:WORST]
    bare_ms = beside(bare, (ends - gaps)[rows], ends[rows])
    return [
        {
            "at_s": round(float(ends[row] - ends[0]) / 1000, 1),
            "gap_ms": round(float(gaps[row]), 1),
            "starved_ms": round(float(starved[row]), 1),
            "busy_ms": round(float(busy[row]), 1),
            "bare_ms": round(float(bare_ms[place]), 1),
        }
        for place, row in enumerate(rows)
    ]


def predicted_bytes(seconds: float, samples: dict[str, int], packet: int) -> int:
    """Size of ``raw.xdf`` by the formula of docs/file-formats.md for what arrived, without its head of a few kB.

    The simulated watch sends three samples a packet, the replayed one sends each by itself.
    """
    per_sample = {name: POSE_ROW + CHUNK if name == "pose" else WATCH_ROW + CHUNK / packet for name in samples}
    return round(sum(count * per_sample[name] for name, count in samples.items()) + seconds * BOUNDARY / 10)


if __name__ == "__main__":
    main()
