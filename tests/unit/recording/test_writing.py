"""The writing thread: order, depth, and a disk that refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_takes import START_S, block, frame, manifest

from pskd.errors import PskdError
from pskd.recording.reader import read_take
from pskd.recording.take import TakeState
from pskd.recording.writer import TakeWriter
from pskd.recording.writing import WritingThread
from pskd.types import Marker, SampleBlock, Segment


def test_everything_that_waits_is_written_before_the_end(tmp_path: Path) -> None:
    thread = WritingThread(TakeWriter.create(tmp_path / "t", manifest(), durable=False))
    for number in range(600):
        thread.put(frame(number % 30))
    thread.put(block(0))
    thread.put(Marker(START_S, "note", "hello"))
    thread.finish(TakeState.COMPLETE, lambda duration_s: [Segment(0.0, duration_s, "squat")])
    take = read_take(tmp_path / "t")
    assert len(take.streams["pose"].values) == 600
    assert take.segments[0].end_s == pytest.approx(take.manifest.duration_s, abs=1e-5)
    assert thread.depth == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_stops_the_take_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    writer = TakeWriter.create(tmp_path / "t", manifest(), durable=False)
    failures: list[PskdError] = []
    thread = WritingThread(writer, failures.append)
    for number in range(10):
        thread.put(frame(number))
    while thread.depth:
        pass
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, writer._xdf._handle)  # from here on the device has no space left, as the system itself says
    os.close(full)
    thread.put(frame(10))
    with pytest.raises(PskdError, match="The disk is full") as caught:
        thread.finish(TakeState.COMPLETE, lambda duration_s: ())
    assert "stopped after" in caught.value.message
    assert "kept" in caught.value.hint
    assert failures == [caught.value]
    take = read_take(tmp_path / "t")
    assert take.manifest.state == TakeState.RECOVERED
    assert len(take.streams["pose"].values) == 10


def test_nothing_is_queued_for_a_disk_that_has_refused(tmp_path: Path) -> None:
    thread = WritingThread(TakeWriter.create(tmp_path / "t", manifest(), durable=False))
    thread.drain()
    thread.failure = PskdError("The disk is full.", code="recording.disk-full")
    thread.put(frame(0))
    assert thread.depth == 0
    thread.writer.abandon()


def test_a_packet_that_does_not_fit_ends_nothing_and_is_told(tmp_path: Path) -> None:
    thread = WritingThread(TakeWriter.create(tmp_path / "t", manifest(), durable=False))
    wide = SampleBlock("watch", START_S, np.zeros((2, 6), np.float32))
    for item in (block(0), wide, block(1)):
        thread.put(item)
    thread.finish(TakeState.COMPLETE, lambda duration_s: ())
    assert "expected (T, 3)" in thread.refused
    assert len(read_take(tmp_path / "t").streams["watch"].values) == 10
