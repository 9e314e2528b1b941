"""Cued segments begin with the movement; the cue's own span is kept, and what a person set stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from performed_takes import Act, write_act

from pskd import documents
from pskd.library.library import Library
from pskd.quality.movement import MARGIN_S, Movement, movement_start
from pskd.quality.review import review_take
from pskd.recording.take import Annotations
from pskd.types import Segment

LATE_S = 0.8  # how long after the cue the performer begins


def _act(label: str, source: str = "cue") -> Act:
    script = (("rest", 2.0 + LATE_S), (label, 3.2), ("rest", 2.0))
    return Act(script=script, segments=(Segment(2.0, 6.0, label, source, 1),))


@pytest.mark.parametrize("label", ["wave", "squat", "walk"])
def test_a_segment_begins_with_the_movement(tmp_path: Path, label: str) -> None:
    folder = tmp_path / "t"
    write_act(folder, _act(label))
    (segment,) = review_take(folder).segments
    assert segment.source == "movement"
    assert 2.0 + LATE_S - MARGIN_S - 0.2 <= segment.start_s <= 2.0 + LATE_S + 0.35
    assert (segment.end_s, segment.trial) == (6.0, 1)
    stored = documents.load(folder / "annotations.json", Annotations)
    assert stored.segments == (segment,)
    assert stored.cues == (Segment(2.0, 6.0, label, "cue", 1),)
    assert review_take(folder).segments == (segment,)  # again changes nothing
    assert documents.load(folder / "annotations.json", Annotations) == stored


@pytest.mark.parametrize(("label", "source"), [("rest", "cue"), ("wave", "person"), ("wave", "key")])
def test_a_still_class_and_what_a_person_set_stay(tmp_path: Path, label: str, source: str) -> None:
    write_act(tmp_path / "t", _act(label, source))
    assert review_take(tmp_path / "t").segments == (Segment(2.0, 6.0, label, source, 1),)


def test_editing_keeps_the_cues(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    folder = library.new_take("01", "s1", "wave")
    write_act(folder, _act("wave"))
    review_take(folder)
    take_id = library.takes()[0].id
    library.annotate(take_id, [Segment(2.5, 5.0, "wave")])
    stored = documents.load(folder / "annotations.json", Annotations)
    assert stored.segments == (Segment(2.5, 5.0, "wave"),)
    assert stored.cues == (Segment(2.0, 6.0, "wave", "cue", 1),)


def _jerk(*spans: tuple[float, float, float]) -> Movement:
    times = np.arange(0, 10, 0.01)
    level = np.ones(len(times))
    for start, end, height in spans:
        level[(times >= start) & (times < end)] = height
    return Movement(times, level)


def test_a_twitch_is_no_beginning() -> None:
    start = movement_start(_jerk((3.2, 3.25, 50.0), (4.0, 6.0, 50.0)), 3.0, 6.0)
    assert start == pytest.approx(4.0 - MARGIN_S, abs=0.02)


@pytest.mark.parametrize(
    "movement",
    [
        _jerk(),
        _jerk((0.0, 10.0, 60.0)),
        _jerk((5.5, 6.0, 60.0)),
        Movement(np.arange(0, 10, 0.01), np.full(1000, np.nan)),
    ],
    ids=["still", "moving before", "very late", "no data"],
)
def test_without_a_clear_beginning_the_cue_stays(movement: Movement) -> None:
    assert movement_start(movement, 3.0, 6.0) is None


def test_the_segment_never_ends_before_it_has_begun() -> None:
    start = movement_start(_jerk((3.0, 3.6, 60.0)), 3.0, 3.6)
    assert start is None or 3.0 <= start < 3.6
