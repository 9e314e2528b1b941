"""Breaks real recordings in every way we could think of, and writes what the person saw and what was lost.

    python benchmarks/faults.py [--only NAME ...] [--table docs/faults.md] [--json FILE]

Each fault hits a recording in a process of its own (:mod:`fault_child`), with a file on the disk, and the take is then
read as the program reads it. *Lost* is what is missing of a stream beyond the time in which it could not arrive: the
watch was away for five seconds, so five seconds are not lost by the program, the sixth would be. At a kill it is the
time from the last stored sample to the kill. Linux only: it needs its signals.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console

from pskd.clock import now_s
from pskd.errors import PskdError
from pskd.recording.reader import read_take
from pskd.recording.recovery import recover
from pskd.recording.take import Take

ROOT = Path(__file__).resolve().parents[1]
CHILD = Path(__file__).with_name("fault_child.py")
CAMERA, WATCH = "sim:?fps=30", "sim:?gyroscope=0"
HOLE_S = 0.5  # shorter is no gap to the program either
LIMIT_S = 1.0


@dataclass(slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: of the case.
        fault: what was done.
        seen: what the person was told, one sentence each.
        lost_s: seconds lost, by stream.
        opens: the take can be read afterwards; None where none was started.
        note: what else belongs to it.
    """

    name: str
    fault: str
    seen: list[str] = field(default_factory=list)
    lost_s: dict[str, float] = field(default_factory=dict)
    opens: bool | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        """Told, openable, and at most a second lost."""
        return bool(self.seen) and self.opens is not False and all(lost <= LIMIT_S for lost in self.lost_s.values())


Case = Callable[[Row, Path], None]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    """A fault; its docstring says in the table what was done."""
    CASES[function.__name__.replace("_", "-")] = function
    return function


