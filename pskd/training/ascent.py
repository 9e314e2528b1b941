"""Climbing the ladder of one fold, rung by rung, saving after every epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pskd.clock import now_s
from pskd.distill.base import Loss
from pskd.distill.base import build as build_loss
from pskd.distill.ladder import Rung, needed_for
from pskd.models.base import Model, Shapes, parameters
from pskd.models.base import build as build_model
from pskd.signals.pose import JOINTS, POSE_CHANNELS
from pskd.training import checkpoint as store
from pskd.training.checkpoint import Checkpoint
from pskd.training.data import Index, TrainingData
from pskd.training.device import CPU
from pskd.training.folds import CALIBRATION, Fold
from pskd.training.labels import NOBODY
from pskd.training.loop import Lesson, Progress, Teacher, answers, climb, seed_all
from pskd.training.plan import STUDENT, Plan
from pskd.training.pseudo import pseudo_labels
from pskd.training.rungs import Climbed, RungStore

Emit = Callable[..., None]
Stop = Callable[[], str]
"""Asked after every batch: empty to go on, ``stop`` to end early with what there is, ``cancel`` to leave at once."""

_INITIAL = 2**31
"""Seeds a rung's first weights; no epoch has this number."""


@dataclass(slots=True, eq=False)
class Ascent:
    """A run under way.

    Attributes:
        plan: what was asked.
        data: all clips.
        folder: the run folder.
        checkpoint: where the run stands; saved after every epoch.
        emit: tells the listener and the log.
        stop: see :data:`Stop`.
        total_epochs: of all folds and rungs, for the estimate of the time left.
        device: where networks learn.
        kept: rungs above the student that another run has climbed; None to climb them all.
        models: the networks of the current fold by rung name.
    """

    plan: Plan
    data: TrainingData
    folder: Path
    checkpoint: Checkpoint
    emit: Emit
    stop: Stop
    total_epochs: int
    device: torch.device = CPU
    kept: RungStore | None = None
    models: dict[str, Model] = field(default_factory=dict)

    @property
    def shapes(self) -> Shapes:
        """Sizes of the windows and the number of classes."""
        sensor, pose = self.plan.sensor, self.plan.pose
        return Shapes(
            len(self.data.classes),
            (len(sensor.channels), sensor.window_samples),
            (len(POSE_CHANNELS), pose.frames, JOINTS),
        )

    def fold(self, fold: Fold) -> str:
        """Climb all rungs of a fold, then judge each on the test clips.

        Returns:
            empty, or what :data:`Stop` said. After ``stop`` the fold is judged as it is if its student has learned
            for at least one epoch.
        """
        self.models = {}
        if self._over(fold):
            return ""
        said = ""
        for number, rung in enumerate(fold.rungs):
            self.models[rung.name] = self._network(fold, number)
            if not self._climb(fold, number):
                said = self.stop() or "stop"
                break
        if said and not self.has_student(fold):
            return said
        if said != "cancel":
            self._judge(fold)
        return said

    def climb_to(self, fold: Fold, rung: str) -> None:
        """Climb one rung of a fold and those that it needs, to keep them for other runs; nothing is judged."""
        self.models = {}
        needed = needed_for(fold.rungs, rung) if rung in [other.name for other in fold.rungs] else []
        for number, each in enumerate(fold.rungs):
            if each.name in needed:
                self.models[each.name] = self._network(fold, number)
                self._climb(fold, number)

    def has_student(self, fold: Fold) -> bool:
        """True where the fold's student has learned for at least one epoch."""
        key = f"{fold.name}/{STUDENT}"
        return bool(self.checkpoint.curves.get(key))

    def forget(self, fold: Fold) -> None:
        """A fold that was judged needs its weights no more; the empty marks let a resume pass over it."""
        for rung in fold.rungs:
            self.checkpoint.finished[f"{fold.name}/{rung.name}"] = {}

    def _over(self, fold: Fold) -> bool:
        return all(self.checkpoint.finished.get(f"{fold.name}/{rung.name}") == {} for rung in fold.rungs)

    def _network(self, fold: Fold, number: int) -> Model:
        """The rung's network: fresh, or as it was saved."""
        rung = fold.rungs[number]
        seed_all(self.plan.seed, fold.number, number, _INITIAL)
        model = build_model(rung.model, self.shapes)
        key = f"{fold.name}/{rung.name}"
        current = self.checkpoint.current
        weights = current.get("model") if current.get("name") == key else self.checkpoint.finished.get(key)
        if weights is not None:
            store.restore(self.folder / store.CHECKPOINT_NAME, key, model, weights)
        return model.to(self.device)

    def _climb(self, fold: Fold, number: int) -> bool:
        rung = fold.rungs[number]
        key = f"{fold.name}/{rung.name}"
        if key in self.checkpoint.finished or self._found(fold, number):
            return True
        model = self.models[rung.name]
        self.emit(
            "rung-start", fold=fold.name, rung=rung.name, model=rung.model, number=number + 1, of=len(fold.rungs),
            epochs=rung.epochs, parameters=parameters(model), learns_from=list(rung.learns_from),
        )  # fmt: skip
        lesson = self._lesson(fold, number)
        progress = self._progress(key)
        if not climb(model, lesson, progress, self._after_epoch(fold, rung, model), lambda: bool(self.stop())):
            return False
        self.checkpoint.finished[key] = store.weights_of(model)
        self.checkpoint.current = {}
        store.save(self.folder, self.checkpoint)
        self._keep(fold, number)
        self.emit("rung-end", fold=fold.name, rung=rung.name, seconds=round(self.checkpoint.seconds[key], 3))
        return True

    def _found(self, fold: Fold, number: int) -> bool:
        """Take a rung from the store, where another run has climbed the very same one."""
        rung, key = fold.rungs[number], f"{fold.name}/{fold.rungs[number].name}"
        if self.kept is None or not _shared(rung):
            return False
        climbed = self.kept.get(self.kept.key(self.plan, fold.rungs, number, fold.name))
        if climbed is None:
            return False
        store.restore(self.kept.folder, key, self.models[rung.name], climbed.weights)
        self.checkpoint.finished[key], self.checkpoint.curves[key] = climbed.weights, climbed.curve
        self.checkpoint.seconds[key] = climbed.seconds
        return True

    def _keep(self, fold: Fold, number: int) -> None:
        key = f"{fold.name}/{fold.rungs[number].name}"
        if self.kept is not None and _shared(fold.rungs[number]):
            climbed = Climbed(self.checkpoint.finished[key], self.checkpoint.curves[key], self.checkpoint.seconds[key])
            self.kept.put(self.kept.key(self.plan, fold.rungs, number, fold.name), climbed)

    def _lesson(self, fold: Fold, number: int) -> Lesson:
        rung = fold.rungs[number]
        teachers = [Teacher(name, self.models[name]) for name in rung.learns_from]
        loss = build_loss(rung.loss, rung.options)
        if type(loss).prepare is not Loss.prepare:
            loss.prepare([self._prototypes(fold, teacher.model).to(self.device) for teacher in teachers])
        return Lesson(
            data=replace(self.data, labels=self._told(fold, rung, teachers)),
            rows=fold.rows(rung, self.data, self.plan.unlabelled),
            loss=loss.to(self.device),
            teachers=teachers,
            augmentation=self.plan.augmentation,
            epochs=rung.epochs,
            batch=self.plan.batch,
            learning_rate=rung.learning_rate or self.plan.learning_rate,
            weight_decay=self.plan.weight_decay,
            seeds=(self.plan.seed, fold.number, number),
            shuffled=self.plan.shuffled and not _shared(rung),
        )

    def _told(self, fold: Fold, rung: Rung, teachers: Sequence[Teacher]) -> Index:
        """Labels as this rung hears them: where nobody labelled, the student's teachers do if they are sure.

        Teachers are not told: what one of them has wrong, the next would learn by heart. Nor is a student whose
        teachers speak of other clips: they would tell it the truth after all.
        """
        if self.plan.pseudo_label_from >= 1.0 or self.plan.shuffled or _shared(rung):
            return fold.labels
        rows = fold.rows(rung, self.data, self.plan.unlabelled)
        unknown = rows[fold.labels[rows] == NOBODY]
        if not len(unknown):
            return fold.labels
        labels = fold.labels.copy()
        labels[unknown] = pseudo_labels(teachers, self.data, unknown, self.plan.pseudo_label_from)
        return labels

    def _prototypes(self, fold: Fold, model: Model) -> Tensor:
        """A teacher's mean feature of each class over the training clips, ``(K, E)``."""
        rows = fold.train[fold.labels[fold.train] != NOBODY]
        if "pose" in model.inputs:
            rows = rows[self.data.has_pose[rows]]
        _, features = answers(model, self.data, rows)
        member = torch.nn.functional.one_hot(torch.from_numpy(fold.labels[rows]), len(self.data.classes)).T.float()
        return (member @ features) / member.sum(dim=1, keepdim=True).clamp(min=1.0)

    def _progress(self, key: str) -> Progress:
        current = self.checkpoint.current
        if current.get("name") != key:
            return Progress()
        return Progress(current["epoch"], current["optimizer"], current["loss"], [tuple(p) for p in current["curve"]])

    def _after_epoch(self, fold: Fold, rung: Rung, model: Model) -> Callable[[Progress], None]:
        key = f"{fold.name}/{rung.name}"
        started = now_s() - self.checkpoint.seconds.get(key, 0.0)

        def after(progress: Progress) -> None:
            self.checkpoint.curves[key] = [list(point) for point in progress.curve]
            self.checkpoint.seconds[key] = now_s() - started
            self.checkpoint.current = {"name": key, "model": store.weights_of(model), **_fields(progress)}
            store.save(self.folder, self.checkpoint)
            loss, accuracy = progress.curve[-1]
            each = self.checkpoint.seconds[key] / progress.epoch
            self.emit(
                "epoch", fold=fold.name, rung=rung.name, epoch=progress.epoch, of=rung.epochs, loss=round(loss, 5),
                accuracy=round(accuracy, 5), seconds=round(each, 3),
                rung_eta_s=round(each * (rung.epochs - progress.epoch), 1), eta_s=round(self._eta_s(), 1),
            )  # fmt: skip

        return after

    def _eta_s(self) -> float:
        """Seconds left if the epochs to come take as long as those gone by."""
        done = sum(len(curve) for curve in self.checkpoint.curves.values())
        return sum(self.checkpoint.seconds.values()) / max(done, 1) * max(self.total_epochs - done, 0)

    def _judge(self, fold: Fold) -> None:
        """Keep every climbed rung's answers: on the test clips, or for the calibration's student on its held ones.

        A student is judged as far as it came; a confidence fitted to one that hardly learned would be wrong for it.
        """
        for name, model in self.models.items():
            key = f"{fold.name}/{name}"
            rows = fold.held if name == CALIBRATION else self.judged(fold, model)
            there = self.checkpoint.finished if name == CALIBRATION else self.checkpoint.curves
            if len(rows) and key in there:
                self.checkpoint.answers[key] = answers(model, self.data, rows)[0]

    def judged(self, fold: Fold, model: Model) -> Index:
        """The test clips that a model can see."""
        return fold.test[self.data.has_pose[fold.test]] if "pose" in model.inputs else fold.test


def _shared(rung: Rung) -> bool:
    """True for the rungs above the student."""
    return rung.name not in (STUDENT, CALIBRATION)


def _fields(progress: Progress) -> dict[str, Any]:
    """The fields of a progress, not copied."""
    return {name: getattr(progress, name) for name in ("epoch", "optimizer", "loss", "curve")}
