"""The parts of a small take, made the same way each time."""

from __future__ import annotations

import numpy as np

from pskd.clock import WallAnchor
from pskd.recording.take import TakeManifest, TakeState
from pskd.types import PoseFrame, SampleBlock, StreamInfo, StreamKind

START_S = 1000.0
WATCH = StreamInfo("watch", StreamKind.ACCELEROMETER, ("x", "y", "z"), "m/s^2", 50.0, "sim:squat", simulated=True)
POSE = StreamInfo("pose", StreamKind.POSE, (), "m", 30.0, "sim:", layout="mediapipe-33", simulated=True)


def manifest(*streams: StreamInfo) -> TakeManifest:
    return TakeManifest(
        subject="01",
        session="s1",
        name="take-001_squat",
        state=TakeState.RECORDING,
        start=WallAnchor(START_S, "2026-01-01T00:00:00.000+00:00"),
        streams=streams or (WATCH, POSE),
    )


def block(number: int, samples: int = 5) -> SampleBlock:
    values = np.arange(samples * 3, dtype=np.float32).reshape(samples, 3) + number
    device_s = 7.0 + (number * samples + np.arange(samples)) / 50.0
    return SampleBlock("watch", START_S + 0.1 * (number + 1) + 0.003, values, device_s, number)


def frame(number: int) -> PoseFrame:
    rng = np.random.default_rng(number)
    world = rng.normal(size=(33, 3)).astype(np.float32)
    image = rng.uniform(size=(33, 2)).astype(np.float32)
    return PoseFrame(START_S + number / 30, number, world, image, rng.uniform(size=33).astype(np.float32), 1)
