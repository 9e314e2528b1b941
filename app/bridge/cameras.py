"""The cameras of this computer, listed without opening one in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.bridge.sources import SIMULATED, Choice

if TYPE_CHECKING:
    from app.bridge.tasks import Tasks
    from pskd.config import Settings

Listed = list[dict[str, str]]


class Cameras(QObject):
    """Linux says at once which cameras there are; elsewhere the vision child looks, and tells some seconds later.

    Args:
        tasks: runs what may wait.
        look: lists the cameras off the window's thread; None reads the list of this Linux.

    Signals:
        changed: others are offered now.
    """

    changed = Signal()

    def __init__(self, tasks: Tasks, look: Callable[[], Listed] | None) -> None:
        super().__init__(tasks)
        self._tasks, self._look = tasks, look
        self._found: Listed | None = None
        self._looking = False

    def choices(self) -> list[Choice]:
        """What can be chosen as a camera now; opens nothing and never waits."""
        if self._look is None:
            from pskd.vision.listing import linux_webcams

            self._found = linux_webcams()
        elif self._found is None:
            self.refresh()
        webcams = [Choice(entry["uri"], entry["name"], "camera", entry["uri"]) for entry in self._found or []]
        person = Choice(SIMULATED, "Simulated person", "person", "Nobody is filmed; a drawn person moves.")
        return [person, *webcams, Choice("", "No camera", "cross", "Record the watch alone.")]

    def refresh(self) -> None:
        """Look again; ``changed`` tells."""
        if self._look is not None and not self._looking:
            self._looking = True
            self._tasks.run(self._look, self._listed, self._not_listed)

    def _listed(self, found: Listed) -> None:
        self._looking = False
        if found != self._found:
            self._found = found
            self.changed.emit()

    def _not_listed(self, error: Exception) -> None:
        """A camera may be there all the same: the first one can be tried."""
        self._listed(self._found or [{"uri": "webcam:0", "name": "Webcam 0"}])


def asked(settings: Settings) -> str:
    """The camera of the settings with the size and rate that a webcam is asked for; it gives what it can."""
    uri = settings.camera
    if not uri.startswith("webcam:") or "?" in uri:
        return uri
    width, height = settings.camera_size
    return f"{uri}?width={width}&height={height}&rate={settings.camera_rate_hz}"


def looker() -> Callable[[], Listed] | None:
    """How cameras are found on this system."""
    return None if sys.platform == "linux" else _ask_child


def _ask_child() -> Any:
    from pskd.vision.client import list_cameras

    return list_cameras()
