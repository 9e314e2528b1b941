"""A student on a watch, for real, where one of the two fails."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from made_bundles import gravity_bundle

from pskd.errors import PskdError
from pskd.live.link import LiveLink
from pskd.types import LinkState, Prediction, SampleBlock

PATIENCE_S = 60.0


class Heard:
    """Everything that a link tells, with a way to wait for it."""

    def __init__(self) -> None:
        self.predictions: list[Prediction] = []
        self.truths: list[str] = []
        self.student: list[LinkState] = []
        self._changed = threading.Condition()

    def link(self, run: Path, device: str = "sim:rest") -> LiveLink:
        return LiveLink(
            run,
            device,
            on_prediction=lambda found: self._note(self.predictions, found),
            on_block=self._block,
            on_truth=lambda label, block: self._note(self.truths, label),
            on_link=lambda state, text: None,
            on_student=lambda state, text: self._note(self.student, state),
        )

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE_S), (self.student, len(self.predictions))

    def _block(self, block: SampleBlock) -> None:
        assert block.values.shape[1] == 3

    def _note(self, notes: list[Any], what: object) -> None:
        with self._changed:
            notes.append(what)
            self._changed.notify_all()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return gravity_bundle(tmp_path / "bundle")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def link(bundle: Path, heard: Heard) -> Iterator[LiveLink]:
    link = heard.link(bundle)
    yield link
    link.close()


def test_a_live_process_that_dies_while_it_loads_is_started_again(link: LiveLink, heard: Heard) -> None:
    starter = threading.Thread(target=link.start)
    starter.start()
    heard.wait(lambda: link.student_pid is not None)
    assert link.student_pid is not None
    psutil.Process(link.student_pid).kill()
    starter.join(PATIENCE_S)
    heard.wait(lambda: LinkState.LOST in heard.student)  # it may have been ready just before
    heard.wait(lambda: len(heard.predictions) > 2)
    assert link.failure is None and not link.ended
    assert heard.truths[:1] == ["rest"]


def test_a_student_whose_files_are_gone_when_its_process_dies_is_given_up(
    link: LiveLink, heard: Heard, bundle: Path
) -> None:
    link.start()
    shutil.rmtree(bundle)
    assert link.student_pid is not None
    psutil.Process(link.student_pid).kill()
    heard.wait(lambda: link.failure is not None)
    assert link.ended
    assert link.failure is not None and link.failure.code == "bundle.missing" and link.failure.hint


def test_a_live_process_that_keeps_dying_is_given_up(
    link: LiveLink, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pskd.live.client.MAX_RESTARTS", 0)
    link.start()
    assert link.student_pid is not None
    psutil.Process(link.student_pid).kill()
    heard.wait(lambda: link.failure is not None)
    assert "keeps ending" in str(link.failure)


def test_closing_ends_a_start_that_waits_for_the_watch(bundle: Path, heard: Heard) -> None:
    link = heard.link(bundle, "udp:0?token=12345678")
    raised: list[Exception] = []

    def start() -> None:
        try:
            link.start()
        except PskdError as error:
            raised.append(error)

    starter = threading.Thread(target=start)
    starter.start()
    heard.wait(lambda: LinkState.STALLED in heard.student)
    link.close()
    starter.join(10.0)
    assert not starter.is_alive() and raised
