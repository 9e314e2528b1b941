"""The recording that :mod:`faults` breaks: a process of its own that records and tells what the person would see.

    python benchmarks/fault_child.py LIBRARY CAMERA WATCH [--window] [--clock-set SECONDS] [--room BYTES]

It prints one JSON object a line: ``say`` (the recorder's sentence, whenever it changes), ``state``, the samples by
stream, and at the end the take, its problems, or the error. It ends the take when its input closes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from pskd.clock import now_s
from pskd.errors import PskdError
from pskd.recording.status import RecorderState, RecorderStatus

CLOCK_SET_AFTER_S = 2.0
SUBJECT, SESSION, LABEL = "01", "a", "wave"


def main() -> None:
    """Record until the input closes."""
    parser = argparse.ArgumentParser(description="A recording to be broken.")
    parser.add_argument("library", type=Path)
    parser.add_argument("camera")
    parser.add_argument("watch")
    parser.add_argument("--window", action="store_true", help="the program's own window instead of a bare recorder")
    parser.add_argument("--clock-set", type=float, default=0.0, help="the wall clock jumps by so much on the way")
    parser.add_argument("--room", type=int, default=0, help="a file may have so many bytes")
    options = parser.parse_args()
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    try:
        (_by_window if options.window else _by_recorder)(options, stop)
    except PskdError as error:
        _print(error=str(error))


def _by_recorder(options: argparse.Namespace, stop: threading.Event) -> None:
    from pskd.library.library import Library
    from pskd.recording.recorder import Recorder

    library = Library.open_or_create(options.library)
    camera = None if options.camera == "none" else options.camera
    recorder = Recorder(
        lambda label: library.new_take(SUBJECT, SESSION, label), SUBJECT, SESSION, [options.watch], camera, model="lite"
    )
    recorder.open(preview=False)
    try:
        _print(folder=str(recorder.start(LABEL)), start_s=recorder.start_s)
        if options.clock_set:
            _set_the_clock(options.clock_set)
        if options.room:
            _limit_files(options.room)  # not before: the camera's process needs its shared picture
        said = _Said()
        while not stop.wait(0.05):
            status = recorder.status()
            said.hear(status)
            if status.state is RecorderState.FAILED or status.all_ended:
                break
        try:
            _print(take=str(recorder.stop()))
        finally:
            _print(problems=[problem.text for problem in recorder.problems])
    finally:
        recorder.close()


def _by_window(options: argparse.Namespace, stop: threading.Event) -> None:
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from app import pump, run
    from app.bridge.session import Session

    session = Session()
    session.notice.connect(lambda tone, message, hint: _print(say=f"{message} {hint}".strip(), state="notice"))
    window = run.open_window(session, "record", "light")
    page: Any = window.pages["record"]
    if options.library.exists():
        session.open_library(options.library)
    else:
        session.create_library(options.library, "Faults")
    pump.until(lambda: page.bridge.is_open and session.library, 60, "the devices")
    page.bridge.start(session.library, SUBJECT, LABEL)
    pump.until(lambda: page.bridge.taking, 30, "the take")
    _print(folder=str(next(options.library.glob("sub-*/ses-*/take-*"))), start_s=page.bridge.start_s)
    said = _Said()
    while not stop.is_set():
        pump.wait(0.05)
        status = page.bridge.status()
        if status is not None:
            said.hear(status)


class _Said:
    """Prints what changes, and the numbers ten times a second."""

    def __init__(self) -> None:
        self._sentence = ""
        self._told_s = 0.0

    def hear(self, status: RecorderStatus) -> None:
        """The newest status."""
        if status.verdict == self._sentence and now_s() - self._told_s < 0.1:
            return
        self._sentence, self._told_s = status.verdict, now_s()
        counts = {stream.name: stream.count for stream in status.streams}
        _print(say=status.verdict, state=str(status.state), counts=counts, problems=[p.text for p in status.problems])


def _set_the_clock(seconds: float) -> None:
    """As if somebody set the computer's clock: only this process sees it."""
    real, from_s = time.time, now_s() + CLOCK_SET_AFTER_S
    time.time = lambda: real() + (seconds if now_s() > from_s else 0.0)


def _limit_files(room: int) -> None:
    """As if the disk were full once a file has so many bytes."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))


def _print(**fields: object) -> None:
    print(json.dumps({"t_s": now_s(), **fields}), flush=True)


if __name__ == "__main__":
    main()
