"""What ``pskd train`` prints."""

from __future__ import annotations

import pytest

from pskd.cli.train_display import Rich


def test_a_rung_of_a_stranger_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    start = {"protocol": "loso", "preset": "quick", "seed": 0, "clips": 9, "classes": ["a"], "folds": ["a", "b"]}
    with Rich() as display:
        display.hear({"event": "run-start", **start, "notes": ["clear\x1b[2J"]})
        display.hear({"event": "rung-start", "fold": "[/x]", "rung": "[red]a\x1b[2J", "epochs": 1, "parameters": 2})
        display.hear({"event": "score", "rung": "[/y]\x1b[2J", "accuracy": 0.5, "macro_f1": 0.5, "n": 3})
        display.hear({"event": "cancelled"})
    told = capsys.readouterr().out
    assert "\x1b" not in told and "[/x] [red]a" in told and "[/y]" in told


def test_a_note_with_brackets_is_printed_word_for_word(capsys: pytest.CaptureFixture[str]) -> None:
    start = {"protocol": "loso", "preset": "quick", "seed": 0, "clips": 9, "classes": ["a"], "folds": ["loso"]}
    with Rich() as display:
        display.hear({"event": "run-start", **start, "notes": ["tested but never trained on: [x], [/y]."]})
    assert "[x], [/y]." in capsys.readouterr().out
