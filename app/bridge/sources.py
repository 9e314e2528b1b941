"""Which cameras and watches can be chosen, without opening any."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from pskd.uri import DeviceUri

SIMULATED = "sim:"
_WORDS = {"ble": "Bluetooth watch"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a picker.

    Attributes:
        uri: what is opened; empty for none.
        name: what people read.
        icon: icon name.
        note: one line for the tool tip.
    """

    uri: str
    name: str
    icon: str
    note: str = ""


def cameras() -> list[Choice]:
    """Cameras that can be chosen now; fast, opens nothing."""
    person = Choice(SIMULATED, "Simulated person", "person", "Nobody is filmed; a drawn person moves.")
    return [person, *_webcams(), Choice("", "No camera", "cross", "Record the watch alone.")]


def watches() -> list[Choice]:
    """Watches that can be chosen now."""
    from pskd.devices.drivers import DRIVERS

    found = [Choice(SIMULATED, "Simulated watch", "watch", "The watch of the simulated person.")]
    own = ("sim", "replay")
    found += [
        Choice(f"{name}:", _WORDS.get(name, name.capitalize()), "bluetooth") for name in DRIVERS if name not in own
    ]
    return found


def named(uri: str) -> Choice:
    """A choice for any URI, so that one from the settings or the command line can be shown."""
    if not uri:
        return Choice("", "No camera", "cross")
    parsed = DeviceUri.parse(uri)
    name = Path(parsed.path).name or parsed.path
    match parsed.scheme:
        case "video":
            return Choice(uri, f"Film: {name}", "film", parsed.path)
        case "replay":
            return Choice(uri, f"Replay: {name}", "play", parsed.path)
        case "webcam":
            return Choice(uri, f"Webcam {parsed.path or 0}", "camera")
        case "sim":
            return Choice(uri, f"Simulated: {parsed.path}" if parsed.path else "Simulated", "person")
        case _:
            return Choice(uri, f"{parsed.scheme} {name}".strip(), "bluetooth")


def film(path: str) -> str:
    """The URI of a film."""
    return f"video:{path}"


def replay(path: str) -> str:
    """The URI of a recording that is played as a watch."""
    return f"replay:{path}"


def _webcams() -> list[Choice]:
    """Elsewhere than on Linux finding out would mean opening them in this process, so three numbers are offered."""
    if sys.platform == "linux":
        from pskd.vision.listing import linux_webcams

        return [Choice(entry["uri"], entry["name"], "camera", entry["uri"]) for entry in linux_webcams()]
    return [Choice(f"webcam:{number}", f"Webcam {number}", "camera") for number in range(3)]
