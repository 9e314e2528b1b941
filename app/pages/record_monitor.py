"""The left side of the Record page: picture or cue, signal, and the numbers of each stream."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.bridge.sight import Seen
from app.pages.record_result import size_text
from app.style.metrics import GAP_M, GAP_S
from app.widgets.axis import clock
from app.widgets.basics import Card, row, text, wrapped
from app.widgets.event_log import EventLog
from app.widgets.signal_plot import SignalPlot
from app.widgets.skeleton_view import Skeleton
from app.widgets.stage import Stage
from app.widgets.stream_tile import StreamFacts, StreamTile
from app.widgets.swatch import Swatch
from pskd import skeleton
from pskd.clock import now_s
from pskd.recording.status import RecorderStatus, StreamStatus
from pskd.types import StreamKind

CHANNELS = ("x", "y", "z")


class Monitor(QWidget):
    """Shows what arrives.

    Attributes:
        stage: camera picture and cue.
        plot: the watch's acceleration.
        tiles: the streams' numbers: ``watch``, ``camera`` and ``take``.
        events: what happened.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.plot = SignalPlot(CHANNELS)
        self.tiles = {
            "watch": StreamTile("Watch", "watch"),
            "camera": StreamTile("Camera", "camera", "poses"),
            "take": StreamTile("Take", "record"),
        }
        self.events = EventLog()
        self._shown: Seen | None = None
        self._taking = False
        self._simulated = ""
        self._build()
        self.end()

    def connecting(self, camera: str, watch: str) -> None:
        """Devices are being opened."""
        self.stage.camera.set_picture(None)
        self.stage.camera.set_pose(None)
        self.stage.camera.set_tag("")
        self._shown = None
        self.stage.camera.set_hint("")
        words = ("Opening the camera…", "The first time this takes a few seconds.")
        self.stage.camera.set_message(*(words if camera else ("No camera", "The watch is recorded alone.")))
        self.plot.clear()

    def mirror(self, on: bool, camera: str) -> None:
        """Show the picture as in a mirror, or not; a film is always shown as it was taken."""
        self.stage.camera.mirrored = on and not camera.startswith("video:")

    def opened(self, layout: str, camera: str, watch: str) -> None:
        """All streams are known."""
        if layout:
            found = skeleton.layout(layout)
            self.stage.camera.set_skeleton(Skeleton(found.joints, found.bones))
        self._simulated = "Simulated" if "sim:" in (camera[:4], watch[:4]) else ""
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

    def show_frame(
        self, seen: Seen | None, times_s: NDArray[np.float64], values: NDArray[np.float32], moment_s: float
    ) -> None:
        """Show the newest picture with its own skeleton, and the newest samples."""
        if seen is not None and seen is not self._shown:
            self._shown = seen
            self.stage.camera.set_picture(seen.picture)
            pose = seen.pose if seen.pose is not None and seen.pose.people else None
            self.stage.camera.set_pose(*((pose.image, pose.visibility) if pose is not None else (None, None)))
        recent = np.searchsorted(times_s, moment_s - self.plot.span_s)
        self.plot.set_frame(moment_s, times_s[recent:], values[recent:])

    def show_advice(self, advice: str, alarm: str) -> None:
        """Say what is wrong with where the person stands or the light, and what no longer arrives."""
        self.stage.camera.set_hint(alarm or advice)
        self.stage.cue.set_warning(alarm or advice)

    def show_status(self, status: RecorderStatus | None) -> None:
        """Show the numbers."""
        streams = status.streams if status is not None else ()
        watch = next((s for s in streams if s.kind == StreamKind.ACCELEROMETER), None)
        camera = next((s for s in streams if s.kind == StreamKind.POSE), None)
        self.tiles["watch"].show_facts(_facts(watch))
        self.tiles["camera"].show_facts(_facts(camera))
        if status is not None and self._taking:
            elapsed = clock(status.elapsed_s)
            silent = any(stream.silent for stream in streams)
            corner = "silent" if silent else "recording"
            self.tiles["take"].show_words(elapsed, "", corner, size_text(status.file_bytes), "bad" if silent else "")
            self.stage.camera.set_recording(clock(status.elapsed_s, 0))

    def missing(self, status: RecorderStatus | None, watch: str, camera: str) -> str:
        """What is needed for training and does not arrive now, as one or two sentences; empty where all is well."""
        streams = status.streams if status is not None else ()
        words = []
        for kind, uri, name, loss in (
            (StreamKind.ACCELEROMETER, watch, "watch", "A take without a watch cannot train a student."),
            (StreamKind.POSE, camera, "camera", "A take without a skeleton cannot train a teacher."),
        ):
            stream = next((s for s in streams if s.kind == kind), None)
            if not uri:
                words.append(f"No {name} is chosen. {loss}")
            elif stream is None:
                words.append(f"The {name} is not connected. {loss}")
            elif stream.silent:
                words.append(f"Nothing arrives from the {name}. {loss}")
        return " ".join(words)

    def set_big(self, on: bool) -> None:
        """Only the stage."""
        self._below.setVisible(not on)

    def _build(self) -> None:
        legend = row(text("Acceleration", "strong"), None, spacing=GAP_M + GAP_S)
        for channel, name in enumerate(CHANNELS):
            legend.addWidget(Swatch(channel, name))
        plot = Card(legend, self.plot, padding=12, spacing=GAP_S)
        self.plot.setMinimumHeight(110)
        below = QVBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(GAP_M + GAP_S)
        below.addWidget(plot, 1)
        below.addLayout(row(*self.tiles.values(), spacing=GAP_M + GAP_S))
        self._below = wrapped(below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M + GAP_S)
        layout.addWidget(self.stage, 5)
        layout.addWidget(self._below, 4)


def _facts(stream: StreamStatus | None) -> StreamFacts:
    if stream is None:
        return StreamFacts()
    silent = stream.silent and stream.age_s is not None
    return StreamFacts(stream.rate_hz, stream.nominal_hz, stream.age_s, stream.count, stream.gaps, silent, True)
