"""The left side of the Record page: picture or cue, signal, and the numbers of each stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.bridge.recorder import WATCHES
from app.bridge.sight import Seen
from app.pages.record_result import size_text
from app.style.metrics import GAP_M, GAP_S
from app.widgets.axis import clock
from app.widgets.basics import row, wrapped
from app.widgets.event_log import EventLog
from app.widgets.signal_pair import Samples, SignalPair
from app.widgets.skeleton_view import Skeleton
from app.widgets.stage import Stage
from app.widgets.stream_tile import StreamFacts, StreamTile
from pskd import skeleton
from pskd.clock import now_s
from pskd.recording.status import RecorderStatus, StreamStatus
from pskd.types import StreamKind

TILE = 130  # a tile narrower than this cannot be read


class Monitor(QWidget):
    """Shows what arrives.

    Attributes:
        stage: camera picture and cue.
        plot: the watches' acceleration.
        tiles: the streams' numbers: ``watch``, ``watch2``, ``camera`` and ``take``.
        events: what happened.

    Signals:
        details_wanted: a watch's tile was clicked: its name.
    """

    details_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.plot = SignalPair(WATCHES)
        self.tiles = {
            **{name: StreamTile("Watch", "watch", opens=True) for name in WATCHES},
            "camera": StreamTile("Camera", "camera", "poses"),
            "take": StreamTile("Take", "record"),
        }
        self.events = EventLog()
        self._shown: Seen | None = None
        self._laid: list[StreamTile] = []
        self._taking = False
        self._simulated = ""
        self._build()
        self.end()

    def show_watches(self, titles: Mapping[str, str]) -> None:
        """There are these watches, by name, with what people call them."""
        self.plot.show_watches(titles)
        for name in WATCHES:
            self.tiles[name].rename(titles.get(name, "Watch"))
            self.tiles[name].setVisible(name in titles or name == WATCHES[0])
        self._lay_tiles()

    def connecting(self, camera: str) -> None:
        """Devices are being opened."""
        self.stage.camera.set_picture(None)
        self.stage.camera.set_pose(None)
        self.stage.camera.set_tag("")
        self._shown = None
        self.stage.camera.set_hint("")
        words = ("Opening the camera…", "The first time this takes a few seconds.")
        self.stage.camera.set_message(*(words if camera else ("No camera", "The take will have no skeleton.")))
        self.plot.clear()

    def mirror(self, on: bool, camera: str) -> None:
        """Show the picture as in a mirror, or not; a film is always shown as it was taken."""
        self.stage.camera.mirrored = on and not camera.startswith("video:")

    def opened(self, layout: str, uris: Sequence[str]) -> None:
        """All streams are known."""
        if layout:
            found = skeleton.layout(layout)
            self.stage.camera.set_skeleton(Skeleton(found.joints, found.bones))
        self._simulated = "Simulated" if any(uri.startswith("sim:") for uri in uris) else ""
        self.stage.camera.set_tag(self._simulated)

    def begin(self, name: str) -> None:
        """A take runs."""
        self._taking = True
        self.events.clear()
        self.log(f"{name} begins", now_s())

    def end(self) -> None:
        """No take runs."""
        self._taking = False
        self.stage.camera.set_recording("")
        self.tiles["take"].show_words("0:00", "", "idle", "")

    def log(self, line: str, start_s: float, tone: str = "") -> None:
        """Add a line to the events; ``start_s`` is the take's start, 0 without one."""
        at = clock(max(0.0, now_s() - start_s)) if start_s else "–"
        self.events.add(at, line, tone)

    def show_seen(self, seen: Seen | None) -> None:
        """Show the newest picture with its own skeleton."""
        if seen is not None and seen is not self._shown:
            self._shown = seen
            self.stage.camera.set_picture(seen.picture)
            pose = seen.pose if seen.pose is not None and seen.pose.people else None
            self.stage.camera.set_pose(*((pose.image, pose.visibility) if pose is not None else (None, None)))

    def show_signal(self, watch: str, samples: Samples, moment_s: float) -> None:
        """Show a watch's newest samples."""
        self.plot.set_frame(watch, moment_s, samples)

    def show_advice(self, advice: str, alarm: str) -> None:
        """Say what is wrong with where the person stands or the light, and what no longer arrives."""
        self.stage.camera.set_hint(alarm or advice)
        self.stage.cue.set_warning(alarm or advice)

    def show_status(self, status: RecorderStatus | None) -> None:
        """Show the numbers."""
        streams = status.streams if status is not None else ()
        for name in WATCHES:
            self.tiles[name].show_facts(facts_of(watch_stream(streams, name)))
        camera = next((s for s in streams if s.kind == StreamKind.POSE), None)
        self.tiles["camera"].show_facts(facts_of(camera))
        if status is not None and self._taking:
            elapsed = clock(status.elapsed_s)
            silent = any(stream.silent for stream in streams)
            corner = "silent" if silent else "recording"
            self.tiles["take"].show_words(elapsed, "", corner, size_text(status.file_bytes), "bad" if silent else "")
            self.stage.camera.set_recording(clock(status.elapsed_s, 0))

    def missing(self, status: RecorderStatus | None, watches: Mapping[str, str], camera: str) -> str:
        """What is needed for training and does not arrive now, as sentences; empty where all is well.

        Args:
            status: how everything stands.
            watches: those that are chosen, by name, with what people call them.
            camera: URI of the camera; empty for none.
        """
        streams = status.streams if status is not None else ()
        lacks = [_lack(title.lower(), watch_stream(streams, name)) for name, title in watches.items()]
        found = [words for words in lacks or ["No watch is chosen."] if words]
        if found:
            alone = "A take without a watch cannot train a student."
            found.append("Only one wrist would be recorded." if len(found) < len(watches) else alone)
        pose = next((s for s in streams if s.kind == StreamKind.POSE), None)
        no_camera = _lack("camera", pose) if camera else "No camera is chosen."
        if no_camera:
            found += [no_camera, "A take without a skeleton cannot train a teacher."]
        return " ".join(found)

    def set_big(self, on: bool) -> None:
        """Only the stage."""
        self._below.setVisible(not on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tiles stand in one row; the take's goes where that would be too narrow, for the picture shows its time."""
        super().resizeEvent(event)
        self._lay_tiles()

    def _lay_tiles(self) -> None:
        shown = [tile for name, tile in self.tiles.items() if name != "take" and not tile.isHidden()]
        room = self.width() >= (len(shown) + 1) * (TILE + GAP_M + GAP_S)
        self.tiles["take"].setVisible(room)
        if room:
            shown.append(self.tiles["take"])
        if shown == self._laid:
            return
        self._laid = shown
        while self._row.takeAt(0):
            pass
        for tile in shown:
            self._row.addWidget(tile, 1)

    def _build(self) -> None:
        self._row = row(spacing=GAP_M + GAP_S)
        for tile in self.tiles.values():
            tile.setParent(self)  # before any is shown: what has no parent becomes a window
        for name in WATCHES:
            self.tiles[name].opened.connect(lambda name=name: self.details_wanted.emit(name))
        below = QVBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(GAP_M + GAP_S)
        below.addWidget(self.plot, 1)
        below.addLayout(self._row)
        self._below = wrapped(below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M + GAP_S)
        layout.addWidget(self.stage, 5)
        layout.addWidget(self._below, 4)
        self.show_watches({})


def watch_stream(streams: Sequence[StreamStatus], name: str) -> StreamStatus | None:
    """A watch's accelerometer; None where it is not open."""
    return next((s for s in streams if s.source == name and s.kind == StreamKind.ACCELEROMETER), None)


def facts_of(stream: StreamStatus | None) -> StreamFacts:
    """A stream's numbers, ready to be shown."""
    if stream is None:
        return StreamFacts()
    silent = stream.silent and stream.age_s is not None
    return StreamFacts(stream.rate_hz, stream.nominal_hz, stream.age_s, stream.count, stream.gaps, silent, True)


def _lack(name: str, stream: StreamStatus | None) -> str:
    if stream is None:
        return f"The {name} is not connected."
    return f"Nothing arrives from the {name}." if stream.silent else ""
