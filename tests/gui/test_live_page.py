"""The live page: a simulated watch and a replayed take, each through a real student in its own process."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from tiny_run import train
from virtual.phones import SensorServerPhone

from app.bridge.live_feed import LiveFeed, LiveFrame, bands, truth_bands
from app.bridge.live_session import Opened
from app.bridge.runs import runs_folder
from app.pages.live import LivePage
from app.pages.live_view import said
from app.widgets.prediction_view import PredictionView
from app.window import MainWindow
from pskd.library.library import Library
from pskd.live.agreement import Referee
from pskd.training import plan as plans
from pskd.types import Prediction, SampleBlock

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


def started(qtbot: QtBot, page: LivePage) -> None:
    qtbot.waitUntil(lambda: page.run.count() == 1 and page.watch.count() > 1)
    page.start()
    qtbot.waitUntil(lambda: answers(page) >= 3, timeout=LONG)


def live_children() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # one that ends at this moment
            found += [child] if child.cmdline()[-1:] == ["live"] else []
    return found


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
    page.use_watch(uri)
    assert page.setup.performs.isHidden()
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
    page.setup.uri = f"replay:{tmp_path / 'gone'}"
    page.start()
    qtbot.waitUntil(lambda: not page.bridge.running, timeout=LONG)
    assert any("gone" in message for _, message, _ in notices)
    assert page.go.text() == "Start"


def test_coming_back_to_the_page_lets_student_and_watch_go_on(qtbot: QtBot, window: MainWindow, page: LivePage) -> None:
    started(qtbot, page)
    before, pid = answers(page), page.bridge.student_pid
    window.turn_to("home")
    with qtbot.waitSignal(page.bridge.watches_ready, timeout=20_000):
        window.turn_to("live")
    assert page.bridge.student_pid == pid and answers(page) >= before


def test_a_run_that_is_deleted_meanwhile_goes_on_and_is_told_when_it_is_needed_again(
    qtbot: QtBot, page: LivePage, notices: list[tuple[str, str, str]]
) -> None:
    started(qtbot, page)
    assert page.bridge.run is not None and page.bridge.student_pid is not None
    shutil.rmtree(page.bridge.run)
    with qtbot.waitSignal(page.bridge.runs_ready):
        page.enter()
    assert page.bridge.running and page.run.count() == 1 and page.go.isVisible()
    page.present()
    assert page._present is not None
    psutil.Process(page.bridge.student_pid).kill()
    qtbot.waitUntil(lambda: not page.bridge.running, timeout=LONG)
    assert [hint for _, message, hint in notices if "no bundle" in message] == ["Choose another student, or train one."]
    assert "no bundle" in page._present.view.answer._note
    qtbot.waitUntil(lambda: page.run.count() == 0 and page.empty.isVisible())
    page._present.close()


def test_stopping_and_starting_quickly_leaves_one_session_that_answers(qtbot: QtBot, page: LivePage) -> None:
    qtbot.waitUntil(lambda: page.run.count() == 1 and page.watch.count() > 1)
    for _ in range(7):
        page.toggle()
        qtbot.wait(20)
    qtbot.waitUntil(lambda: answers(page) >= 3, timeout=LONG)
    assert page.go.text() == "Stop"
    qtbot.waitUntil(lambda: len(live_children()) == 1, timeout=20_000)


def test_a_library_that_is_closed_ends_what_runs(qtbot: QtBot, page: LivePage) -> None:
    started(qtbot, page)
    page.session.close_library()
    assert not page.bridge.running
    qtbot.waitUntil(page.empty.isVisible)
    qtbot.waitUntil(lambda: not live_children(), timeout=20_000)


def test_the_presentation_holds_and_says_so_and_grows_with_its_screen(qtbot: QtBot, page: LivePage) -> None:
    qtbot.waitUntil(lambda: page.run.count() == 1 and page.watch.count() > 1)
    page.present()
    shown = page._present
    assert shown is not None and shown.view.answer._label == "Not started"
    with qtbot.waitSignal(page.bridge.opening):
        qtbot.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert shown.view.answer._label == "Loading the student"
    qtbot.waitUntil(lambda: answers(page) >= 3, timeout=LONG)
    qtbot.keyClick(shown, Qt.Key.Key_Space)
    assert page._held and shown.held.isVisible() and page.held.isVisibleTo(page)
    shown.showNormal()
    shown.resize(1024, 768)
    assert shown.view.signal.room().width() == shown.view.signal.width()
    shown.resize(3840, 2160)
    qtbot.waitUntil(lambda: shown.view.signal.room().width() < shown.view.signal.width() / 3)
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert page._present is None


def test_space_presses_the_button_that_has_the_focus(qtbot: QtBot, window: MainWindow, page: LivePage) -> None:
    qtbot.waitUntil(lambda: page.run.count() == 1 and page.watch.count() > 1)
    page.go.setFocus()
    qtbot.waitUntil(page.go.hasFocus)
    with qtbot.waitSignal(page.bridge.opening):
        qtbot.keyClick(page.go, Qt.Key.Key_Space)
    page.bridge.stop()


def test_only_the_list_that_was_asked_for_last_is_shown(qtbot: QtBot, page: LivePage) -> None:
    heard: list[object] = []
    page.bridge.runs_ready.connect(heard.append)
    for _ in range(3):
        page.bridge.refresh()
    page.session.close_library()
    qtbot.waitUntil(lambda: not page.session.tasks.busy)
    assert heard == [[]]


def test_a_watch_that_goes_and_comes_back_is_said_once_each(
    qtbot: QtBot, page: LivePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pskd.devices.engine.BACK_OFF_S", (0.2,))
    qtbot.waitUntil(lambda: page.run.count() == 1 and page.watch.count() > 1)
    with SensorServerPhone() as phone:
        page.use_watch(f"ws:127.0.0.1:{phone.port}?rate=50")
        page.start()
        qtbot.waitUntil(lambda: answers(page) >= 3, timeout=LONG)
    qtbot.waitUntil(lambda: page.view.answer._label == "No answer", timeout=20_000)
    assert not any(share for _, share, _ in page.view.bars._rows)
    assert "Start" in page.view.answer._note  # the server again, that is, in the phone's app
    assert page.student.text() == "Waiting"
    before = answers(page)
    with SensorServerPhone(port=phone.port):
        qtbot.waitUntil(lambda: answers(page) > before, timeout=LONG)
        qtbot.waitUntil(lambda: page.student.text() == "Predicting")
        told = [line for line in page.log.lines() if "Watch:" in line]
        assert len(told) == 2 and told[0].endswith("it streams again.")
        page.bridge.stop()


def prediction(t_s: float, label: str, confidence: float = 0.9, signal_s: float = 0.0) -> Prediction:
    return Prediction(t_s, label, confidence, np.array([confidence, 1 - confidence], np.float32), 5.0, signal_s)


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


def test_why_there_is_no_answer_is_said() -> None:
    shown = said(frame(prediction(10.0, "squat")), OPENED, 14.0, "The watch is lost.")
    assert (shown.words, shown.note) == ("No answer", "The watch is lost.")
    assert said(frame(), OPENED, 14.0, "Waiting for 2.0 s more of signal.").note.startswith("Waiting for 2.0 s")


def test_rate_and_latency_end_with_the_signal_and_clearing_forgets_the_count() -> None:
    feed = LiveFeed()
    feed.referee = Referee(["squat", "wave"], 0.5)
    for number in range(20):
        block = SampleBlock("watch", 100 + 0.1 * number, np.zeros((5, 3), np.float32), None)
        if not number:
            feed.take_truth("squat", block)
        feed.take_block(block)
    feed.take_prediction(prediction(101.9, "squat", signal_s=101.9))
    then = feed.frame(102.0)
    assert then.rate_hz == pytest.approx(50, rel=0.1) and then.latency_ms == 5.0 and then.agreement == (1.0, 1)
    later = feed.frame(130.0)
    assert later.rate_hz == 0 and later.latency_ms is None
    feed.clear()
    cleared = feed.frame(102.0)
    assert cleared.agreement is None and cleared.truth is not None and cleared.truth[-1][1] == "squat"


@pytest.mark.parametrize("name", ["W" * 200, "turning " * 20, "<b>squat</b> & more"])
def test_a_long_class_name_stays_within_its_place(qtbot: QtBot, name: str) -> None:
    view = PredictionView()
    qtbot.addWidget(view)
    view.resize(260, 150)
    view.set_prediction("", 0.9, 0)
    empty = view.grab().toImage()
    view.set_prediction(name, 0.9, 0)
    drawn = view.grab().toImage()
    assert drawn != empty
    edges = [x for x in (0, 1, 2, 257, 258, 259) for y in range(150) if drawn.pixel(x, y) != empty.pixel(x, y)]
    assert not edges
