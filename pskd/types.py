"""What travels between the rooms: blocks of samples, pose frames, markers, segments, predictions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
TimeArray = NDArray[np.float64]

GRAVITY_MPS2 = 9.80665


class StreamKind(StrEnum):
    """What a stream carries."""

    ACCELEROMETER = "accelerometer"
    GYROSCOPE = "gyroscope"
    POSE = "pose"
    MARKERS = "markers"


class LinkState(StrEnum):
    """How a device's connection stands."""

    IDLE = "idle"
    SCANNING = "scanning"
    CONNECTING = "connecting"
    STREAMING = "streaming"
    STALLED = "stalled"
    LOST = "lost"


class StreamInfo(msgspec.Struct, frozen=True):
    """The constant facts of one stream.

    Attributes:
        name: unique within a take, such as ``watch``, ``watch-gyroscope``, ``pose``, ``markers``.
        kind: what it carries.
        channels: channel names in order (``x y z`` for an accelerometer).
        unit: ``m/s^2``, ``deg/s``, ``m`` or empty for markers.
        rate_hz: nominal rate; 0 where the stream is irregular.
        source: the URI it came from.
        layout: for pose, the name of its joint layout in :mod:`pskd.skeleton`.
        simulated: True where no hardware was involved.
    """

    name: str
    kind: StreamKind
    channels: tuple[str, ...]
    unit: str
    rate_hz: float
    source: str = ""
    layout: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SampleBlock:
    """The samples of one packet.

    Attributes:
        stream: name of the stream it belongs to.
        arrival_s: when the packet reached this computer, monotonic clock.
        values: ``(T, C)`` float32 in the stream's unit.
        device_s: ``(T,)`` float64, the device's own clock in seconds, or None where it has none.
        sequence: the packet's number where the device counts packets.
    """

    stream: str
    arrival_s: float
    values: FloatArray
    device_s: TimeArray | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PoseFrame:
    """The landmarks of one camera frame; NaN where nobody was seen.

    Attributes:
        grab_s: when the frame was grabbed, monotonic clock.
        number: frame number since the camera opened; a jump means dropped frames.
        world_m: ``(V, 3)`` float32 metres, origin between the hips.
        image: ``(V, 2)`` float32, 0 to 1 of the picture's width and height.
        visibility: ``(V,)`` float32, 0 to 1.
        people: how many people were found.
    """

    grab_s: float
    number: int
    world_m: FloatArray
    image: FloatArray
    visibility: FloatArray
    people: int


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment with a meaning, stored as the text ``kind/label/phase/trial``.

    Attributes:
        t_s: monotonic clock.
        kind: ``cue`` (what was asked), ``control`` (what the person wished while cues ran), ``key`` (a person said what
            is being done), ``link`` (a device changed state), ``gap`` (nothing came), ``note``.
        label: class name or free text without ``/``.
        phase: ``start``, ``end`` or empty.
        trial: number of the cued repetition, from 1; 0 where there is none.
    """

    t_s: float
    kind: str
    label: str
    phase: str = ""
    trial: int = 0

    def text(self) -> str:
        """The marker as it is stored."""
        return f"{self.kind}/{self.label.replace('/', ' ')}/{self.phase}/{self.trial}"

    @classmethod
    def parse(cls, t_s: float, text: str) -> Marker:
        """Read :meth:`text`; anything else becomes a note."""
        parts = text.split("/")
        if len(parts) == 4 and parts[3].isdecimal():
            return cls(t_s, parts[0], parts[1], parts[2], int(parts[3]))
        return cls(t_s, "note", text.replace("/", " "))


class Segment(msgspec.Struct, frozen=True):
    """A labelled interval of a take: what was done (a cue is only what was asked).

    Attributes:
        start_s: seconds from the take's start.
        end_s: seconds from the take's start, after ``start_s``.
        label: class name.
        source: who says so: ``cue``, ``key``, ``person``, ``import`` or ``movement``.
        trial: number of the repetition, from 1; 0 where unknown.
    """

    start_s: float
    end_s: float
    label: str
    source: str = "person"
    trial: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What the student says of the newest window.

    Attributes:
        t_s: time of the window's last sample, monotonic clock.
        label: the smoothed class, or ``unsure`` where it was rejected.
        confidence: calibrated probability of the most likely class, 0 to 1.
        probabilities: ``(K,)`` float32 over the classes, calibrated.
        latency_ms: from the arrival of the window's last sample to this prediction.
        signal_s: time of the window's last sample on the stream's own clock (for a replay, the recording's).
    """

    t_s: float
    label: str
    confidence: float
    probabilities: FloatArray
    latency_ms: float
    signal_s: float = float("nan")
