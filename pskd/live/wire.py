"""How blocks and predictions look on the line between the window and the live process: small, exact JSON."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np

from pskd.errors import PskdError
from pskd.types import FloatArray, Prediction, SampleBlock, TimeArray

MAX_SAMPLES = 100_000


def pack_block(block: SampleBlock) -> dict[str, Any]:
    """The fields of a ``block`` command."""
    device = None if block.device_s is None else np.asarray(block.device_s, dtype="<f8").tobytes()
    return {
        "values": np.ascontiguousarray(block.values, dtype="<f4").tobytes(),
        "device_s": device,
        "arrival_s": float(block.arrival_s),
    }


def unpack_block(command: dict[str, Any]) -> tuple[FloatArray, TimeArray | None, float]:
    """Values ``(T, 3)``, device times ``(T,)`` or None, and arrival of a ``block`` command.

    Raises:
        PskdError: it does not hold a block.
    """
    try:
        values = np.frombuffer(_bytes(command["values"]), dtype="<f4").reshape(-1, 3)
        device = command.get("device_s")
        times = None if device is None else np.frombuffer(_bytes(device), dtype="<f8")
        arrival_s = float(command["arrival_s"])
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise PskdError(f"A block of samples cannot be read: {error}.", code="live.block") from error
    if len(values) > MAX_SAMPLES or (times is not None and len(times) != len(values)) or not np.isfinite(arrival_s):
        raise PskdError("A block of samples does not hold together.", code="live.block")
    return values.astype(np.float32), None if times is None else times.astype(np.float64), arrival_s


def pack_prediction(prediction: Prediction, arrival_s: float) -> dict[str, Any]:
    """The fields of a ``prediction`` event."""
    return {
        "t_s": prediction.t_s,
        "signal_s": prediction.signal_s,
        "label": prediction.label,
        "confidence": prediction.confidence,
        "probabilities": np.asarray(prediction.probabilities, dtype="<f4").tobytes(),
        "latency_ms": prediction.latency_ms,
        "arrival_s": arrival_s,
    }


def unpack_prediction(event: dict[str, Any], received_s: float) -> Prediction:
    """The prediction of an event; its latency now counts the way between the processes too.

    Raises:
        PskdError: it does not hold a prediction.
    """
    try:
        return Prediction(
            t_s=float(event["t_s"]),
            label=str(event["label"]),
            confidence=float(event["confidence"]),
            probabilities=np.frombuffer(_bytes(event["probabilities"]), dtype="<f4").astype(np.float32),
            latency_ms=1000 * (received_s - float(event["arrival_s"])),
            signal_s=float(event["signal_s"]),
        )
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise PskdError(f"A prediction cannot be read: {error}.", code="live.prediction") from error


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("text is missing")
    return base64.b64decode(text, validate=True)
