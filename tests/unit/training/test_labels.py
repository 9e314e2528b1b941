from __future__ import annotations

import numpy as np
from made_clips import make_clip, make_clips
from made_plans import POSE, SENSOR, make_small_plan

from pskd.training.data import TrainingData, stack
from pskd.training.folds import classes_of, make_folds
from pskd.training.labels import NOBODY, Labels, known_labels

CLIPS = make_clips(("01", "02", "03"), 4)


def stacked() -> TrainingData:
    return stack(CLIPS, classes_of(CLIPS, []), SENSOR, POSE)


def test_all_labels_are_known_unless_some_are_hidden() -> None:
    data = stacked()
    assert known_labels(Labels(), CLIPS, data.labels, np.arange(len(CLIPS))) is data.labels


def test_the_first_trials_of_each_subject_and_class_keep_their_labels() -> None:
    data, rows = stacked(), np.arange(len(CLIPS))
    known = known_labels(Labels(trials=1), CLIPS, data.labels, rows)
    kept = [CLIPS[row] for row in rows if known[row] != NOBODY]
    assert len(kept) == 3 * 3 and {clip.trial for clip in kept} == {1}
    np.testing.assert_array_equal(known[known != NOBODY], data.labels[known != NOBODY])


def test_the_first_subjects_of_the_training_side_keep_their_labels() -> None:
    data = stacked()
    train = np.array([row for row, clip in enumerate(CLIPS) if clip.subject != "01"])
    known = known_labels(Labels(subjects=1), CLIPS, data.labels, train)
    assert {clip.subject for row, clip in enumerate(CLIPS) if known[row] == NOBODY} == {"03"}


def test_hidden_labels_are_unknown_to_every_rung_and_known_to_the_judge() -> None:
    plan = make_small_plan(labels=Labels(trials=1))
    data = stacked()
    (fold,), notes = make_folds(plan, data)
    teacher, student = fold.rungs[0], fold.rungs[2]
    assert len(fold.rows(teacher, data, True)) == 2 * 3 and len(fold.rows(student, data, True)) == 2 * 3 * 4
    assert (fold.labels[fold.test] == data.labels[fold.test]).all() and (data.labels >= 0).all()
    assert any("6 training clips kept their labels, those of 18 were hidden" in note for note in notes)


def test_somebody_whose_takes_nobody_labelled_does_not_change_who_is_tested() -> None:
    nobody = make_clip(None, "01", 9, like="wave")
    clips = [nobody, *make_clips(("02", "03", "04", "05"), 2)]
    data = stack(clips, classes_of(clips, []), SENSOR, POSE)
    (fold,), _ = make_folds(make_small_plan(calibrate=False), data)
    assert {clips[row].subject for row in fold.test} == {"03", "05"}
    assert 0 in fold.train
