from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from windowed import LONG_MS, record_for, record_page

from app.bridge.ring import Ring
from app.bridge.session import Session
from app.bridge.take_result import next_session
from app.widgets.sheet import Question, Sheet
from app.window import MainWindow
from pskd.library.library import Library
from pskd.recording.reader import read_manifest, read_segments, read_take
from pskd.recording.take import TakeState
from pskd.types import SampleBlock


@pytest.fixture
def record(qtbot: QtBot, window: MainWindow, session: Session, opened: Library) -> Iterator[Any]:
    """The Record page with the simulated watch alone, which is quick to open."""
    yield record_page(qtbot, window, session, camera="", watch="sim:")


def test_a_take_of_camera_and_watch_is_recorded_by_clicks(
    qtbot: QtBot, window: MainWindow, session: Session, opened: Library, notices: list[tuple[str, str, str]]
) -> None:
    session.change(camera="sim:", watch="sim:")
    qtbot.mouseClick(window.rail.buttons["record"], Qt.MouseButton.LeftButton)
    page: Any = window.pages["record"]
    qtbot.waitUntil(lambda: page.bridge.is_open, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not page.monitor.missing(page.bridge.status(), {"watch": "Watch"}, "sim:"), timeout=LONG_MS)
    page.setup.label.setCurrentText("squat")
    with qtbot.waitSignal(page.bridge.started, timeout=LONG_MS):
        qtbot.mouseClick(page.record_button, Qt.MouseButton.LeftButton)
    assert page.record_button.text() == "Stop"
    assert not page.setup.camera.isEnabled()
    qtbot.wait(1500)
    assert not window.grab().isNull()
    with qtbot.waitSignal(page.bridge.ended, timeout=LONG_MS) as ended:
        qtbot.mouseClick(page.record_button, Qt.MouseButton.LeftButton)
    assert page.result.isVisible()
    qtbot.mouseClick(page.result.keep, Qt.MouseButton.LeftButton)
    assert not page.result.isVisible()
    take = read_take(ended.args[0].folder)
    assert take.manifest.state == TakeState.COMPLETE
    assert len(take.streams["watch"].values) > 40
    assert len(take.streams["pose"].values) > 10
    assert [segment.label for segment in take.segments] == ["squat"]
    assert not [notice for notice in notices if notice[0] == "bad"]


def test_space_starts_and_stops(qtbot: QtBot, window: MainWindow, record: Any) -> None:
    record.setup.label.setCurrentText("wave")
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    question = window.findChild(Question)  # there is no camera
    assert question is not None
    assert "No camera is chosen." in question.card.findChildren(type(record.verdict))[1].text()
    with qtbot.waitSignal(record.bridge.started, timeout=LONG_MS):
        question.buttons["Record anyway"].click()
    window.setFocus()
    qtbot.wait(400)
    with qtbot.waitSignal(record.bridge.ended, timeout=LONG_MS):
        qtbot.keyClick(window, Qt.Key.Key_Space)


def test_cancel_starts_nothing(window: MainWindow, record: Any) -> None:
    record.setup.label.setCurrentText("wave")
    record.toggle()
    question = window.findChild(Question)
    assert question is not None
    question.buttons["Cancel"].click()
    assert not record.bridge.taking


def test_redo_sets_the_take_aside_and_deletes_nothing(qtbot: QtBot, record: Any) -> None:
    record.setup.label.setCurrentText("wave")
    folder = record_for(qtbot, record, 500)
    before = (folder / "raw.xdf").read_bytes()
    with qtbot.waitSignal(record.bridge.set_aside, timeout=LONG_MS):
        qtbot.mouseClick(record.result.redo, Qt.MouseButton.LeftButton)
    assert read_manifest(folder).state == TakeState.DISCARDED
    assert (folder / "raw.xdf").read_bytes() == before
    assert not record.result.isVisible()


def test_keys_label_what_is_done(qtbot: QtBot, window: MainWindow, record: Any) -> None:
    record.setup.show_mode("keys")
    qtbot.waitUntil(lambda: list(record.setup.keys.buttons) == ["squat", "wave"])
    with qtbot.waitSignal(record.bridge.started, timeout=LONG_MS):
        record.start()
    window.setFocus()
    for key, wait in ((Qt.Key.Key_1, 400), (Qt.Key.Key_2, 300), (Qt.Key.Key_2, 200)):
        qtbot.keyClick(window, key)
        qtbot.wait(wait)
    with qtbot.waitSignal(record.bridge.ended, timeout=LONG_MS) as ended:
        record.toggle()
    segments = read_segments(ended.args[0].folder)
    assert [(segment.label, segment.source) for segment in segments] == [("squat", "key"), ("wave", "key")]


def test_keys_do_nothing_without_a_take(qtbot: QtBot, window: MainWindow, record: Any) -> None:
    record.setup.show_mode("keys")
    qtbot.waitUntil(lambda: bool(record.setup.keys.buttons))
    qtbot.keyClick(window, Qt.Key.Key_1)
    assert not any(button.isChecked() for button in record.setup.keys.buttons.values())


