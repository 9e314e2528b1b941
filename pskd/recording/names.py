"""What people call the devices and streams of a take: by the wrist where that is known."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pskd.recording.take import TakeManifest
from pskd.types import StreamKind

SIDES = ("left", "right")
OTHER_SIDE = MappingProxyType({"left": "right", "right": "left"})
NOUNS = MappingProxyType(
    {StreamKind.ACCELEROMETER: "watch", StreamKind.GYROSCOPE: "gyroscope", StreamKind.POSE: "camera"}
)
_SECOND = "2"


def device_name(source: str) -> str:
    """A device, or one of its streams, within a sentence: ``watch2-gyroscope`` is the second watch's gyroscope."""
    device, _, what = source.partition("-")
    who = f"second {device[:-1]}" if device.endswith(_SECOND) else device
    return f"{who}'s {what}" if what else who


def stream_name(name: str, kind: StreamKind, wrists: Mapping[str, str]) -> str:
    """A stream within a sentence, such as ``left watch``, ``right gyroscope``, ``second watch`` or ``camera``.

    Args:
        name: of the stream.
        kind: what it carries.
        wrists: as :func:`wrists_of` gives them.
    """
    noun = NOUNS.get(kind, str(kind))
    if kind not in (StreamKind.ACCELEROMETER, StreamKind.GYROSCOPE):
        return noun
    device = name.partition("-")[0]
    side = wrists.get(name) or wrists.get(device)
    return f"{side} {noun}" if side else f"second {noun}" if device.endswith(_SECOND) else noun


def wrists_of(manifest: TakeManifest) -> dict[str, str]:
    """``left`` or ``right`` by the name of the watch, where the take says on which wrist it is worn."""
    if manifest.attributes.get("placement", "wrist") != "wrist":
        return {}
    sides, side = manifest.attributes.get("sides"), manifest.attributes.get("side")
    told = dict(sides) if isinstance(sides, dict) else {}
    watches = [stream.name for stream in manifest.streams if stream.kind == StreamKind.ACCELEROMETER]
    if watches:
        told.setdefault(watches[0], side)
    for name in watches[1:]:  # an import may say it in the name, such as watch-left
        told.setdefault(name, name.rpartition("-")[2])
    return {name: told[name] for name in watches if told[name] in SIDES}
