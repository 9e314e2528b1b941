"""One open camera inside the vision child: a thread that grabs, a thread that finds poses, and what they report."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from pskd.clock import now_s
from pskd.errors import PskdError
from pskd.types import LinkState, PoseFrame
from pskd.uri import DeviceUri
from pskd.vision import messages, opencv
from pskd.vision.base import Camera, CameraFacts, CameraLost, Resume, Shot
from pskd.vision.cameras import CAMERAS
from pskd.vision.keep import FilmKeeper
from pskd.vision.pose import PeopleCounter, PoseEstimator
from pskd.vision.preview import PreviewWriter, fitted
from pskd.vision.slot import Slot

STALL_S = 2.0
RETRY_S = 1.0
STUCK_S = 10.0

Send = Callable[..., None]


class Order(msgspec.Struct, kw_only=True):
    """What to open: the fields of the ``open`` command.

    Attributes:
        uri: the camera.
        model: pose model.
        preview: name for the shared picture; empty for none.
        number: number of the last frame that an earlier process sent; -1 where there was none.
        grab_s: its stamp.
        origin_s: when the source's own time line started, where it has one.
    """

    uri: str
    model: str = "full"
    preview: str = ""
    number: int = -1
    grab_s: float = 0.0
    origin_s: float | None = None


class Session:
    """Runs one camera until it ends, fails or is stopped.

    Args:
        order: what to open.
        send: sends an event to the parent; used from several threads.

    Attributes:
        fault: the unforeseen error that ended it; the process should end with it.
    """

    def __init__(self, order: Order, send: Send) -> None:
        self._order = order
        self._send = send
        self._uri = DeviceUri.parse(order.uri)
        self._camera: Camera = CAMERAS.get(self._uri.scheme)(self._uri)
        self._commands: list[tuple[str, dict[str, object]]] = []
        self._stop = threading.Event()
        self.fault: Exception | None = None
        self._failure: Exception | None = None
        self._told_fault = ""
        self._preview: PreviewWriter | None = None
        self._film: FilmKeeper | None = None
        self._estimator: PoseEstimator | None = None
        self._facts: dict[str, Any] = {}
        self._state = LinkState.IDLE
        self._last = Resume(order.origin_s or 0.0, order.grab_s)
        self._last_number = order.number
        self._lost_at = -1  # number of the last shot before the camera was lost
        self._thread = threading.Thread(target=self._run, name="pose", daemon=True)

    def start(self) -> None:
        """Begin; everything else is told by events."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Stop, free camera and model; False where a thread hangs."""
        self._stop.set()
        self._camera.interrupt()
        self._thread.join(timeout_s)
        self.end_film()
        return not self._thread.is_alive()

    def command(self, name: str, arguments: dict[str, object]) -> None:
        """Pass a hint to the camera, also to one that is opened again later."""
        self._commands.append((name, arguments))
        self._camera.command(name, arguments)

    def keep_film(self, folder: Path, start_s: float) -> None:
        """Keep the pictures as a film in a take's folder until :meth:`end_film`."""
        self.end_film()
        self._film = FilmKeeper(folder, start_s, float(self._facts.get("rate_hz") or 30.0))

    def end_film(self) -> None:
        """Close the film and tell how it went; nothing where none is kept."""
        film, self._film = self._film, None
        if film is not None:
            self._send("film", **film.close())

    @property
    def stuck(self) -> bool:
        """True where the pose model has not come back for :data:`STUCK_S` seconds."""
        since_s = self._estimator.busy_since_s if self._estimator is not None else None
        return since_s is not None and now_s() - since_s > STUCK_S

    def _run(self) -> None:
        try:
            with contextlib.ExitStack() as stack:
                self._work(stack)
            if not self._stop.is_set():
                self._tell(
                    LinkState.IDLE, "The film has ended." if self._uri.scheme == "video" else "The camera ended."
                )
        except PskdError as error:
            self._send("failed", code=error.code, message=error.message, hint=error.hint, exit_code=error.exit_code)
        except Exception as error:
            self.fault = error

    def _work(self, stack: contextlib.ExitStack) -> None:
        self._tell(LinkState.CONNECTING, "Opening the camera.")
        stack.callback(self._close_camera)
        facts = self._camera.open(self._resume())
        counter: PeopleCounter | None = None
        if not facts.own_pose:
            self._estimator = stack.enter_context(PoseEstimator(self._order.model))
            if self._camera.glimpse is not None:
                self._estimator.warm_up(self._camera.glimpse)
            counter = PeopleCounter()
            stack.callback(counter.close)
        self._set_facts(facts)
        if self._order.preview:
            self._preview = PreviewWriter(self._order.preview, *fitted(facts.width, facts.height))
            stack.callback(self._preview.close)
        slot = Slot(live=facts.live)
        grabber = threading.Thread(target=self._grab_all, args=(slot,), name="grab", daemon=True)
        grabber.start()
        try:
            self._pose_all(slot, counter)
        finally:
            self._camera.interrupt()
            slot.close()
            grabber.join(STALL_S)
        if self._failure is not None:
            raise self._failure

    def _close_camera(self) -> None:
        self._camera.close()  # the one of now: a lost camera is replaced

    def _pose_all(self, slot: Slot, counter: PeopleCounter | None) -> None:
        patience_s = max(STALL_S, 3.0 / float(self._facts["rate_hz"]))
        while not slot.closed and not self._stop.is_set():
            shot = slot.take(patience_s)
            if shot is None:
                if self._state == LinkState.STREAMING and not slot.closed:
                    self._tell(LinkState.STALLED, "The camera sends nothing.")
                continue
            if self._state != LinkState.STREAMING and shot.number > self._lost_at:
                self._tell(LinkState.STREAMING, "The camera is running.")
            began_s = now_s()
            frame = self._pose_of(shot, counter)
            self._send("frame", **messages.pack(frame), pose_s=now_s() - began_s)
            self._show(shot)  # after its pose, so that whoever sees the picture knows the skeleton in it

    def _pose_of(self, shot: Shot, counter: PeopleCounter | None) -> PoseFrame:
        if shot.pose is not None:
            return dataclasses.replace(shot.pose, grab_s=shot.grab_s, number=shot.number)
        assert self._estimator is not None and counter is not None
        frame = self._estimator.estimate(shot)
        if not frame.people:
            return frame
        counter.offer(shot.picture, frame)
        return dataclasses.replace(frame, people=max(1, counter.people()))

    def _grab_all(self, slot: Slot) -> None:
        try:
            while not self._stop.is_set():
                try:
                    if not self._grab_until_end(slot):
                        break
                except CameraLost as error:
                    self._lost_at = self._last_number
                    self._tell(LinkState.LOST, str(error))
                    if not self._reopen():
                        break
        except Exception as error:
            self._failure = error  # raised again by the thread that owns the session
        finally:
            slot.close()

    def _grab_until_end(self, slot: Slot) -> bool:
        """Grab until the source ends (False). Numbers go on from what was sent before, by the time that passed."""
        offset: int | None = None
        while (shot := self._camera.grab()) is not None:
            if offset is None:
                offset = self._next_number(shot.grab_s) - shot.number
            shot = self._in_order(dataclasses.replace(shot, number=shot.number + offset))
            self._last = Resume(self._camera.origin_s or 0.0, shot.grab_s)
            self._last_number = shot.number
            slot.put(shot)  # first: the pose must not wait for the film
            film = self._film
            if film is not None:
                film.put(shot)
            if self._camera.fault != self._told_fault:
                self._told_fault = self._camera.fault
                self._tell(self._state, self._told_fault)
        return False

    def _next_number(self, grab_s: float) -> int:
        if self._last_number < 0:
            return 0
        return self._last_number + max(1, round((grab_s - self._last.grab_s) * float(self._facts["rate_hz"])))

    def _in_order(self, shot: Shot) -> Shot:
        if shot.grab_s > self._last.grab_s:
            return shot
        return dataclasses.replace(shot, grab_s=self._last.grab_s + 1e-6)

    def _reopen(self) -> bool:
        """Try the camera again every second; False when stopped meanwhile."""
        self._camera.close()
        while not self._stop.wait(RETRY_S):
            self._camera = CAMERAS.get(self._uri.scheme)(self._uri)
            try:
                self._camera.open(self._resume())
            except PskdError:
                self._camera.close()
                continue
            for name, arguments in self._commands:
                self._camera.command(name, arguments)
            self._tell(LinkState.CONNECTING, "The camera is back.")
            return True
        return False

    def _resume(self) -> Resume | None:
        return self._last if self._last_number >= 0 else None

    def _show(self, shot: Shot) -> None:
        if self._preview is None:
            return
        picture = shot.picture
        size = (int(self._facts["preview_width"]), int(self._facts["preview_height"]))
        if (picture.shape[1], picture.shape[0]) != size:
            cv2 = opencv.load()
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        self._preview.put(shot.number, picture)
        self._send("preview", number=shot.number)

    def _set_facts(self, facts: CameraFacts) -> None:
        width, height = fitted(facts.width, facts.height)
        self._facts = {
            "uri": self._order.uri,
            "model": "" if facts.own_pose else self._order.model,
            "width": facts.width,
            "height": facts.height,
            "rate_hz": facts.rate_hz,
            "layout": facts.layout,
            "simulated": facts.simulated,
            "latency_ms": round(1000 * facts.latency_s, 1),
            "preview_width": width,
            "preview_height": height,
        }

    def _tell(self, state: LinkState, text: str) -> None:
        self._state = state
        facts = self._facts | {"origin_s": self._camera.origin_s}
        if self._camera.fault:
            facts["fault"] = self._camera.fault
        self._send("state", state=str(state), text=text, facts=facts)
