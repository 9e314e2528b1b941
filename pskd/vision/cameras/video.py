"""``video:PATH[?loop=0&speed=1]``: a film, shown as if a camera were looking at it now."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from pskd.clock import now_s
from pskd.errors import BadFile, WrongUse
from pskd.uri import DeviceUri, check_options
from pskd.vision import film, opencv
from pskd.vision.base import Camera, CameraFacts, Resume, Shot
from pskd.vision.cameras import CAMERAS

_SLICE_S = 0.05  # how long an interrupt may go unnoticed
_CATCH_UP_S = 0.5  # so long pictures are left out before a late one is shown all the same
_MOST_DAMAGED = 300  # so many pictures in a row are passed over where they cannot be decoded
_SEEK_S = 5.0  # a shorter way is walked picture by picture


@CAMERAS.register("video")
class Video(Camera):
    """A film file.

    A shot's stamp is the film's own time of that picture, counted from the moment the film started. ``speed=1``
    shows the film at its true rate and leaves out pictures rather than lag; ``speed=0`` gives every picture as fast
    as it is taken, with the stamps of speed 1. ``loop=1`` starts again at the end.

    Raises:
        WrongUse: no path, or an option out of its bounds.
    """

    def __init__(self, uri: DeviceUri) -> None:
        super().__init__(uri)
        check_options(uri, ("loop", "speed"))
        if not uri.path:
            raise WrongUse("video: needs the path of a film.", code="camera.uri", hint="Example: video:squats.mp4")
        self.path = Path(uri.path).expanduser().absolute()
        self._loop = uri.number("loop", 0, low=0, high=1) == 1
        self._speed = uri.number("speed", 1, low=0, high=100)
        self._capture: Any = None
        self._cv2: Any = None
        self._rate_hz = 0.0
        self._first_s: float | None = None
        self._round_s = 0.0  # where this round of the film begins on the film's time line
        self._film_s = -1.0
        self._number = -1
        self._damaged = 0
        self._after_s = -math.inf

    def open(self, resume: Resume | None = None) -> CameraFacts:
        """Open the film and look at its first picture.

        Raises:
            BadFile: missing, empty, cut off, no film, or of absurd size.
        """
        film.check(self.path)
        self._cv2 = opencv.load()
        self._reopen()
        width, height = self._picture_size()
        if resume is not None:
            self._resume(resume)
        return CameraFacts(width, height, self._rate_hz, live=self._speed > 0)

    def grab(self) -> Shot | None:
        """The next picture that is due; None at the end.

        Raises:
            BadFile: the film stops before the end that it announces.
        """
        if self.origin_s is None:
            self.origin_s = now_s()
        give_up_s = now_s() + _CATCH_UP_S
        while not self.interrupted.is_set():
            if not self._advance():
                return None
            stamp_s = self._stamp_s()
            late = self._speed > 0 and stamp_s + self._period_s() < now_s() < give_up_s
            if stamp_s <= self._after_s or late:
                continue
            shot = self._retrieve(stamp_s)
            if shot is not None and self._wait(stamp_s):
                return shot
        return None

    def close(self) -> None:
        """Close the file."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _reopen(self) -> None:
        self.close()
        cv2 = self._cv2
        settings = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 10_000, cv2.CAP_PROP_N_THREADS, 1]
        self._capture = cv2.VideoCapture(str(self.path), cv2.CAP_FFMPEG, settings)
        if not self._capture.isOpened():
            raise BadFile(self.path, "it cannot be read as a film", code="film.unreadable")
        rate_hz = float(self._capture.get(cv2.CAP_PROP_FPS))
        if not 0.1 <= rate_hz <= 1000:
            raise BadFile(self.path, "it does not say how many pictures a second it has", code="film.rate")
        self._rate_hz = rate_hz
        film.check_size(
            self.path,
            int(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        )

    def _picture_size(self) -> tuple[int, int]:
        """Size of the first picture as it will be shown (a phone's film may be turned), then back to the start."""
        whole, picture = self._capture.read()
        if not whole or picture is None:
            raise BadFile(self.path, "no picture in it can be read", code="film.unreadable")
        self._reopen()
        self.glimpse = self._cv2.cvtColor(picture, self._cv2.COLOR_BGR2RGB)
        height, width = picture.shape[:2]
        return width, height

    def _resume(self, resume: Resume) -> None:
        self.origin_s, self._after_s = resume.origin_s, resume.grab_s
        now_on_film_s = (now_s() - resume.origin_s) * self._speed if self._speed else 0.0
        if now_on_film_s > _SEEK_S and not self._loop:
            self._capture.set(self._cv2.CAP_PROP_POS_MSEC, (now_on_film_s - 1.0) * 1000)
            self._first_s = 0.0
            self._number = round(float(self._capture.get(self._cv2.CAP_PROP_POS_FRAMES))) - 1

    def _advance(self) -> bool:
        """Go to the next picture without decoding it into an array; False at the end."""
        missed = self._pass_over_damage()
        if missed is None:
            if not self._ended() or not self._capture.grab():
                return False
            missed = 0
        self._number += 1 + missed
        own_s = float(self._capture.get(self._cv2.CAP_PROP_POS_MSEC)) * 1e-3
        if self._first_s is None:
            self._first_s = own_s
        at_s = self._round_s + own_s - self._first_s
        if not at_s > self._film_s:  # broken or missing times: fall back on the nominal rate
            at_s = self._film_s + 1 / self._rate_hz
        self._film_s = at_s
        return True

    def _pass_over_damage(self) -> int | None:
        """Go to the next picture that can be decoded: how many could not; None where there is none any more."""
        if self._capture.grab():
            return 0
        left = int((self._announced_s() - self._shown_s()) * self._rate_hz)
        missed = next((n for n in range(1, min(left, _MOST_DAMAGED) + 1) if self._capture.grab()), None)
        if missed is not None:
            self._damaged += missed
            count = f"{self._damaged} pictures are" if self._damaged > 1 else "1 picture is"
            self.fault = f"The film {self.path.name} is damaged: {count} left out."
        return missed

    def _announced_s(self) -> float:
        """Length of one round, as the file says."""
        return float(self._capture.get(self._cv2.CAP_PROP_FRAME_COUNT)) / self._rate_hz

    def _shown_s(self) -> float:
        """How much of this round has been shown."""
        return self._film_s + 1 / self._rate_hz - self._round_s

    def _ended(self) -> bool:
        """At the end: refuse half a film, then go back to the start if the film is to be repeated."""
        announced_s, shown_s = self._announced_s(), self._shown_s()
        if shown_s < 0.9 * announced_s - 0.5:
            raise film.cut_off(self.path, f"it stops after {shown_s:.1f} of {announced_s:.1f} seconds")
        if not self._loop:
            return False
        self._round_s = self._film_s + 1 / self._rate_hz
        self._first_s = None
        self._reopen()
        return True

    def _stamp_s(self) -> float:
        assert self.origin_s is not None
        return self.origin_s + self._film_s / (self._speed or 1.0)

    def _period_s(self) -> float:
        return 1 / (self._rate_hz * (self._speed or 1.0))

    def _retrieve(self, stamp_s: float) -> Shot | None:
        whole, picture = self._capture.retrieve()
        if not whole or picture is None:
            return None
        film.check_size(self.path, picture.shape[1], picture.shape[0])
        return Shot(stamp_s, self._number, self._cv2.cvtColor(picture, self._cv2.COLOR_BGR2RGB))

    def _wait(self, stamp_s: float) -> bool:
        """Sleep until the picture is due; False where interrupted."""
        while self._speed and (left_s := stamp_s - now_s()) > 0:
            if self.interrupted.wait(min(left_s, _SLICE_S)):
                return False
        return not self.interrupted.is_set()
