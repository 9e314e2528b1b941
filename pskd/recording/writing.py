"""The thread ``writer``: it alone touches the take's file, and no thread that brings data ever waits for the disk."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from pskd.errors import PskdError, WrongUse
from pskd.recording.pings import WatchPing
from pskd.recording.take import Problem, TakeState
from pskd.recording.writer import TakeWriter
from pskd.types import Marker, PoseFrame, SampleBlock, Segment

Item = SampleBlock | PoseFrame | Marker | WatchPing

IDLE_S = 0.5


def moment_s(item: Item) -> float:
    """When an item was taken, monotonic clock."""
    if isinstance(item, SampleBlock):
        return item.arrival_s
    if isinstance(item, WatchPing):
        return item.ping.heard_s
    return item.grab_s if isinstance(item, PoseFrame) else item.t_s


class WritingThread:
    """Writes one take from a queue that never drops.

    Args:
        writer: the take; from now on only this thread uses it.
        on_failure: called once, on this thread, when the disk refuses.

    Attributes:
        failure: why writing stopped; None while it works.
        refused: why the last packet that did not fit its stream was left out; empty where all fitted.
    """

    def __init__(self, writer: TakeWriter, on_failure: Callable[[PskdError], None] | None = None) -> None:
        self.writer = writer
        self.failure: PskdError | None = None
        self.refused = ""
        self._on_failure = on_failure
        self._queue: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    @property
    def depth(self) -> int:
        """Blocks that wait to be written."""
        return self._queue.qsize()

    def put(self, item: Item) -> None:
        """Hand over one block, frame, marker or ping; returns at once."""
        if self.failure is None:
            self._queue.put(item)

    def drain(self) -> None:
        """Write what waits and end the thread; a second call does nothing."""
        self._queue.put(None)
        self._thread.join()

    def finish(
        self, state: TakeState, segments: Callable[[float], Iterable[Segment]], problems: Iterable[Problem] = ()
    ) -> Path:
        """Write what waits, then end the take.

        Args:
            state: how it stands from now on.
            segments: the segments, given the take's duration.
            problems: what went wrong on the way.

        Returns:
            the take's folder.

        Raises:
            PskdError: the disk refused, now or before; what was written is kept.
        """
        self.drain()
        if self.failure is not None:
            self._finish_after_failure(self.failure, state, segments, problems)
            raise self.failure
        return self.writer.finish(state, segments(self.writer.duration_s), problems)

    def _finish_after_failure(
        self,
        failure: PskdError,
        state: TakeState,
        segments: Callable[[float], Iterable[Segment]],
        problems: Iterable[Problem],
    ) -> None:
        """A manifest is small and may still fit; if not, recovery closes the take later."""
        duration_s = self.writer.duration_s
        state = TakeState.RECOVERED if state == TakeState.COMPLETE else state
        try:
            self.writer.finish(state, segments(duration_s), [*problems, Problem(round(duration_s, 3), failure.message)])
        except PskdError:
            self.writer.abandon()

    def _run(self) -> None:
        try:
            while True:
                try:
                    item = self._queue.get(timeout=IDLE_S)
                except queue.Empty:
                    self.writer.sync()
                    continue
                if item is None:
                    return
                try:
                    self._write(item)
                except WrongUse as error:  # a fault of one driver must not end the others' recording
                    self.refused = error.message
        except PskdError as error:
            self._fail(error)
        except Exception as error:
            self._fail(PskdError(f"Writing the take failed: {error}.", code="recording.failed"))

    def _write(self, item: Item) -> None:
        if isinstance(item, SampleBlock):
            self.writer.add_block(item)
        elif isinstance(item, PoseFrame):
            self.writer.add_pose(item)
        elif isinstance(item, WatchPing):
            self.writer.add_ping(item)
        else:
            self.writer.add_marker(item)

    def _fail(self, error: PskdError) -> None:
        seconds = self.writer.duration_s
        self.failure = PskdError(
            f"{error.message} Recording stopped after {seconds:.1f} s.", code=error.code, hint=error.hint
        )
        if self._on_failure is not None:
            self._on_failure(self.failure)
