"""Clips as stacked arrays, and batches of changed views made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pskd.errors import PskdError
from pskd.library.clips import Clip
from pskd.signals import augment, pose, sensor
from pskd.signals.augment import Augmentation
from pskd.signals.pose import JOINTS, PosePreprocessing
from pskd.signals.sensor import SensorPreprocessing
from pskd.types import FloatArray, TimeArray

SENSOR_DENSITY = 2
"""Samples that are kept for augmentation per sample of the window; at one, reading between them would blur."""

POSE_STORE_HZ = 25.0
"""Rate at which poses are kept for augmentation; the teachers' window has its own."""

Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What a network and a loss hear.

    Attributes:
        sensor: ``(B, C, T)``.
        pose: ``(B, C, T, V)``, zero for clips without a camera; None where no rung needs it.
        has_pose: ``(B,)`` bool.
        targets: ``(B, K)``; a row of zeros where nobody labelled.
    """

    sensor: Tensor
    pose: Tensor | None
    has_pose: Tensor
    targets: Tensor

    def inputs(self, names: Sequence[str]) -> list[Tensor]:
        """The tensors that a model asks for by name."""
        return [getattr(self, name) for name in names]

    def sees(self, names: Sequence[str]) -> Tensor:
        """``(B,)`` bool: clips that have all these modalities."""
        return self.has_pose if "pose" in names else torch.ones_like(self.has_pose)

    def to(self, device: torch.device) -> Batch:
        """The same batch where a network learns."""
        pose = None if self.pose is None else self.pose.to(device)
        return Batch(self.sensor.to(device), pose, self.has_pose.to(device), self.targets.to(device))


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """All clips of a run, resampled once.

    Attributes:
        clips: where they came from.
        labels: ``(N,)`` class numbers, -1 where nobody labelled.
        classes: K names.
        sensor: ``(S, 3)`` in g, :data:`SENSOR_DENSITY` for each sample at the plan's rate, clip after clip.
        sensor_start: ``(N,)`` where each clip begins in it.
        sensor_length: ``(N,)`` samples of each clip.
        pose: ``(P, 15, 3)`` metres at :data:`POSE_STORE_HZ`, clip after clip.
        seen: ``(P, 15)``.
        pose_start: ``(N,)`` where each clip begins in them.
        pose_length: ``(N,)`` frames of each clip, one frame of nobody without a camera.
        has_pose: ``(N,)`` bool: a camera saw at least one joint.
        pose_offset_s: ``(N,)`` first pose frame less first sample.
        sensor_spec: sensor preprocessing.
        pose_spec: pose preprocessing.
    """

    clips: Sequence[Clip]
    labels: Index
    classes: tuple[str, ...]
    sensor: FloatArray
    sensor_start: Index
    sensor_length: Index
    pose: FloatArray
    seen: FloatArray
    pose_start: Index
    pose_length: Index
    has_pose: NDArray[np.bool_]
    pose_offset_s: NDArray[np.float64]
    sensor_spec: SensorPreprocessing
    pose_spec: PosePreprocessing

    @property
    def durations_s(self) -> NDArray[np.float64]:
        """``(N,)`` from each clip's first to its last sample."""
        return np.asarray((self.sensor_length - 1) / self.sensor_rate_hz)

    @property
    def sensor_rate_hz(self) -> float:
        """At which acceleration is kept."""
        return SENSOR_DENSITY * self.sensor_spec.rate_hz

    def view(self, rows: Index, settings: Augmentation, generator: np.random.Generator, with_pose: bool) -> Batch:
        """A batch of changed views of some clips; the same moments for both modalities, then mixed in pairs.

        Args:
            rows: ``(B,)`` clip numbers.
            settings: how strongly views differ.
            generator: source of chance.
            with_pose: also make the teachers' windows.
        """
        views = augment.random_views(self.durations_s[rows], self._span_s, settings, generator)
        raw = self._sensor_at(rows, views)
        rows_sensor = sensor.channels(augment.change_sensor(raw, settings, generator), self.sensor_spec)
        rows_pose = self._pose_view(rows, views, settings, generator) if with_pose else None
        batch = self._batch(rows, rows_sensor, rows_pose)
        return mix(batch, settings.mixup, generator) if settings.mixup else batch

    def whole(self, rows: Index, with_pose: bool) -> tuple[Batch, Index]:
        """All plain windows of some clips, as live sees them, and which of ``rows`` each belongs to ``(W,)``."""
        windows, poses, owner = [], [], []
        for place, row in enumerate(rows):
            clip = self.clips[row]
            times = clip.acceleration_times_s
            ends = sensor.window_ends(float(times[0]), float(times[-1]), self.sensor_spec)
            windows.append(sensor.clip_windows(clip.acceleration_mps2, times, self.sensor_spec, ends))
            poses += [self._pose_windows(clip, ends)] if with_pose else []
            owner += [place] * len(ends)
        which = np.array(owner, dtype=np.int64)
        return self._batch(rows[which], np.concatenate(windows), np.concatenate(poses) if with_pose else None), which

    @property
    def _span_s(self) -> float:
        return (self.sensor_spec.window_samples - 1) / self.sensor_spec.rate_hz

    def _sensor_at(self, rows: Index, views: augment.View) -> FloatArray:
        times = views.times_s(self.sensor_spec.window_samples, self.sensor_spec.rate_hz, self._span_s)
        positions = times * self.sensor_rate_hz
        return augment.gather(self.sensor, self.sensor_start[rows], self.sensor_length[rows], positions)

    def _pose_view(
        self, rows: Index, views: augment.View, settings: Augmentation, generator: np.random.Generator
    ) -> FloatArray:
        times = views.times_s(self.pose_spec.frames, self.pose_spec.rate_hz, self._span_s)
        positions = (times - self.pose_offset_s[rows, None]) * POSE_STORE_HZ
        starts, lengths = self.pose_start[rows], self.pose_length[rows]
        body = pose.body_frame(augment.gather(self.pose, starts, lengths, positions))
        seen = augment.gather(self.seen, starts, lengths, positions)
        body, seen = augment.change_pose(body, seen, settings, generator)
        return pose.pose_channels(body, seen, self.pose_spec)

    def _pose_windows(self, clip: Clip, ends_s: TimeArray) -> FloatArray:
        if not _has_frames(clip):
            return np.zeros((len(ends_s), len(pose.POSE_CHANNELS), self.pose_spec.frames, JOINTS), dtype=np.float32)
        assert clip.pose_m is not None and clip.pose_times_s is not None
        return pose.pose_windows(clip.pose_m, clip.pose_times_s, clip.visibility, self.pose_spec, ends_s)

    def _batch(self, rows: Index, rows_sensor: FloatArray, rows_pose: FloatArray | None) -> Batch:
        targets = np.zeros((len(rows), len(self.classes)), dtype=np.float32)
        known = np.flatnonzero(self.labels[rows] >= 0)
        targets[known, self.labels[rows][known]] = 1.0
        return Batch(
            torch.from_numpy(rows_sensor),
            None if rows_pose is None else torch.from_numpy(rows_pose),
            torch.from_numpy(self.has_pose[rows]),
            torch.from_numpy(targets),
        )


