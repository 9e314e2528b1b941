from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_clips import CLASSES, make_clips
from made_plans import GENTLE, POSE, SENSOR

from pskd.distill.base import build as build_loss
from pskd.models.base import Shapes
from pskd.models.base import build as build_model
from pskd.training.data import TrainingData, stack
from pskd.training.labels import NOBODY
from pskd.training.loop import Lesson, Progress, Teacher, climb, seed_all
from pskd.training.pseudo import pseudo_labels

SHAPES = Shapes(3, (7, 64), (10, 16, 15))


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return stack(make_clips(), CLASSES, SENSOR, POSE)


@pytest.fixture(scope="module")
def teachers(data: TrainingData) -> dict[str, Teacher]:
    """One that sees the watch and one that sees the body, both of which know the classes."""
    climbed = {}
    for name, epochs in (("nano", 15), ("skeleton", 8)):
        seed_all(1)
        model = build_model(name, SHAPES)
        lesson = Lesson(
            data=data, rows=np.arange(len(data.clips)), loss=build_loss("label"), teachers=[], augmentation=GENTLE,
            epochs=epochs, batch=9, learning_rate=3e-3, weight_decay=0.01, seeds=(1, 2),
        )  # fmt: skip
        climb(model, lesson, Progress(), lambda _: None, lambda: False)
        climbed[name] = Teacher(name, model.eval())
    return climbed


def test_teachers_that_know_the_classes_tell_them(data: TrainingData, teachers: dict[str, Teacher]) -> None:
    rows = np.arange(len(data.clips))
    for heard in (["nano"], ["skeleton"], ["nano", "skeleton"]):
        told = pseudo_labels([teachers[name] for name in heard], data, rows, 0.4)
        sure = told != NOBODY
        assert sure.mean() > 0.7
        assert (told[sure] == data.labels[rows][sure]).mean() > 0.9


def test_who_is_not_sure_says_nothing(data: TrainingData, teachers: dict[str, Teacher]) -> None:
    rows = np.arange(6)
    assert (pseudo_labels(list(teachers.values()), data, rows, 1.0) == NOBODY).all()


def test_who_sees_only_the_body_says_nothing_of_clips_without_a_camera(
    data: TrainingData, teachers: dict[str, Teacher]
) -> None:
    blind = replace(data, has_pose=np.arange(len(data.clips)) % 2 == 0)
    rows = np.arange(len(data.clips))
    told = pseudo_labels([teachers["skeleton"]], blind, rows, 0.0)
    assert (told[1::2] == NOBODY).all()
    assert (told[::2] == pseudo_labels([teachers["skeleton"]], data, rows, 0.0)[::2]).all()
    watch = pseudo_labels([teachers["nano"]], data, rows, 0.0)
    both = pseudo_labels(list(teachers.values()), blind, rows, 0.0)
    assert (both[1::2] == watch[1::2]).all()
