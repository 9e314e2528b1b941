"""Whole files are read only where they are plain files of a believable size."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pskd import plainfile
from pskd.errors import BadFile


def test_a_plain_file_and_a_link_to_one_are_read(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"1234")
    (tmp_path / "link").symlink_to(tmp_path / "plain")
    assert plainfile.read_bytes(tmp_path / "plain", 4) == plainfile.read_bytes(tmp_path / "link", 4) == b"1234"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_and_a_device_are_refused_at_once_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(BadFile, match="pipe or a device"):
            plainfile.read_bytes(path, 1000)


@pytest.mark.parametrize("name", ["missing", "folder", "huge", "zero\0byte", "n" * 5000])
def test_anything_else_is_one_clear_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)  # a sparse file: absurd in size, nothing on the disk
    with pytest.raises(BadFile, match="Cannot read"):
        plainfile.read_bytes(tmp_path / name, 1000)
