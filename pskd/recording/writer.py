"""Writes one take: its folder, manifest, ``raw.xdf`` and annotations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import numpy as np

from pskd import __version__, atomic, documents
from pskd.errors import PskdError, WrongUse
from pskd.recording import disk, layout, pings
from pskd.recording.lock import TakeLock
from pskd.recording.take import Annotations, Problem, TakeManifest, TakeState
from pskd.recording.xdf import XdfWriter
from pskd.types import FloatArray, Marker, PoseFrame, SampleBlock, Segment, StreamInfo, StreamKind, TimeArray

TAKE_FILE = "take.json"
RAW_FILE = "raw.xdf"
ANNOTATIONS_FILE = "annotations.json"


class TakeWriter:
    """A take being written, from one thread; made by :meth:`create`, ended by :meth:`finish`.

    All times are on the clock of ``manifest.start.monotonic_s``.
    """

    def __init__(self, folder: Path, manifest: TakeManifest, xdf: XdfWriter, lock: TakeLock, durable: bool) -> None:
        self.folder = folder
        self.manifest = manifest
        self._xdf = xdf
        self._lock = lock
        self._durable = durable
        self._streams = {info.name: (number, info) for number, info in enumerate(manifest.streams, 1)}
        self._pose = next((s for s in self._streams.values() if s[1].kind == StreamKind.POSE), None)
        self._pings: dict[str, int] = {}
        self._markers = next(n for n, info in self._streams.values() if info.kind == StreamKind.MARKERS)

    @classmethod
    def create(cls, folder: Path, manifest: TakeManifest, durable: bool = True) -> TakeWriter:
        """Start a take.

        Args:
            folder: the take's folder; made where it is missing.
            manifest: its state is set to ``recording``; a ``markers`` stream is added where there is none.
            durable: wait for the disk about every second; a bulk import may choose not to.

        Raises:
            WrongUse: the folder holds a take already, or two streams have one name.
            PskdError: another program writes there, or the disk is full or refuses; a folder without files is removed.
        """
        manifest = _prepared(manifest)
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / RAW_FILE).exists() or (folder / TAKE_FILE).exists():
            raise WrongUse(f"{folder} holds a take already.", code="recording.exists", hint="Choose another name.")
        with _not_left_empty(folder):
            disk.check_room(folder)
            lock = _locked(folder)
            try:
                documents.save(folder / TAKE_FILE, manifest, durable=durable)
                headers = [layout.xdf_stream(info) for info in manifest.streams]
                xdf = XdfWriter(folder / RAW_FILE, headers, start_s=manifest.start.monotonic_s, durable=durable)
                if durable:
                    atomic.sync_folder(folder)
            except BaseException:
                lock.release()
                raise
        return cls(folder, manifest, xdf, lock, durable)

    @property
    def size(self) -> int:
        """Bytes in ``raw.xdf`` so far."""
        return self._xdf.size

    @property
    def counts(self) -> dict[str, int]:
        """Samples so far, by stream name."""
        return self._xdf.counts

    @property
    def duration_s(self) -> float:
        """From the take's start to the newest sample of any stream."""
        last_s = self._xdf.last_s
        return 0.0 if last_s is None else max(0.0, last_s - self.manifest.start.monotonic_s)

    def add_block(self, block: SampleBlock) -> None:
        """Append one packet of a watch; samples that are not finite are left out."""
        number, info = self._stream(block.stream)
        if block.values.ndim != 2 or block.values.shape[1] != len(info.channels):
            raise WrongUse(f"{info.name}: expected (T, {len(info.channels)}) values, got {block.values.shape}.")
        times, rows = layout.block_rows(info, block)
        if len(times):
            self._xdf.samples(number, times, rows)
        self._xdf.tick()

    def add_pose(self, frame: PoseFrame) -> None:
        """Append the landmarks of one camera frame to the take's pose stream."""
        if self._pose is None:
            raise WrongUse("This take has no pose stream.")
        number, info = self._pose
        self._xdf.samples(number, np.array([frame.grab_s]), layout.frame_rows(info, frame))
        self._xdf.tick()

    def add_marker(self, marker: Marker) -> None:
        """Append one marker."""
        self._xdf.text(self._markers, marker.t_s, marker.text())
        self._xdf.tick()

    def add_ping(self, told: pings.WatchPing) -> None:
        """Append one comparison of a watch's clock with this computer's, if it is finite; the first announces their
        stream."""
        stream, row = pings.xdf_stream(told.source), pings.ping_row(told.ping)
        if stream.name in self._streams:
            raise WrongUse(f"A stream of this take is called {stream.name!r} already.")
        if not np.isfinite(row).all():
            return
        if stream.name not in self._pings:
            self._pings[stream.name] = self._xdf.add_stream(stream, told.ping.heard_s)
        self._xdf.samples(self._pings[stream.name], np.array([told.ping.heard_s]), row)
        self._xdf.tick()

    def add_samples(
        self,
        stream: str,
        times_s: TimeArray,
        values: FloatArray,
        device_s: TimeArray | None = None,
        visibility: FloatArray | None = None,
        image: FloatArray | None = None,
    ) -> None:
        """Append many samples whose times are known (an import).

        Args:
            stream: name of the stream.
            times_s: ``(N,)`` finite, not decreasing.
            values: ``(N, C)`` finite; for pose ``(N, V, 3)`` metres, NaN where a joint was not seen.
            device_s: ``(N,)`` the device's clock, where there was one.
            visibility: for pose ``(N, V)``, 0 to 1.
            image: for pose ``(N, V, 2)``.

        Raises:
            WrongUse: the stream or a shape is not as above; nothing is written then.
            PskdError: some times or values are not; nothing is written then.
        """
        number, info = self._stream(stream)
        times = np.asarray(times_s, np.float64)
        _check_times(stream, times)
        if info.kind == StreamKind.POSE:
            _check_pose(info, times, values)
            rows = layout.pose_rows(info, values, visibility, image)
        else:
            _check_values(info, times, values)
            rows = layout.sample_rows(values, times, device_s)
        if len(times):
            self._xdf.samples(number, times, rows)

    def sync(self) -> None:
        """What is due by time (``fsync``, boundary); call it about once a second while nothing arrives."""
        self._xdf.tick()

    def finish(
        self,
        state: TakeState = TakeState.COMPLETE,
        segments: Iterable[Segment] = (),
        problems: Iterable[Problem] = (),
    ) -> Path:
        """End the take: footers, annotations, and last the manifest with its state and duration.

        Returns:
            The take's folder.

        Raises:
            PskdError: the disk refuses; what was written stays, and recovery finds the take at the next start.
        """
        try:
            self._xdf.finish(self.manifest.start.monotonic_s + self.duration_s)
            annotations = Annotations(tuple(sorted(segments, key=lambda segment: segment.start_s)))
            documents.save(self.folder / ANNOTATIONS_FILE, annotations, durable=self._durable)
            self.manifest = msgspec.structs.replace(
                self.manifest, state=state, duration_s=round(self.duration_s, 6), problems=tuple(problems)
            )
            documents.save(self.folder / TAKE_FILE, self.manifest, durable=self._durable)
        except OSError as error:
            raise PskdError(
                f"Cannot finish the take {self.folder}: {(error.strerror or str(error)).lower()}.",
                code="recording.finish",
                hint="What was recorded is kept; it is recovered at the next start.",
            ) from error
        finally:
            self.abandon()
        return self.folder

    def abandon(self) -> None:
        """Let go of the files as a crash would; the take stays ``recording`` until it is recovered."""
        self._xdf.close()
        self._lock.release()

    def _stream(self, name: str) -> tuple[int, StreamInfo]:
        if name not in self._streams:
            raise WrongUse(f"This take has no stream {name!r}.", hint=f"It has: {', '.join(self._streams)}.")
        return self._streams[name]