def _has_frames(clip: Clip) -> bool:
    return clip.pose_m is not None and clip.pose_times_s is not None and len(clip.pose_times_s) > 0


def stack(
    clips: Sequence[Clip], classes: Sequence[str], sensor_spec: SensorPreprocessing, pose_spec: PosePreprocessing
) -> TrainingData:
    """Resample all clips once.

    Raises:
        PskdError: there is no clip, or one has a label that is not among the classes.
    """
    if not clips:
        raise PskdError(
            "There are no clips to learn from.", code="training.empty", hint="Record or import takes first."
        )
    number = {name: place for place, name in enumerate(classes)}
    unknown = sorted({clip.label for clip in clips if clip.label is not None and clip.label not in number})
    if unknown:
        raise PskdError(f"Labels that are not classes of the library: {', '.join(unknown)}.", code="training.label")
    sensors = [
        sensor.resample(clip.acceleration_mps2, clip.acceleration_times_s, sensor_spec, SENSOR_DENSITY)
        for clip in clips
    ]
    poses = [_stored_pose(clip, pose_spec) for clip in clips]
    sensor_length = np.array([len(rows) for rows in sensors], dtype=np.int64)
    # a clip without a camera keeps one frame of nobody, so that every row of a batch has something to gather
    stored = np.array([len(body) for body, _, _ in poses], dtype=np.int64)
    return TrainingData(
        clips=clips,
        labels=np.array([-1 if clip.label is None else number[clip.label] for clip in clips], dtype=np.int64),
        classes=tuple(classes),
        sensor=np.concatenate(sensors),
        sensor_start=_starts(sensor_length),
        sensor_length=sensor_length,
        pose=np.concatenate([body for body, _, _ in poses]),
        seen=np.concatenate([seen for _, seen, _ in poses]),
        pose_start=_starts(stored),
        pose_length=stored,
        has_pose=np.array([bool(seen.any()) for _, seen, _ in poses]),
        pose_offset_s=np.array([offset for _, _, offset in poses]),
        sensor_spec=sensor_spec,
        pose_spec=pose_spec,
    )


def mix(batch: Batch, strength: float, generator: np.random.Generator) -> Batch:
    """Mixup: each clip with another of the batch (Zhang et al. 2018).

    Labelled clips are mixed with labelled ones and the others among themselves, so that no label is lost; a mixture has
    a pose only where both parts have.
    """
    count = len(batch.sensor)
    share = torch.from_numpy(generator.beta(strength, strength, count).astype(np.float32))
    share = torch.maximum(share, 1 - share)
    other = torch.from_numpy(_partners((batch.targets.sum(dim=1) > 0).numpy(), generator))

    def blend(x: Tensor) -> Tensor:
        weight = share.reshape(-1, *[1] * (x.ndim - 1))
        return weight * x + (1 - weight) * x[other]

    return Batch(
        blend(batch.sensor),
        None if batch.pose is None else blend(batch.pose),
        batch.has_pose & batch.has_pose[other],
        blend(batch.targets),
    )


def _partners(labelled: NDArray[np.bool_], generator: np.random.Generator) -> Index:
    """For each clip another one that is labelled if, and only if, it is."""
    other = np.arange(len(labelled))
    for group in (np.flatnonzero(labelled), np.flatnonzero(~labelled)):
        other[group] = group[generator.permutation(len(group))]
    return other


def _stored_pose(clip: Clip, spec: PosePreprocessing) -> tuple[FloatArray, FloatArray, float]:
    if not _has_frames(clip):
        return np.zeros((1, JOINTS, 3), np.float32), np.zeros((1, JOINTS), np.float32), 0.0
    assert clip.pose_m is not None and clip.pose_times_s is not None
    filled, seen, times = pose.fill_missing(clip.pose_m, clip.pose_times_s, clip.visibility, spec)
    grid = times[0] + np.arange(1 + int((times[-1] - times[0]) * POSE_STORE_HZ + 1e-6)) / POSE_STORE_HZ
    offset = float(times[0] - clip.acceleration_times_s[0])
    return pose.at_times(filled, times, grid), pose.at_times(seen, times, grid), offset


def _starts(lengths: Index) -> Index:
    return np.asarray(np.concatenate([[0], np.cumsum(lengths)[:-1]]), dtype=np.int64)
