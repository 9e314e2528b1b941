"""The shared picture: whole, newest, and gone afterwards."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from pskd.vision import preview
from pskd.vision.preview import PreviewReader, PreviewWriter

linux = pytest.mark.skipif(sys.platform != "linux", reason="shared memory can be listed on Linux only")


def test_the_newest_picture_is_read_whole() -> None:
    writer = PreviewWriter(preview.new_name(), 8, 6)
    reader = PreviewReader(writer.name, 8, 6)
    assert reader.latest() is None
    for number in range(5):
        writer.put(number, np.full((6, 8, 3), number, np.uint8))
        newest = reader.latest()
        assert newest is not None
        assert newest[0] == number
        assert newest[1].shape == (6, 8, 3)
        assert (newest[1] == number).all()
    reader.close()
    writer.close()


def test_a_torn_picture_is_never_seen() -> None:
    writer = PreviewWriter(preview.new_name(), 320, 240)
    reader = PreviewReader(writer.name, 320, 240)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            writer.put(number, np.full((240, 320, 3), number % 256, np.uint8))

    thread = threading.Thread(target=write)
    thread.start()
    for _ in range(300):
        newest = reader.latest()
        if newest is not None:
            assert (newest[1] == newest[0] % 256).all()
    stop.set()
    thread.join()
    reader.close()
    writer.close()


def test_a_picture_that_is_being_written_is_not_shown() -> None:
    writer = PreviewWriter(preview.new_name(), 8, 6)
    reader = PreviewReader(writer.name, 8, 6)
    writer.put(1, np.zeros((6, 8, 3), np.uint8))
    slot = int(writer._head[0]) - 1
    writer._head[1 + slot] += 1  # as if the writer had been killed in the middle
    assert reader.latest() is None
    reader.close()
    writer.close()


def test_the_block_is_gone_after_the_writer() -> None:
    writer = PreviewWriter(preview.new_name(), 8, 6)
    writer.close()
    writer.close()
    with pytest.raises(FileNotFoundError):
        PreviewReader(writer.name, 8, 6)
    preview.remove(writer.name)


@linux
def test_what_killed_processes_left_is_swept_away_and_nothing_else() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    theirs = PreviewWriter(f"{preview.PREFIX}-{ended.pid}-00000000", 8, 6)
    ours = PreviewWriter(preview.new_name(), 8, 6)
    preview.sweep()
    assert not Path("/dev/shm", theirs.name).exists()
    assert Path("/dev/shm", ours.name).exists()
    theirs.close()
    ours.close()


def test_a_preview_is_no_larger_than_needed() -> None:
    assert preview.fitted(640, 480) == (640, 480)
    assert preview.fitted(1920, 1080) == (960, 540)
    assert preview.fitted(720, 1280) == (540, 960)
    assert preview.fitted(16384, 16) == (960, 1)


def test_names_are_short_enough_for_every_system() -> None:
    assert len(preview.new_name()) <= 30
