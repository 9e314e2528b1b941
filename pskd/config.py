"""Settings of the person at this computer, kept in one versioned file; damaged settings never stop the program."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec
import platformdirs

from pskd import documents
from pskd.errors import BadFile

SETTINGS_SCHEMA = 1


class KnownWatch(msgspec.Struct, frozen=True):
    """A watch that was used before: its URI and its name as people read it."""

    uri: str
    name: str = ""


class Settings(msgspec.Struct, kw_only=True):
    """What is remembered between starts.

    Attributes:
        theme: ``system``, ``light`` or ``dark``.
        library: the library opened last.
        camera: camera URI used last.
        watch: watch URI used last.
        second_watch: URI of the watch that was worn on the other wrist too; empty where there was one watch.
        first_wrist: where the first of two watches is worn, ``left`` or ``right``; the second is on the other wrist.
        connect: watches used last are connected to when the Record page opens.
        watches: watches used before, newest first.
        camera_size: width and height that a webcam is asked for.
        camera_rate_hz: pictures a second that a webcam is asked for.
        mirrored: the camera's preview is shown as in a mirror.
        pose_model: ``lite``, ``full`` or ``heavy``.
        sounds: cue sounds on.
        hands: raised hands pause cues.
        large_cues: cues fill the screen.
        recent: libraries opened before, newest first.
        window: left, top, width and height of the window; empty before the first time.
        maximized: the window filled the screen.
        lsl: what Record receives is sent to the Lab Streaming Layer too.
        page: page that was up last.
    """

    theme: str = "system"
    library: str = ""
    camera: str = "sim:"
    watch: str = "sim:"
    second_watch: str = ""
    first_wrist: str = "right"
    connect: bool = True
    watches: list[KnownWatch] = []
    camera_size: tuple[int, int] = (640, 480)
    camera_rate_hz: int = 30
    mirrored: bool = True
    pose_model: str = "full"
    sounds: bool = True
    hands: bool = True
    large_cues: bool = True
    recent: list[str] = []
    window: list[int] = []
    maximized: bool = False
    lsl: bool = False
    page: str = "home"
    schema: int = SETTINGS_SCHEMA


def folder() -> Path:
    """The settings folder; ``PSKD_CONFIG`` names another one (tests, portable use)."""
    override = os.environ.get("PSKD_CONFIG")
    return Path(override) if override else Path(platformdirs.user_config_dir("pskd-studio", appauthor=False))


def load() -> Settings:
    """The stored settings; the defaults where there are none, or where the file cannot be read."""
    path = folder() / "settings.json"
    if not path.exists():
        return Settings()
    try:
        return documents.load(path, Settings, schema=SETTINGS_SCHEMA)
    except BadFile:
        with contextlib.suppress(OSError):  # a folder that cannot be written to
            path.replace(path.with_suffix(".damaged.json"))
        return Settings()


def save(settings: Settings) -> None:
    """Store the settings."""
    folder().mkdir(parents=True, exist_ok=True)
    documents.save(folder() / "settings.json", settings)
