"""Windows inside clips, and splits whose two sides share no take."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.errors import WrongUse
from pskd.library.clips import Clip
from pskd.library.splits import make_splits, protocols
from pskd.library.windows import cut_windows, windows_of


def clip(take=1, subject="1", label="squat", trial=0, session="a", **attributes) -> Clip:
    name = f"sub-{subject}/ses-{session}/take-{take:03d}"
    values = np.zeros((10, 3), np.float32)
    return Clip(name, subject, session, trial, label, values, np.arange(10) / 50, None, None, None, 0.2, attributes)


def many(subjects=("1", "2", "3", "4"), trials=(1, 2, 3, 4), labels=("squat", "jump"), **attributes) -> list[Clip]:
    keys = [(s, label, t) for s in subjects for label in labels for t in trials]
    return [clip(n, s, label, t, **attributes) for n, (s, label, t) in enumerate(keys)]


def who(clips, side, attribute="subject"):
    return sorted({getattr(clips[i], attribute) for i in side})


@given(
    lengths=st.lists(st.integers(0, 400), max_size=12),
    samples=st.integers(1, 120),
    stride=st.integers(1, 150),
    keep=st.booleans(),
)
def test_windows_lie_inside_their_clip_and_cover_it(lengths, samples, stride, keep):
    windows = cut_windows(lengths, samples, stride, keep_short=keep)
    assert windows.dtype == np.int64 and windows.shape[1] == 3
    assert sorted(map(tuple, windows)) == list(map(tuple, windows)) and len({*map(tuple, windows)}) == len(windows)
    for number, length in enumerate(lengths):
        mine = windows[windows[:, 0] == number]
        assert (mine[:, 1] >= 0).all() and (mine[:, 2] <= length).all()
        if length >= samples:
            assert (mine[:, 2] - mine[:, 1] == samples).all() and mine[0, 1] == 0 and mine[-1, 2] == length
        else:
            assert mine.tolist() == ([[number, 0, length]] if keep and length else [])


@pytest.mark.parametrize(("samples", "stride"), [(0, 1), (1, 0), (-5, 2)])
def test_windows_of_no_samples_are_refused(samples, stride):
    with pytest.raises(WrongUse):
        cut_windows([10], samples, stride)


clips_strategy = st.lists(
    st.builds(
        clip,
        take=st.integers(1, 6),
        subject=st.sampled_from(["1", "2", "10", "anna"]),
        session=st.sampled_from(["a", "b"]),
        label=st.sampled_from(["squat", "jump", "rest", None]),
        trial=st.integers(0, 5),
        scene=st.integers(1, 3),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(clips=clips_strategy, protocol=st.sampled_from(protocols()), seed=st.integers(0, 99))
def test_windows_of_one_take_are_never_on_both_sides(clips, protocol, seed):
    try:
        splits = make_splits(clips, protocol, seed=seed)
    except WrongUse as error:
        assert error.code in ("split.impossible", "split.empty") and error.hint
        return
    windows = cut_windows([len(c.acceleration_mps2) for c in clips], 4, 2)
    for split in splits:
        sides = [{clips[w[0]].take for w in windows_of(windows, side)} for side in (split.train, split.test)]
        assert not sides[0] & sides[1]
        assert not set(split.train) & set(split.test) and split.train and split.test
        assert all(clips[i].label is not None for i in split.test)
        trained = {clips[i].label for i in split.train}
        assert set(split.unseen) == {clips[i].label for i in split.test} - trained
        if protocol in ("cross-subject", "loso"):
            assert not set(who(clips, split.train)) & set(who(clips, split.test))


def test_cross_subject_trains_on_the_odd_ones():
    clips = many(subjects=[f"{n:02d}" for n in range(1, 9)])
    (split,) = make_splits(clips, "cross-subject")
    assert who(clips, split.train) == ["01", "03", "05", "07"]
    assert who(clips, split.test) == ["02", "04", "06", "08"]


def test_subjects_are_counted_in_natural_order():
    clips = many(subjects=["10", "9", "11", "8"])
    (split,) = make_splits(clips, "cross-subject")
    assert who(clips, split.train) == ["10", "8"]


def test_the_lower_half_of_the_trials_trains():
    clips = many()
    (split,) = make_splits(clips, "trial")
    assert who(clips, split.train, "trial") == [1, 2] and who(clips, split.test, "trial") == [3, 4]
    assert who(clips, split.train) == who(clips, split.test) == ["1", "2", "3", "4"]


def test_takes_with_several_trials_are_divided_whole_the_earlier_ones_train():
    clips = [clip(take, "1", "squat", trial) for take in (1, 2, 3) for trial in (1, 2, 3)]
    (split,) = make_splits(clips, "trial")
    assert len(split.train) == 6 and {clips[i].take[-3:] for i in split.test} == {"003"}


def test_loso_leaves_out_each_subject_once():
    clips = many()
    splits = make_splits(clips, "loso")
    assert [split.name for split in splits] == ["loso-1", "loso-2", "loso-3", "loso-4"]
    assert [who(clips, split.test) for split in splits] == [["1"], ["2"], ["3"], ["4"]]


def test_the_take_protocol_serves_one_person_and_repeats_by_its_seed():
    clips = many(subjects=("me",), trials=range(1, 9))
    (split,) = make_splits(clips, "take", seed=3)
    assert make_splits(clips, "take", seed=3) == [split] != make_splits(clips, "take", seed=4)
    assert who(clips, split.test, "label") == ["jump", "squat"] and len(split.test) == 4


def test_an_impossible_protocol_names_those_that_work():
    with pytest.raises(WrongUse) as caught:
        make_splits(many(subjects=("me",)), "loso")
    assert "two subjects" in caught.value.message and "take" in caught.value.hint and "trial" in caught.value.hint
    with pytest.raises(WrongUse, match="cross-subject") as alone:
        make_splits([clip()], "cross-subject")
    assert "Record" in alone.value.hint
    with pytest.raises(WrongUse, match="no labelled clip"):
        make_splits([clip(label=None)], "take")
    with pytest.raises(WrongUse, match="no protocol"):
        make_splits(many(), "magic")


def test_unlabelled_takes_of_testing_subjects_train_nobody():
    clips = [*many(), clip(99, "1", None), clip(98, "2", None)]
    (split,) = make_splits(clips, "cross-subject")
    assert len(clips) - 2 in split.train and len(clips) - 1 not in split.train + split.test


@pytest.mark.parametrize("protocol", ["trial", "cross-session", "cross-scene"])
def test_takes_that_nobody_labelled_do_not_change_which_ones_test(protocol):
    labelled = [
        clip(number, "1", ("squat", "jump")[number % 2], session="ab"[number // 4], scene="12"[number // 4])
        for number in range(8)
    ]
    later = [clip(number, "1", None, session="c", scene="3") for number in range(10, 14)]
    assert make_splits([*labelled, *later], protocol)[0].test == make_splits(labelled, protocol)[0].test == (4, 5, 6, 7)


def test_each_persons_last_session_tests():
    clips = many(session="1") + many(session="2", subjects=("1", "2"))
    (split,) = make_splits(clips, "cross-session")
    assert who(clips, split.test) == ["1", "2"] and {clips[i].session for i in split.test} == {"2"}


def test_mmact_is_divided_as_its_authors_do():
    clips = [
        clip(n, f"{subject:02d}", "walking", 1, f"scene{scene}-session{session}", origin="mmact", scene=scene,
             session_number=session, camera=camera)
        for n, (subject, scene, session, camera) in enumerate(
            (s, c, n, v) for s in (1, 16, 17, 20) for c in (1, 2, 4) for n in (1, 5) for v in (1, 4)
        )
    ]  # fmt: skip
    for one in clips:
        one.attributes["session"] = one.attributes.pop("session_number")
    (split,) = make_splits(clips, "cross-subject")
    assert who(clips, split.train) == ["01", "16"] and who(clips, split.test) == ["17", "20"]
    for protocol, attribute, held in (("cross-scene", "scene", 2), ("cross-session", "session", 5), ("cross-view", "camera", 4)):  # fmt: skip  # noqa: E501
        (split,) = make_splits(clips, protocol)
        assert {clips[i].attributes[attribute] for i in split.test} == {held}
        assert held not in {clips[i].attributes[attribute] for i in split.train}


def test_classes_that_are_never_trained_on_are_named():
    clips = [*many(), clip(77, "2", "cartwheel")]
    (split,) = make_splits(clips, "cross-subject")
    assert split.unseen == ("cartwheel",)
