from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from made_bundles import SENSOR
from rich.console import Console

from pskd.cli.live import LiveSession
from pskd.cli.live_display import JsonLines, Panel, PlainLines, bar, display_for, summary_lines
from pskd.evaluation.calibration import Calibration
from pskd.export.bundle import BundleManifest
from pskd.live.agreement import Referee
from pskd.types import Prediction


@pytest.mark.parametrize(("share", "full"), [(0.0, 0), (0.5, 5), (1.0, 10), (-3.0, 0), (7.0, 10)])
def test_a_bar_is_as_full_as_its_share(share: float, full: int) -> None:
    assert bar(share, 10) == "█" * full + "░" * (10 - full)


def test_the_display_suits_the_reader() -> None:
    assert isinstance(display_for(as_json=True, terminal=True), JsonLines)
    assert isinstance(display_for(as_json=False, terminal=False), PlainLines)
    assert isinstance(display_for(as_json=False, terminal=True), Panel)


def test_the_summary_says_what_was_counted() -> None:
    agreement = {
        "share": 0.9, "agreed": 9, "counted": 10, "unsure": 1, "segments_agreed": 1, "segments": 1, "skipped": 3,
        "segments_skipped": 2, "rule": "The rule.",
    }  # fmt: skip
    latency = {"p50": 2.0, "p95": 3.0, "p99": 4.0}
    text = "\n".join(summary_lines({"predictions": 13, "latency_ms": latency, "agreement": agreement}))
    assert "13 predictions." in text and "p99 4.0 ms" in text
    assert "9 of 10 predictions (90.0 %, 1 unsure), 1 of 1 segment." in text
    assert "Not counted: 3 predictions, 2 segments. The rule." in text


def test_a_session_without_predictions_sums_up_too() -> None:
    assert summary_lines({"predictions": 0}) == ["0 predictions."]


class _Session:
    """What a display looks at."""

    manifest = BundleManifest(
        classes=["\x1b]0;owned\x07walk", "run"],
        sensor=SENSOR,
        calibration=Calibration(temperature=1.0, unsure_below=0.5),
        files={},
    )
    news, state_text, device = "The watch is \x1b[31mlost.", "Waiting.", "sim:walk"
    rate_hz, simulated, failure = 50.0, True, None
    referee = Referee(["walk", "run"], 2.0)


def _said() -> Prediction:
    return Prediction(1.0, "\x1b]0;owned\x07walk", 0.9, np.array([0.9, 0.1], np.float32), 4.0, 1.0)


def test_a_class_from_a_file_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    lines, panel = PlainLines(), Panel()
    lines.show(_said(), cast(LiveSession, _Session()))
    panel.show(_said(), cast(LiveSession, _Session()))
    Console(highlight=False).print(panel._drawn(cast(LiveSession, _Session())))
    said = capsys.readouterr()
    assert "walk" in said.out and "\x1b" not in said.out + said.err and "\x07" not in said.out


def test_plain_lines_say_how_watch_and_student_fare_once_and_beside_the_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines, session = PlainLines(), cast(LiveSession, _Session())
    for _ in range(3):
        lines.show(None, session)
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("lost") == 1
