"""The live page: a simulated watch and a replayed take, each through a real student in its own process."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest
from pytestqt.qtbot import QtBot
from tiny_run import train

from app.bridge.live_feed import LiveFrame, bands, truth_bands
from app.bridge.live_session import Opened
from app.bridge.runs import runs_folder
from app.pages.live import LivePage
from app.pages.live_view import said
from app.window import MainWindow
from pskd.library.library import Library
from pskd.training import plan as plans
from pskd.types import Prediction

LONG = 120_000


@pytest.fixture(scope="session")
def _run(tmp_path_factory: pytest.TempPathFactory, _small_library: Path) -> Path:
    run = tmp_path_factory.mktemp("live") / "20260101-000000_tiny"
    train(_small_library, run)
    return run


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow, opened: Library, _run: Path) -> LivePage:
    target = runs_folder(opened.path) / _run.name
    shutil.copytree(_run, target)
    plans.save(target, msgspec.structs.replace(plans.load(target), library=str(opened.path)))
    window.turn_to("live")
    found = window.pages["live"]
    assert isinstance(found, LivePage)
    return found


def answers(page: LivePage) -> int:
    frame = page.bridge.frame()
    return len(frame.predictions) if frame else 0


def test_a_simulated_watch_is_predicted_and_said_to_be_simulated(qtbot: QtBot, page: LivePage) -> None:
    qtbot.waitUntil(lambda: page.run.count() == 1 and page.watch.count() > 1)
    page.start()
    qtbot.waitUntil(lambda: answers(page) >= 5, timeout=LONG)
    assert page.simulated.isVisible()
    assert page.link.text().endswith("Streaming")
    qtbot.waitUntil(lambda: bool(page.log.lines()), timeout=10_000)
    frame = page.bridge.frame()
    assert frame is not None and frame.truth is not None
    assert frame.truth[-1][1] in ("squat", "wave")
    assert frame.latency_ms is not None and frame.latency_ms < 2000
    page.toggle_hold()
    assert page._held
    page.clear()
    assert page.log.lines() == []
    page.bridge.stop()
    assert page.go.text() == "Start"


def test_takes_of_the_test_subject_are_replayed_with_their_truth(qtbot: QtBot, page: LivePage) -> None:
    qtbot.waitUntil(lambda: page.watch.count() > 1)
    uris = [str(page.watch.itemData(number)) for number in range(page.watch.count())]
    uri = next(text for text in uris if text.startswith("replay:"))
    assert "sub-02" in uri and "sub-01" not in uri
    page._watch_picked(uri)
    assert page.performs.isHidden()
    page.start()
    qtbot.waitUntil(lambda: answers(page) >= 15, timeout=LONG)
    qtbot.waitUntil(lambda: bool((f := page.bridge.frame()) and f.agreement), timeout=20_000)
    assert page.simulated.text() == "Simulated recording"
    page.present()
    assert page._present is not None
    page._present.close()
    assert page._present is None


def test_a_student_whose_process_dies_comes_back(qtbot: QtBot, page: LivePage) -> None:
    qtbot.waitUntil(lambda: page.run.count() == 1 and page.watch.count() > 1)
    page.start()
    qtbot.waitUntil(lambda: answers(page) >= 3, timeout=LONG)
    assert page.bridge.student_pid is not None
    pid = page.bridge.student_pid
    assert pid is not None
    psutil.Process(pid).kill()
    qtbot.waitUntil(lambda: any("started again" in line for line in page.log.lines()), timeout=20_000)
    before = answers(page)
    qtbot.waitUntil(lambda: answers(page) > before + 3, timeout=LONG)


def test_a_watch_that_cannot_be_opened_is_told_and_nothing_runs(
    qtbot: QtBot, page: LivePage, notices: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: page.run.count() == 1)
    page._wanted_watch = f"replay:{tmp_path / 'gone'}"
    page.start()
    qtbot.waitUntil(lambda: not page.bridge.running, timeout=LONG)
    assert any("gone" in message for _, message, _ in notices)
    assert page.go.text() == "Start"


def prediction(t_s: float, label: str, confidence: float = 0.9) -> Prediction:
    return Prediction(t_s, label, confidence, np.array([confidence, 1 - confidence], np.float32), 5.0)


OPENED = Opened(("squat", "wave"), 0.5, 4.0, 50.0, True, False, True)


def frame(*predictions: Prediction) -> LiveFrame:
    return LiveFrame(np.zeros(0), np.zeros((0, 3), np.float32), predictions, None, 50.0, 5.0, None)


def test_unsure_is_said_calmly_with_what_it_may_be() -> None:
    shown = said(frame(prediction(10.0, "unsure", 0.4)), OPENED, 10.1, "")
    assert (shown.words, shown.colour) == ("Unsure", -1)
    assert "Perhaps" in shown.note


def test_an_old_answer_is_not_shown_as_if_it_were_new() -> None:
    assert said(frame(prediction(10.0, "squat")), OPENED, 14.0, "").words == "No answer"
    assert said(frame(prediction(10.0, "squat")), OPENED, 10.2, "").words == "Squat"


def test_equal_answers_join_to_one_band_and_a_silence_parts_them() -> None:
    found = bands([prediction(1.0, "a"), prediction(1.2, "a"), prediction(1.4, "b"), prediction(5.0, "b")], 0.2)
    assert found == [(0.8, 1.2, "a"), (1.2, 1.4, "b"), (4.8, 5.0, "b")]


def test_truth_reaches_to_now_and_leaves_unlabelled_stretches_out() -> None:
    assert truth_bands([(1.0, "a"), (2.0, ""), (3.0, "b")], 4.0) == [(1.0, 2.0, "a"), (3.0, 4.0, "b")]
