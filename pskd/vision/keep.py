"""Keeps the camera's pictures as a film beside a take, where the people in it have agreed to that.

A take is landmarks alone unless this is asked for. The film is Motion JPEG in an AVI, which needs no further encoder
and of which every picture stands alone; ``film_times.csv`` says when each was taken, for a film has one constant rate
and a camera does not.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from pathlib import Path
from typing import Any, TextIO

from pskd.errors import PskdError
from pskd.vision import opencv
from pskd.vision.base import Shot

log = logging.getLogger(__name__)

FILM_NAME = "film"
DEPTH = 60  # pictures that wait for the disk; further ones are left out and counted
QUALITY = 90


class FilmKeeper:
    """Writes pictures on a thread of its own, so that neither camera nor pose model waits for the disk.

    Args:
        folder: the take's folder; a film that is there already is left alone, and this one gets a number.
        start_s: the take's start on the shared clock; earlier pictures are left out, and times count from it.
        rate_hz: nominal rate, for players.

    Attributes:
        path: the film.
        frames: pictures written.
        dropped: pictures that the disk was too slow for.
        problem: why writing stopped; empty while all is well.
    """

    def __init__(self, folder: Path, start_s: float, rate_hz: float) -> None:
        self.path = _free(folder)
        self.frames = self.dropped = 0
        self.problem = ""
        self._start_s, self._rate_hz = start_s, rate_hz
        self._shape: tuple[int, ...] = ()
        self._waiting: queue.Queue[Shot | None] = queue.Queue(DEPTH)
        self._thread = threading.Thread(target=self._run, name="film", daemon=True)
        self._thread.start()

    def put(self, shot: Shot) -> None:
        """Offer a picture; never waits."""
        if shot.grab_s < self._start_s or self.problem:
            return
        try:
            self._waiting.put_nowait(shot)
        except queue.Full:
            self.dropped += 1

    def close(self) -> dict[str, Any]:
        """Write what waits and close the file; returns ``film frames dropped problem``."""
        self._waiting.put(None)
        self._thread.join()
        return {"film": self.path.name, "frames": self.frames, "dropped": self.dropped, "problem": self.problem}

    def _run(self) -> None:
        writer: Any = None
        try:
            with self.path.with_name(f"{self.path.stem}_times.csv").open("w", newline="\n") as times:
                times.write("frame,number,t_s\n")
                while (shot := self._waiting.get()) is not None:
                    writer = writer or self._writer(shot)
                    self._write(writer, shot, times)
        except Exception as error:  # also OpenCV's own: a film that ends unnoticed would hold up whoever closes it
            self._give_up(error)
        finally:
            if writer is not None:
                writer.release()

    def _give_up(self, error: Exception) -> None:
        """Say why, and take the rest off the queue, so that nobody waits."""
        if isinstance(error, PskdError):
            self.problem = str(error)
        elif isinstance(error, OSError):
            what = (error.strerror or str(error)).lower()
            self.problem = f"{error.filename or self.path} cannot be written: {what}."
        else:
            log.error("the film %s ends early", self.path, exc_info=error)
            self.problem = "A picture could not be written."
        while self._waiting.get() is not None:
            pass

    def _writer(self, shot: Shot) -> Any:
        cv2 = opencv.load()
        height, width, _ = self._shape = shot.picture.shape
        kind = cv2.VideoWriter.fourcc(*"MJPG")
        writer = cv2.VideoWriter(str(self.path), cv2.CAP_OPENCV_MJPEG, kind, self._rate_hz, (width, height))
        if not writer.isOpened():
            raise PskdError(f"The film {self.path} cannot be written.", code="film.write")
        writer.set(cv2.VIDEOWRITER_PROP_QUALITY, QUALITY)
        return writer

    def _write(self, writer: Any, shot: Shot, times: TextIO) -> None:
        if shot.picture.shape != self._shape:
            text = "The camera gave pictures of another size on the way, which one film cannot hold."
            raise PskdError(text, code="film.size")
        cv2 = opencv.load()
        writer.write(cv2.cvtColor(shot.picture, cv2.COLOR_RGB2BGR))
        times.write(f"{self.frames},{shot.number},{shot.grab_s - self._start_s:.6f}\n")
        times.flush()
        self.frames += 1


def _free(folder: Path) -> Path:
    """The first name that is not taken: a camera process that was started again must not write over its film."""
    number = 1
    while os.path.lexists(path := folder / f"{FILM_NAME}{'' if number == 1 else f'-{number}'}.avi"):
        number += 1
    return path
