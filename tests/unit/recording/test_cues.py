"""Protocols, their times, and segments from markers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pskd.errors import BadFile
from pskd.performer.activities import ACTIVITIES
from pskd.recording.cues import (
    DISCARDED,
    Cue,
    CueOrder,
    CueProtocol,
    cue_markers,
    known_protocols,
    load_protocol,
    own_folder,
    segments_from_markers,
    shipped_protocols,
    timed_cues,
)
from pskd.types import Marker


def mark(t_s: float, kind: str, label: str, phase: str = "start") -> Marker:
    return Marker(t_s, kind, label, phase)


def test_every_shipped_protocol_is_sound_and_can_be_performed() -> None:
    protocols = [load_protocol(path) for path in shipped_protocols().values()]
    assert len(protocols) >= 2
    for protocol in protocols:
        assert len(timed_cues(protocol)) == len(protocol.classes) * protocol.repeats
        assert set(protocol.classes) <= set(ACTIVITIES)


@pytest.mark.parametrize(("order", "labels"), [(CueOrder.TURNS, "ababab"), (CueOrder.BLOCKS, "aaabbb")])
def test_trials_come_in_the_order_asked_for(order: CueOrder, labels: str) -> None:
    cues = timed_cues(CueProtocol(name="p", classes=["a", "b"], repeats=3, order=order))
    assert "".join(cue.label for cue in cues) == labels
    assert sorted(cue.trial for cue in cues if cue.label == "b") == [1, 2, 3]


def test_a_shuffled_protocol_is_the_same_every_time_and_balanced() -> None:
    protocol = CueProtocol(name="p", classes=list("abcdef"), repeats=4, order=CueOrder.SHUFFLED, seed=3)
    labels = [cue.label for cue in timed_cues(protocol)]
    assert labels == [cue.label for cue in timed_cues(protocol)]
    assert all(sorted(labels[at : at + 6]) == list("abcdef") for at in range(0, 24, 6))
    assert labels[:6] != labels[6:12]


def test_trials_leave_room_for_countdown_and_rest() -> None:
    cues = timed_cues(CueProtocol(name="p", classes=["a"], repeats=2, seconds=4, rest_s=3, countdown_s=5))
    assert [(cue.start_s, cue.end_s) for cue in cues] == [(5, 9), (12, 16)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name = ", "TOML"),
        ("name = 'a'", "classes"),
        ("name = 'a'\nclasses = []", "at least one"),
        ("name = 'a'\nclasses = ['a', 'a']", "twice"),
        ("name = 'a'\nclasses = ['a/b']", "without /"),
        ("name = 'a'\nclasses = ['a']\nseconds = nan", "seconds"),
        ("name = 'a'\nclasses = ['a']\nseconds = -1.0", "seconds"),
        ("name = 'a'\nclasses = ['a']\nrepeats = 100000", "trials"),
        ("name = 'a'\nclasses = ['a']\nrepeats = 'five'", "field is wrong"),
        ("name = 'a'\nclasses = ['a']\nsecnds = 3", "field is wrong"),
        ("\x00\x01", "TOML"),
        ("a = " + "[" * 5000, "nested"),
        ("name = 'a'\nclasses = ['a']\nseed = " + "9" * 5000, "TOML"),
    ],
)
def test_a_wrong_protocol_is_met_by_one_clear_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(BadFile, match=why):
        load_protocol(path)


def test_protocols_of_ones_own_are_offered_and_win_a_name() -> None:
    own_folder().mkdir(parents=True)
    for name in ("quick", "mine"):
        (own_folder() / f"{name}.toml").write_text('name = "Mine"\nclasses = ["a"]\n')
    known = known_protocols()
    assert set(known) == {*shipped_protocols(), "mine"}
    assert load_protocol(known["quick"]).name == "Mine"


def test_practice_comes_before_the_countdown() -> None:
    cues = timed_cues(CueProtocol(name="p", classes=["a"], repeats=1, countdown_s=5, practice_s=20))
    assert cues[0].start_s == 25


def test_only_the_kept_try_of_a_trial_becomes_a_segment() -> None:
    tries = [Cue(1, 2, "a", 1), Cue(4, 5, "a", 1)]
    markers = [*cue_markers(tries), Marker(2.5, "cue", "a", DISCARDED, 1)]
    assert [(s.start_s, s.label, s.trial) for s in segments_from_markers(markers, 9.0)] == [(4, "a", 1)]


def test_a_missing_protocol_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"none\.toml"):
        load_protocol(tmp_path / "none.toml")


def test_cues_become_segments_and_back() -> None:
    cues = [Cue(1, 2, "a", 1), Cue(3, 4, "b", 1), Cue(5, 6, "a", 2)]
    segments = segments_from_markers(cue_markers(cues), 10.0)
    assert [(s.start_s, s.end_s, s.label, s.trial, s.source) for s in segments] == [
        (1, 2, "a", 1, "cue"),
        (3, 4, "b", 1, "cue"),
        (5, 6, "a", 2, "cue"),
    ]


def test_a_key_for_another_class_ends_the_one_before_and_the_take_ends_the_last() -> None:
    segments = segments_from_markers([mark(1, "key", "a"), mark(3, "key", "b")], 7.5)
    assert [(s.start_s, s.end_s, s.label) for s in segments] == [(1, 3, "a"), (3, 7.5, "b")]


def test_a_stray_end_and_other_markers_make_no_segment() -> None:
    markers = [mark(1, "cue", "a", "end"), mark(2, "link", "watch"), mark(3, "note", "hello")]
    assert segments_from_markers(markers, 5.0) == ()


@given(
    st.lists(
        st.builds(
            mark,
            st.floats(-5, 50),
            st.sampled_from(["cue", "key", "link"]),
            st.sampled_from("abc"),
            st.sampled_from(["start", "end", ""]),
        )
    ),
    st.floats(0, 40),
)
def test_segments_always_have_length_and_stay_within_the_take(markers: list[Marker], end_s: float) -> None:
    for segment in segments_from_markers(markers, end_s):
        assert 0 <= segment.start_s < segment.end_s <= end_s
