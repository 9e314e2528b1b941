"""SensorServer, an Android and Wear OS app that serves a device's sensors over WebSocket.

Protocol from its source (github.com/umer0586/SensorServer): one sensor at ``/sensor/connect?type=TYPE``, several at
``/sensors/connect?types=[...]``; each message is ``{"values": [...], "timestamp": ns, "accuracy": n}``, and with
several sensors ``"type"`` too. Values are Android's: m/s^2 and rad/s; the time is nanoseconds since the device started.
"""

from __future__ import annotations

import json
from urllib.parse import quote, urlsplit

import msgspec

from pskd.devices.network.readings import DEG_PER_RAD, read_json, samples
from pskd.devices.protocols.base import Malformed, Samples
from pskd.errors import PskdError, WrongUse
from pskd.types import StreamKind

PORT = 8080
ACCELEROMETER = "android.sensor.accelerometer"
GYROSCOPE = "android.sensor.gyroscope"
TYPES = (ACCELEROMETER, "android.sensor.accelerometer_uncalibrated", "android.sensor.linear_acceleration")
MAX_MESSAGE = 1 << 16

_CLOSED = {
    4001: ("That device has no such sensor.", "Look at Available Sensors in the app, and say type=... of one of them."),
    4002: ("What answers is no SensorServer that streams sensors.", "Look at the address and port that the app shows."),
    4004: ("SensorServer was stopped on the phone.", "Start it again."),
    4005: ("The connection was closed on the phone.", "Allow it in the app."),
}


class _Message(msgspec.Struct):
    values: list[float]
    timestamp: float
    type: str = ""


def address(path: str) -> tuple[str, int]:
    """Host and port of ``HOST[:PORT]``, or of a whole address that was copied from the app.

    Raises:
        WrongUse: it is neither.
    """
    wrong = WrongUse(
        f"ws:{path} names no phone.", code="device.uri", hint=f"Example: ws:192.168.0.102:{PORT}, as the app shows it."
    )
    try:
        parts = urlsplit(f"ws://{path.removeprefix('//')}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise wrong from error
    if not host or parts.username or parts.path not in ("", "/", "/sensor/connect") or not host.isprintable():
        raise wrong
    return host, PORT if port is None else port


def url(host: str, port: int, types: tuple[str, ...]) -> str:
    """Where one or several sensors are served."""
    base = f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}"
    if len(types) == 1:
        return f"{base}/sensor/connect?type={quote(types[0])}"
    return f"{base}/sensors/connect?types={quote(json.dumps(types, separators=(',', ':')))}"


def decode(message: str | bytes) -> Samples:
    """One message to one sample.

    Raises:
        Malformed: never anything else, whatever it is.
    """
    if len(message) > MAX_MESSAGE:
        raise Malformed(f"{len(message)} characters")
    content = read_json(message, _Message)
    if len(content.values) < 3:
        raise Malformed(f"{len(content.values)} values")
    x, y, z = content.values[:3]
    turning = content.type == GYROSCOPE
    kind = StreamKind.GYROSCOPE if turning else StreamKind.ACCELEROMETER
    return samples(kind, [(content.timestamp * 1e-9, x, y, z)], DEG_PER_RAD if turning else 1.0)


def why_closed(code: int) -> PskdError:
    """The error for a connection that the app closed."""
    message, hint = _CLOSED.get(code, ("The connection to the phone broke.", "Keep the app open and the phone near."))
    return PskdError(message, code=f"ws.closed-{code}" if code in _CLOSED else "ws.lost", hint=hint)
