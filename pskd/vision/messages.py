"""A pose frame as the fields of one event, compact enough for a pipe: about 1.2 kB a frame."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np

from pskd.errors import PskdError
from pskd.types import PoseFrame

_COLUMNS = 6  # world x y z, picture u v, visibility


def pack(frame: PoseFrame) -> dict[str, Any]:
    """The fields of a ``frame`` event."""
    table = np.concatenate([frame.world_m, frame.image, frame.visibility[:, None]], axis=1, dtype="<f4")
    return {
        "number": frame.number,
        "grab_s": frame.grab_s,
        "people": frame.people,
        "joints": base64.b64encode(table.tobytes()).decode("ascii"),
    }


def unpack(event: dict[str, Any]) -> PoseFrame:
    """Read :func:`pack` back.

    Raises:
        PskdError: the event is not such a frame.
    """
    try:
        table = np.frombuffer(base64.b64decode(event["joints"], validate=True), "<f4").reshape(-1, _COLUMNS)
        return PoseFrame(
            float(event["grab_s"]),
            int(event["number"]),
            np.ascontiguousarray(table[:, :3], np.float32),
            np.ascontiguousarray(table[:, 3:5], np.float32),
            np.ascontiguousarray(table[:, 5], np.float32),
            int(event["people"]),
        )
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise PskdError("The vision process sent something else than a frame.", code="vision.frame") from error
