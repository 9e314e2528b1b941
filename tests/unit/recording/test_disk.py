"""Room for a take."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_takes import manifest

from pskd.errors import PskdError
from pskd.recording import disk
from pskd.recording.writer import TakeWriter


def test_a_disk_without_room_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.check_room(tmp_path)
    monkeypatch.setattr(disk, "LEAST_BYTES", 1 << 80)
    with pytest.raises(PskdError, match="is full"):
        disk.check_room(tmp_path)


def test_a_take_that_finds_no_room_leaves_no_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LEAST_BYTES", 1 << 80)
    (tmp_path / "take-001").mkdir()  # as the library makes it
    with pytest.raises(PskdError, match="is full"):
        TakeWriter.create(tmp_path / "take-001", manifest())
    assert not (tmp_path / "take-001").exists()


def test_a_disk_that_was_pulled_out_has_no_number(tmp_path: Path) -> None:
    assert (disk.free_bytes(tmp_path) or 0) > 0
    assert disk.free_bytes(tmp_path / "gone") is None
