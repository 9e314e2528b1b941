"""Which cameras and watches can be chosen, without opening any."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.widgets.words import readable
from pskd.uri import DeviceUri, shown

SIMULATED = "sim:"
_WORDS = {
    "ble": "Bluetooth watch",
    "ws": "SensorServer at",
    "http": "Sensor Logger, sending to",
    "udp": "Phone, sending to",
    "lsl": "LSL stream",
}


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


def watches() -> list[Choice]:
    """Watches that can be chosen now."""
    from pskd.devices.drivers import DRIVERS

    found = [Choice(SIMULATED, "Simulated watch", "watch", "The watch of the simulated person.")]
    own = ("sim", "replay", *_WORDS)  # each is asked for: a file, a take, which watch, where
    found += [Choice(f"{name}:", name.capitalize(), "bluetooth") for name in DRIVERS if name not in own]
    return found


def named(uri: str, role: str = "watch") -> Choice:
    """A choice for any URI of a ``watch`` or ``camera``, so that one from the settings or elsewhere can be shown."""
    if not uri:
        return Choice("", f"No {role}", "cross")
    parsed = DeviceUri.parse(uri)
    name = _names(parsed.path)
    match parsed.scheme:
        case "video":
            return Choice(uri, f"Film: {name}", "film", parsed.path)
        case "replay":
            return Choice(uri, f"Replay: {name}", "play", parsed.path)
        case "webcam":
            return Choice(uri, f"Webcam {parsed.path or 0}", "camera")
        case "sim":
            who, icon = ("Simulated person", "person") if role == "camera" else ("Simulated watch", "watch")
            return Choice(uri, f"{who}: {readable(parsed.path)}" if parsed.path else who, icon, uri)
        case _:
            icon = "bluetooth" if parsed.scheme == "ble" else "live" if parsed.scheme == "lsl" else "watch"
            return Choice(uri, f"{_WORDS.get(parsed.scheme, parsed.scheme)} {name}".strip(), icon, shown(uri))


def film(path: str) -> str:
    """The URI of a film."""
    return f"video:{path}"


def replay(path: str) -> str:
    """The URI of a recording that is played as a watch."""
    return f"replay:{path}"


def worn(uri: str, side: str) -> str:
    """The address of a watch that is worn on that wrist: a simulated one is told which wrist to follow."""
    if not side or not uri.startswith(SIMULATED) or "hand" in DeviceUri.parse(uri).options:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}hand={side}"


def described(role: str, uri: str) -> str:
    """A device in plain words for a list of facts; ``role`` is ``watch`` or ``camera``."""
    if not uri:
        return "none"
    parsed = DeviceUri.parse(uri)
    name = _names(parsed.path)
    match parsed.scheme:
        case "sim":
            return "simulated person" if role == "camera" else "simulated watch"
        case "video":
            return f"film {name}"
        case "replay":
            return f"replay of {name}"
        case "webcam":
            return f"webcam {parsed.path or 0}"
        case other:
            return f"{_WORDS.get(other, other)} {name}".strip()


def _names(path: str) -> str:
    """The file's name, or the first of several."""
    first, *rest = [part for part in path.split(";") if part] or [""]
    name = Path(first).name or first
    return f"{name} and {len(rest)} more" if rest else name
