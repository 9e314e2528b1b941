"""The cameras of a Linux computer, read from the system's own list: nothing is opened and OpenCV is not loaded."""

from __future__ import annotations

from pathlib import Path

_SYSTEM_LIST = Path("/sys/class/video4linux")


def linux_webcams(folder: Path = _SYSTEM_LIST) -> list[dict[str, str]]:
    """The cameras as ``{"uri": "webcam:0", "name": "..."}``, by number.

    Args:
        folder: where the system lists them.
    """
    found = []
    for entry in sorted(folder.glob("video[0-9]*"), key=lambda entry: int(entry.name.removeprefix("video"))):
        index = entry / "index"
        if index.is_file() and index.read_text().strip() != "0":
            continue  # the second node of a camera carries only metadata
        name = (entry / "name").read_text(errors="replace").strip() if (entry / "name").is_file() else entry.name
        found.append({"uri": f"webcam:{entry.name.removeprefix('video')}", "name": name})
    return found
