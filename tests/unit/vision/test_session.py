"""A session on a camera that fails in every way: each is told, and healed where it can be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

from pskd.clock import now_s
from pskd.errors import PskdError
from pskd.types import LinkState
from pskd.vision import messages, session
from pskd.vision.base import Camera, CameraFacts, CameraLost, Resume, Shot
from pskd.vision.cameras import CAMERAS
from pskd.vision.pose import PoseEstimator, nobody
from pskd.vision.session import Order, Session

RATE_HZ = 100.0


class Flaky(Camera):
    """Follows a script: a number of shots, ``lost``, ``absent`` (cannot be opened), ``pause``, ``bug``."""

    script: ClassVar[Iterator[object]] = iter(())
    told: ClassVar[list[str]] = []

    def open(self, resume: Resume | None = None) -> CameraFacts:
        self.left, self.number = next(self.script, 0), -1
        if self.left == "absent":
            raise PskdError("There is no camera.", code="camera.missing")
        return CameraFacts(32, 24, RATE_HZ, simulated=True, own_pose=True)

    def grab(self) -> Shot | None:
        if self.left == 0:
            self.left = next(self.script, None)
        if self.left == "lost":
            raise CameraLost("The camera went away.")
        if self.left == "bug":
            raise ZeroDivisionError("a bug")
        if self.left == "pause":
            self.interrupted.wait(0.4)
            self.left = 1
        if not isinstance(self.left, int) or self.interrupted.wait(1 / RATE_HZ):
            return None
        self.left, self.number = self.left - 1, self.number + 1
        stamp_s = now_s()
        return Shot(stamp_s, self.number, np.full((24, 32, 3), 7, np.uint8), nobody(stamp_s, self.number))

    def close(self) -> None:
        pass

    def command(self, name: str, arguments: dict[str, object]) -> None:
        self.told.append(name)


class Heard:
    """What a session sent."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._changed = threading.Condition()

    def send(self, kind: str, /, **fields: Any) -> None:
        with self._changed:
            self.events.append((kind, fields))
            self._changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, 20.0), self.events

    def states(self) -> list[str]:
        return [fields["state"] for kind, fields in self.events if kind == "state"]

    def frames(self) -> list[Any]:
        return [messages.unpack(fields) for kind, fields in self.events if kind == "frame"]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[Session, Heard]]]:
    CAMERAS.names()
    monkeypatch.setitem(CAMERAS._entries, "flaky", Flaky)
    monkeypatch.setattr(session, "RETRY_S", 0.05)
    monkeypatch.setattr(session, "STALL_S", 0.15)
    running: list[Session] = []

    def start(*script: object, **order: Any) -> tuple[Session, Heard]:
        Flaky.script, Flaky.told = iter(script), []
        heard = Heard()
        running.append(Session(Order(uri="flaky:", **order), heard.send))
        running[-1].start()
        return running[-1], heard

    yield start
    for each in running:
        assert each.stop()


def test_a_camera_that_ends_is_told_idle(play: Callable[..., tuple[Session, Heard]]) -> None:
    _, heard = play(3)
    heard.wait(lambda: "idle" in heard.states())
    assert heard.states() == ["connecting", "streaming", "idle"]
    assert heard.frames()[-1].number == 2


def test_a_lost_camera_is_tried_until_it_is_back(play: Callable[..., tuple[Session, Heard]]) -> None:
    running, heard = play(5, "lost", "absent", "absent", 5)
    running.command("perform", {})
    heard.wait(lambda: "idle" in heard.states())
    assert heard.states() == ["connecting", "streaming", "lost", "connecting", "streaming", "idle"]
    frames = heard.frames()
    numbers, stamps = [frame.number for frame in frames], [frame.grab_s for frame in frames]
    assert (np.diff(numbers) > 0).all() and (np.diff(stamps) > 0).all()
    gap = int(np.argmax(np.diff(stamps)))
    assert numbers[gap + 1] - numbers[gap] == round((stamps[gap + 1] - stamps[gap]) * RATE_HZ)
    assert Flaky.told == ["perform", "perform"]


def test_a_silent_camera_is_told_stalled_and_streaming_again(play: Callable[..., tuple[Session, Heard]]) -> None:
    _, heard = play(3, "pause", 3)
    heard.wait(lambda: "idle" in heard.states())
    assert heard.states() == ["connecting", "streaming", "stalled", "streaming", "idle"]


def test_numbers_go_on_from_an_earlier_process(play: Callable[..., tuple[Session, Heard]]) -> None:
    grab_s = now_s() - 2.0
    _, heard = play(3, number=40, grab_s=grab_s)
    heard.wait(lambda: "idle" in heard.states())
    first = heard.frames()[0]
    assert first.number == 40 + round((first.grab_s - grab_s) * RATE_HZ)


def test_a_camera_that_cannot_be_opened_fails_once(play: Callable[..., tuple[Session, Heard]]) -> None:
    _, heard = play("absent")
    heard.wait(lambda: any(kind == "failed" for kind, _ in heard.events))
    assert heard.events[-1][1]["code"] == "camera.missing"


def test_an_unforeseen_error_is_kept_for_the_process_to_end_with(play: Callable[..., tuple[Session, Heard]]) -> None:
    running, heard = play(2, "bug")
    heard.wait(lambda: len(heard.frames()) > 0)
    running._thread.join(20.0)
    assert isinstance(running.fault, ZeroDivisionError)


def test_stopping_is_quiet(play: Callable[..., tuple[Session, Heard]]) -> None:
    running, heard = play(10_000)
    heard.wait(lambda: len(heard.frames()) > 2)
    assert running.stop()
    assert heard.states()[-1] == LinkState.STREAMING


def test_a_pose_model_that_does_not_return_is_noticed(play: Callable[..., tuple[Session, Heard]]) -> None:
    running, _ = play(1)
    with PoseEstimator("lite") as estimator:
        running._estimator = estimator
        assert not running.stuck
        estimator.busy_since_s = now_s() - session.STUCK_S - 1
        assert running.stuck
