"""Connects to watches and camera, and goes on without what fails where that is allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from pskd.devices.engine import DeviceEngine
from pskd.errors import PskdError
from pskd.recording.sources import CameraSource, Source, WatchSource


def open_sources(
    engine: DeviceEngine, watches: Sequence[WatchSource], camera: CameraSource | None, *, need_all: bool
) -> dict[str, PskdError]:
    """Connect and wait until all streams are known; the watches connect while the camera is opened.

    Args:
        engine: runs the watches.
        watches: none, one or two.
        camera: None where there is none, or where it is opened later.
        need_all: where False, a source that fails is closed and told, as long as another one stays open.

    Returns:
        Why a source was left out, by its name.

    Raises:
        PskdError: a source that is needed fails, or all of them do; what was opened stays so for the caller to close.
    """
    failures: dict[str, PskdError] = {}

    def attempt(source: Source, step: Callable[[], None]) -> None:
        if source.name in failures:
            return
        try:
            step()
        except PskdError as error:
            if need_all:
                raise
            failures[source.name] = error
            source.close()

    for watch in watches:
        attempt(watch, partial(watch.open, engine))
    if camera is not None:
        attempt(camera, camera.open)
        attempt(camera, camera.wait)
    for watch in watches:
        attempt(watch, watch.wait)
    if failures and len(failures) == len(watches) + (camera is not None):
        raise list(failures.values())[-1]
    return failures
