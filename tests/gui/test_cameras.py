"""Cameras are listed off the window's thread where that takes a while."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from app.bridge.cameras import Cameras
from app.bridge.session import Session
from pskd.errors import PskdError


def test_the_vision_child_is_asked_once_and_its_answer_is_offered(qtbot: QtBot, session: Session) -> None:
    asked_on: list[str] = []

    def look() -> list[dict[str, str]]:
        asked_on.append(threading.current_thread().name)
        return [{"uri": "webcam:0", "name": "Front camera"}]

    cameras = Cameras(session.tasks, look)
    with qtbot.waitSignal(cameras.changed, timeout=5000):
        assert [choice.uri for choice in cameras.choices()] == ["sim:", ""]
        cameras.choices()
    assert [choice.name for choice in cameras.choices()] == ["Simulated person", "Front camera", "No camera"]
    assert asked_on == ["task"]


def test_where_they_cannot_be_listed_the_first_one_can_be_tried(qtbot: QtBot, session: Session) -> None:
    def look() -> list[dict[str, str]]:
        raise PskdError("The cameras cannot be listed.", code="camera.list")

    cameras = Cameras(session.tasks, look)
    with qtbot.waitSignal(cameras.changed, timeout=5000):
        cameras.choices()
    assert [choice.uri for choice in cameras.choices()] == ["sim:", "webcam:0", ""]


def test_linux_answers_at_once(session: Session) -> None:
    uris = [choice.uri for choice in Cameras(session.tasks, None).choices()]
    assert uris[0] == "sim:" and uris[-1] == ""
