"""Devices and streams go by the words that people use, whatever a take says of its wrists."""

from __future__ import annotations

from typing import Any

import pytest
from made_takes import WATCH, manifest
from msgspec import structs

from pskd.recording.names import device_name, stream_name, wrists_of
from pskd.types import StreamKind


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("watch", "watch"),
        ("watch2", "second watch"),
        ("camera", "camera"),
        ("watch-gyroscope", "watch's gyroscope"),
        ("watch2-gyroscope", "second watch's gyroscope"),
    ],
)
def test_a_device_within_a_sentence(name: str, said: str) -> None:
    assert device_name(name) == said


@pytest.mark.parametrize(
    ("name", "kind", "wrists", "said"),
    [
        ("watch", StreamKind.ACCELEROMETER, {}, "watch"),
        ("watch", StreamKind.ACCELEROMETER, {"watch": "right"}, "right watch"),
        ("watch2", StreamKind.ACCELEROMETER, {}, "second watch"),
        ("watch2-gyroscope", StreamKind.GYROSCOPE, {"watch2": "left"}, "left gyroscope"),
        ("watch2-gyroscope", StreamKind.GYROSCOPE, {}, "second gyroscope"),
        ("watch-left", StreamKind.ACCELEROMETER, {"watch": "right", "watch-left": "left"}, "left watch"),
        ("pose", StreamKind.POSE, {"watch": "right"}, "camera"),
    ],
)
def test_a_stream_within_a_sentence(name: str, kind: StreamKind, wrists: dict[str, str], said: str) -> None:
    assert stream_name(name, kind, wrists) == said


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ({}, {}),
        ({"side": "left"}, {"watch": "left"}),
        ({"side": "right", "sides": {"watch": "right", "watch2": "left"}}, {"watch": "right", "watch2": "left"}),
        ({"side": "right", "placement": "thigh"}, {}),
        ({"side": ["left"], "sides": "left"}, {}),
        ({"sides": {"watch": None, "watch2": {"a": 1}, "watch9": "left"}}, {}),
    ],
)
def test_wrists_are_those_that_the_take_tells(attributes: dict[str, Any], found: dict[str, str]) -> None:
    two = structs.replace(manifest(), streams=(WATCH, structs.replace(WATCH, name="watch2")), attributes=attributes)
    assert wrists_of(two) == found


def test_an_import_tells_the_wrist_by_the_stream_s_name() -> None:
    streams = (WATCH, structs.replace(WATCH, name="watch-left"))
    found = wrists_of(structs.replace(manifest(), streams=streams, attributes={"side": "right"}))
    assert found == {"watch": "right", "watch-left": "left"}
