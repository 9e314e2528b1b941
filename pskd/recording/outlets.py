"""Our streams as outlets of the Lab Streaming Layer, so that LabRecorder and other programs can have them too.

Each carries what the take's ``raw.xdf`` carries: the same columns, the same time stamps, the same description.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Any

from pskd.clock import now_s
from pskd.devices.lsl import library
from pskd.recording import layout
from pskd.recording.xdf import XdfStream
from pskd.types import Marker, PoseFrame, SampleBlock, StreamInfo, StreamKind

log = logging.getLogger(__name__)

PREFIX = "pskd-"
BUFFER_S = 60
STEP_S = 0.1


class LslOutlets:
    """Outlets called ``pskd-watch``, ``pskd-pose``, ``pskd-markers`` and so on. Every method may be called anywhere.

    Args:
        scope: ``machine`` or ``network``, see :func:`pskd.devices.lsl.library.load`.

    Raises:
        PskdError: LSL cannot be used, with what to do.
    """

    def __init__(self, scope: str = library.MACHINE) -> None:
        self._lsl = library.load(scope)
        self._offset_s = library.offset_s(self._lsl)
        self._lock = threading.Lock()
        self._outlets: dict[str, tuple[StreamInfo, Any]] = {}
        self._closed = False

    @property
    def names(self) -> list[str]:
        """What the outlets are called."""
        return [PREFIX + name for name in self._outlets]

    def add(self, infos: Iterable[StreamInfo]) -> None:
        """Open an outlet for each stream that has none yet."""
        with self._lock:
            for info in infos:
                if info.name not in self._outlets and not self._closed:
                    self._outlets[info.name] = info, self._open(info)

    def wait_read(self, seconds: float) -> bool:
        """Wait until some program reads every outlet; False where none does within ``seconds``."""
        end_s = now_s() + seconds
        waiting = [outlet for _, outlet in self._outlets.values()]
        while waiting and now_s() < end_s:  # in short steps, so that Ctrl+C is heard
            waiting = [outlet for outlet in waiting if not outlet.wait_for_consumers(min(STEP_S, seconds))]
        return not waiting

    def block(self, block: SampleBlock) -> None:
        """Send one packet; nothing where its stream has no outlet."""
        found = self._outlets.get(block.stream)
        if found is not None:
            times, rows = layout.block_rows(found[0], block)
            if len(times):
                found[1].push_chunk(rows, (times - self._offset_s).tolist())

    def frame(self, frame: PoseFrame) -> None:
        """Send one camera frame to the pose's outlet."""
        for info, outlet in list(self._outlets.values()):
            if info.kind is StreamKind.POSE:
                outlet.push_chunk(layout.frame_rows(info, frame), frame.grab_s - self._offset_s)

    def marker(self, marker: Marker) -> None:
        """Send one marker."""
        found = self._outlets.get(layout.MARKERS.name)
        if found is not None:
            found[1].push_sample([marker.text()], marker.t_s - self._offset_s)

    def close(self) -> None:
        """Take the outlets away; what comes later goes nowhere. Closing twice is nothing."""
        with self._lock:
            self._closed = True
            self._outlets.clear()

    def __enter__(self) -> LslOutlets:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _open(self, info: StreamInfo) -> Any:
        stream = layout.xdf_stream(info)
        formats = {"float32": self._lsl.cf_float32, "double64": self._lsl.cf_double64, "string": self._lsl.cf_string}
        name = PREFIX + info.name
        described = self._lsl.StreamInfo(
            name, stream.type, len(stream.columns), stream.rate_hz, formats[stream.format], f"{name} {info.source}"
        )
        _describe(described.desc(), stream)
        log.info("LSL outlet %s", name)
        return self._lsl.StreamOutlet(described, 0, BUFFER_S)


def _describe(description: Any, stream: XdfStream) -> None:
    """The same elements as in the stream header of ``raw.xdf``."""
    channels = description.append_child("channels")
    for column in stream.columns:
        channel = channels.append_child("channel")
        channel.append_child_value("label", column.label)
        channel.append_child_value("unit", column.unit)
        channel.append_child_value("type", column.type)
    for name, value in stream.description:
        description.append_child_value(name, value)