class Recording:
    """A recording in a process group of its own, and all that it said."""

    def __init__(self, library: Path, camera: str = CAMERA, watch: str = WATCH, *options: str) -> None:
        self.library = library
        self.lines: list[dict[str, Any]] = []
        environment = {**os.environ, "PSKD_CONFIG": str(library.with_suffix(".settings"))}
        line = [sys.executable, str(CHILD), str(library), camera, watch, *options]
        self.process = subprocess.Popen(
            line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
            start_new_session=True,
            cwd=ROOT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last(self, key: str) -> Any:
        """The newest value that was told under a name, or None."""
        return next((line[key] for line in reversed(self.lines) if key in line), None)

    def wait(self, condition: Callable[[], object], what: str, timeout_s: float = 60.0) -> None:
        """Wait until something is so."""
        end_s = now_s() + timeout_s
        while not condition():
            if now_s() > end_s:
                raise PskdError(
                    f"Waited in vain: {what}; the last lines were {self.lines[-3:]}.", code="faults.timeout"
                )
            time.sleep(0.02)

    def run_for(self, seconds: float) -> None:
        """Wait until every stream has arrived, then so long."""
        self.wait(lambda: self.last("counts") and all(self.last("counts").values()), "every stream to arrive")
        time.sleep(seconds)

    def kill(self) -> float:
        """kill -9; gives the moment."""
        died_s = now_s()
        self.process.kill()
        self.process.wait()
        return died_s

    def end(self, timeout_s: float = 30.0) -> None:
        """End the take politely, or wait where it ended by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout_s)
        self._reader.join(5.0)

    def take(self) -> Take:
        """The take as it lies on the disk; one that was cut off is recovered first."""
        recover(self.library)
        return read_take(next(self.library.glob("sub-*/ses-*/take-*")))

    def sentences(self) -> list[str]:
        """Sentences that were shown, each once though its seconds grow; those that tell of no fault are left out."""
        plain = ("Recording.", "Ready.", "Recording, but the camera sees nobody.")
        found: dict[str, str] = {}
        for line in self.lines:
            if "say" in line and line["say"] not in plain and line["state"] != "waiting":
                found.setdefault(line["say"].split(" for ")[0], line["say"])
        return list(found.values())

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            if text.startswith("{"):
                self.lines.append(json.loads(text))


def at_kill(take: Take, died_s: float) -> dict[str, float]:
    """Seconds from the last stored sample of each stream to the kill."""
    start_s = take.manifest.start.monotonic_s
    return {name: max(0.0, died_s - start_s - float(s.times_s[-1])) for name, s in take.streams.items()}


def holes(take: Take, away_s: dict[str, float] | None = None) -> dict[str, float]:
    """Seconds without samples in each stream, less those in which it could not arrive."""
    found = {}
    for name, stream in take.streams.items():
        steps = np.diff(stream.times_s)
        found[name] = max(0.0, float(steps[steps > HOLE_S].sum()) - (away_s or {}).get(name, 0.0))
    return found


def recovered(row: Row, recording: Recording, died_s: float) -> None:
    """What the next start makes of a take whose recorder was killed, and says of it, goes into the row."""
    row.seen = [found.sentence for found in recover(recording.library)]
    row.lost_s, row.opens = at_kill(recording.take(), died_s), True
    row.note = "Told at the next start."


def ended(row: Row, recording: Recording, away_s: dict[str, float] | None = None) -> Take:
    """End the take politely; what is missing of it beyond ``away_s``, and all that was said, goes into the row."""
    recording.end()
    take = recording.take()
    row.lost_s, row.opens = holes(take, away_s), True
    row.seen = recording.sentences() + (recording.last("problems") or [])
    return take


@case
def window_killed(row: Row, folder: Path) -> None:
    """`kill -9` of the window."""
    with Recording(folder / "lib", CAMERA, WATCH, "--window") as recording:
        recording.run_for(3.0)
        children = psutil.Process(recording.process.pid).children(recursive=True)
        died_s = recording.kill()
        _, alive = psutil.wait_procs(children, 8.0)
        row.note = "Its child processes ended by themselves." if not alive else f"{len(alive)} child processes live on!"
    with Recording(folder / "lib", CAMERA, WATCH, "--window") as again:
        again.wait(lambda: any("cut off" in line.get("say", "") for line in again.lines), "the next start to tell")
        row.seen = [text for text in again.sentences() if "cut off" in text]
        row.note += " Told at the next start."
    take = recording.take()
    row.lost_s, row.opens = at_kill(take, died_s), True


@case
def recorder_killed(row: Row, folder: Path) -> None:
    """`kill -9` of a recorder without a window."""
    with Recording(folder / "lib") as recording:
        recording.run_for(3.0)
        died_s = recording.kill()
    recovered(row, recording, died_s)


@case
def torn_chunk(row: Row, folder: Path) -> None:
    """As before, and the last write tears in the middle of a chunk."""
    with Recording(folder / "lib") as recording:
        recording.run_for(3.0)
        died_s = recording.kill()
    raw = next((folder / "lib").glob("sub-*/ses-*/take-*/raw.xdf"))
    os.truncate(raw, raw.stat().st_size - 13)
    recovered(row, recording, died_s)


@case
def vision_killed(row: Row, folder: Path) -> None:
    """`kill -9` of the camera and pose process."""
    with Recording(folder / "lib") as recording:
        recording.run_for(2.0)
        before = recording.last("counts")["pose"]
        next(c for c in psutil.Process(recording.process.pid).children(True) if "vision" in c.cmdline()).kill()
        killed_s = now_s()
        recording.wait(lambda: recording.last("counts")["pose"] > before + 60, "the camera to come back")
        take = ended(row, recording)
        pose = take.streams["pose"].times_s + take.manifest.start.monotonic_s
        away_s = float(pose[pose > killed_s + 0.1][0] - killed_s)
        row.lost_s["pose"] = killed_s - float(pose[pose <= killed_s][-1])
        row.note = f"The camera was back after {away_s:.1f} s, which the table does not count as lost."


@case
def film_cut(row: Row, folder: Path) -> None:
    """The camera's source is cut short while it is shown."""
    film = made_film(folder / "film.avi", 12.0)
    with Recording(folder / "lib", f"video:{film}") as recording:
        recording.run_for(2.0)
        os.truncate(film, film.stat().st_size // 3)
        recording.wait(lambda: "cut off" in str(recording.last("problems")), "the camera to be gone")
        time.sleep(2.0)
        ended(row, recording)


@case
def film_ends(row: Row, folder: Path) -> None:
    """The camera ends, the watch goes on."""
    film = made_film(folder / "film.avi", 3.0)
    with Recording(folder / "lib", f"video:{film}") as recording:
        recording.wait(lambda: "end" in str(recording.last("say")), "the film to end")
        time.sleep(1.0)
        recording.end()
        row.lost_s, row.opens = holes(recording.take()), True
        row.seen = recording.sentences()


@case
def film_damaged(row: Row, folder: Path) -> None:
    """2 kB in the middle of a film are damaged."""
    film = made_film(folder / "film.avi", 6.0)
    content = bytearray(film.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = random.Random(1).randbytes(2000)
    film.write_bytes(content)
    with Recording(folder / "lib", f"video:{film}") as recording:
        recording.wait(lambda: recording.last("counts"), "the take to begin")
        time.sleep(7.5)
        ended(row, recording)


@case
def watch_silent(row: Row, folder: Path) -> None:
    """The watch sends nothing for 5 s."""
    with Recording(folder / "lib", CAMERA, f"{WATCH}&stall_at=8&stall_s=5") as recording:
        recording.wait(lambda: "Nothing came" in str(recording.last("problems")), "the watch to come back")
        time.sleep(1.0)
        ended(row, recording, {"watch": 5.0})


@case
def watch_dead(row: Row, folder: Path) -> None:
    """The watch falls silent for good."""
    with Recording(folder / "lib", CAMERA, f"{WATCH}&stall_at=8&stall_s=1000") as recording:
        recording.wait(lambda: "silent" in str(recording.last("state")), "the watch to be missed")
        time.sleep(3.0)
        ended(row, recording)


@case
def watch_lost(row: Row, folder: Path) -> None:
    """The watch's link breaks and comes back."""
    with Recording(folder / "lib", CAMERA, f"{WATCH}&drop_at=8") as recording:
        recording.wait(lambda: "Nothing came" in str(recording.last("problems")), "the watch to come back")
        time.sleep(1.0)
        take = ended(row, recording)
        away = [marker.t_s for marker in take.markers if marker.kind == "link" and marker.label == "watch"]
        row.lost_s = holes(take, {"watch": sum(np.diff(away[1:])[::2])})


@case
def disk_full(row: Row, folder: Path) -> None:
    """The disk fills up."""
    with Recording(folder / "lib", CAMERA, WATCH, "--room", "120000") as recording:
        recording.wait(lambda: recording.last("error"), "the disk to be full")
        full_s = next(line["t_s"] for line in recording.lines if line.get("state") == "failed")
        recording.end()
        row.lost_s, row.opens = at_kill(recording.take(), full_s), True
        row.seen = [recording.last("error")]
        row.note = "What was to be recorded from then on is not recorded; the take ends and says so."


@case
def asleep(row: Row, folder: Path) -> None:
    """The computer sleeps for 6 s (all processes stopped)."""
    with Recording(folder / "lib") as recording:
        recording.run_for(2.0)
        os.killpg(recording.process.pid, signal.SIGSTOP)
        began_s = now_s()
        time.sleep(6.0)
        slept_s = now_s() - began_s
        os.killpg(recording.process.pid, signal.SIGCONT)
        time.sleep(4.0)
        ended(row, recording, {"watch": slept_s, "pose": slept_s})


@case
def clock_set(row: Row, folder: Path) -> None:
    """The wall clock is set one hour ahead."""
    with Recording(folder / "lib", CAMERA, WATCH, "--clock-set", "3600") as recording:
        recording.wait(lambda: "clock" in str(recording.last("problems")), "the clock to be set")
        time.sleep(2.0)
        ended(row, recording)


@case
def disk_gone(row: Row, folder: Path) -> None:
    """The library's disk is taken out."""
    library, away = folder / "lib", folder / "elsewhere"
    with Recording(library) as recording:
        recording.run_for(2.0)
        library.rename(away)
        gone_s = now_s()
        recording.wait(lambda: recording.last("error"), "the disk to be missed")
        recording.end()
        row.seen = [recording.last("error")]
    away.rename(library)
    row.lost_s, row.opens = at_kill(recording.take(), gone_s), True
    row.note = "Put back afterwards; the next start recovers the take."


@case
def replay_at_once(row: Row, folder: Path) -> None:
    """`--watch replay:FILE?speed=0`."""
    table = folder / "clip.csv"
    table.write_text("".join(f"{n / 50},0,0,9.81\n" for n in range(200)))
    with Recording(folder / "lib", "none", f"replay:{table}?speed=0") as recording:
        recording.wait(lambda: recording.last("error"), "the refusal")
        row.seen = [recording.last("error")]
        row.note = "Refused before anything is recorded."


@case
def question_mark(row: Row, folder: Path) -> None:
    """A film whose name has a question mark in it: `film?x=1.avi`."""
    film = made_film(folder / "film?x=1.avi", 3.0)
    with Recording(folder / "lib", f"video:{film}") as recording:
        recording.run_for(3.0)
        ended(row, recording)
        row.seen = [line["say"] for line in recording.lines if line.get("state") == "recording"][:1]


def made_film(path: Path, seconds: float) -> Path:
    """A film of noise, 320 x 240 at 6 pictures a second, so that a busy machine keeps up."""
    from pskd.vision import opencv

    cv2, rng = opencv.load(), np.random.default_rng(1)
    plain = path.with_name("made.avi")
    writer = cv2.VideoWriter(str(plain), cv2.VideoWriter.fourcc(*"MJPG"), 6.0, (320, 240))
    for _ in range(round(seconds * 6)):
        writer.write(rng.integers(0, 255, (240, 320, 3), np.uint8))
    writer.release()
    return plain.rename(path)


def tried(name: str) -> Row:
    """Do one case in a folder of its own."""
    work = CASES[name]
    row = Row(name, (work.__doc__ or "").rstrip("."))
    folder = Path(tempfile.mkdtemp(prefix="pskd-fault-"))
    try:
        work(row, folder)
    except PskdError as error:
        row.opens, row.note = False, f"{row.note} {error}".strip()
    finally:
        shutil.rmtree(folder)
    row.lost_s = {stream: round(float(lost), 2) for stream, lost in row.lost_s.items()}
    row.seen = [text for n, text in enumerate(row.seen) if not any(text in other for other in row.seen[:n])]
    return row


def table(rows: list[Row]) -> str:
    """The table as Markdown."""
    lines = ["| fault | what the person is told | lost | take opens |", "|---|---|---|---|"]
    for row in rows:
        seen = "<br>".join(f"“{text}”" for text in row.seen) or "nothing"
        lost = ", ".join(f"{stream} {seconds:.2f} s" for stream, seconds in row.lost_s.items()) or "–"
        opens = {True: "yes", False: "**no**", None: "–"}[row.opens]
        lines.append(f"| {row.fault} | {seen}{f' {row.note}' if row.note else ''} | {lost} | {opens} |")
    return re.sub(rf"{tempfile.gettempdir()}/pskd-fault-\w+/", "", "\n".join(lines)) + "\n"


def main() -> None:
    """Break everything and write the table."""
    parser = argparse.ArgumentParser(description="Breaks recordings and writes what was lost.")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--table", type=Path, help="the table goes into this document, after its line '<!-- table -->'")
    parser.add_argument("--json", type=Path, help="rows of cases that are not in --only are kept")
    options = parser.parse_args()
    console, rows = Console(width=140, highlight=False), list[Row]()
    for name in options.only:
        row = tried(name)
        rows.append(row)
        console.print(
            f"{'holds' if row.holds else 'DOES NOT HOLD':14} {name:16} {row.lost_s} {row.seen} {row.note}", markup=False
        )
    if options.json and options.json.exists():  # of cases that were not tried again
        known = {one["name"]: Row(**one) for one in json.loads(options.json.read_text())}
        tried_again = {row.name: row for row in rows}
        rows = [kept for name in CASES if (kept := tried_again.get(name) or known.get(name))]
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    if options.table:
        head = options.table.read_text(encoding="utf-8").partition("<!-- table -->")[0]
        options.table.write_text(f"{head}<!-- table -->\n\n{table(rows)}", encoding="utf-8")


if __name__ == "__main__":
    main()
