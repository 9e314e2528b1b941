"""One session of the live page: a student on a watch, opened and closed off the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.bridge.live_feed import LiveFeed

if TYPE_CHECKING:
    from pskd.errors import PskdError
    from pskd.live.link import LiveLink
    from pskd.types import LinkState

HOP_S = 0.2
GONE_S = 10.0

OnState = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Opened:
    """What is running.

    Attributes:
        classes: of the student, in the order of its probabilities.
        unsure_below: confidence under which an answer is ``unsure``.
        window_s: how much signal one answer is made from.
        rate_hz: nominal rate of the watch.
        simulated: no hardware is involved.
        replayed: a recording is played.
        performer: it is the simulated performer, who can be told what to do.
    """

    classes: tuple[str, ...]
    unsure_below: float
    window_s: float
    rate_hz: float
    simulated: bool
    replayed: bool
    performer: bool


class LiveSession:
    """``start`` and ``close`` may wait, so they run off the window's thread.

    Args:
        run: a run's folder or a bundle.
        uri: of the watch.
        on_link: the watch's link state and one sentence; on any thread.
        on_student: the live process's state, and one sentence.
        on_over: why nothing more will come; on any thread.
        after: the session before, which may still hold the same watch or the same port.

    Attributes:
        feed: what comes of it; None until the student's facts are known.
    """

    def __init__(
        self,
        run: Path,
        uri: str,
        on_link: OnState,
        on_student: OnState,
        on_over: Callable[[PskdError], None],
        after: LiveSession | None = None,
    ) -> None:
        self.run, self.uri = run, uri
        self.feed: LiveFeed | None = None
        self._on_link, self._on_student, self._on_over = on_link, on_student, on_over
        self._after = after
        self._link: LiveLink | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._gone = threading.Event()

    @property
    def student_pid(self) -> int | None:
        """Process id of the live process, or None."""
        return self._link.student_pid if self._link is not None else None

    def start(self) -> Opened:
        """Load the student, then open the watch.

        Raises:
            PskdError: one of them cannot be used, or it was closed meanwhile.
        """
        if self._after is not None:
            self._after.wait_gone(GONE_S)
            self._after = None
        link = self._connect()
        found, stream = link.start()
        manifest, scheme = link.manifest, self.uri.partition(":")[0]
        return Opened(
            tuple(manifest.classes), manifest.calibration.unsure_below, manifest.sensor.window_s, stream.rate_hz,
            found.simulated, scheme == "replay", scheme == "sim",
        )  # fmt: skip

    def perform(self, label: str) -> None:
        """Tell the simulated performer what to do from now on."""
        if self._link is not None:
            self._link.perform(label)

    def close(self) -> None:
        """Close both; safe to call twice and while ``start`` waits."""
        with self._lock:
            self._closed = True
        if self._link is not None:
            self._link.close()
        self._gone.set()

    def wait_gone(self, timeout_s: float) -> None:
        """Wait until it is closed, and what it waits for itself; no longer than that for each."""
        if (after := self._after) is not None:
            after.wait_gone(timeout_s)
        self._gone.wait(timeout_s)

    def _connect(self) -> LiveLink:
        from pskd.errors import PskdError
        from pskd.live.agreement import Referee
        from pskd.live.link import LiveLink

        feed = LiveFeed()
        link = LiveLink(
            self.run, self.uri, on_prediction=feed.take_prediction, on_block=feed.take_block,
            on_truth=feed.take_truth, on_link=self._hear_link, on_student=self._hear_student, hop_s=HOP_S,
        )  # fmt: skip
        feed.referee = Referee(link.manifest.classes, link.manifest.sensor.window_s)
        with self._lock:
            if not self._closed:
                self._link, self.feed = link, feed
                return link
        link.close()
        raise PskdError("It was closed meanwhile.", code="live.closed")

    def _hear_link(self, state: LinkState, text: str) -> None:
        self._on_link(str(state), text)

    def _hear_student(self, state: LinkState, text: str) -> None:
        self._on_student(str(state), text)
        if self._link is not None and self._link.failure is not None:
            self._on_over(self._link.failure)
