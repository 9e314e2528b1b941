"""What every rung said of every test clip."""

from __future__ import annotations

from pathlib import Path

import pytest

from pskd.errors import BadFile
from pskd.evaluation.answers import ANSWERS_NAME, Answers, ClipAnswer, read_answers, write_answers

CLIPS = [
    ClipAnswer("sub-01/ses-a/take-001", 1, "wave", {"student": "clap", "skeleton": "wave"}),
    ClipAnswer("sub-01/ses-a/take-001", 2, "wave", {"student": "clap"}),
    ClipAnswer("sub-01/ses-a/take-002", 1, "clap", {"student": "clap"}),
]


def test_a_cell_names_its_takes_once_each(tmp_path: Path) -> None:
    write_answers(tmp_path, Answers(clips=CLIPS))
    found = read_answers(tmp_path)
    assert found is not None
    assert found.takes("student", "wave", "clap") == ["sub-01/ses-a/take-001"]
    assert found.takes("skeleton", "wave", "clap") == []


def test_a_run_without_answers_gives_none_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    assert read_answers(tmp_path) is None
    (tmp_path / ANSWERS_NAME).write_text('{"clips": [{"take": 3}]}')
    with pytest.raises(BadFile):
        read_answers(tmp_path)
