"""From raw acceleration to what a network sees, by the same function in training and live.

Why fixed-rate windows. Stretching each whole clip to one length is the usual choice on UTD-MHAD, but a live stream
has no clip boundaries. A window of fixed duration that ends *now* is what live can have, so that is what the networks
learn from; training places the clip anywhere in the window, because live does not know where a movement lies.

Why 25 Hz. Twice the rate costs twice the work and, measured as below, gave nothing (one seed at 50 Hz 88.2 %, two at
25 Hz 87.9 and 87.5 %); many watches give no more.

Why 5.12 s. Measured at 50 Hz on the training subjects of UTD-MHAD, each of the four left out once (student ``small``,
labels alone, 60 epochs, one seed, 431 clips, so one standard error is 1.6 points):

========== ======= ======= ======= ======= ==================================
window     3.20 s  4.00 s  5.12 s  6.40 s  5.12 s, shifted half as far
accuracy   86.8 %  86.5 %  88.4 %  88.4 %  85.6 %
========== ======= ======= ======= ======= ==================================

A second seed of 6.40 s gave 86.1 %, so differences of this size are within chance; the shorter of the two best was
taken. Averaging a short clip over several places in the window changed nothing.

Why holding the edges. A clip that is shorter than the window is laid into its middle and its first and last samples
are held: a person who rests before and after a movement gives almost the same. Scaling is fixed (divide by g): a
mean or spread of the clip is a thing that live cannot know before the clip has ended.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.errors import WrongUse
from pskd.types import GRAVITY_MPS2, FloatArray, TimeArray

CHANNELS = ("x", "y", "z", "magnitude", "change_x", "change_y", "change_z")

# Seconds by which the derivative (g/s) is multiplied, so that all channels have a spread near 1 on wrist data.
_CHANGE_S = 0.04

# Far beyond the range of any watch (16 g); a larger value is a fault and must not drown the rest.
_LIMIT_MPS2 = 1000.0

# A source this much faster than the target is averaged over one target sample, so that it does not alias.
_FASTER = 1.25


class SensorPreprocessing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was done to the acceleration; stored in every bundle, so that live does the very same.

    Attributes:
        rate_hz: rate of the window's samples.
        window_samples: samples in a window.
        stride_samples: between two windows of a clip that is longer than one window.
        max_gap_s: a longer gap between samples is not bridged by a line: the sample before it is held.
        scale_mps2: acceleration is divided by this.
        channels: names of the rows, in order; this version knows only :data:`CHANNELS`.
    """

    rate_hz: float = 25.0
    window_samples: int = 128
    stride_samples: int = 16
    max_gap_s: float = 0.5
    scale_mps2: float = GRAVITY_MPS2
    channels: tuple[str, ...] = CHANNELS

    def __post_init__(self) -> None:
        """Refuse values that cannot be worked with.

        Raises:
            ValueError: one is out of range.
        """
        _within("rate_hz", self.rate_hz, 1.0, 1000.0)
        _within("window_samples", self.window_samples, 8, 10_000)
        _within("stride_samples", self.stride_samples, 1, 10_000)
        _within("max_gap_s", self.max_gap_s, 0.0, 60.0)
        _within("scale_mps2", self.scale_mps2, 0.1, 1000.0)
        if self.channels != CHANNELS:
            raise ValueError(f"channels: this version knows {CHANNELS}, got {self.channels}")

    @property
    def window_s(self) -> float:
        """Duration that one window covers, in seconds."""
        return self.window_samples / self.rate_hz


def prepare(
    values_mps2: NDArray[np.floating], times_s: TimeArray, spec: SensorPreprocessing, *, end_s: float | None = None
) -> FloatArray:
    """The window that ends at ``end_s``.

    Args:
        values_mps2: ``(T, 3)`` acceleration in m/s^2.
        times_s: ``(T,)`` seconds on any clock, not decreasing.
        spec: what to do.
        end_s: time of the window's last sample; the newest sample where None.

    Returns:
        ``(C, window_samples)`` float32. Before the first and after the last sample those are held.

    Raises:
        WrongUse: no usable sample, or shapes that do not match.
    """
    values, times = _usable(values_mps2, times_s)
    return _ending(values, times, np.array([times[-1] if end_s is None else end_s], dtype=np.float64), spec)[0]


def clip_windows(
    values_mps2: NDArray[np.floating], times_s: TimeArray, spec: SensorPreprocessing, ends_s: TimeArray | None = None
) -> FloatArray:
    """All windows of one clip; its score is the mean of the softmax over them.

    Args:
        values_mps2: ``(T, 3)`` m/s^2.
        times_s: ``(T,)`` seconds.
        spec: what to do.
        ends_s: ``(N,)`` where the windows end; those of :func:`window_ends` where None.

    Returns:
        ``(N, C, window_samples)`` float32: one centred window for a clip that fits, else windows about
        ``stride_samples`` apart that cover it evenly.
    """
    values, times = _usable(values_mps2, times_s)
    ends = window_ends(float(times[0]), float(times[-1]), spec) if ends_s is None else ends_s
    return _ending(values, times, ends, spec)


def _ending(values: NDArray[np.float64], times: TimeArray, ends_s: TimeArray, spec: SensorPreprocessing) -> FloatArray:
    """The windows of usable samples that end at some times, ``(N, C, window_samples)``; the samples are gone through
    once, however many windows there are."""
    grid = ends_s[:, None] - np.arange(spec.window_samples - 1, -1, -1) / spec.rate_hz
    acceleration = _at(values, times, grid.ravel(), spec).reshape(*grid.shape, 3)
    return channels(acceleration / spec.scale_mps2, spec)


