"""A student on a watch: joins the device engine with the live process, for the window and the command line alike."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pskd.clock import now_s
from pskd.devices.base import Capabilities
from pskd.devices.engine import DeviceEngine, DeviceHandle
from pskd.errors import PskdError
from pskd.export.bundle import find_bundle, read_manifest
from pskd.live.client import LiveClient, OnPrediction
from pskd.live.pipeline import HOP_S
from pskd.types import LinkState, SampleBlock, StreamInfo, StreamKind
from pskd.uri import shown

READY_S = 60.0

OnBlock = Callable[[SampleBlock], None]
OnTruth = Callable[[str, SampleBlock], None]
OnState = Callable[[LinkState, str], None]


class LiveLink:
    """One student on one watch. Every method may be called from any thread.

    Args:
        run: a run's folder or a bundle.
        device: the watch's URI.
        on_prediction: each prediction.
        on_block: each block of the accelerometer, before the student gets it.
        on_truth: where the source knows what is done: the class (empty where nobody knows), and the first block of it.
        on_link: each change of the watch's link state, with one plain sentence.
        on_student: the same for the live process; see :class:`pskd.live.client.LiveClient`.
        hop_s: seconds of signal between two predictions.

    Attributes:
        manifest: the student's.
        device: the watch's address as it may be shown.
        failure: why nothing more will come, or None.

    Raises:
        PskdError: the bundle cannot be used.
    """

    def __init__(
        self,
        run: Path,
        device: str,
        *,
        on_prediction: OnPrediction,
        on_block: OnBlock,
        on_truth: OnTruth,
        on_link: OnState,
        on_student: OnState,
        hop_s: float = HOP_S,
    ) -> None:
        self._folder = find_bundle(run)
        self.manifest = read_manifest(self._folder)
        self.device = shown(device)
        self.failure: PskdError | None = None
        self._uri, self._hop_s = device, hop_s
        self._block, self._truth, self._link, self._student = on_block, on_truth, on_link, on_student
        self._ready = threading.Event()
        self._closed = False
        self._opening = threading.Lock()
        self._label, self._label_begins = "", False
        self._wait = False
        self._stream: str | None = None
        self._early: list[Callable[[], None]] = []  # what came before it was known which stream is wanted
        self._lock = threading.Lock()
        self._engine = DeviceEngine()
        self._client = LiveClient(on_prediction, self._hear_student)
        self._handle: DeviceHandle | None = None

    @property
    def ended(self) -> bool:
        """The watch has ended by itself or was given up, or the student was."""
        return self.failure is not None or (self._handle is not None and self._handle.wait_end(0))

    @property
    def student_pid(self) -> int | None:
        """Process id of the live process, or None."""
        return self._client.pid

    @property
    def dropped(self) -> int:
        """Blocks that were left out because the live process could not follow."""
        return self._client.dropped

    def start(self) -> tuple[Capabilities, StreamInfo]:
        """Load the student, then open the watch; waits for both.

        Returns:
            What the watch can do, and its accelerometer.

        Raises:
            PskdError: one of them cannot be used, or :meth:`close` was called meanwhile.
        """
        self._client.open(self._folder, hop_s=self._hop_s)
        if not self._ready.wait(READY_S):
            raise PskdError(
                "The live process did not start.", code="live.start", hint="Close other programs and try again."
            )
        if self.failure is not None:
            raise self.failure
        with self._opening:
            if self._closed:
                raise PskdError(f"{self.device} was closed before it was opened.", code="live.closed")
            handle = self._engine.open(self._uri, self._take_block, self._hear_link, on_label=self._take_label)
            self._handle = handle
        found = handle.capabilities
        return found, self._choose_stream(found)

    def perform(self, label: str) -> None:
        """Tell the simulated performer what to do from now on; a watch that somebody wears does not heed it."""
        if self._handle is not None:
            self._handle.command("perform", label=label, t_s=now_s())

    def close(self, drain_s: float = 0.0) -> None:
        """Close both; safe to call twice, and while :meth:`start` waits.

        Args:
            drain_s: wait at most this long for the answers to what was fed.
        """
        with self._opening:
            self._closed = True
        self._ready.set()
        if self._handle is not None and drain_s > 0:
            self._handle.close()
            self.failure = self.failure or self._handle.error
            self._client.drain(drain_s)
        self._engine.close()
        self._client.close()

    def _choose_stream(self, found: Capabilities) -> StreamInfo:
        stream = next((s for s in found.streams if s.kind is StreamKind.ACCELEROMETER), None)
        if stream is None:
            raise PskdError(f"{self.device} has no accelerometer.", code="live.stream", hint="Choose another watch.")
        self._client.reset(rate_hz=stream.rate_hz)
        self._wait = found.ends and found.speed != 1.0
        with self._lock:
            self._stream = stream.name
            for step in self._early:
                step()
            self._early.clear()
        return stream

    def _in_order(self, step: Callable[[], None]) -> None:
        with self._lock:
            if self._stream is None:
                self._early.append(step)
            else:
                step()

    def _take_block(self, block: SampleBlock) -> None:
        self._in_order(partial(self._feed, block))

    def _feed(self, block: SampleBlock) -> None:
        if block.stream != self._stream:
            return
        if self._label_begins:
            self._label_begins = False
            self._truth(self._label, block)
        self._block(block)
        self._client.push(block, wait=self._wait)

    def _take_label(self, label: str) -> None:
        self._in_order(partial(self._begin, label))

    def _begin(self, label: str) -> None:
        self._label, self._label_begins = label, True

    def _begin_anew(self) -> None:
        self._label_begins = bool(self._label)

    def _hear_link(self, state: LinkState, text: str) -> None:
        if state is LinkState.STREAMING:  # a replay says so for each clip, and the next may bear the same label
            self._in_order(self._begin_anew)
        if not self._closed:
            self._link(state, text)

    def _hear_student(self, state: LinkState, text: str, facts: dict[str, Any]) -> None:
        if state is LinkState.LOST and facts.get("over"):
            self.failure = PskdError(facts["message"], code=facts["code"] or "live.start", hint=facts["hint"])
        if self.failure is not None or state in (LinkState.STALLED, LinkState.STREAMING):
            self._ready.set()
        if not self._closed:
            self._student(state, text)
