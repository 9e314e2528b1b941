"""What ``pskd train`` prints."""

from __future__ import annotations

import pytest

from pskd.cli.train_display import Rich


def test_a_note_with_brackets_is_printed_word_for_word(capsys: pytest.CaptureFixture[str]) -> None:
    start = {"protocol": "loso", "preset": "quick", "seed": 0, "clips": 9, "classes": ["a"], "folds": ["loso"]}
    with Rich() as display:
        display.hear({"event": "run-start", **start, "notes": ["tested but never trained on: [x], [/y]."]})
    assert "[x], [/y]." in capsys.readouterr().out
