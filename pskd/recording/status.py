"""What the recorder says of itself: facts per stream, and one sentence that never claims more than arrives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pskd.recording.names import device_name
from pskd.recording.take import Problem
from pskd.types import LinkState, StreamKind

SILENT_S = 2.0
DEEP_QUEUE = 500
_BROKEN = (LinkState.LOST, LinkState.STALLED, LinkState.SCANNING, LinkState.CONNECTING)
LITTLE_DISK_BYTES = 500 << 20


class RecorderState(StrEnum):
    """What the recorder is doing; ``recording`` is said only while every stream arrives."""

    CLOSED = "closed"
    READY = "ready"
    WAITING = "waiting"
    RECORDING = "recording"
    SILENT = "silent"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One stream.

    Attributes:
        name: such as ``watch``.
        source: which device brings it, such as ``watch`` or ``camera``.
        kind: what it carries.
        nominal_hz: what the device promises; 0 where irregular.
        rate_hz: what arrives, over the last seconds.
        count: samples in this take (or since the device was opened, before one).
        age_s: since the newest sample; None before the first.
        gaps: interruptions and lost packets in this take.
        link: state of its device.
        text: the device's own sentence.
        simulated: no hardware is involved.
        ended: its source has come to its end (a recording that was played).
        missing_s: length of all interruptions of more than half a second in this take.
        resumed_s: when the newest interruption ended, or the first sample came; monotonic clock.
        fault: what is wrong with its source though it may go on (a damaged film), or why it ended too early.
        battery: charge of its device in percent; None where it does not tell.
    """

    name: str
    source: str
    kind: StreamKind
    nominal_hz: float
    rate_hz: float
    count: int
    age_s: float | None
    gaps: int
    link: LinkState
    text: str
    simulated: bool
    ended: bool
    missing_s: float = 0.0
    resumed_s: float | None = None
    fault: str = ""
    battery: int | None = None

    @property
    def silent(self) -> bool:
        """Nothing has come for too long, though something should."""
        return not self.ended and (self.age_s is None or self.age_s > SILENT_S)


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """Everything at one moment.

    Attributes:
        state: what the recorder is doing.
        verdict: one sentence for the person.
        streams: in the order of the take.
        elapsed_s: since the take's start; 0 without a take.
        file_bytes: size of ``raw.xdf``.
        queue_depth: blocks that wait to be written.
        disk_free_bytes: left on the take's disk; None without a take.
        people: how many people the camera saw last; None without a camera.
        problems: what has gone wrong in this take so far, in order.
    """

    state: RecorderState
    verdict: str
    streams: tuple[StreamStatus, ...]
    elapsed_s: float = 0.0
    file_bytes: int = 0
    queue_depth: int = 0
    disk_free_bytes: int | None = None
    people: int | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def alarm(self) -> bool:
        """Something that should be recorded is not: reason for red and a sound."""
        return self.state in (RecorderState.SILENT, RecorderState.FAILED)

    @property
    def all_ended(self) -> bool:
        """Every source has come to its end."""
        return bool(self.streams) and all(stream.ended for stream in self.streams)


def judge(
    streams: tuple[StreamStatus, ...],
    *,
    taking: bool,
    elapsed_s: float,
    failure: str,
    queue_depth: int,
    disk_free_bytes: int | None,
    people: int | None,
    refused: str = "",
) -> tuple[RecorderState, str]:
    """State and sentence from the facts; the worst comes first.

    Args:
        streams: all streams.
        taking: a take has been started.
        elapsed_s: since then.
        failure: why writing stopped; empty while it works.
        queue_depth: blocks that wait to be written.
        disk_free_bytes: left on the disk; None where nobody asked.
        people: in view; None without a camera.
        refused: why a packet was left out; empty where all fitted.
    """
    if failure:
        return RecorderState.FAILED, failure
    if not streams:
        return RecorderState.CLOSED, "Nothing is connected."
    if all(stream.ended for stream in streams):
        fault = next((stream.fault for stream in streams if stream.fault), "")
        return RecorderState.ENDED, fault or "The recording that was played has come to its end."
    silent = [stream for stream in streams if stream.silent]
    if silent:
        state = RecorderState.WAITING if _just_begun(silent, elapsed_s, taking) else RecorderState.SILENT
        return state, silence_of(silent[0])
    if not taking:
        return RecorderState.READY, "Ready."
    warning = _refusal(refused) or _part(streams) or _warning(queue_depth, disk_free_bytes, people)
    return RecorderState.RECORDING, warning or "Recording."


def _just_begun(silent: list[StreamStatus], elapsed_s: float, taking: bool) -> bool:
    never = all(stream.age_s is None for stream in silent)
    return never and (not taking or elapsed_s < SILENT_S)


def silence_of(stream: StreamStatus) -> str:
    """The sentence about a stream that is silent, with what to do where that is known."""
    camera = stream.kind == StreamKind.POSE
    what = f"No data from the {'camera' if camera else device_name(stream.source)}"
    since = " yet." if stream.age_s is None else f" for {stream.age_s:.0f} s."
    said = "" if stream.link is LinkState.STALLED else stream.text
    return f"{what}{since} {said or ('' if camera else 'Is it near and awake?')}".rstrip()


def _refusal(refused: str) -> str:
    return f"Recording, but a packet was left out: {refused}" if refused else ""


def _part(streams: tuple[StreamStatus, ...]) -> str:
    """Where only a part of what was wanted is recorded."""
    ended = next((stream for stream in streams if stream.ended), None)
    said = next((stream.fault for stream in streams if stream.fault), "")
    said = said or next((stream.text for stream in streams if stream.link in _BROKEN and not stream.ended), "")
    if said:
        return f"Recording, but: {said}"
    return f"Recording, but the {device_name(ended.source)} has come to its end." if ended else ""


def _warning(queue_depth: int, disk_free_bytes: int | None, people: int | None) -> str:
    if queue_depth > DEEP_QUEUE:
        return f"Recording, but the disk cannot keep up: {queue_depth} packets wait."
    if disk_free_bytes is not None and disk_free_bytes < LITTLE_DISK_BYTES:
        return f"Recording, but only {disk_free_bytes / 2**20:.0f} MiB are left on the disk."
    if people == 0:
        return "Recording, but the camera sees nobody."
    if people is not None and people > 1:
        return f"Recording, but the camera sees {people} people."
    return ""
