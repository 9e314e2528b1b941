"""A take made ready to be drawn: arrays for the timeline and the skeleton, facts, and what was found in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.bridge import sources
from app.widgets import axis
from app.widgets.note_list import QualityNote
from app.widgets.skeleton_view import Skeleton
from app.widgets.timeline import Track
from app.widgets.words import many, readable

if TYPE_CHECKING:
    from pskd.recording.take import StreamData, Take
    from pskd.types import Segment

GAP_FACTOR = 3.0
LEAST_GAP_S = 0.1
MOST_ATTRIBUTES = 6
UNITS = MappingProxyType({"m/s^2": "m/s²", "deg/s": "°/s"})  # as they are shown


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about a take.

    Attributes:
        name: what it is.
        value: in words.
        tone: empty, or ``warn`` where it needs a look.
        more: a longer explanation.
    """

    name: str
    value: str
    tone: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PoseTrack:
    """The body over the take.

    Attributes:
        times_s: ``(F,)``.
        points: ``(F, V, 2)`` seen from the front, 0 to 1 of a square that the whole take fits into.
        visibility: ``(F, V)``.
        skeleton: joints and bones.
    """

    times_s: NDArray[np.float64]
    points: NDArray[np.float32]
    visibility: NDArray[np.float32]
    skeleton: Skeleton

    def frame_at(self, t_s: float) -> int:
        """Number of the newest frame at a moment, 0 before the first."""
        return max(int(np.searchsorted(self.times_s, t_s + 1e-6)) - 1, 0)


@dataclass(frozen=True, slots=True, eq=False)
class TakeView:
    """One take for the library page.

    Attributes:
        id: within the library.
        heading: one line that names it.
        track: for the timeline, with the first signal of :attr:`signals`.
        segments: what was done.
        pose: the body, or None without a camera.
        facts: what is known of it.
        simulated: no hardware was involved.
        notes: what was found when it was last looked over, the worst first; empty where it never was.
        signals: what each watch and gyroscope is called, and the timeline with its signal.
    """

    id: str
    heading: str
    track: Track
    segments: tuple[Segment, ...]
    pose: PoseTrack | None
    facts: tuple[Fact, ...] = field(default=())
    simulated: bool = False
    notes: tuple[QualityNote, ...] = ()
    signals: tuple[tuple[str, Track], ...] = ()

    @property
    def other_wrist(self) -> str:
        """The wrist that seems to wear the watch though the other one should; empty where all is well."""
        return next((note.about for note in self.notes if note.check == "wrist" and note.tone == "bad"), "")


def view_of(take_id: str, take: Take, notes: tuple[QualityNote, ...] = ()) -> TakeView:
    """Make a take ready to be drawn; ``notes`` are what was found when it was last looked over."""
    from pskd.types import StreamKind

    body = take.first(StreamKind.POSE)
    pose = _pose(body) if body is not None and len(body.times_s) else None
    bare = Track(
        duration_s=max(take.manifest.duration_s or _last(take), 0.1),
        times_s=np.zeros(0),
        values=np.zeros((0, 3), np.float32),
        markers=tuple((marker.t_s, _said(marker.kind, marker.label, marker.phase)) for marker in take.markers),
        pose_times_s=pose.times_s if pose else None,
        seen=np.nan_to_num(pose.visibility.mean(axis=1)) if pose else None,
    )
    signals = _signals(take, bare)
    manifest = take.manifest
    simulated = any(stream.info.simulated for stream in take.streams.values())
    heading = f"Subject {manifest.subject}  ·  {_name(manifest.name)}"
    return TakeView(
        take_id, heading, signals[0][1] if signals else bare, take.segments, pose, _facts(take, pose), simulated, notes,
        signals,
    )  # fmt: skip


def _signals(take: Take, bare: Track) -> tuple[tuple[str, Track], ...]:
    """The watches and then their gyroscopes."""
    from pskd.recording.names import stream_name, wrists_of
    from pskd.types import StreamKind

    wrists = wrists_of(take.manifest)
    found = []
    for kind in (StreamKind.ACCELEROMETER, StreamKind.GYROSCOPE):
        for stream in take.streams.values():
            if stream.info.kind == kind:
                name = readable(stream_name(stream.info.name, kind, wrists))
                unit = UNITS.get(stream.info.unit, stream.info.unit)
                shown = replace(
                    bare, times_s=stream.times_s, values=stream.values, channels=stream.info.channels, unit=unit
                )
                found.append((name, shown))
    return tuple(found)


def _name(folder: str) -> str:
    number, _, label = folder.removeprefix("take-").partition("_")
    return f"Take {number}" + (f"  ·  {readable(label.replace('-', ' '))}" if label else "")


def _said(kind: str, label: str, phase: str) -> str:
    return " ".join(
        part for part in ({"cue": "Cue:", "key": "Key:", "link": "Link:"}.get(kind, ""), readable(label), phase) if part
    )


