"""Clips cut out of takes, and the cache that they come from."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_library import LEFT, WATCH, make_take

from pskd.errors import BadFile, PskdError, WrongUse
from pskd.library import streams as streams_module
from pskd.library.extract import load_clips
from pskd.library.library import Library
from pskd.recording.take import TakeState
from pskd.skeleton import CANONICAL
from pskd.types import Segment


@pytest.fixture
def library(tmp_path) -> Library:
    return Library.create(tmp_path / "library", "Lab")


def cache_file(library: Library) -> Path:
    (found,) = (library.path / ".cache").glob("*.npz")
    return found


def same(a, b) -> bool:
    return len(a) == len(b) and all(
        x.take == y.take
        and np.array_equal(x.acceleration_mps2, y.acceleration_mps2)
        and np.array_equal(x.pose_m, y.pose_m, equal_nan=True)
        for x, y in zip(a, b, strict=True)
    )


def test_a_clip_holds_exactly_the_segments_samples(library):
    make_take(library, "1", "a", "squat", segments=[Segment(0.5, 1.0, "squat", trial=3)], pose="kinect-20")
    (clip,) = load_clips(library)
    assert (clip.label, clip.trial, clip.subject, clip.session) == ("squat", 3, "1", "a")
    assert clip.acceleration_mps2[:, 0].tolist() == list(range(25, 51))
    assert clip.acceleration_times_s[[0, -1]] == pytest.approx([0.0, 0.5])
    assert clip.pose_m.shape == (11, 15, 3) and clip.pose_times_s[[0, -1]] == pytest.approx([0.0, 0.5])
    assert clip.duration_s == pytest.approx(0.5) and clip.attributes["origin"] == "recorded"


@pytest.mark.parametrize("layout", ["kinect-20", "mediapipe-33", "berkeley-43", "canonical-15"])
def test_a_pose_of_any_layout_stands_upright_in_canonical_joints(library, layout):
    make_take(library, "1", "a", "squat", pose=layout)
    (clip,) = load_clips(library)
    height = clip.pose_m[0, :, 1]
    assert height[CANONICAL.index("head")] > height[CANONICAL.index("left_ankle")] + 0.5
    assert clip.pose_m[0, :, 0] == pytest.approx(0.25)  # left and right stay where they were
    assert clip.pose_m.dtype == np.float32 and clip.visibility.shape == clip.pose_m.shape[:2]


def test_a_joint_that_was_not_seen_is_nan_and_invisible(library):
    make_take(library, "1", "a", "", pose="kinect-20")
    (clip,) = load_clips(library, include_unlabelled=True)
    head = CANONICAL.index("head")
    assert np.isnan(clip.pose_m[35, head]).all() and clip.visibility[35, head] == 0
    assert np.isfinite(clip.pose_m[35, 1:]).all() and clip.visibility[35, 1:].all()


def test_takes_that_nobody_labelled_come_whole_when_asked_for(library):
    make_take(library, "1", "a", "")
    assert load_clips(library) == []
    (clip,) = load_clips(library, include_unlabelled=True)
    assert clip.label is None and clip.duration_s == pytest.approx(2.0) and len(clip.acceleration_mps2) == 101


def test_the_watch_can_be_chosen(library):
    make_take(library, "1", "a", "squat", watches=(LEFT, WATCH))
    make_take(library, "1", "a", "squat", watches=(LEFT,))
    assert [np.sign(clip.acceleration_mps2[-1, 0]) for clip in load_clips(library)] == [1, -1]
    assert [np.sign(clip.acceleration_mps2[-1, 0]) for clip in load_clips(library, watch="watch-left")] == [-1, -1]
    assert [clip.take[-9:-6] for clip in load_clips(library, watch="watch")] == ["001"]


def test_unfinished_and_discarded_takes_give_no_clips(library):
    make_take(library, "1", "a", "squat", state=TakeState.DISCARDED)
    make_take(library, "1", "a", "squat", state=TakeState.RECOVERED)
    library.new_take("1", "a", "squat")
    assert [clip.take for clip in load_clips(library)] == ["sub-1/ses-a/take-002_squat"]


def test_chosen_takes_only_and_unknown_ones_are_refused(library):
    for _ in range(3):
        make_take(library, "1", "a", "squat")
    chosen = ["sub-1/ses-a/take-003_squat"]
    assert [clip.take for clip in load_clips(library, takes=chosen)] == chosen
    with pytest.raises(WrongUse, match="no take"):
        load_clips(library, takes=["sub-1/ses-a/take-009_squat"])


def test_a_segment_outside_the_recording_gives_no_clip(library):
    make_take(library, "1", "a", "squat", segments=[Segment(0.5, 1.0, "squat"), Segment(7.0, 8.0, "squat")])
    assert len(load_clips(library)) == 1


def test_a_damaged_take_is_named_or_left_out(library):
    folder = make_take(library, "1", "a", "squat")
    make_take(library, "1", "a", "squat")
    whole = (folder / "raw.xdf").read_bytes()
    (folder / "raw.xdf").write_bytes(b"RIFF" + whole[4:])
    with pytest.raises(BadFile, match="take-001"):
        load_clips(library)
    assert len(load_clips(library, skip_damaged=True)) == 1
    (folder / "take.json").write_text("{")
    with pytest.raises(PskdError, match="take-001"):
        load_clips(library)
    assert len(load_clips(library, skip_damaged=True)) == 1


def test_the_cache_gives_the_same_clips_without_reading_the_takes(library, monkeypatch):
    for _ in range(3):
        make_take(library, "1", "a", "squat", pose="kinect-20")
    first = load_clips(library)
    monkeypatch.setattr(streams_module, "read_take", lambda folder: pytest.fail("read again"))
    assert same(load_clips(library), first)


def test_relabelling_needs_no_new_reading_and_a_changed_take_is_read_anew(library, monkeypatch):
    folder = make_take(library, "1", "a", "squat")
    make_take(library, "1", "a", "squat")
    load_clips(library)
    read: list[Path] = []
    original = streams_module.read_take
    monkeypatch.setattr(streams_module, "read_take", lambda path: read.append(path) or original(path))
    library.annotate("sub-1/ses-a/take-001_squat", [Segment(0.0, 0.4, "jump")])
    assert [clip.label for clip in load_clips(library)] == ["jump", "squat"] and read == []
    manifest = folder / "take.json"
    manifest.write_text(manifest.read_text().replace("pskd-studio", "pskd-studio changed"))
    load_clips(library)
    assert read == [folder]


def test_a_part_of_the_library_does_not_drop_the_rest_from_the_cache(library, monkeypatch):
    for _ in range(3):
        make_take(library, "1", "a", "squat")
    load_clips(library)
    make_take(library, "1", "a", "squat")
    load_clips(library, takes=["sub-1/ses-a/take-004_squat"])
    monkeypatch.setattr(streams_module, "read_take", lambda folder: pytest.fail("read again"))
    assert len(load_clips(library)) == 4


def test_the_cache_of_removed_takes_goes_with_them(library):
    make_take(library, "1", "a", "squat")
    load_clips(library)
    library.delete_subject("1")
    assert not (library.path / ".cache").exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_cache_is_never_trusted(library, data):
    if not library.takes():
        for _ in range(2):
            make_take(library, "1", "a", "squat", pose="kinect-20")
    first = load_clips(library)
    path = cache_file(library)
    raw = bytearray(path.read_bytes())
    how = data.draw(st.sampled_from(["flip", "cut", "empty", "pickle", "text"]))
    if how == "flip":
        for position in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=8)):
            raw[position] ^= data.draw(st.integers(1, 255))
    elif how == "cut":
        raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    else:
        raw = bytearray({"empty": b"", "pickle": pickle.dumps({"facts": 1}), "text": b"hello"}[how])
    path.write_bytes(raw)
    assert same(load_clips(library), first)


def test_objects_in_a_cache_are_not_unpickled(library):
    class Evil:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    make_take(library, "1", "a", "squat", pose="kinect-20")
    first = load_clips(library)
    with cache_file(library).open("wb") as file:
        np.savez(file, facts=np.array([Evil()], dtype=object), allow_pickle=True)
    assert same(load_clips(library), first)
