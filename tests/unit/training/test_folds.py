from __future__ import annotations

import numpy as np
import pytest
from made_clips import CLASSES, make_clip, make_clips
from made_plans import POSE, SENSOR, label_only, make_small_plan

from pskd.errors import PskdError, WrongUse
from pskd.library.clips import Clip
from pskd.training.data import TrainingData, stack
from pskd.training.folds import CALIBRATION, EVERYTHING, classes_of, make_folds


def stacked(clips: list[Clip]) -> TrainingData:
    return stack(clips, CLASSES, SENSOR, POSE)


def subjects(data: TrainingData, rows: np.ndarray) -> set[str]:
    return {data.clips[row].subject for row in rows}


def test_the_calibration_holds_out_training_clips_and_never_test_clips() -> None:
    data = stacked(make_clips(("01", "02", "03", "04", "05")))
    (fold,), _ = make_folds(make_small_plan(), data)
    assert subjects(data, fold.test) == {"02", "04"}
    assert len(subjects(data, fold.held)) == 1 and subjects(data, fold.held) < subjects(data, fold.train)
    calibration = fold.rungs[-1]
    assert calibration.name == CALIBRATION and calibration.model == "nano" and calibration.epochs == 2
    rows = fold.rows(calibration, data, True)
    assert not np.isin(rows, fold.held).any() and not np.isin(rows, fold.test).any()


def test_the_calibration_hears_nothing_of_the_person_held_out_labelled_or_not() -> None:
    clips = make_clips(("01", "02", "03", "04", "05"))
    data = stacked([*clips, *(make_clip(None, who, 8, like="wave") for who in ("01", "03", "05"))])
    (fold,), _ = make_folds(make_small_plan(), data)
    (held,) = subjects(data, fold.held)
    heard = fold.rows(fold.rungs[-1], data, True)
    assert held not in subjects(data, heard) and (data.labels[heard] < 0).sum() == 2
    assert held in subjects(data, fold.rows(fold.rungs[-2], data, True))
    assert (data.labels[fold.held] >= 0).all()


def test_a_person_whom_no_fold_can_judge_is_named() -> None:
    alone = [make_clip("still", "03", trial) for trial in (1, 2, 3)]
    others = [clip for clip in make_clips(("01", "02")) if clip.label != "still"]
    _, notes = make_folds(label_only(protocol="loso"), stacked([*others, *alone]))
    assert any("Not judged" in note and note.endswith(": 03.") for note in notes)
    _, notes = make_folds(label_only(protocol="loso"), stacked(make_clips(("01", "02"))))
    assert not any("Not judged" in note for note in notes)


def test_few_subjects_hold_out_takes() -> None:
    data = stacked(make_clips(("01", "02"), 12))
    (fold,), _ = make_folds(make_small_plan(), data)
    assert 8 <= len(fold.held) < len(fold.train) / 2


def test_too_little_to_hold_out_is_said() -> None:
    data = stacked(make_clips(("01", "02"), 2))
    (fold,), notes = make_folds(label_only(), data)
    assert not len(fold.held) and any("not calibrated" in note for note in notes)


def test_leaving_each_subject_out_ends_with_a_ladder_on_everything() -> None:
    data = stacked(make_clips(("01", "02", "03")))
    folds, notes = make_folds(make_small_plan("loso"), data)
    assert [fold.name for fold in folds] == ["loso-01", "loso-02", "loso-03", EVERYTHING]
    assert len(folds[-1].train) == len(data.clips) and not len(folds[-1].test)
    assert all(rung.name != CALIBRATION for fold in folds for rung in fold.rungs)
    assert any("bundle's student" in note for note in notes)


def test_without_a_camera_the_rungs_that_need_one_are_left_out() -> None:
    data = stacked(make_clips(trials=12, camera=False))
    (fold,), notes = make_folds(make_small_plan(), data)
    assert [rung.name for rung in fold.rungs] == ["student", CALIBRATION]
    assert fold.rungs[0].loss == "label" and any("left out" in note for note in notes)


def test_teachers_learn_only_from_clips_with_a_camera() -> None:
    blind = [make_clip("wave", "01", 9, camera=False), make_clip(None, "01", 8, like="wave")]
    data = stacked([*make_clips(), *blind])
    (fold,), notes = make_folds(make_small_plan(), data)
    skeleton, student = fold.rungs[0], fold.rungs[2]
    last = len(data.clips)
    assert not {last - 2, last - 1} & set(fold.rows(skeleton, data, True))
    assert {last - 2, last - 1} <= set(fold.rows(student, data, True))
    assert last - 1 not in fold.rows(student, data, False)
    assert any("have a skeleton" in note for note in notes)


def test_classes_keep_the_librarys_order_and_two_are_needed() -> None:
    assert classes_of(make_clips(), ["wave", "jump", "circle"]) == ["wave", "circle", "still"]
    with pytest.raises(PskdError, match="Two classes"):
        classes_of([make_clip("wave", "01", 1)], [])


def test_a_protocol_that_does_not_fit_says_what_does() -> None:
    with pytest.raises(WrongUse, match="take"):
        make_folds(make_small_plan(), stacked(make_clips(("01",))))