def window_ends(first_s: float, last_s: float, spec: SensorPreprocessing) -> TimeArray:
    """Times of the last samples of a clip's windows, ``(N,)`` seconds."""
    span_s = (spec.window_samples - 1) / spec.rate_hz
    slack_s = (last_s - first_s) - span_s
    if slack_s <= 0:
        return np.array([last_s - slack_s / 2])
    count = 1 + math.ceil(slack_s * spec.rate_hz / spec.stride_samples - 1e-9)
    return np.linspace(first_s + span_s, last_s, max(count, 2))


def resample(
    values_mps2: NDArray[np.floating], times_s: TimeArray, spec: SensorPreprocessing, density: int = 1
) -> FloatArray:
    """A whole clip as a window would show it, in units of ``scale_mps2``.

    Args:
        values_mps2: ``(T, 3)`` m/s^2.
        times_s: ``(T,)`` seconds.
        spec: what to do.
        density: samples given per sample of a window, so that values between them can be read off lines.

    Returns:
        ``(T', 3)`` float32 from its first sample on, ``density * rate_hz`` a second.
    """
    values, times = _usable(values_mps2, times_s)
    rate = density * spec.rate_hz
    grid = times[0] + np.arange(1 + int((times[-1] - times[0]) * rate + 1e-6)) / rate
    return (_at(values, times, grid, spec) / spec.scale_mps2).astype(np.float32)


def channels(acceleration: NDArray[np.floating], spec: SensorPreprocessing) -> FloatArray:
    """The network's rows from acceleration at the fixed rate.

    Args:
        acceleration: ``(..., T, 3)`` in units of g.
        spec: gives the rate.

    Returns:
        ``(..., 7, T)`` float32: x y z, magnitude less 1, and the change of x y z from the sample before.
    """
    if acceleration.ndim < 2 or acceleration.shape[-1] != 3:
        raise WrongUse(f"acceleration: expected (..., T, 3), got {acceleration.shape}.", code="signals.shape")
    magnitude = np.sqrt((acceleration**2).sum(axis=-1, keepdims=True)) - 1.0
    change = np.zeros_like(acceleration)
    change[..., 1:, :] = np.diff(acceleration, axis=-2) * (spec.rate_hz * _CHANGE_S)
    rows = np.concatenate([acceleration, magnitude, change], axis=-1)
    return np.ascontiguousarray(np.swapaxes(rows, -1, -2), dtype=np.float32)


def _usable(values_mps2: NDArray[np.floating], times_s: TimeArray) -> tuple[NDArray[np.float64], TimeArray]:
    """Finite samples with increasing times, as float64, within what any watch can measure."""
    values, times = np.asarray(values_mps2, dtype=np.float64), np.asarray(times_s, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != 3 or times.shape != values.shape[:1]:
        raise WrongUse(
            f"values_mps2, times_s: expected (T, 3) and (T,), got {values.shape} and {times.shape}.",
            code="signals.shape",
        )
    good = np.isfinite(values).all(axis=1) & np.isfinite(times)
    if good.any():
        newest = np.maximum.accumulate(np.where(good, times, -np.inf))
        good[1:] &= times[1:] > newest[:-1]
    if not good.any():
        raise WrongUse("There is no usable acceleration sample.", code="signals.empty")
    return np.clip(values[good], -_LIMIT_MPS2, _LIMIT_MPS2), times[good]


def _at(
    values: NDArray[np.float64], times: TimeArray, grid: TimeArray, spec: SensorPreprocessing
) -> NDArray[np.float64]:
    """``(len(grid), 3)``: values at the grid's times by lines between samples, edges and long gaps held."""
    if len(times) < 2:
        return np.repeat(values[:1], len(grid), axis=0)
    step_s = float(np.median(np.diff(times)))
    values, times = _hold_gaps(values, times, spec.max_gap_s)
    if step_s * _FASTER * spec.rate_hz > 1.0:
        return np.stack([np.interp(grid, times, column) for column in values.T], axis=1)
    # the mean over the sample's own past, because live has no future
    step = 1 / spec.rate_hz
    return (_integral(values, times, grid) - _integral(values, times, grid - step)) / step


def _hold_gaps(
    values: NDArray[np.float64], times: TimeArray, max_gap_s: float
) -> tuple[NDArray[np.float64], TimeArray]:
    """Repeat the sample before a long gap just before the gap's end."""
    gaps = np.flatnonzero(np.diff(times) > max_gap_s)
    if not len(gaps):
        return values, times
    return np.insert(values, gaps + 1, values[gaps], axis=0), np.insert(times, gaps + 1, times[gaps + 1] - 1e-6)


def _integral(values: NDArray[np.float64], times: TimeArray, at: TimeArray) -> NDArray[np.float64]:
    """Exact integral from the first sample to each time, of the line through the samples, edges held."""
    steps = np.diff(times)[:, None]
    areas = np.concatenate([np.zeros((1, 3)), np.cumsum(steps * (values[1:] + values[:-1]) / 2, axis=0)])
    left = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(times) - 2)
    inside = np.clip(at, times[0], times[-1]) - times[left]
    slope = (values[left + 1] - values[left]) / steps[left]
    within = areas[left] + inside[:, None] * (values[left] + slope * inside[:, None] / 2)
    before, after = np.minimum(at - times[0], 0.0)[:, None], np.maximum(at - times[-1], 0.0)[:, None]
    return within + before * values[0] + after * values[-1]


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name}: must be from {low:g} to {high:g}, got {value!r}")
