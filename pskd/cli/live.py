"""``pskd live RUN --device URI``: predictions from a watch, in the terminal."""

from __future__ import annotations

import queue
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
import numpy as np

from pskd.cli.numbers import Number
from pskd.clock import now_s
from pskd.errors import PskdError
from pskd.types import LinkState, Prediction, SampleBlock, StreamKind
from pskd.uri import shown

if TYPE_CHECKING:
    from pskd.devices.base import Capabilities
    from pskd.live.agreement import Agreement

READY_S = 60.0
DRAIN_S = 5.0


@click.command("live", short_help="Predict live from a watch.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--device", required=True, help="Watch, such as sim:walk, replay:TAKE or a Bluetooth driver's address.")
@click.option("--seconds", type=Number(0, min_open=True), help="Stop after this long.")
@click.option(
    "--hop",
    "hop_s",
    type=Number(0.02, 10),
    default=0.2,
    show_default=True,
    help="Seconds between predictions.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a prediction, and a last one that sums up.")
def command(run: Path, device: str, seconds: float | None, hop_s: float, as_json: bool) -> None:
    """Predict what the wearer of a watch does, with the student of RUN (a run's folder or a bundle).

    Ends by itself when a replayed take ends; Ctrl+C stops it. Where the source knows what was done, the predictions
    are compared with it, and it is said what was counted.
    """
    from pskd.cli.live_display import display_for

    display = display_for(as_json=as_json, terminal=sys.stdout.isatty())
    session = LiveSession(run, device, hop_s)
    with display:
        try:
            session.start()
            deadline = now_s() + seconds if seconds else float("inf")
            while not session.ended and now_s() < deadline:
                display.show(session.next(0.2), session)
        except KeyboardInterrupt:
            pass
        finally:
            session.stop()
        while (prediction := session.next(0.0)) is not None:
            display.show(prediction, session)
    display.sum_up(session.summary())
    if session.failure is not None:
        raise session.failure


