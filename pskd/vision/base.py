"""What a camera source is: it opens, gives one shot after the other, and can be closed from another thread."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pskd.errors import PskdError
from pskd.types import PoseFrame
from pskd.uri import DeviceUri

Picture = NDArray[np.uint8]


class CameraLost(PskdError):
    """A camera that was working stopped; opening it again may help."""

    def __init__(self, message: str, *, hint: str = "Check its cable. It is tried again every second.") -> None:
        super().__init__(message, code="camera.lost", hint=hint)


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What an opened camera gives.

    Attributes:
        width: of its pictures, in pixels.
        height: of its pictures, in pixels.
        rate_hz: nominal pictures a second.
        layout: name of the joint layout of its poses in :mod:`pskd.skeleton`.
        simulated: no hardware is involved; the window says so.
        own_pose: its shots carry landmarks, so that no pose model is needed.
        live: a shot that nobody took in time is dropped; otherwise it waits.
        latency_s: from the light to the grab, as it is taken off every stamp; 0 where stamps are true anyway.
    """

    width: int
    height: int
    rate_hz: float
    layout: str = "mediapipe-33"
    simulated: bool = False
    own_pose: bool = False
    live: bool = True
    latency_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture.

    Attributes:
        grab_s: when it was taken, shared monotonic clock: the moment of the grab less the camera's latency; for a film,
            the film's own time laid on that clock.
        number: position in the source, from 0; a jump means that the source left pictures out.
        picture: ``(H, W, 3)`` uint8 RGB.
        pose: the landmarks, where the source knows them.
    """

    grab_s: float
    number: int
    picture: Picture
    pose: PoseFrame | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Where an earlier process got to, for a source with a time line of its own.

    Attributes:
        origin_s: when the source started, shared monotonic clock.
        grab_s: stamp of the last shot; the next one is later.
    """

    origin_s: float
    grab_s: float


class Camera(ABC):
    """One camera source. A subclass is registered under its URI scheme in :data:`pskd.vision.cameras.CAMERAS`.

    The constructor checks the URI and opens nothing. ``open``, ``grab`` and ``close`` are called by one thread,
    ``interrupt`` and ``command`` by any.

    Attributes:
        origin_s: when the source's own time line started; None before the first shot, or where there is none.
        glimpse: a picture that was seen while opening, for the pose model to warm up on; or None.
        fault: what is wrong with the source though it goes on, in a sentence; empty where all is well.
    """

    def __init__(self, uri: DeviceUri) -> None:
        self.uri = uri
        self.glimpse: Picture | None = None
        self.fault = ""
        self.origin_s: float | None = None
        self.interrupted = threading.Event()

    @abstractmethod
    def open(self, resume: Resume | None = None) -> CameraFacts:
        """Open the source.

        Raises:
            PskdError: it cannot be used, with what to do.
        """

    @abstractmethod
    def grab(self) -> Shot | None:
        """Wait for the next shot; None where the source has ended or was interrupted. Stamps strictly increase.

        Raises:
            CameraLost: the camera went away.
            PskdError: it failed for good.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the source; may be called twice."""

    def interrupt(self) -> None:
        """Let a waiting :meth:`grab` return soon."""
        self.interrupted.set()

    def command(self, name: str, arguments: dict[str, object]) -> None:
        """A hint from the recorder, such as ``perform`` with ``label`` and ``t_s``; ignored by real cameras."""
