"""What people lend to training whom a camera saw and nobody labelled."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from made_clips import make_clip

from benchmarks.study.newcomers import REST_S, one_after_another, with_newcomers
from pskd.library.splits import make_splits
from pskd.training.pieces import in_pieces

CLIPS = [make_clip("wave", subject, trial) for subject in ("01", "02", "03") for trial in (1, 2, 3, 4)]


def test_newcomers_lend_their_earlier_trials_without_labels() -> None:
    clips = with_newcomers(CLIPS)
    (split,) = make_splits(clips, "cross-subject")
    train = [clips[place] for place in split.train]
    assert [(clip.subject, clip.trial) for clip in train if clip.label is None] == [("02-lent", 1), ("02-lent", 2)]
    assert {clip.subject for clip in train if clip.label} == {"01", "03"} and len(train) == 10
    assert [(clips[place].subject, clips[place].trial) for place in split.test] == [("02", 3), ("02", 4)]


def test_an_uncut_loan_is_one_long_take_and_the_same_clips_judge() -> None:
    cut, uncut = with_newcomers(CLIPS), with_newcomers(CLIPS, loan="uncut")
    assert len(uncut) == len(cut) - 1
    (lent,) = [clip for clip in uncut if clip.label is None]
    assert lent.subject == "02-lent" and lent.duration_s == 2 * 1.6 + REST_S
    judged = [[clips[place].take for place in make_splits(clips, "cross-subject")[0].test] for clips in (cut, uncut)]
    assert judged[0] == judged[1]


def test_joined_clips_keep_their_samples_and_go_evenly_through_the_rest_between() -> None:
    parts = [make_clip("circle", "01", trial) for trial in (1, 2, 3)]
    (take,) = one_after_another(parts)
    assert take.pose_m is not None and take.pose_times_s is not None and take.visibility is not None
    assert len(take.pose_m) == len(take.pose_times_s) == len(take.visibility)
    for times in (take.acceleration_times_s, take.pose_times_s):
        assert np.diff(times).min() > 0 and np.diff(times).max() < 1.6 * np.median(np.diff(times))
    order = []
    for number in range(3):
        begin = number * (1.6 + REST_S)
        inside = slice(*np.searchsorted(take.acceleration_times_s, (begin - 1e-6, begin + 1.58 + 1e-6)))
        order += [p.trial for p in parts if np.array_equal(p.acceleration_mps2, take.acceleration_mps2[inside])]
    assert sorted(order) == [1, 2, 3]
    rest = slice(*np.searchsorted(take.acceleration_times_s, (1.6, 1.6 + REST_S - 1e-6)))
    assert np.allclose(np.diff(take.acceleration_mps2[rest], n=2, axis=0), 0, atol=1e-4)


def test_people_stay_apart_and_who_has_no_camera_stays_as_it_is() -> None:
    alone = replace(make_clip("wave", "03", 1, camera=False), label=None)
    takes = one_after_another(
        [make_clip("wave", subject, trial) for subject in ("01", "02") for trial in (1, 2)] + [alone]
    )
    assert [take.subject for take in takes] == ["01", "02", "03"] and takes[2] is alone
    assert all(first.take != second.take for first, second in pairwise(takes))


def test_a_long_loan_is_cut_into_windows_for_learning() -> None:
    loan = with_newcomers([make_clip("wave", s, t, seconds=3.0) for s in ("01", "02") for t in range(1, 9)], "uncut")
    pieces = [clip for clip in in_pieces(loan, 5.0) if clip.label is None]
    assert len(pieces) == 3 and all(3.3 < piece.duration_s < 7.5 for piece in pieces)