class LiveSession:
    """One student on one watch: joins the device engine with the live process.

    Args:
        run: a run's folder or a bundle.
        device: the watch's URI.
        hop_s: seconds of signal between two predictions.

    Raises:
        PskdError: the bundle or the URI cannot be used.
    """

    def __init__(self, run: Path, device: str, hop_s: float) -> None:
        from pskd.devices.engine import DeviceEngine
        from pskd.export.bundle import find_bundle, read_manifest
        from pskd.live.agreement import Referee
        from pskd.live.client import LiveClient

        self.folder = find_bundle(run)
        self.manifest = read_manifest(self.folder)
        self.device = shown(device)
        self._uri = device
        self.state_text = "Starting."
        self.rate_hz = 0.0
        self.simulated = False
        self.speed = 1.0
        self.failure: PskdError | None = None
        self.referee = Referee(self.manifest.classes, self.manifest.sensor.window_s)
        self.latencies_ms: list[float] = []
        self.labels: dict[str, int] = {}
        self._hop_s = hop_s
        self._predictions: queue.SimpleQueue[Prediction] = queue.SimpleQueue()
        self._ready = threading.Event()
        self._label = ""
        self._label_begins = False
        self._wait = False
        self._stream: str | None = None
        self._early: list[SampleBlock] = []
        self._lock = threading.Lock()
        self._engine = DeviceEngine()
        self._client = LiveClient(self._predictions.put, self._on_live)
        self._handle: Any = None

    @property
    def ended(self) -> bool:
        """The watch has ended by itself or was given up, or the student was refused."""
        return self.failure is not None or (self._handle is not None and self._handle.wait_end(0))

    def start(self) -> None:
        """Load the student, then open the watch.

        Raises:
            PskdError: one of them cannot be used.
        """
        self._client.open(self.folder, hop_s=self._hop_s)
        if not self._ready.wait(READY_S):
            raise PskdError(
                "The live process did not start.", code="live.start", hint="Close other programs and try again."
            )
        if self.failure is not None:
            raise self.failure
        self._handle = self._engine.open(self._uri, self._on_block, self._on_link, on_label=self._on_label)
        self._choose_stream(self._handle.capabilities)

    def next(self, timeout_s: float) -> Prediction | None:
        """The next prediction, counted; None where none came in time."""
        try:
            prediction = self._predictions.get(timeout=timeout_s) if timeout_s else self._predictions.get_nowait()
        except queue.Empty:
            return None
        self.latencies_ms.append(prediction.latency_ms)
        self.labels[prediction.label] = self.labels.get(prediction.label, 0) + 1
        self.referee.judge(prediction)
        return prediction

    def stop(self) -> None:
        """Close the watch, wait for the last answers, end the live process."""
        if self._handle is not None:
            self._handle.close()
            if self.failure is None:
                self.failure = self._handle.error
            self._client.drain(DRAIN_S)
        self._engine.close()
        self._client.close()

    def summary(self) -> dict[str, Any]:
        """What came out: counts, latencies in ms, agreement with the truth where there is one."""
        latencies = np.array(self.latencies_ms)
        found: dict[str, Any] = {
            "predictions": len(latencies),
            "labels": self.labels,
            "device": self.device,
            "dropped_blocks": self._client.dropped,
        }
        if len(latencies):
            p50, p95, p99 = np.percentile(latencies, [50, 95, 99])
            found["speed"] = self.speed  # other than 1: packets queue, and latency says nothing of a real watch
            found["latency_ms"] = {"p50": p50, "p95": p95, "p99": p99, "max": latencies.max()}
        agreement: Agreement | None = self.referee.result()
        if agreement is not None:
            found["agreement"] = {"share": agreement.share, **msgspec.to_builtins(agreement)}
        return found

    def _choose_stream(self, capabilities: Capabilities) -> None:
        stream = next((s for s in capabilities.streams if s.kind is StreamKind.ACCELEROMETER), None)
        if stream is None:
            raise PskdError(f"{self.device} has no accelerometer.", code="live.stream", hint="Choose another watch.")
        self._client.reset(rate_hz=stream.rate_hz)
        self.rate_hz, self.simulated = stream.rate_hz, capabilities.simulated
        self.speed = capabilities.speed
        self._wait = capabilities.ends and capabilities.speed != 1.0
        with self._lock:
            self._stream = stream.name
            for block in self._early:
                self._feed(block)
            self._early.clear()

    def _on_block(self, block: SampleBlock) -> None:
        if self._label_begins:
            self._begin_segment(block)
        with self._lock:
            if self._stream is None:
                self._early.append(block)
            else:
                self._feed(block)

    def _feed(self, block: SampleBlock) -> None:
        if block.stream == self._stream:
            self._client.push(block, wait=self._wait)

    def _begin_segment(self, block: SampleBlock) -> None:
        """Tell the referee on the block's own clock, on which predictions are timed too."""
        first_s = block.arrival_s if block.device_s is None or not len(block.device_s) else float(block.device_s[0])
        self.referee.label(self._label, first_s)
        self._label_begins = False

    def _on_label(self, label: str) -> None:
        self._label, self._label_begins = label, True

    def _on_link(self, state: LinkState, text: str) -> None:
        if state is LinkState.STREAMING:  # a replay says so for each clip, and the next may bear the same label
            self._label_begins = bool(self._label)
        if state is not LinkState.IDLE:
            self.state_text = text

    def _on_live(self, state: LinkState, text: str, facts: dict[str, Any]) -> None:
        if state is LinkState.LOST and "classes" not in facts:
            self.failure = PskdError(text, code=str(facts.get("code", "live.start")))
            self._ready.set()
        elif state in (LinkState.STALLED, LinkState.STREAMING):
            self._ready.set()
        if state is not LinkState.IDLE:
            self.state_text = text
