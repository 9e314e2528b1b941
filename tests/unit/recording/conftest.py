"""Takes for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_takes import START_S, block, frame, manifest

from pskd.recording.writer import TakeWriter
from pskd.types import Marker


@pytest.fixture
def take_folder(tmp_path: Path) -> Path:
    """A finished take of one second: ten packets, thirty frames, three markers."""
    writer = TakeWriter.create(tmp_path / "take-001_squat", manifest(), durable=False)
    writer.add_marker(Marker(START_S, "link", "watch", "start"))
    for number in range(30):
        writer.add_pose(frame(number))
        if number % 3 == 2:
            writer.add_block(block(number // 3))
    writer.add_marker(Marker(START_S + 0.2, "cue", "squat", "start", 1))
    writer.add_marker(Marker(START_S + 0.9, "cue", "squat", "end", 1))
    return writer.finish()
