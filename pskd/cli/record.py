"""``pskd record``: record one take from a camera and watches."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from pskd.cli.lsl import Sent, lsl_options
from pskd.cli.numbers import Number
from pskd.cli.printable import print_json
from pskd.cli.record_display import RecordDisplay
from pskd.cli.record_wishes import Wishes
from pskd.clock import now_s
from pskd.errors import PskdError, WrongUse
from pskd.library.library import Library
from pskd.library.naming import check_label, check_name
from pskd.library.wrists import wrist_of
from pskd.quality.review import review_take
from pskd.recording.cue_run import CueRun
from pskd.recording.cues import CueProtocol, known_protocols, load_protocol, own_folder
from pskd.recording.reader import read_take
from pskd.recording.recorder import LEAD_S, Recorder
from pskd.recording.recovery import recover
from pskd.recording.status import RecorderState
from pskd.types import PoseFrame
from pskd.vision.pose import MODELS

POLL_S = 0.05
TAIL_S = 0.5


@click.command("record")
@click.option("--library", "path", required=True, type=click.Path(path_type=Path), help="Made where it is missing.")
@click.option("--camera", required=True, metavar="URI", help="webcam:0, video:PATH, sim:[ACTIVITY], or none.")
@click.option("--watch", "watches", required=True, multiple=True, metavar="URI", help="May be given again; or none.")
@click.option("--seconds", type=Number(min=0.1, max=86400), help="Stop after so long.")
@click.option("--subject", default="01", show_default=True, help="Who is recorded.")
@click.option("--session", help="One wearing; today's date where it is not given.")
@click.option("--label", default="", metavar="CLASS", help="What is done all through: one segment over the take.")
@click.option("--model", type=click.Choice(MODELS), default="full", show_default=True, help="Pose model.")
@click.option("--protocol", metavar="FILE", help="Cue protocol, a TOML file or the name of a known one.")
@click.option("--hands/--no-hands", default=True, show_default=True, help="Both hands up: pause the cues, or go on.")
@click.option("--film", is_flag=True, help="Keep the camera's pictures too; only with the consent of those in them.")
@lsl_options
@click.option("--lsl-wait", type=Number(0, 3600), default=0.0, help="Seconds to wait until LabRecorder reads all.")
@click.option("--anyway", is_flag=True, help="Record even where nothing comes from a watch or the camera.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON at the end.")
def command(
    path: Path,
    camera: str,
    watches: tuple[str, ...],
    seconds: float | None,
    subject: str,
    session: str | None,
    label: str,
    model: str,
    protocol: str | None,
    hands: bool,
    film: bool,
    lsl: bool,
    lsl_network: bool,
    lsl_wait: float,
    anyway: bool,
    as_json: bool,
) -> None:
    """Record a take until --seconds are over, the protocol is done, the sources end, or Ctrl+C is pressed."""
    if label and protocol is not None:
        raise WrongUse("A take has a label or a protocol, not both.")
    if not camera:
        raise WrongUse("--camera is empty.", hint="Without a camera: --camera none")
    script = _protocol(protocol) if protocol is not None else None
    session = session or f"{datetime.now():%Y%m%d}a"
    library = _Shelf(path, subject, session, [label] if label else script.classes if script else [])
    wishes = Wishes(hands)
    sent = Sent(lsl, lsl_network, lsl_wait)

    def look(frame: PoseFrame) -> None:
        wishes.look(frame)
        sent.frame(frame)

    recorder = Recorder(
        library.new_take,
        subject,
        session,
        [watch for watch in watches if watch != "none"],
        None if camera == "none" else camera,
        model=model,
        attributes={"protocol": script.name} if script else {},
        on_block=sent.block,
        on_frame=look,
        on_marker=sent.marker,
    )
    recorder.keep_film = film
    with sent:
        _connect(recorder, anyway)
        facts = _record(recorder, label, seconds, script, wishes, sent)
    if as_json:
        print_json(facts)
    else:
        _tell(facts)


class _Shelf:
    """The library that the take goes into: checked at once, but made only when there is something to put there."""

    def __init__(self, path: Path, subject: str, session: str, classes: list[str]) -> None:
        self._path, self._subject, self._session = path, subject, session
        self._classes = [check_label(label) for label in classes]
        check_name("subject", subject)
        check_name("session", session)
        if path.exists():
            Library.open_or_create(path)
            for found in recover(path):
                click.echo(found.sentence, err=True)

    def new_take(self, label: str) -> Path:
        """The folder of the next take."""
        library = Library.open_or_create(self._path)
        library.add_classes(self._classes)
        return library.new_take(self._subject, self._session, label)


def _connect(recorder: Recorder, anyway: bool) -> None:
    """Open the devices; where one of them sends nothing, ask before it is recorded without.

    Raises:
        PskdError: a device cannot be used, or sends nothing and nobody can be asked.
    """
    try:
        with RecordDisplay() as display:
            display.say("Connecting ...")
            recorder.open(preview=False)
            missing = "" if anyway else recorder.missing()
        if missing and not (sys.stdin.isatty() and click.confirm(f"{missing} Record all the same?", err=True)):
            raise PskdError(missing, code="recording.silent", hint="To record all the same: --anyway")
    except BaseException:  # Ctrl+C, too, at the question or while it waits
        recorder.close()
        raise


def _record(
    recorder: Recorder, label: str, seconds: float | None, script: CueProtocol | None, wishes: Wishes, sent: Sent
) -> dict[str, Any]:
    """One take from its start to its facts; the devices are open and get closed."""
    with RecordDisplay() as display:
        try:
            sent.announce(recorder.infos)
            sent.wait_read()
            recorder.start(label)
            sent.announce(recorder.infos)
            with _stop_on_signal() as stop, wishes:
                cues = CueRun(script, recorder.start_s, recorder.mark, LEAD_S + POLL_S) if script else None
                why = _watch(recorder, seconds, cues, stop, display, wishes)
                folder = recorder.stop()
        finally:
            recorder.close()
    return {**_facts(folder), "ended_by": why, "problems": [problem.text for problem in recorder.problems]}


def _watch(
    recorder: Recorder,
    seconds: float | None,
    cues: CueRun | None,
    stop: threading.Event,
    display: RecordDisplay,
    wishes: Wishes,
) -> str:
    """Show how the take goes until it is over; returns why it ended."""
    end_s = recorder.start_s + seconds if seconds else float("inf")
    while not stop.wait(POLL_S):
        status = recorder.status()
        if cues:
            wishes.fulfil(cues, now_s())
        display.show(status, cues.tick(now_s()) if cues else None, wishes.keys if cues else "")
        if status.state is RecorderState.FAILED:
            return "failure"
        if status.all_ended:
            return "sources"
        if now_s() >= end_s:
            return "seconds"
        if cues and cues.done_s is not None and now_s() >= cues.done_s + TAIL_S:
            return "protocol"
    if cues:
        cues.stop(now_s())
    return "interrupt"


def _facts(folder: Path) -> dict[str, Any]:
    review = review_take(folder, wrist_of(Library.open(folder.parents[2]), folder.parents[1].name.removeprefix("sub-")))
    take = read_take(folder)
    streams = {}
    for name, stream in take.streams.items():
        count = len(stream.times_s)
        span_s = float(stream.times_s[-1] - stream.times_s[0]) if count > 1 else 0.0
        rate_hz = round((count - 1) / span_s, 2) if span_s > 0 else 0.0
        streams[name] = {"samples": count, "rate_hz": rate_hz, "nominal_hz": stream.info.rate_hz}
    return {
        "take": "/".join(folder.parts[-3:]),
        "folder": str(folder),
        "state": str(take.manifest.state),
        "duration_s": take.manifest.duration_s,
        "streams": streams,
        "segments": len(take.segments),
        "sync": review.sync.verdict,
        "quality": [{"severity": str(f.severity), "sentence": f.sentence} for f in review.quality.troubles],
    }


def _tell(facts: dict[str, Any]) -> None:
    click.echo(f"{facts['take']}: {facts['duration_s']:.1f} s")
    for name, stream in facts["streams"].items():
        click.echo(f"  {name}: {stream['samples']} samples, {stream['rate_hz']:.1f} Hz")
    click.echo(f"  {facts['sync']}")
    for finding in facts["quality"]:
        click.echo(f"  {finding['sentence']}")
    for problem in facts["problems"]:
        click.echo(f"  {problem}")


def _protocol(name: str) -> CueProtocol:
    known = known_protocols()
    if name in known:
        return load_protocol(known[name])
    if not Path(name).exists():
        hint = f"Known: {', '.join(known)}. Your own go into {own_folder()}."
        raise PskdError(f"There is no protocol {name}.", code="protocol.missing", hint=hint)
    return load_protocol(Path(name))


@contextmanager
def _stop_on_signal() -> Iterator[threading.Event]:
    """Ctrl+C and a polite kill end the take and keep it; a second Ctrl+C gives up."""
    stop = threading.Event()

    def heard(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    wanted = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, heard) for number in wanted}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
