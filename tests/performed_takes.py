"""Whole takes by the simulated performer, written as a recorder would, with faults where a test wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from pskd.clock import WallAnchor
from pskd.performer import PerformedTake, Watch, perform_take
from pskd.recording.take import TakeManifest, TakeState
from pskd.recording.writer import TakeWriter
from pskd.skeleton import MEDIAPIPE_33
from pskd.types import Marker, PoseFrame, SampleBlock, Segment, StreamInfo, StreamKind

WATCH = StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", 50.0, "sim:", simulated=True)
SECOND_WATCH = structs.replace(WATCH, name="watch2")
POSE = StreamInfo("pose", StreamKind.POSE, MEDIAPIPE_33.joints, "m", 30.0, "sim:", MEDIAPIPE_33.name, simulated=True)
GOOD = (("rest", 2.0), ("wave", 3.0), ("rest", 2.0), ("drink", 5.0), ("clap", 3.0), ("rest", 2.0))

Values = np.ndarray[Any, np.dtype[np.float32]]


@dataclass
class Act:
    """What is performed, and what goes wrong.

    Attributes:
        script: labels with seconds.
        options: the performer's.
        second: the performer's options for a second watch; None where there is none.
        late_s: the camera's stamps are late by so much.
        watch: the watch worn.
        change: what becomes of the acceleration.
        heard: which of the times (from the take's start) of packets arrive.
        seen: which of the times of pictures arrive.
        frames: what becomes of a picture's landmarks.
        segments: what the take is labelled with.
        markers: with times from the take's start.
        attributes: of the manifest.
        start_s: monotonic start.
    """

    script: Sequence[tuple[str, float]] = GOOD
    options: dict[str, str] = field(default_factory=lambda: {"seed": "1", "hand": "right"})
    second: dict[str, str] | None = None
    late_s: float = 0.0
    watch: Watch | None = None
    change: Callable[[Values], Values] = lambda values: values
    heard: Callable[[float], bool] = lambda t_s: True
    seen: Callable[[float], bool] = lambda t_s: True
    frames: Callable[[PoseFrame], PoseFrame] = lambda frame: frame
    segments: tuple[Segment, ...] = ()
    markers: tuple[Marker, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)
    start_s: float = 1000.0


def write_act(folder: Path, act: Act) -> PerformedTake:
    """Write the take and return the truth."""
    take = perform_take(act.script, act.options, watch=act.watch, start_s=act.start_s)
    length_s = sum(seconds for _, seconds in act.script)
    writer = TakeWriter.create(folder, _manifest(folder.name, act), durable=False)
    for marker in act.markers:
        writer.add_marker(Marker(act.start_s + marker.t_s, marker.kind, marker.label, marker.phase, marker.trial))
    _write_watch(writer, WATCH, take, act)
    if act.second is not None:
        _write_watch(writer, SECOND_WATCH, perform_take(act.script, act.second, start_s=act.start_s), act)
    for number, t_s in enumerate(take.frame_s):
        if act.seen(float(t_s) - act.start_s):
            lm = take.landmarks
            frame = PoseFrame(float(t_s) + act.late_s, number, lm.world_m[number], lm.image[number],
                              lm.visibility[number], 1)  # fmt: skip
            writer.add_pose(act.frames(frame))
    writer.finish(TakeState.COMPLETE, [s for s in act.segments if s.start_s < length_s])
    return take


def _write_watch(writer: TakeWriter, info: StreamInfo, take: PerformedTake, act: Act) -> None:
    values = act.change(take.acceleration_mps2.copy()).astype(np.float32)
    for packet in np.split(np.arange(len(values)), np.flatnonzero(np.diff(take.arrival_s) > 0) + 1):
        arrival_s = float(take.arrival_s[packet[0]])
        if act.heard(arrival_s - act.start_s):
            writer.add_block(SampleBlock(info.name, arrival_s, values[packet], take.device_s[packet]))


def _manifest(name: str, act: Act) -> TakeManifest:
    return TakeManifest(
        subject="01",
        session="s1",
        name=name,
        state=TakeState.RECORDING,
        start=WallAnchor(act.start_s, "2026-01-01T00:00:00.000+00:00"),
        streams=(WATCH, POSE) if act.second is None else (WATCH, SECOND_WATCH, POSE),
        attributes=act.attributes,
    )
