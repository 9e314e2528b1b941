"""``webcam:N[?width=640&height=480&rate=30&latency_ms=50]``: a camera of this computer.

**Latency.** A picture is grabbed some time after its light fell in, and a stamp is to say when that was. Where the
driver says when the picture began to arrive (V4L2 does, on the very clock that is used here), the stamp is that moment
less half a picture's period, the middle of the exposure. Elsewhere it is the grab less one and a half periods: half a
period of exposure, one to read the picture out and send it. Both are what a USB camera does at full exposure, not a
measurement of this one: a gesture in the take measures what is left, and ``latency_ms`` takes a figure of your own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from pskd.clock import now_s
from pskd.errors import PskdError, WrongUse
from pskd.uri import DeviceUri, check_options
from pskd.vision import opencv
from pskd.vision.base import Camera, CameraFacts, CameraLost, Resume, Shot
from pskd.vision.cameras import CAMERAS
from pskd.vision.listing import linux_webcams

EXPOSURE = 0.5  # of a picture's period, from the middle of the exposure to its end
READ_OUT = 1.0  # of a picture's period, from there to the grab
MOST_LATENCY_S = 0.5  # a driver that tells of more counts on another clock
_MAX_PROBED = 6  # Windows and macOS offer no list; so many numbers are tried


def list_webcams() -> list[dict[str, str]]:
    """The cameras of this computer as ``{"uri": "webcam:0", "name": "..."}``."""
    if sys.platform == "linux":
        return linux_webcams()
    return [{"uri": f"webcam:{n}", "name": f"Camera {n}"} for n in range(_MAX_PROBED) if _opens(n)]


def _opens(number: int) -> bool:
    capture = opencv.load().VideoCapture(number)
    opened = bool(capture.isOpened())
    capture.release()
    return opened


@CAMERAS.register("webcam")
class Webcam(Camera):
    """A camera that the system knows by number.

    Raises:
        WrongUse: the number or an option is none.
    """

    def __init__(self, uri: DeviceUri) -> None:
        super().__init__(uri)
        check_options(uri, ("width", "height", "rate", "latency_ms"))
        if not (uri.path or "0").isdecimal() or len(uri.path) > 3:
            raise WrongUse(f"{uri.path!r} is not the number of a camera.", code="camera.uri", hint="Example: webcam:0")
        self.index = int(uri.path or "0")
        self._width = uri.number("width", 640, low=16, high=8192)
        self._height = uri.number("height", 480, low=16, high=8192)
        self._rate_hz = uri.number("rate", 30, low=1, high=240)
        own_ms = uri.number("latency_ms", -1, low=-1, high=1000 * MOST_LATENCY_S)
        self._own_latency_s = own_ms / 1000 if own_ms >= 0 else None
        self._capture: Any = None
        self._cv2: Any = None
        self._number = -1

    def open(self, resume: Resume | None = None) -> CameraFacts:
        """Open the camera and ask it for the wanted size and rate.

        Raises:
            PskdError: there is no such camera, or another program has it.
        """
        self._check_present()
        self._cv2 = opencv.load()
        cv2, self._capture = self._cv2, self._new_capture()
        if not self._capture.isOpened():
            raise PskdError(
                f"Camera {self.index} cannot be opened.",
                code="camera.busy",
                hint="Close other programs that use it, and check that this program may use the camera.",
            )
        for key, value in (
            (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),  # raw pictures do not fit USB 2 at 30 a second
            (cv2.CAP_PROP_FRAME_WIDTH, self._width),
            (cv2.CAP_PROP_FRAME_HEIGHT, self._height),
            (cv2.CAP_PROP_FPS, self._rate_hz),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            self._capture.set(key, value)
        rate_hz = float(self._capture.get(cv2.CAP_PROP_FPS))
        self._rate_hz = rate_hz if 1 <= rate_hz <= 240 else self._rate_hz
        self.glimpse = self._take().picture
        self._number = -1
        height, width = self.glimpse.shape[:2]
        return CameraFacts(width, height, self._rate_hz, latency_s=self._latency_s(now_s()))

    def grab(self) -> Shot | None:
        """The next picture; its stamp is the moment the driver hands it over, less the latency.

        Raises:
            CameraLost: unplugged, or it sends nothing.
        """
        return None if self.interrupted.is_set() else self._take()

    def close(self) -> None:
        """Give the camera back."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _take(self) -> Shot:
        if not self._capture.grab():
            raise CameraLost(f"Camera {self.index} sends no pictures.")
        grabbed_s = now_s()
        stamp_s = grabbed_s - self._latency_s(grabbed_s)
        whole, picture = self._capture.retrieve()
        if not whole or picture is None:
            raise CameraLost(f"Camera {self.index} sends no pictures.")
        self._number += 1
        return Shot(stamp_s, self._number, self._cv2.cvtColor(picture, self._cv2.COLOR_BGR2RGB))

    def _latency_s(self, grabbed_s: float) -> float:
        """From the middle of the exposure to the grab of the newest picture; see the top of this file."""
        if self._own_latency_s is not None:
            return self._own_latency_s
        driver_s = float(self._capture.get(self._cv2.CAP_PROP_POS_MSEC)) / 1000 if sys.platform == "linux" else 0.0
        since_s = grabbed_s - driver_s if driver_s > 0 else -1.0
        read_out_s = since_s if 0 <= since_s <= MOST_LATENCY_S else READ_OUT / self._rate_hz
        return read_out_s + EXPOSURE / self._rate_hz

    def _check_present(self) -> None:
        node = Path(f"/dev/video{self.index}")
        if sys.platform != "linux" or os.access(node, os.R_OK | os.W_OK):
            return
        if node.exists():
            raise PskdError(
                f"This account may not use camera {self.index}.",
                code="camera.permission",
                hint="Add it to the group 'video' and log in again.",
            )
        known = ", ".join(f"{camera['uri']} ({camera['name']})" for camera in list_webcams())
        raise PskdError(
            f"There is no camera {self.index} on this computer.",
            code="camera.missing",
            hint=f"Known: {known}." if known else "Plug one in, or use video:PATH or sim:.",
        )

    def _new_capture(self) -> Any:
        cv2 = self._cv2
        backend = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
        return cv2.VideoCapture(self.index, backend.get(sys.platform, cv2.CAP_ANY))
