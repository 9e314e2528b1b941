"""The parent's side of the live process: feed blocks, hear predictions, start it again when it dies."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pskd.clock import now_s
from pskd.events import Event
from pskd.live.pipeline import HOP_S
from pskd.live.wire import pack_block, unpack_prediction
from pskd.types import LinkState, Prediction, SampleBlock
from pskd.workers.parent import Child

OnPrediction = Callable[[Prediction], None]
OnState = Callable[[LinkState, str, dict[str, Any]], None]

MAX_RESTARTS = 5
_STEADY_S = 60.0
_SILENT_S = 8.0
_STARTING_S = 60.0
_WAITING_BLOCKS = 512
_HELD_BLOCKS = 8


class LiveClient:
    """Runs the student in a child process.

    States: CONNECTING (the student is being loaded), STALLED (waiting for signal), STREAMING (predicting), LOST (the
    process died and is started again; where the facts say ``over``, the bundle was refused or the process keeps dying,
    and nothing more comes until another ``open``), IDLE (closed).

    Args:
        on_prediction: called for each prediction on the reader's thread; must be quick.
        on_state: called with the state, one plain sentence and facts: after ``ready`` they hold ``classes``, ``name``,
            ``rate_hz``, ``window_s``, ``hop_s``, ``unsure_below``; while waiting ``missing_s``; for an error ``code``,
            ``message`` and ``hint``; with LOST ``over``.
    """

    def __init__(self, on_prediction: OnPrediction, on_state: OnState) -> None:
        self._on_prediction = on_prediction
        self._on_state = on_state
        self._lock = threading.Lock()
        self._queue: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue(_WAITING_BLOCKS)
        self._pongs: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._child: Child | None = None
        self._generation = 0
        self._opened: dict[str, Any] = {}
        self._ready = False
        self._facts: dict[str, Any] = {}
        self._deaths: list[float] = []
        self._heard_s = 0.0
        self._sender = threading.Thread(target=self._send_loop, name="live-sender", daemon=True)
        self.dropped = 0

    @property
    def pid(self) -> int | None:
        """Process id of the child, or None."""
        return None if self._child is None else self._child.pid

    def open(self, bundle: Path, *, rate_hz: float = 0.0, hop_s: float = HOP_S) -> None:
        """Load a student; returns at once, ``on_state`` tells how it went.

        Args:
            bundle: a bundle's folder, or a run's that holds one.
            rate_hz: nominal rate of the watch's stream; 0 where unknown.
            hop_s: seconds of signal between two predictions.
        """
        with self._lock:
            self._opened = {"bundle": str(bundle.resolve()), "rate_hz": rate_hz, "hop_s": hop_s}
            self._ready = False
            started = self._child is not None
        self._say(LinkState.CONNECTING, "The student is being loaded.")
        if started:
            self._put("open", self._opened)
        else:
            self._start()
            self._sender.start()

    def push(self, block: SampleBlock, *, wait: bool = False) -> None:
        """Feed one block. Blocks that come before the student is loaded are left out.

        Args:
            block: samples of the accelerometer.
            wait: hold the caller while too many blocks are on their way (a recording that is played faster than it can
                be followed); else the oldest is dropped and counted in ``dropped``.
        """
        if not self._ready:
            return
        if wait:
            while self._queue.qsize() >= _HELD_BLOCKS and self._ready and not self._closed.wait(0.001):
                pass
        self._put("block", pack_block(block))

    def reset(self, *, rate_hz: float = 0.0) -> None:
        """Forget the signal so far: another watch streams now, at this nominal rate (0 where unknown)."""
        with self._lock:
            self._opened["rate_hz"] = rate_hz
        self._put("reset", {"rate_hz": rate_hz})

    def drain(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything that was fed has been answered; False where that took too long."""
        number = int(now_s() * 1e6)
        self._put("ping", {"number": number})
        deadline = now_s() + timeout_s
        while (left := deadline - now_s()) > 0:
            try:
                if self._pongs.get(timeout=left) == number:
                    return True
            except queue.Empty:
                break
        return False

    def close(self) -> None:
        """End the child; no callback comes after the last one, which says IDLE."""
        if self._closed.is_set():
            return
        self._closed.set()
        with self._lock:
            child, self._child = self._child, None
        if self._sender.is_alive():
            self._put("stop", {})
            self._sender.join(2.0)
        if child is not None:
            child.close()
        self._on_state(LinkState.IDLE, "Closed.", {})

    def _put(self, kind: str, fields: dict[str, Any]) -> None:
        while True:
            try:
                self._queue.put_nowait((kind, fields))
                return
            except queue.Full:
                try:
                    self._queue.get_nowait()
                    self.dropped += 1
                except queue.Empty:
                    continue

    def _send_loop(self) -> None:
        while not self._closed.is_set():
            try:
                kind, fields = self._queue.get(timeout=1.0)
            except queue.Empty:
                kind, fields = "", {}
            child = self._child
            if child is None:
                continue
            if kind:
                child.send(kind, **fields)
            if now_s() - self._heard_s > (_SILENT_S if self._ready else _STARTING_S):
                child.kill()

    def _start(self) -> None:
        with self._lock:
            if self._closed.is_set():
                return
            self._generation += 1
            generation = self._generation
            self._heard_s = now_s()
            self._child = Child("live", lambda event: self._hear(generation, event))
            self._child.send("open", **self._opened)

    def _hear(self, generation: int, event: Event) -> None:
        if self._closed.is_set() or generation != self._generation:
            return
        self._heard_s = now_s()
        match event["event"]:
            case "prediction":
                self._on_prediction(unpack_prediction(event, now_s()))
            case "ready":
                self._facts = {name: value for name, value in event.items() if name != "event"}
                self._ready = True
            case "waiting":
                self._tell_waiting(float(event.get("missing_s", 0.0)))
            case "pong":
                self._pongs.put(int(event["number"]))
            case "error":
                text = f"{event.get('message', '')} {event.get('hint', '')}".strip()
                state = LinkState.STREAMING if self._ready else LinkState.LOST
                parts = {name: str(event.get(name, "")) for name in ("code", "message", "hint")}
                self._say(state, text, over=not self._ready, **parts)
            case "exit":
                self._revive(int(event.get("code") or 0))

    def _tell_waiting(self, missing_s: float) -> None:
        if missing_s > 0:
            self._say(LinkState.STALLED, f"Waiting for {missing_s:.1f} s more of signal.", missing_s=missing_s)
        else:
            self._say(LinkState.STREAMING, "Predicting.")

    def _revive(self, code: int) -> None:
        """Start again after a pause that grows; give up after several deaths within a minute."""
        self._ready = False
        self._deaths = [t for t in self._deaths if now_s() - t < _STEADY_S] + [now_s()]
        if len(self._deaths) > MAX_RESTARTS:
            message, hint = "The live process keeps ending.", "Close other programs, or choose another student."
            text = f"{message} {hint}"
            self._say(LinkState.LOST, text, code="live.died", message=message, hint=hint, over=True)
            return
        text = f"The live process ended ({code}); it is started again."
        self._say(LinkState.LOST, text, code="live.died", over=False)
        timer = threading.Timer(0.1 * 2 ** (len(self._deaths) - 1), self._restart)
        timer.daemon = True
        timer.start()

    def _restart(self) -> None:
        with self._lock:
            dead, self._child = self._child, None
        if dead is not None:
            dead.close()
        if not self._closed.is_set():
            self._say(LinkState.CONNECTING, "The student is being loaded again.")
            self._start()

    def _say(self, state: LinkState, text: str, **facts: Any) -> None:
        if not self._closed.is_set():
            self._on_state(state, text, {**self._facts, **facts})
