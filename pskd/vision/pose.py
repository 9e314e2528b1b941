"""MediaPipe's PoseLandmarker on one person, and a slower look for further people. Models are read from ``assets``.

Bazarevsky et al., BlazePose: On-device Real-time Body Pose Tracking, 2020 (arXiv:2006.10204).
"""

from __future__ import annotations

import math
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from pskd import assets
from pskd.clock import now_s
from pskd.errors import PskdError, WrongUse
from pskd.types import FloatArray, PoseFrame
from pskd.vision.base import Picture, Shot

MODELS = ("lite", "full", "heavy")
JOINTS = 33
COUNT_EVERY_S = 1.0
COVER_MARGIN = (0.12, 0.08)  # of the box around the landmarks: hair, hands and feet reach beyond them
_COUNT_FRESH_S = 3.0


def installed_models() -> tuple[str, ...]:
    """The pose models that are there. Heavy is three times as large as full and is not shipped: it would have to be
    built first, with ``packaging/build_pose_models.py --heavy``; the package of MediaPipe itself brings none.
    """
    return tuple(model for model in MODELS if _file(model).is_file())


def _file(model: str) -> Path:
    return assets.path("models") / f"pose_landmarker_{model}.task"


def _landmarker(model: str, *, video: bool, people: int) -> Any:
    """A PoseLandmarker.

    Raises:
        WrongUse: there is no such model.
        PskdError: its file is missing or damaged.
    """
    if model not in MODELS:
        raise WrongUse(f"There is no pose model called {model!r}.", hint=f"Known: {', '.join(MODELS)}.")
    try:
        content = assets.path("models", f"pose_landmarker_{model}.task").read_bytes()
    except PskdError as error:
        if model != "heavy":
            raise
        hint = "Use the model full, or build heavy with packaging/build_pose_models.py --heavy."
        raise PskdError("The pose model heavy is not installed.", code="pose.model", hint=hint) from error
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=content),  # not the path: on Windows it may not be ASCII
        running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
        num_poses=people,
    )
    try:
        return vision.PoseLandmarker.create_from_options(options)
    except (RuntimeError, ValueError) as error:
        raise PskdError(f"The pose model {model} cannot be used: {error}", code="pose.model") from error


def _as_image(picture: Picture) -> Any:
    import mediapipe

    return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(picture))


class PoseEstimator:
    """Follows one person through a film or a live camera. Use it in a ``with`` block: it must be closed.

    Args:
        model: ``lite``, ``full`` or ``heavy``.

    Attributes:
        busy_since_s: when the running call began, for a watchdog; None between calls.
    """

    def __init__(self, model: str) -> None:
        self._landmarker = _landmarker(model, video=True, people=1)
        self._last_ms = -1
        self._origin_s: float | None = None
        self.busy_since_s: float | None = None

    def __enter__(self) -> PoseEstimator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the model."""
        self._landmarker.close()

    def warm_up(self, picture: Picture) -> None:
        """Run once before it counts, so that the first shot is not the slow one."""
        self._landmarker.detect_for_video(_as_image(picture), 0)
        self._last_ms = 0

    def estimate(self, shot: Shot) -> PoseFrame:
        """The landmarks of a shot, NaN where nobody is seen; ``people`` is 0 or 1."""
        self.busy_since_s = now_s()
        try:
            found = self._landmarker.detect_for_video(_as_image(shot.picture), self._milliseconds(shot.grab_s))
        finally:
            self.busy_since_s = None
        if not found.pose_world_landmarks:
            return nobody(shot.grab_s, shot.number)
        world, image = found.pose_world_landmarks[0], found.pose_landmarks[0]
        return PoseFrame(
            shot.grab_s,
            shot.number,
            np.array([(joint.x, joint.y, joint.z) for joint in world], np.float32),
            np.array([(joint.x, joint.y) for joint in image], np.float32),
            np.array([joint.visibility for joint in image], np.float32),
            1,
        )

    def _milliseconds(self, grab_s: float) -> int:
        """Whole milliseconds from the first shot, strictly increasing, as the landmarker demands."""
        if self._origin_s is None:
            self._origin_s = grab_s
        self._last_ms = max(self._last_ms + 1, round((grab_s - self._origin_s) * 1000))
        return self._last_ms


class PeopleCounter:
    """Looks once a second, on its own thread, whether somebody else is in the picture.

    The person who is followed is covered with grey, and whoever is found then is another one. Following two people in
    every picture would cost nearly twice the time, and misses small ones; this costs a few percent of one core.
    """

    def __init__(self) -> None:
        self._landmarker = _landmarker("lite", video=False, people=1)
        self._newest: tuple[Picture, PoseFrame] | None = None
        self._counted = (0, -math.inf)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="people", daemon=True)
        self._thread.start()

    def offer(self, picture: Picture, frame: PoseFrame) -> None:
        """The newest picture and the person who was found in it; looked at or not."""
        self._newest = picture, frame

    def people(self) -> int:
        """How many people (1 or 2) were there at the last look; 0 where that was too long ago."""
        count, at_s = self._counted
        return count if now_s() - at_s < _COUNT_FRESH_S else 0

    def close(self) -> None:
        """End the thread and free its model."""
        self._stop.set()
        self._thread.join(5.0)

    def _run(self) -> None:
        with self._landmarker as landmarker:
            while not self._stop.wait(COUNT_EVERY_S):
                newest, self._newest = self._newest, None
                if newest is not None:
                    others = landmarker.detect(_as_image(covered(*newest))).pose_landmarks
                    self._counted = (1 + len(others), now_s())


def covered(picture: Picture, frame: PoseFrame) -> Picture:
    """A copy of the picture in which the found person is a grey box."""
    height, width = picture.shape[:2]
    low, high = frame.image.min(axis=0), frame.image.max(axis=0)
    margin = (high - low) * COVER_MARGIN
    left, top = np.clip(low - margin, 0, 1) * (width, height)
    right, bottom = np.clip(high + margin, 0, 1) * (width, height)
    result = picture.copy()
    result[int(top) : int(bottom) + 1, int(left) : int(right) + 1] = 127
    return result


def nobody(grab_s: float, number: int) -> PoseFrame:
    """A frame in which nobody is seen."""
    return PoseFrame(grab_s, number, _nan(JOINTS, 3), _nan(JOINTS, 2), np.zeros(JOINTS, np.float32), 0)


def _nan(*shape: int) -> FloatArray:
    return np.full(shape, np.nan, np.float32)
