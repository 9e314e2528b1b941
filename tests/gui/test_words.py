"""How names, counts, places and devices are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bridge.sources import described, named
from app.bridge.take_view import _attributes
from app.widgets.words import many, place, readable, stored


@pytest.mark.parametrize(
    ("label", "shown"),
    [("jumping_jack", "Jumping jack"), ("draw circle counter-clockwise", "Draw circle counter-clockwise"), ("", "")],
)
def test_a_class_is_shown_in_words(label: str, shown: str) -> None:
    assert readable(label) == shown


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Jumping jack", "jumping_jack"), ("jumping_jack", "jumping_jack"), (" squat ", "squat"), ("New One", "New One")],
)
def test_what_is_chosen_in_words_is_stored_as_the_class(typed: str, meant: str) -> None:
    assert stored(typed, ["squat", "jumping_jack"]) == meant


def test_counts_have_a_singular() -> None:
    assert [many(n, "take") for n in (0, 1, 2, 1204)] == ["0 takes", "1 take", "2 takes", "1,204 takes"]
    assert many(3, "class", "classes") == "3 classes"


def test_the_persons_own_folder_is_written_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "ada"
    monkeypatch.setattr(Path, "home", lambda: home)
    assert place(home / "PSKD" / "lab") == "~/PSKD/lab"
    assert place(str(home)) == "~"
    assert place(f"{home}m/lab") == f"{home}m/lab"


def test_the_devices_of_a_take_are_told_in_plain_words() -> None:
    (devices, placement) = _attributes(
        {"placement": "left_wrist", "devices": {"watch": "sim:", "camera": "webcam:1"}}, {}
    )
    assert devices.value == "Watch: simulated watch\nCamera: webcam 1"
    assert (placement.name, placement.value) == ("Placement", "left_wrist")
    assert described("camera", "video:/films/a.mp4") == "film a.mp4"
    assert described("watch", "replay:/a/one.mat;/a/two.mat?gap_s=1") == "replay of one.mat and 1 more"


def test_a_simulated_device_is_named_by_what_it_stands_for() -> None:
    assert (named("sim:?stall_at=5", "watch").name, named("sim:", "camera").name) == (
        "Simulated watch",
        "Simulated person",
    )
