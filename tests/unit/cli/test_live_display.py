from __future__ import annotations

import pytest

from pskd.cli.live_display import JsonLines, Panel, PlainLines, bar, display_for, summary_lines


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
