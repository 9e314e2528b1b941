"""What ``pskd record`` does before the take begins."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from pskd.cli import record
from pskd.recording.recorder import Recorder
from pskd.types import LinkState


def test_ctrl_c_at_the_question_lets_go_of_every_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **options: object) -> bool:
        raise click.Abort

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(click, "confirm", interrupted)
    monkeypatch.setattr(Recorder, "missing", lambda recorder: "No data from the watch yet.")
    recorder = Recorder(lambda label: tmp_path, "01", "a", ["sim:?gyroscope=0"])
    with pytest.raises(click.Abort):
        record._connect(recorder, anyway=False)
    assert recorder.sources[0].link is LinkState.IDLE
    assert recorder.status().streams == ()
