"""Takes for the tests of the library, written by the program's own writer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pskd.clock import WallAnchor
from pskd.library.library import Library
from pskd.recording.take import TakeManifest, TakeState
from pskd.recording.writer import TakeWriter
from pskd.types import Segment, StreamInfo, StreamKind

WATCH = StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", 50.0)
LEFT = StreamInfo("watch-left", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", 50.0)


def make_take(
    library: Library,
    subject: str,
    session: str,
    label: str,
    *,
    segments: Sequence[Segment] | None = None,
    pose: str = "",
    watches: Sequence[StreamInfo] = (WATCH,),
    state: TakeState = TakeState.COMPLETE,
) -> Path:
    """A take of two seconds: sample n of the watch is ``(n, 0, 9.81)``, of the left one ``(-n, 0, 9.81)``."""
    folder = library.new_take(subject, session, label)
    streams = list(watches)
    if pose:
        streams.append(StreamInfo("pose", StreamKind.POSE, ("x", "y", "z"), "m", 20.0, layout=pose))
    manifest = TakeManifest(
        subject=subject,
        session=session,
        name=folder.name,
        state=TakeState.RECORDING,
        start=WallAnchor(100.0, "2026-11-22T12:00:00.000+00:00"),
        streams=tuple(streams),
    )
    writer = TakeWriter.create(folder, manifest, durable=False)
    times = 100.0 + np.arange(101) / 50
    for info in watches:
        sign = -1.0 if info.name == "watch-left" else 1.0
        values = np.stack([sign * np.arange(101), np.zeros(101), np.full(101, 9.81)], axis=1)
        writer.add_samples(info.name, times, values.astype(np.float32))
    if pose:
        from pskd.skeleton import layout

        shape = layout(pose)
        frames = np.zeros((41, len(shape.joints), 3), np.float32)
        frames[:, :, :] = np.array(shape.up, np.float32) * np.linspace(1.8, 0.0, len(shape.joints))[:, None]
        frames[:, :, 0] += 0.25
        frames[30:, 0] = np.nan
        writer.add_samples("pose", 100.0 + np.arange(41) / 20, frames)
    if segments is None:
        segments = [Segment(0.5, 1.5, label)] if label else []
    return writer.finish(state=state, segments=segments)
