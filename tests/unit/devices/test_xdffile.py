"""What stands in the place of ``raw.xdf`` need not be a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pskd.devices import xdffile
from pskd.errors import BadFile


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX pipes")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "missing"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "raw.xdf"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(BadFile, match=r"Cannot read .*raw\.xdf"):
        xdffile.read_streams(path, ["watch"])
