"""``pskd live RUN --device URI``: predictions from a watch, in the terminal."""

from __future__ import annotations

import queue
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
import numpy as np

from pskd.cli.numbers import Number
from pskd.clock import now_s
from pskd.errors import PskdError
from pskd.types import LinkState, Prediction, SampleBlock

if TYPE_CHECKING:
    from pskd.live.agreement import Agreement

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
    """A student on a watch, with what came out counted.

    Args:
        run: a run's folder or a bundle.
        device: the watch's URI.
        hop_s: seconds of signal between two predictions.

    Raises:
        PskdError: the bundle or the URI cannot be used.
    """

    def __init__(self, run: Path, device: str, hop_s: float) -> None:
        from pskd.live.agreement import Referee
        from pskd.live.link import LiveLink

        self._predictions: queue.SimpleQueue[Prediction] = queue.SimpleQueue()
        self._link = LiveLink(
            run,
            device,
            on_prediction=self._predictions.put,
            on_block=lambda block: None,
            on_truth=self._begin_segment,
            on_link=self._hear_link,
            on_student=self._hear_student,
            hop_s=hop_s,
        )
        self.manifest = self._link.manifest
        self.device = self._link.device
        self.state_text = "Starting."
        self.news = ""
        self.rate_hz = 0.0
        self.simulated = False
        self.speed = 1.0
        self.referee = Referee(self.manifest.classes, self.manifest.sensor.window_s)
        self.latencies_ms: list[float] = []
        self.labels: dict[str, int] = {}

    @property
    def ended(self) -> bool:
        """The watch has ended by itself or was given up, or the student was."""
        return self._link.ended

    @property
    def failure(self) -> PskdError | None:
        """Why nothing more will come, or None."""
        return self._link.failure

    def start(self) -> None:
        """Load the student, then open the watch.

        Raises:
            PskdError: one of them cannot be used.
        """
        found, stream = self._link.start()
        self.rate_hz, self.simulated, self.speed = stream.rate_hz, found.simulated, found.speed

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
        self._link.close(DRAIN_S)

    def summary(self) -> dict[str, Any]:
        """What came out: counts, latencies in ms, agreement with the truth where there is one."""
        latencies = np.array(self.latencies_ms)
        found: dict[str, Any] = {
            "predictions": len(latencies),
            "labels": self.labels,
            "device": self.device,
            "dropped_blocks": self._link.dropped,
        }
        if len(latencies):
            p50, p95, p99 = np.percentile(latencies, [50, 95, 99])
            found["speed"] = self.speed  # other than 1: packets queue, and latency says nothing of a real watch
            found["latency_ms"] = {"p50": p50, "p95": p95, "p99": p99, "max": latencies.max()}
        agreement: Agreement | None = self.referee.result()
        if agreement is not None:
            found["agreement"] = {"share": agreement.share, **msgspec.to_builtins(agreement)}
        return found

    def _begin_segment(self, label: str, block: SampleBlock) -> None:
        from pskd.live.agreement import first_s

        self.referee.label(label, first_s(block))

    def _hear_link(self, state: LinkState, text: str) -> None:
        if state is not LinkState.IDLE:
            self.state_text = self.news = text

    def _hear_student(self, state: LinkState, text: str) -> None:
        if state is not LinkState.IDLE:
            self.state_text = text
        if state is LinkState.LOST:
            self.news = text
