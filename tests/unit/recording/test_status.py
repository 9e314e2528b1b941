"""What the recorder claims: never more than arrives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from made_takes import POSE, WATCH, block, frame

from pskd.recording.meter import Meter
from pskd.recording.status import RecorderState, RecorderStatus, StreamStatus, judge
from pskd.types import LinkState, SampleBlock, StreamKind


def stream(age_s: float | None = 0.1, ended: bool = False, kind: StreamKind = StreamKind.ACCELEROMETER) -> StreamStatus:
    return StreamStatus("watch", "watch", kind, 50, 50, 9, age_s, 0, LinkState.STREAMING, "", True, ended)


def verdict(*streams: StreamStatus, **changed: Any) -> tuple[RecorderState, str]:
    facts: dict[str, Any] = {
        "taking": True, "elapsed_s": 9.0, "failure": "", "queue_depth": 0, "disk_free_bytes": 1 << 40, "people": None,
    }  # fmt: skip
    return judge(streams, **{**facts, **changed})


def changed_stream(**changed: Any) -> StreamStatus:
    return replace(stream(), **changed)


@pytest.mark.parametrize(
    ("streams", "changed", "state", "words"),
    [
        ((), {}, RecorderState.CLOSED, "Nothing is connected"),
        ((stream(),), {}, RecorderState.RECORDING, "Recording."),
        ((stream(),), {"taking": False}, RecorderState.READY, "Ready"),
        ((stream(4.2),), {}, RecorderState.SILENT, "No data from the watch for 4 s"),
        ((stream(), stream(3.0, kind=StreamKind.POSE)), {}, RecorderState.SILENT, "No data from the camera for 3 s"),
        ((stream(None),), {"elapsed_s": 0.5}, RecorderState.WAITING, "No data from the watch yet"),
        ((stream(None),), {"elapsed_s": 5.0}, RecorderState.SILENT, "No data from the watch yet"),
        ((stream(9.0, ended=True),), {}, RecorderState.ENDED, "end"),
        ((stream(9.0, ended=True), stream()), {}, RecorderState.RECORDING, "but the watch has come to its end"),
        ((changed_stream(ended=True, fault="It is cut off."),), {}, RecorderState.ENDED, "It is cut off."),
        ((changed_stream(fault="1 picture is left out."),), {}, RecorderState.RECORDING, "but: 1 picture is left out."),
        ((changed_stream(link=LinkState.LOST, text="Gone."),), {}, RecorderState.RECORDING, "but: Gone."),
        ((stream(),), {"failure": "The disk is full."}, RecorderState.FAILED, "The disk is full."),
        ((stream(),), {"queue_depth": 9999}, RecorderState.RECORDING, "cannot keep up"),
        ((stream(),), {"disk_free_bytes": 1 << 20}, RecorderState.RECORDING, "1 MiB are left"),
        ((stream(),), {"people": 0}, RecorderState.RECORDING, "sees nobody"),
        ((stream(),), {"people": 2}, RecorderState.RECORDING, "sees 2 people"),
    ],
)
def test_the_verdict_tells_the_worst_first(
    streams: tuple[StreamStatus, ...], changed: dict[str, Any], state: RecorderState, words: str
) -> None:
    found, sentence = verdict(*streams, **changed)
    assert found == state
    assert words in sentence


def test_a_meter_measures_the_rate_that_arrives() -> None:
    meter = Meter(WATCH)
    for number in range(30):
        meter.add_block(block(number))
    newest = block(29).arrival_s
    reading = meter.read(newest)
    assert reading.count == 150
    assert reading.rate_hz == pytest.approx(50.0, rel=0.01)
    assert reading.gaps == 0
    assert meter.read(newest + 2.0).rate_hz < 35.0
    assert meter.read(newest + 10.0).rate_hz == 0.0


def test_a_meter_counts_silences_and_packets_that_never_came() -> None:
    meter = Meter(WATCH)
    values = np.zeros((5, 3), np.float32)
    for arrival_s, sequence in [(0.0, 0), (0.1, 1), (0.2, 4), (2.0, 5), (2.1, 0)]:
        meter.add_block(SampleBlock("watch", arrival_s, values, sequence=sequence))
    assert meter.read(2.1).gaps == 2


def test_a_reset_meter_has_proven_nothing() -> None:
    meter = Meter(POSE)
    meter.add_frame(frame(0), 5.0)
    meter.reset()
    assert meter.read(5.0).last_s is None
    assert meter.read(5.0).count == 0


def test_a_meter_tells_how_long_was_missing_and_when_it_resumed() -> None:
    meter = Meter(WATCH)
    values = np.zeros((5, 3), np.float32)
    for arrival_s in (0.0, 0.1, 3.1, 3.2, 4.2):
        meter.add_block(SampleBlock("watch", arrival_s, values))
    reading = meter.read(4.2)
    assert reading.missing_s == pytest.approx(4.0)
    assert reading.resumed_s == 4.2
    assert reading.gaps == 2


def test_a_second_of_samples_in_one_packet_is_no_gap() -> None:
    meter = Meter(WATCH)
    values = np.zeros((50, 3), np.float32)
    for arrival_s in (0.0, 1.0, 2.1, 3.0, 5.0):
        meter.add_block(SampleBlock("watch", arrival_s, values))
    assert meter.read(5.0).gaps == 1


@pytest.mark.parametrize("state", list(RecorderState))
def test_an_alarm_is_what_should_be_recorded_and_is_not(state: RecorderState) -> None:
    assert RecorderStatus(state, "", ()).alarm == (state in (RecorderState.SILENT, RecorderState.FAILED))
