"""How each kind of stream lies in ``raw.xdf``: columns of a row, and how rows become stream data again."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pskd import skeleton
from pskd.recording.xdf import Column, XdfStream
from pskd.types import FloatArray, PoseFrame, SampleBlock, StreamInfo, StreamKind, TimeArray

MARKERS = StreamInfo("markers", StreamKind.MARKERS, ("marker",), "", 0.0)

POSE_CHANNELS = ("x", "y", "z", "visibility", "u", "v")
POSE_CHANNELS_NO_PICTURE = ("x", "y", "z", "visibility")
CLOCKS = ("device_s", "arrival_s")

_TYPES = {
    StreamKind.ACCELEROMETER: ("Accelerometer", "ACC"),
    StreamKind.GYROSCOPE: ("Gyroscope", "GYRO"),
    StreamKind.POSE: ("MoCap", ""),
    StreamKind.MARKERS: ("Markers", "Marker"),
}
_POSE_COLUMNS = {
    "x": ("m", "PositionX"),
    "y": ("m", "PositionY"),
    "z": ("m", "PositionZ"),
    "visibility": ("", "Confidence"),
    "u": ("normalized", "ImageX"),
    "v": ("normalized", "ImageY"),
}

Rows = NDArray[np.float64] | NDArray[np.float32]


def pose_channels(info: StreamInfo) -> tuple[str, ...]:
    """The columns of one joint: without ``u v`` where the stream says that there is no picture."""
    no_picture = "u" not in info.channels and tuple(info.channels[:3]) == ("x", "y", "z")
    return POSE_CHANNELS_NO_PICTURE if no_picture else POSE_CHANNELS


@lru_cache(maxsize=64)
def xdf_stream(info: StreamInfo) -> XdfStream:
    """The stream header for a stream of a take.

    Raises:
        WrongUse: a pose stream names an unknown joint layout.
    """
    kind, channel_type = _TYPES[info.kind]
    facts = (
        ("kind", info.kind.value),
        ("unit", info.unit),
        ("source", info.source),
        ("layout", info.layout),
        ("simulated", "true" if info.simulated else "false"),
    )
    if info.kind == StreamKind.MARKERS:
        columns = tuple(Column(name, "", channel_type) for name in info.channels)
        return XdfStream(info.name, kind, columns, 0.0, "string", facts)
    if info.kind == StreamKind.POSE:
        return XdfStream(info.name, kind, _pose_columns(info), info.rate_hz, "float32", facts)
    columns = (
        *(Column(name, info.unit, channel_type) for name in info.channels),
        *(Column(name, "s", "Clock") for name in CLOCKS),
    )
    return XdfStream(info.name, kind, columns, info.rate_hz, "double64", facts)


def _pose_columns(info: StreamInfo) -> tuple[Column, ...]:
    joints = skeleton.layout(info.layout).joints
    return tuple(
        Column(f"{joint}_{channel}", *_POSE_COLUMNS[channel]) for joint in joints for channel in pose_channels(info)
    )


def block_rows(info: StreamInfo, block: SampleBlock) -> tuple[TimeArray, Rows]:
    """Time stamps ``(T,)`` and rows ``(T, C + 2)`` of one packet.

    The newest sample is stamped with the packet's arrival; the older ones lie before it by the device's own clock,
    or by the nominal rate where there is none. Samples that are not finite are left out.
    """
    values = np.asarray(block.values, np.float64)
    count = len(values)
    if block.device_s is not None:
        device = np.asarray(block.device_s, np.float64)
        before = device[-1:] - device
    else:
        device = np.full(count, np.nan)
        before = np.arange(count - 1, -1, -1) / info.rate_hz if info.rate_hz > 0 else np.zeros(count)
    times = block.arrival_s - before
    rows = np.column_stack([values, device, np.full(count, block.arrival_s)])
    good = np.isfinite(values).all(axis=1) & np.isfinite(times)
    return (times, rows) if good.all() else (times[good], rows[good])


def sample_rows(values: FloatArray, times_s: TimeArray, device_s: TimeArray | None) -> Rows:
    """Rows ``(T, C + 2)`` of samples whose times are known; their time counts as their arrival."""
    device = np.full(len(times_s), np.nan) if device_s is None else device_s
    return np.column_stack([np.asarray(values, np.float64), device, times_s])


def frame_rows(info: StreamInfo, frame: PoseFrame) -> Rows:
    """The row ``(1, V * 6)`` of one camera frame."""
    return pose_rows(info, frame.world_m[None], frame.visibility[None], frame.image[None])


def pose_rows(
    info: StreamInfo, pose_m: FloatArray, visibility: FloatArray | None = None, image: FloatArray | None = None
) -> Rows:
    """Rows of a pose stream, joint by joint.

    Args:
        info: the stream.
        pose_m: ``(F, V, 3)`` metres.
        visibility: ``(F, V)``; NaN is stored where it is not given.
        image: ``(F, V, 2)``; NaN is stored where the stream has room for it and it is not given.
    """
    frames, joints = pose_m.shape[:2]
    rows = np.full((frames, joints, len(pose_channels(info))), np.nan, np.float32)
    rows[..., :3] = pose_m
    if visibility is not None:
        rows[..., 3] = visibility
    if image is not None and rows.shape[-1] > 4:
        rows[..., 4:6] = image
    return rows.reshape(frames, -1)
