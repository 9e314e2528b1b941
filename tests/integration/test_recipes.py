"""The recipes of docs/file-formats.md are run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from made_takes import POSE, START_S, WATCH, block, frame, manifest

from pskd.recording.writer import TakeWriter
from pskd.types import Marker

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "file-formats.md"


def test_a_take_opens_in_pyxdf_as_the_recipe_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = TakeWriter.create(tmp_path / "take", manifest(WATCH, POSE), durable=False)
    writer.add_marker(Marker(START_S, "key", "squat", "start"))
    for number in range(40):
        writer.add_block(block(number))
        writer.add_pose(frame(number))
    folder = writer.finish()
    with_pyxdf, with_mne = re.findall(r"```python\n(import .*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    found: dict[str, object] = {}
    monkeypatch.chdir(folder)
    exec(with_pyxdf, found)
    values, times, pose = (np.asarray(found[name]) for name in ("values", "times", "pose"))
    assert values.shape == (200, 3)
    assert np.array_equal(values[:5], block(0).values)
    assert times[4] == pytest.approx(block(0).arrival_s)
    assert pose.shape == (40, 33, 6)
    assert np.array_equal(pose[7, :, :3], frame(7).world_m)
    assert found["said"] == [(START_S, "key/squat/start/0")]
    compile(with_mne, "the recipe for MNE", "exec")
