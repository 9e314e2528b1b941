"""The vision child as seen from the window and the recorder: open a camera, hear its frames, survive its failures.

Neither cv2 nor MediaPipe is imported here: they live in the child.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pskd.clock import now_s
from pskd.errors import PskdError, WrongUse
from pskd.events import Event
from pskd.types import LinkState, PoseFrame
from pskd.vision import messages, preview
from pskd.vision.base import Picture
from pskd.workers.parent import Child

OnFrame = Callable[[PoseFrame], None]
OnState = Callable[[LinkState, str, dict[str, Any]], None]
OnPreview = Callable[[int], None]

SILENCE_S = 5.0  # a child beats every second
START_SILENCE_S = 30.0  # loading the libraries from a cold disk may take this long
TICK_S = 0.25
FILM_S = 10.0  # so long the end of a film is waited for
MAX_BARREN_STARTS = 5  # starts in a row without a single frame, after which it is given up
_COMMANDS_KEPT = 1000


class VisionClient:
    """One camera in a child process.

    Args:
        on_frame: called for each pose frame.
        on_state: called with the link state, one plain sentence, and facts: ``uri model width height rate_hz layout
            simulated latency_ms origin_s`` once they are known; ``code hint`` where the camera cannot be used,
            ``fault`` (a sentence) where something is wrong with it though it goes on.
        on_preview: called with the frame number when a new picture can be had from :meth:`latest_preview`.

    The callbacks come on threads of the client, must be quick, and must not call :meth:`close`.
    """

    def __init__(self, on_frame: OnFrame, on_state: OnState, on_preview: OnPreview | None = None) -> None:
        self._on_frame = on_frame
        self._on_state = on_state
        self._on_preview = on_preview
        self._lock = threading.RLock()  # guards what follows
        self._child: Child | None = None
        self._order: dict[str, Any] = {}
        self._commands: deque[tuple[str, dict[str, Any]]] = deque(maxlen=_COMMANDS_KEPT)
        self._film: dict[str, Any] | None = None
        self._films: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._heard_s = 0.0
        self._streaming = False
        self._died = False
        self._starts = 0
        self._why = ""
        self._block = ""
        self._block_size = (0, 0)
        self._reader: preview.PreviewReader | None = None
        self._done = threading.Event()  # ended, failed or closed: nothing is to be started again
        self._settled = threading.Event()
        self._error: PskdError | None = None
        self._facts: dict[str, Any] = {}
        self._keeper: threading.Thread | None = None

    def open(self, uri: str, model: str = "full") -> None:
        """Open a camera; what was open before is closed. Returns at once, the rest is told by ``on_state``.

        Args:
            uri: such as ``webcam:0``, ``video:squats.mp4``, ``sim:squat``.
            model: ``lite``, ``full`` or ``heavy``.
        """
        self.close()
        preview.sweep()
        with self._lock:
            self._order = {"uri": uri, "model": model, "number": -1, "grab_s": 0.0, "origin_s": None}
            self._commands.clear()
            self._film = None
            self._starts, self._why, self._error, self._facts = 0, "", None, {}
            self._done.clear()
            self._settled.clear()
            self._start()
        self._keeper = threading.Thread(target=self._keep, name="vision-keeper", daemon=True)
        self._keeper.start()

    def wait_ready(self, timeout_s: float = START_SILENCE_S) -> dict[str, Any]:
        """Wait until the camera streams, and give its facts.

        Raises:
            PskdError: the camera cannot be used, or does not stream in time.
        """
        settled = self._settled.wait(timeout_s)
        if self._error is not None:
            raise self._error
        if not settled:
            raise PskdError(
                "The camera does not start.", code="camera.timeout", hint="Close other programs, try again."
            )
        return dict(self._facts)

    def command(self, name: str, **arguments: Any) -> None:
        """Give the camera a hint, such as ``perform`` with ``label`` and ``t_s``; it is repeated to a new child."""
        with self._lock:
            self._commands.append((name, arguments))
            if self._child is not None:
                self._child.send("command", name=name, arguments=arguments)

    def keep_film(self, folder: Path, start_s: float) -> None:
        """Keep the pictures as ``film.avi`` with ``film_times.csv`` in a take's folder; a new child goes on with it.

        Args:
            folder: of the take.
            start_s: the take's start on the shared clock.
        """
        with self._lock:
            self._film = {"folder": str(folder.absolute()), "start_s": start_s}
            if self._child is not None:
                self._child.send("film", **self._film)

    def end_film(self) -> dict[str, Any] | None:
        """Close the film and wait for it: ``film frames dropped problem``; None where none was kept.

        A camera process that does not answer in time is a ``problem`` too, and then the only key.
        """
        with self._lock:
            film, self._film = self._film, None
            child = self._child
            self._films = queue.SimpleQueue()  # what was told too late of an earlier film is none of this one
        if film is None:
            return None
        if child is not None:
            child.send("film", folder="")
            with contextlib.suppress(queue.Empty):
                return self._films.get(timeout=FILM_S)
        return {"problem": "The camera process did not answer when the film was to be closed."}

    def latest_preview(self) -> tuple[int, Picture] | None:
        """The newest picture: its frame number and ``(H, W, 3)`` uint8 RGB; None where there is none.

        The frame of that number has been sent before; it may still be on its way for a moment.
        """
        with self._lock:
            if self._reader is None and self._block and self._block_size[0]:
                with contextlib.suppress(OSError, ValueError):
                    self._reader = preview.PreviewReader(self._block, *self._block_size)
            return self._reader.latest() if self._reader is not None else None

    @property
    def pid(self) -> int | None:
        """Process id of the child, or None."""
        child = self._child
        return child.pid if child is not None else None

    def close(self) -> None:
        """End the child and free everything; may be called twice."""
        self._done.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.close()
        with self._lock:
            self._drop_preview()

    def _start(self) -> None:
        """Start a child and give it the order; the lock is held."""
        self._drop_preview()
        self._block = preview.new_name()
        self._heard_s, self._streaming, self._died = now_s(), False, False
        self._starts += 1
        block = self._block
        self._child = child = Child("vision", lambda event: self._hear(block, event))
        child.send("open", preview=block, **self._order)
        for name, arguments in self._commands:
            child.send("command", name=name, arguments=arguments)
        if self._film is not None:
            child.send("film", **self._film)

    def _drop_preview(self) -> None:
        if self._reader is not None:
            self._reader.close()
        if self._block:
            preview.remove(self._block)  # the child does so itself, unless it was killed
        self._reader, self._block, self._block_size = None, "", (0, 0)

    def _hear(self, block: str, event: Event) -> None:
        """One event of the child that owns ``block``; an earlier child is not listened to."""
        if block != self._block:
            return
        self._heard_s = now_s()
        match event["event"]:
            case "frame":
                self._hear_frame(messages.unpack(event))
            case "preview" if self._on_preview is not None:
                self._on_preview(int(event["number"]))
            case "film":
                self._films.put({key: value for key, value in event.items() if key != "event"})
            case "state":
                self._hear_state(event)
            case "failed":
                self._fail(_as_error(event))
            case "error":
                self._why = f"{event.get('message', '')}"
            case "exit" if not self._done.is_set():
                self._died = True

    def _hear_frame(self, frame: PoseFrame) -> None:
        self._order |= {"number": frame.number, "grab_s": frame.grab_s}
        self._starts = 0
        self._on_frame(frame)

    def _hear_state(self, event: Event) -> None:
        facts, state = dict(event["facts"]), LinkState(event["state"])
        if state == LinkState.STREAMING:
            self._order["origin_s"] = facts.get("origin_s")
            self._block_size = facts["preview_width"], facts["preview_height"]
            self._facts, self._streaming = facts, True
        if state == LinkState.IDLE:
            self._done.set()
        self._on_state(state, str(event["text"]), facts)
        if state in (LinkState.STREAMING, LinkState.IDLE):
            self._settled.set()

    def _fail(self, error: PskdError) -> None:
        self._error = error
        self._done.set()
        self._on_state(LinkState.IDLE, error.message, self._facts | {"code": error.code, "hint": error.hint})
        self._settled.set()

    def _keep(self) -> None:
        """Watch over the child: a dead one is replaced, a silent one is killed and then replaced."""
        ticked_s = now_s()
        while not self._done.wait(TICK_S):
            slept_s, ticked_s = now_s() - ticked_s, now_s()
            if slept_s > 2.0:  # this process did not run either (a laptop that slept)
                self._heard_s = now_s()
            silence_s = now_s() - self._heard_s
            if self._died:
                self._replace(self._why or "The camera process ended.")
            elif silence_s > (SILENCE_S if self._streaming else START_SILENCE_S):
                self._replace("The camera process does not answer.")

    def _replace(self, why: str) -> None:
        with self._lock:
            child, self._child = self._child, None
            self._drop_preview()  # from here on the old child is not heard
        if child is not None:
            child.kill()
            child.close()
        self._on_state(LinkState.LOST, f"{why} It is started again.", dict(self._facts))
        if self._starts >= MAX_BARREN_STARTS:
            hint = "Try another camera or pose model, or look at the log."
            self._fail(PskdError(f"The camera process fails again and again. {why}", code="vision.failing", hint=hint))
            return
        if self._done.wait(min(2.0, 0.5 * max(0, self._starts - 1))):
            return
        with self._lock:
            self._start()


def list_cameras(timeout_s: float = 15.0) -> list[dict[str, str]]:
    """The cameras of this computer as ``{"uri": "webcam:0", "name": "..."}``, asked of a child of its own.

    Raises:
        PskdError: the child did not answer.
    """
    answers: queue.SimpleQueue[Event] = queue.SimpleQueue()
    child = Child("vision", lambda event: answers.put(event) if event["event"] in ("cameras", "exit") else None)
    try:
        child.send("list")
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        answer = {}
    finally:
        child.close()
    if answer.get("event") != "cameras":
        raise PskdError(
            "The cameras cannot be listed.", code="camera.list", hint="Unplug cameras one by one and retry."
        )
    return [{"uri": str(camera["uri"]), "name": str(camera["name"])} for camera in answer["cameras"]]


def _as_error(event: Event) -> PskdError:
    message, code, hint = str(event.get("message")), str(event.get("code")), str(event.get("hint") or "")
    kind = WrongUse if event.get("exit_code") == WrongUse.exit_code else PskdError
    return kind(message, code=code, hint=hint)
