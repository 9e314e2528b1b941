"""The one training loop: a model climbs its rung, batch by batch, a fixed number of epochs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from pskd.distill.base import Loss, Teaching
from pskd.errors import PskdError
from pskd.models.base import Model, Output
from pskd.signals.augment import Augmentation
from pskd.training.data import Batch, Index, TrainingData
from pskd.training.device import autocast, mixed_gains

T = TypeVar("T")

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""

WINDOWS = 4096
"""Most that a network is asked about at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Teacher:
    """A rung that has been climbed: it only speaks now."""

    name: str
    model: Model

    @torch.no_grad()
    def teach(self, batch: Batch) -> Teaching:
        """What it says of a batch."""
        logits, features = self.model(*batch.inputs(self.model.inputs))
        return Teaching(logits, features, batch.sees(self.model.inputs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """All that one rung's training needs.

    Attributes:
        data: all clips.
        rows: clip numbers to learn from.
        loss: what is minimised.
        teachers: in the order of the loss.
        augmentation: how strongly views differ.
        epochs: training passes.
        batch: clips in a batch.
        learning_rate: the highest one.
        weight_decay: of AdamW.
        seeds: numbers that, with the epoch's, seed all chance of that epoch.
        shuffled: what the teachers say of a clip is told of another clip of the batch (a control).
    """

    data: TrainingData
    rows: Index
    loss: Loss
    teachers: Sequence[Teacher]
    augmentation: Augmentation
    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float
    seeds: tuple[int, ...]
    shuffled: bool = False


@dataclass(slots=True)
class Progress:
    """Where a rung's training stands between two epochs; with the model's weights it is all that a resume needs.

    Attributes:
        epoch: epochs done.
        optimizer: state of AdamW after them, None before the first.
        curve: loss and accuracy (on the augmented training clips) of each epoch.
    """

    epoch: int = 0
    optimizer: dict[str, Any] | None = None
    loss: dict[str, Any] = field(default_factory=dict)
    curve: list[tuple[float, float]] = field(default_factory=list)


def climb(
    model: Model,
    lesson: Lesson,
    progress: Progress,
    after_epoch: Callable[[Progress], None],
    stopped: Callable[[], bool],
) -> bool:
    """Train ``model`` in place from where ``progress`` stands to the lesson's last epoch.

    Chance is seeded anew for each epoch, so a training that was interrupted between two epochs goes on to the very
    same weights.

    Args:
        model: learns.
        lesson: what it learns from.
        progress: brought up to date after each epoch.
        after_epoch: called then (to save and to report).
        stopped: asked after each batch; True ends the training there.

    Raises:
        PskdError: the loss is not a number any more.

    Returns:
        False where it was stopped; the last batches since the epoch began are then in the model, not in ``progress``.
    """
    for teacher in lesson.teachers:
        teacher.model.eval()
    learner = _Learner(
        model, list(model.parameters()), lesson.loss, _optimizer(model, lesson, progress), _mixed(model, lesson)
    )
    while progress.epoch < lesson.epochs:
        point = _epoch(learner, lesson, progress.epoch, stopped)
        if point is None:
            return False
        progress.epoch += 1
        progress.optimizer, progress.loss = _copy(learner.optimizer.state_dict()), _copy(lesson.loss.state_dict())
        progress.curve.append(point)
        after_epoch(progress)
    return True


@dataclass(frozen=True, slots=True, eq=False)
class _Learner:
    """A model and what changes it.

    Attributes:
        model: learns.
        weights: its parameters, listed once: walking through the modules takes a fiftieth of a step.
        loss: what is minimised; it may have weights of its own.
        optimizer: of both.
        mixed: half precision.
    """

    model: Model
    weights: list[torch.nn.Parameter]
    loss: Loss
    optimizer: torch.optim.Optimizer
    mixed: bool


def _epoch(learner: _Learner, lesson: Lesson, epoch: int, stopped: Callable[[], bool]) -> tuple[float, float] | None:
    """One pass: mean loss and accuracy on the augmented clips, or None where it was stopped."""
    generator = seed_all(*lesson.seeds, epoch)
    learner.model.train()
    steps = math.ceil(len(lesson.rows) / lesson.batch)
    total, right, judged = 0.0, 0.0, 0.0
    batches = taught_batches(lesson, learner.model, generator)
    # views alone take less time than handing them from thread to thread
    for step, (batch, taught) in enumerate(ahead(batches) if lesson.teachers else batches):
        rate = learning_rate((epoch * steps + step) / (lesson.epochs * steps), lesson.learning_rate)
        for group in learner.optimizer.param_groups:
            group["lr"] = rate
        loss, logits = _step(learner, batch, taught)
        labelled = batch.targets.sum(dim=1) > 0
        total += loss * len(logits)
        right += float((logits.argmax(dim=1) == batch.targets.argmax(dim=1))[labelled].sum())
        judged += float(labelled.sum())
        if stopped():
            return None
    return total / len(lesson.rows), right / max(judged, 1.0)


def taught_batches(
    lesson: Lesson, model: Model, generator: np.random.Generator
) -> Iterator[tuple[Batch, list[Teaching]]]:
    """One epoch: every clip once, in random order, in parts of nearly the same size, and the teachers' word on each."""
    with_pose = any("pose" in net.inputs for net in (model, *(teacher.model for teacher in lesson.teachers)))
    device = next(model.parameters()).device
    order = generator.permutation(lesson.rows)
    for rows in np.array_split(order, math.ceil(len(order) / lesson.batch)):
        batch = lesson.data.view(rows, lesson.augmentation, generator, with_pose).to(device)
        taught = [teacher.teach(batch) for teacher in lesson.teachers]
        yield batch, shuffle(taught, generator) if lesson.shuffled else taught


def shuffle(taught: Sequence[Teaching], generator: np.random.Generator) -> list[Teaching]:
    """What was said of each clip told of another clip of the batch: never its own, the same one for all teachers."""
    count = len(taught[0].logits) if taught else 0
    turn = np.roll(np.arange(count), 1)
    order = generator.permutation(count)
    other = np.empty(count, dtype=np.int64)
    other[order] = order[turn]
    return [Teaching(*(part[torch.from_numpy(other).to(part.device)] for part in each)) for each in taught]


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, each made on a second thread while the one before it is worked on.

    What is made there may use no chance but its own generator: torch's belongs to the first thread, so the numbers do
    not depend on which thread is faster.
    """
    threads = torch.get_num_threads()
    # a new thread would start with one OpenMP thread a core
    with ThreadPoolExecutor(1, "views", lambda: torch.set_num_threads(threads)) as pool:
        waiting = pool.submit(next, items, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, items, None)
            yield item


def learning_rate(done: float, highest: float) -> float:
    """Up along a line, then down along a cosine (Smith, Topin 2018), at the share ``done`` of all steps."""
    if done < WARM_UP:
        return highest * (0.1 + 0.9 * done / WARM_UP)
    return highest * (0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP))))


def seed_all(*numbers: int) -> np.random.Generator:
    """Seed torch and give a numpy generator; the same numbers give the same chance."""
    words = np.random.SeedSequence(numbers).generate_state(2, np.uint64)
    torch.manual_seed(int(words[0] >> np.uint64(1)))
    return np.random.default_rng(int(words[1]))


@torch.no_grad()
def answers(model: Model, data: TrainingData, rows: Index, chunk: int = 64) -> tuple[Tensor, Tensor]:
    """What a model says of whole clips, without augmentation.

    A clip's answer is the mean of the softmax over its windows; its logarithm stands for the logits.

    Returns:
        log probabilities ``(N, K)`` and mean features ``(N, E)``.
    """
    model.eval()
    device = next(model.parameters()).device
    logs, features = [], []
    for part in np.array_split(rows, math.ceil(len(rows) / chunk)):
        batch, owner = data.whole(part, "pose" in model.inputs)
        said = _said(model, batch.to(device).inputs(model.inputs))
        share = torch.nn.functional.one_hot(torch.from_numpy(owner), len(part)).T.float()
        share /= share.sum(dim=1, keepdim=True)
        one = (share.sum(dim=1) * (share > 0).sum(dim=1)) == 1
        mean = torch.log((share @ torch.softmax(said.logits, dim=1)).clamp(min=1e-12))
        logs.append(torch.where(one[:, None], share @ said.logits, mean))
        features.append(share @ said.features)
    return torch.cat(logs), torch.cat(features)


def _said(model: Model, inputs: Sequence[Tensor]) -> Output:
    """In parts: a batch of long clips has more windows than memory may hold at once."""
    parts = [Output(*(x.cpu() for x in model(*part))) for part in zip(*(x.split(WINDOWS) for x in inputs), strict=True)]
    return Output(*(torch.cat(each) for each in zip(*parts, strict=True)))


def _optimizer(model: Model, lesson: Lesson, progress: Progress) -> torch.optim.AdamW:
    weights = [*model.parameters(), *lesson.loss.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=lesson.learning_rate, weight_decay=lesson.weight_decay, fused=True)
    if progress.optimizer is not None:
        optimizer.load_state_dict(progress.optimizer)
        lesson.loss.load_state_dict(progress.loss)
    return optimizer


def _mixed(model: Model, lesson: Lesson) -> bool:
    """Whether half precision is worth it for this network on its device; never on the processor."""
    device = next(model.parameters()).device
    if device.type == "cpu":
        return False
    rows = lesson.rows[: lesson.batch]
    batch = lesson.data.view(rows, lesson.augmentation, np.random.default_rng(0), "pose" in model.inputs)
    return mixed_gains(model, batch.to(device).inputs(model.inputs))


def _step(learner: _Learner, batch: Batch, taught: Sequence[Teaching]) -> tuple[float, Tensor]:
    """Learn from one batch; returns the loss and the logits."""
    with autocast(batch.sensor.device, learner.mixed):
        said = Output(*(x.float() for x in learner.model(*batch.inputs(learner.model.inputs))))
    total = torch.stack(list(learner.loss(said, batch.targets, taught).values())).sum()
    if not torch.isfinite(total):
        raise PskdError(
            "Training ran away: the loss is not a number.",
            code="training.diverged",
            hint="Lower learning_rate in the plan, or look for takes with absurd values.",
        )
    learner.optimizer.zero_grad(set_to_none=True)
    total.backward()
    torch.nn.utils.clip_grad_norm_(learner.weights, 5.0)
    learner.optimizer.step()
    return float(total.detach()), said.logits.detach()


def _copy(state: Any) -> Any:
    """A state whose tensors are its own: the optimizer goes on changing those that it gave in place."""
    if isinstance(state, Tensor):
        return state.detach().clone()
    if isinstance(state, dict):
        return {name: _copy(value) for name, value in state.items()}
    return [_copy(value) for value in state] if isinstance(state, list) else state