def _last(take: Take) -> float:
    return max((float(stream.times_s[-1]) for stream in take.streams.values() if len(stream.times_s)), default=0.0)


def _pose(body: StreamData) -> PoseTrack:
    from pskd import skeleton

    layout = skeleton.layout(body.info.layout)
    finite = np.asarray(np.isfinite(body.values).all(axis=2))
    visibility = finite if body.visibility is None else np.nan_to_num(body.visibility)
    points = flat(np.where(finite[..., None], body.values, np.nan), layout.up)
    return PoseTrack(body.times_s, points, np.asarray(visibility, np.float32), Skeleton(layout.joints, layout.bones))


def flat(world_m: NDArray[np.floating], up: tuple[float, float, float]) -> NDArray[np.float32]:
    """Bodies seen from the front, in one square that fits them all.

    Args:
        world_m: ``(F, V, 3)`` metres; NaN where nothing is known.
        up: the unit vector that points up.

    Returns:
        ``(F, V, 2)``, 0 to 1 to the right and down.
    """
    x, y = world_m[..., 0], -(world_m @ np.asarray(up))
    known = np.isfinite(x)
    if not known.any():
        return np.full((*x.shape, 2), np.nan, np.float32)
    low_x, high_x = np.percentile(x[known], (0.5, 99.5))
    low_y, high_y = np.percentile(y[known], (0.5, 99.5))
    edge = min(max(high_x - low_x, high_y - low_y, 1.0) * 1.16, 6.0)
    across, down = (x - (low_x + high_x) / 2) / edge + 0.5, (y - (low_y + high_y) / 2) / edge + 0.5
    return np.stack([across, down], axis=-1).astype(np.float32)


def _facts(take: Take, pose: PoseTrack | None) -> tuple[Fact, ...]:
    from pskd.recording.names import stream_name, wrists_of

    manifest = take.manifest
    facts = [Fact("Length", axis.duration(manifest.duration_s or _last(take)))]
    if manifest.state != "complete":
        facts.append(Fact("State", str(manifest.state), "warn", "The take was not closed in the usual way."))
    wrists = wrists_of(manifest)
    for stream in take.streams.values():
        name = stream_name(stream.info.name, stream.info.kind, wrists)
        facts += stream_facts(readable(name), stream.times_s, stream.info.rate_hz)
    if pose is not None:
        seen = float(np.nan_to_num(pose.visibility).mean())
        facts.append(Fact("Visibility", f"{seen:.0%}", "warn" if seen < 0.5 else "", "How much of the body was seen."))
    own = {"recorded": "recorded here", "simulated": "simulated"}
    origin = own.get(manifest.origin, f"imported ({manifest.origin})")
    facts.append(Fact("Origin", origin, more=manifest.source))
    return (*facts, *_attributes(manifest.attributes, wrists))


def _attributes(attributes: dict[str, Any], wrists: dict[str, str]) -> list[Fact]:
    """What else is known, in plain words; the wrists are told by the names of the streams."""
    from pskd.recording.names import device_name

    devices = attributes.get("devices")
    facts = []
    if isinstance(devices, dict):
        roles = {role: f"{wrists[role]} watch" if role in wrists else device_name(str(role)) for role in devices}
        lines = [f"{readable(roles[role])}: {sources.described(str(role), str(uri))}" for role, uri in devices.items()]
        facts.append(Fact("Devices", "\n".join(lines), more="\n".join(str(uri) for uri in devices.values())))
    said = {"devices", *(("side", "sides") if wrists else ())}
    rest = [(key, value) for key, value in sorted(attributes.items()) if key not in said]
    return facts + [Fact(readable(str(key)), _plain(value)) for key, value in rest[:MOST_ATTRIBUTES]]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{readable(str(key))}: {_plain(each)}" for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(each) for each in value)
    return str(value)


def stream_facts(name: str, times_s: NDArray[np.float64], nominal_hz: float) -> list[Fact]:
    """Rate and gaps of a stream.

    Args:
        name: for the first column.
        times_s: ``(N,)``.
        nominal_hz: the rate it should have; 0 where nobody knows.
    """
    if len(times_s) < 2:
        return [Fact(name, "no samples", "warn", "Nothing arrived from this stream.")]
    steps = np.diff(times_s)
    pace = float(np.median(steps)) or 1.0
    rate = (len(times_s) - 1) / max(float(times_s[-1] - times_s[0]), 1e-9)
    off = nominal_hz > 0 and abs(rate / nominal_hz - 1) > 0.1
    said = f"{rate:.1f} Hz" + (f" of {nominal_hz:g}" if off else "")
    gaps = steps[steps > max(GAP_FACTOR * pace, LEAST_GAP_S)]
    facts = [Fact(name, said, "warn" if off else "", many(len(times_s), "sample"))]
    if len(gaps):
        facts.append(
            Fact(f"{name} gaps", f"{many(len(gaps), 'gap')}, longest {axis.duration(float(gaps.max()))}", "warn")
        )
    return facts
