from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from made_clips import CLASSES, make_clips
from made_plans import GENTLE, POSE, SENSOR

from pskd.distill.base import Teaching
from pskd.distill.base import build as build_loss
from pskd.errors import PskdError
from pskd.models.base import Model, Shapes
from pskd.models.base import build as build_model
from pskd.training.data import TrainingData, stack
from pskd.training.loop import Lesson, Progress, ahead, answers, climb, learning_rate, seed_all, shuffle, taught_batches

SHAPES = Shapes(3, (7, 64), (10, 16, 15))


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return stack(make_clips(), CLASSES, SENSOR, POSE)


def lesson(data: TrainingData, epochs: int) -> Lesson:
    return Lesson(
        data=data, rows=np.arange(len(data.clips)), loss=build_loss("label"), teachers=[], augmentation=GENTLE,
        epochs=epochs, batch=9, learning_rate=3e-3, weight_decay=0.01, seeds=(1, 2),
    )  # fmt: skip


def fresh() -> Model:
    seed_all(1)
    return build_model("nano", SHAPES)


def test_more_windows_than_fit_at_once_give_the_same_answers(
    data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, rows = build_model("fused", SHAPES), np.arange(5)
    at_once = answers(model, data, rows)
    monkeypatch.setattr("pskd.training.loop.WINDOWS", 2)
    for part, whole in zip(answers(model, data, rows), at_once, strict=True):
        torch.testing.assert_close(part, whole)


def never() -> bool:
    return False


def test_classes_that_differ_are_learned(data: TrainingData) -> None:
    model, progress = fresh(), Progress()
    assert climb(model, lesson(data, 15), progress, lambda _: None, never)
    assert progress.curve[-1][0] < progress.curve[0][0]
    logits, features = answers(model, data, np.arange(len(data.clips)))
    assert float((logits.argmax(dim=1).numpy() == data.labels).mean()) > 0.9
    assert features.shape == (len(data.clips), 64)


def test_an_epoch_shows_every_clip_once(data: TrainingData) -> None:
    seen = [batch for batch, _ in taught_batches(lesson(data, 1), fresh(), np.random.default_rng(0))]
    assert sum(len(batch.sensor) for batch in seen) == len(data.clips)
    assert {len(batch.sensor) for batch in seen} == {9}


def test_training_that_was_interrupted_goes_on_to_the_same_weights(data: TrainingData) -> None:
    straight, progress = fresh(), Progress()
    climb(straight, lesson(data, 3), progress, lambda _: None, never)

    saved: dict[str, object] = {}
    broken, first = fresh(), Progress()
    calls = iter([False] * 6 + [True])

    def save(at: Progress) -> None:
        saved.update(model={k: v.clone() for k, v in broken.state_dict().items()}, optimizer=at.optimizer, at=at.epoch)

    assert not climb(broken, lesson(data, 3), first, save, lambda: next(calls))
    assert saved["at"] == 1

    resumed = fresh()
    resumed.load_state_dict(saved["model"])  # type: ignore[arg-type]
    second = Progress(1, saved["optimizer"], {}, first.curve[:1])  # type: ignore[arg-type]
    climb(resumed, lesson(data, 3), second, lambda _: None, never)
    assert all(
        torch.equal(a, b) for a, b in zip(straight.state_dict().values(), resumed.state_dict().values(), strict=True)
    )
    assert second.curve == progress.curve


def test_a_clip_of_many_windows_answers_with_their_mean(data: TrainingData) -> None:
    logits, _ = answers(fresh(), data, np.arange(4))
    batch, owner = data.whole(np.arange(4), False)
    with torch.no_grad():
        windows = torch.softmax(fresh().eval()(batch.sensor).logits, dim=1)
    for clip in range(4):
        torch.testing.assert_close(torch.softmax(logits[clip], 0), windows[owner == clip].mean(0), atol=1e-5, rtol=1e-4)


def test_the_learning_rate_rises_then_falls() -> None:
    rates = [learning_rate(done, 1.0) for done in np.linspace(0, 1, 101)]
    assert max(rates) == pytest.approx(1.0, abs=0.01) and np.argmax(rates) == 10
    assert rates[0] == pytest.approx(0.1) and rates[-1] < 0.01


def test_a_loss_that_is_not_a_number_ends_training_with_one_line(data: TrainingData) -> None:
    model = fresh()
    with torch.no_grad():
        model.classifier.bias.fill_(float("nan"))
    with pytest.raises(PskdError, match="not a number"):
        climb(model, lesson(data, 1), Progress(), lambda _: None, never)


def test_working_ahead_changes_neither_items_nor_their_failures() -> None:
    assert list(ahead(iter(range(1, 20)))) == list(range(1, 20))
    assert list(ahead(iter([]))) == []

    def failing() -> Iterator[int]:
        yield 1
        raise PskdError("no more", code="test")

    with pytest.raises(PskdError, match="no more"):
        list(ahead(failing()))


def test_shuffled_teachers_speak_of_another_clip_all_of_the_same_one() -> None:
    rows = torch.arange(5.0)
    said = Teaching(rows[:, None], 10 * rows[:, None], rows > -1)
    first, second = shuffle([said, said], np.random.default_rng(0))
    assert sorted(first.logits[:, 0].tolist()) == rows.tolist()
    assert not (first.logits[:, 0] == rows).any()
    assert torch.equal(first.logits, second.logits) and torch.equal(first.features, 10 * first.logits)
    assert shuffle([], np.random.default_rng(0)) == []