def test_a_cued_take_shows_the_class_and_ends_by_itself(qtbot: QtBot, record: Any, tmp_path: Path) -> None:
    protocol = tmp_path / "fast.toml"
    protocol.write_text(
        'name = "Fast"\nclasses = ["squat", "wave"]\nseconds = 0.6\nrest_s = 0.3\nrepeats = 1\norder = "turns"\n'
        "countdown_s = 0.4\n"
    )
    record.setup.show_mode("cues")
    record.setup._own_protocol(str(protocol))
    with qtbot.waitSignal(record.bridge.started, timeout=LONG_MS):
        record.start()
    assert record.monitor.stage.cue.isVisible()
    qtbot.waitUntil(lambda: record.monitor.stage.cue.accessibleName() == "Now: Wave", timeout=LONG_MS)
    with qtbot.waitSignal(record.bridge.ended, timeout=LONG_MS) as ended:
        pass
    assert not record.monitor.stage.cue.isVisible()
    segments = read_segments(ended.args[0].folder)
    assert [(s.label, s.trial) for s in segments] == [("squat", 1), ("wave", 1)]
    assert {s.source for s in segments} <= {"cue", "movement"}
    assert all(0.3 <= round(s.end_s - s.start_s, 2) <= 0.6 for s in segments)


def test_a_bad_protocol_is_refused_in_words(record: Any, window: MainWindow, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("classes = 3")
    record.setup.show_mode("cues")
    record.setup._own_protocol(str(bad))
    record.toggle()
    assert not record.bridge.taking
    assert "No protocol is chosen." in [banner.message for banner in window.banners.banners]


def test_without_a_library_one_is_asked_for(qtbot: QtBot, window: MainWindow, session: Session) -> None:
    session.change(camera="", watch="sim:")
    window.turn_to("record")
    page: Any = window.pages["record"]
    page.toggle()
    assert window.findChild(Sheet) is not None


def test_a_watch_that_cannot_be_opened_is_told_and_another_can_be_chosen(
    qtbot: QtBot, window: MainWindow, record: Any, tmp_path: Path
) -> None:
    record.setup.use(watch=f"replay:{tmp_path / 'nothing'}")
    qtbot.waitUntil(lambda: bool(window.banners.banners), timeout=LONG_MS)
    assert "nothing" in window.banners.banners[0].message
    record.setup.use(watch="sim:")
    qtbot.waitUntil(lambda: record.bridge.is_open, timeout=LONG_MS)


def test_leaving_the_page_lets_go_of_the_devices_but_not_of_a_take(
    qtbot: QtBot, window: MainWindow, record: Any
) -> None:
    record.setup.label.setCurrentText("wave")
    with qtbot.waitSignal(record.bridge.started, timeout=LONG_MS):
        record.start()
    window.turn_to("home")
    qtbot.wait(800)
    assert record.bridge.taking
    assert record.busy()
    with qtbot.waitSignals([record.bridge.ended, record.bridge.closed], timeout=LONG_MS):
        record.stop()
    assert not record.bridge.is_open


def test_takes_of_one_subject_are_one_session(qtbot: QtBot, record: Any, opened: Library) -> None:
    record.setup.label.setCurrentText("wave")
    first, second = record_for(qtbot, record, 600), record_for(qtbot, record, 600)
    assert first.parent == second.parent
    record.setup.subject.setCurrentText("77")
    assert record_for(qtbot, record, 600).parent.parent.name == "sub-77"
    assert next_session(opened, "77", date.today()) == f"{date.today():%Y%m%d}b"


def test_a_take_that_was_cut_off_is_told_when_its_library_is_opened(
    qtbot: QtBot, window: MainWindow, session: Session, small_library: Path
) -> None:
    import msgspec

    from pskd import documents

    folder = next(small_library.glob("sub-*/ses-*/take-*"))
    documents.save(folder / "take.json", msgspec.structs.replace(read_manifest(folder), state=TakeState.RECORDING))
    session.open_library(small_library)
    qtbot.waitUntil(lambda: bool(window.banners.banners), timeout=LONG_MS)
    assert "was cut off" in window.banners.banners[0].message
    assert read_manifest(folder).state == TakeState.RECOVERED


@given(st.lists(st.tuples(st.integers(1, 12), st.floats(0.0, 0.2)), min_size=1, max_size=60), st.booleans())
def test_the_ring_keeps_order_and_stays_near_arrival(packets: list[tuple[int, float]], own_clock: bool) -> None:
    ring, rate, sent = Ring(64, 3, 50.0), 50.0, 0
    values: list[float] = []
    for count, delay in packets:
        numbers = np.arange(sent, sent + count)
        sent += count
        block = SampleBlock(
            "watch",
            1000.0 + sent / rate + delay,
            np.repeat(numbers[:, None], 3, axis=1).astype(np.float32),
            (numbers / rate + 5.0) if own_clock else None,
        )
        ring.push(block)
        values += numbers.tolist()
        times, kept = ring.read()
        assert kept[:, 0].tolist() == values[-64:]
        assert times[-1] <= block.arrival_s + 1e-6
        if own_clock:
            assert (np.diff(times) > -0.2).all()
