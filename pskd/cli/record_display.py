"""The live status of ``pskd record`` on a terminal; silence where nobody looks."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pskd.recording.cue_run import CueView, Phase
from pskd.recording.status import RecorderState, RecorderStatus, StreamStatus

_STYLES = {
    RecorderState.RECORDING: "bold green",
    RecorderState.READY: "green",
    RecorderState.WAITING: "yellow",
    RecorderState.ENDED: "cyan",
    RecorderState.SILENT: "bold red",
    RecorderState.FAILED: "bold red",
    RecorderState.CLOSED: "dim",
}
_PHASES = {
    Phase.PRACTICE: "Practise",
    Phase.COUNTDOWN: "Get ready",
    Phase.DO: "Do",
    Phase.REST: "Rest, then",
    Phase.PAUSED: "Paused; next",
    Phase.DONE: "Done",
}


class RecordDisplay:
    """Shows the recorder's status on standard error, four times a second, where that is a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._live: Live | None = None
        self._alarmed = False

    def __enter__(self) -> RecordDisplay:
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, text: str) -> None:
        """One plain line."""
        if self._live is not None:
            self._live.update(Text(text))

    def show(self, status: RecorderStatus, cue: CueView | None, keys: str = "") -> None:
        """The newest status, what the person is asked to do, and the keys; a bell where something falls silent."""
        if self._live is not None:
            if status.alarm and not self._alarmed:
                self._console.bell()
            self._alarmed = status.alarm
            self._live.update(render(status, cue, keys))


def render(status: RecorderStatus, cue: CueView | None, keys: str = "") -> Group:
    """The status as it is shown."""
    parts: list[Text | Table] = [
        Text(status.verdict, _STYLES[status.state]),
        Text(f"{status.elapsed_s:.1f} s, {status.file_bytes / 1024:.0f} KiB", "dim"),
    ]
    if cue is not None:
        line = f"{_PHASES[cue.phase]}: {cue.label}   {cue.left_s:.0f} s   ({cue.number} of {cue.total})"
        parts.insert(0, Text(line, "bold reverse" if cue.phase is Phase.DO else "bold"))
        if keys:
            parts.insert(1, Text(keys, "dim"))
    table = Table("stream", "rate", "of", "samples", "age", "gaps", box=None, header_style="dim")
    for stream in status.streams:
        table.add_row(*_row(stream), style="red" if stream.silent else None)
    return Group(*parts, table)


def _row(stream: StreamStatus) -> tuple[str, ...]:
    name = f"{stream.name} (simulated)" if stream.simulated else stream.name
    age = "ended" if stream.ended else "-" if stream.age_s is None else f"{stream.age_s:.1f} s"
    nominal = f"{stream.nominal_hz:.0f} Hz" if stream.nominal_hz else "-"
    return name, f"{stream.rate_hz:.1f} Hz", nominal, str(stream.count), age, str(stream.gaps)
