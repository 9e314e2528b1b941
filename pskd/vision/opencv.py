"""OpenCV, loaded only by the process that needs it and told to keep its messages to itself."""

from __future__ import annotations

import os
from typing import Any


def load() -> Any:
    """The ``cv2`` module; quiet, one thread, films decoded without a word on stderr."""
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    import cv2

    cv2.setNumThreads(1)
    return cv2