@contextlib.contextmanager
def _not_left_empty(folder: Path) -> Iterator[None]:
    """Remove the folder where something fails; where a file is in it, it stays."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            folder.rmdir()
        raise


def _locked(folder: Path) -> TakeLock:
    try:
        return TakeLock(folder)
    except BlockingIOError as error:
        raise PskdError(f"Another program writes {folder}.", code="recording.busy", hint="Close it first.") from error


def _prepared(manifest: TakeManifest) -> TakeManifest:
    streams = manifest.streams
    if all(info.kind != StreamKind.MARKERS for info in streams):
        streams = (*streams, layout.MARKERS)
    names = [info.name for info in streams]
    if len(set(names)) < len(names):
        raise WrongUse(f"Two streams have one name: {', '.join(sorted(names))}.")
    program = manifest.program or f"pskd-studio {__version__}"
    return msgspec.structs.replace(manifest, state=TakeState.RECORDING, streams=streams, program=program)


def _check_times(stream: str, times: TimeArray) -> None:
    if times.ndim != 1 or not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise PskdError(f"{stream}: the times are not finite and in order.", code="recording.times")


def _check_values(info: StreamInfo, times: TimeArray, values: FloatArray) -> None:
    if values.shape != (len(times), len(info.channels)):
        raise WrongUse(f"{info.name}: expected {(len(times), len(info.channels))} values, got {values.shape}.")
    if not np.isfinite(values).all():
        raise PskdError(f"{info.name}: some values are not numbers.", code="recording.nan")


def _check_pose(info: StreamInfo, times: TimeArray, values: FloatArray) -> None:
    joints = len(layout.xdf_stream(info).columns) // len(layout.pose_channels(info))
    if values.shape != (len(times), joints, 3):
        raise WrongUse(f"{info.name}: expected {(len(times), joints, 3)} values, got {values.shape}.")
    if np.isinf(values).any():
        raise PskdError(f"{info.name}: some positions are infinite.", code="recording.nan")
