"""Keys on a terminal and raised hands, while cues run on the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from pskd.cli.record_wishes import Wishes
from pskd.recording.cue_run import CueRun, Phase
from pskd.recording.cues import CueProtocol
from pskd.types import Marker
from tests.unit.vision.test_gestures import standing

PROTOCOL = CueProtocol(name="p", classes=["a", "b"], seconds=60, rest_s=5, repeats=1, countdown_s=2)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal as standard input; what is written into this file is typed."""
    if sys.platform == "win32":
        pytest.skip("terminals of Windows are read otherwise")
    typed, terminal = os.openpty()
    with os.fdopen(terminal, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield typed
    os.close(typed)


def test_single_keys_are_wishes_and_the_terminal_is_given_back(keyboard: int) -> None:
    import termios

    markers: list[Marker] = []
    run, wishes = CueRun(PROTOCOL, 0.0, markers.append), Wishes(hands=False)
    before = termios.tcgetattr(sys.stdin)
    with wishes:
        assert "pause" in wishes.keys
        for at_s, key in ((3.0, b"p"), (4.0, b"xP"), (10.0, b"r"), (20.0, b"n"), (30.0, b"q")):
            run.tick(at_s)
            os.write(keyboard, key)
            wishes.fulfil(run, at_s)
    assert [m.label for m in markers if m.kind == "control"] == ["pause", "pause", "redo", "skip", "stop"]
    assert run.tick(31.0).phase is Phase.DONE
    assert termios.tcgetattr(sys.stdin) == before


def test_without_a_terminal_no_key_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    run = CueRun(PROTOCOL, 0.0, lambda marker: None)
    with Wishes(hands=True) as wishes:
        wishes.fulfil(run, 1.0)
        assert wishes.keys == ""


def test_raised_hands_pause_and_one_hand_skips_then() -> None:
    markers: list[Marker] = []
    run, wishes = CueRun(PROTOCOL, 0.0, markers.append), Wishes(hands=True)
    for up, from_s in ((("left", "right"), 3.0), ((), 5.0), (("right",), 6.0), ((), 8.0)):
        for at_s in np.arange(from_s, from_s + 1.8, 1 / 30).tolist():
            wishes.look(standing(at_s, *up))
            run.tick(at_s)
            wishes.fulfil(run, at_s)
    assert [m.label for m in markers if m.kind == "control"] == ["pause", "pause", "skip"]
    assert run.tick(12.0).label == "b"
