"""From arriving samples to predictions, causally: window, student, calibration, rejection, smoothing.

The window is made by :func:`pskd.signals.sensor.prepare`, the function that made the training windows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pskd.clock import now_s
from pskd.errors import WrongUse
from pskd.evaluation.calibration import softmax
from pskd.export.bundle import Bundle
from pskd.live.ring import SampleRing
from pskd.live.smoothing import Smoother
from pskd.signals.sensor import prepare
from pskd.types import Prediction, TimeArray

HOP_S = 0.2
SMOOTH_S = 0.6
SWITCH_MARGIN = 0.1
MIN_FILL = 0.5
_FASTEST_HZ = 2000.0
_MOST_SAMPLES = 200_000
_STRONGEST_MPS2 = 1e4  # a thousand g: no watch measures it, so it is a damaged packet


class LivePipeline:
    """One watch, one student.

    A prediction is due every ``hop_s`` of signal, from the moment the window is filled to ``min_fill``; before its
    first sample a window holds that sample, as training did with clips shorter than a window. How the samples were cut
    into packets changes nothing. After a gap the window starts empty, so that no window reaches across it.

    Args:
        bundle: the student with its preprocessing and calibration.
        hop_s: seconds of signal between two predictions.
        smooth_s: see :class:`~pskd.live.smoothing.Smoother`.
        min_fill: share of the window that must hold real signal, over 0 and up to 1.

    Raises:
        WrongUse: an argument is out of range.
    """

    def __init__(
        self, bundle: Bundle, *, hop_s: float = HOP_S, smooth_s: float = SMOOTH_S, min_fill: float = MIN_FILL
    ) -> None:
        if not 0.01 <= hop_s <= 60 or not 0 <= smooth_s <= 60 or not 0 < min_fill <= 1:
            raise WrongUse(
                f"hop_s={hop_s:g}, smooth_s={smooth_s:g} or min_fill={min_fill:g} is out of range.", code="live.options"
            )
        self.bundle = bundle
        self.hop_s = hop_s
        self._sensor = bundle.sensor
        self._need_s = min_fill * (self._sensor.window_samples - 1) / self._sensor.rate_hz
        self._keep_s = self._sensor.window_s + self._sensor.max_gap_s
        self._ring = SampleRing(min(int(self._keep_s * _FASTEST_HZ) + 2, _MOST_SAMPLES))
        self._smoother = Smoother(
            bundle.classes, time_s=smooth_s, margin=SWITCH_MARGIN, unsure_below=bundle.calibration.unsure_below
        )
        self._due_s: float | None = None
        self._predicted_s: float | None = None

    @property
    def waiting_s(self) -> float:
        """Seconds of signal that are missing until the first prediction since the start or a gap; 0 once it came."""
        if self._predicted_s is not None:
            return 0.0
        newest = self._ring.newest_s
        return self._need_s if newest is None or self._due_s is None else max(self._due_s - newest, 0.0)

    def reset(self) -> None:
        """Forget the signal so far."""
        self._ring.clear()
        self._smoother.reset()
        self._due_s = self._predicted_s = None

    def push(
        self, values_mps2: NDArray[np.floating], times_s: TimeArray, arrival_s: float | None = None
    ) -> list[Prediction]:
        """Take in samples and predict where a prediction is due.

        Args:
            values_mps2: ``(T, 3)`` acceleration in m/s^2; samples that no sensor can measure are left out.
            times_s: ``(T,)`` when they were taken, on any steady clock in seconds.
            arrival_s: when they arrived, on :func:`pskd.clock.now_s`; now where None.

        Returns:
            Oldest first; often none.

        Raises:
            WrongUse: the shapes do not match.
        """
        arrival = now_s() if arrival_s is None else arrival_s
        values, times = np.asarray(values_mps2), np.asarray(times_s, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != 3 or times.shape != values.shape[:1]:
            raise WrongUse(
                f"values_mps2, times_s: expected (T, 3) and (T,), got {values.shape} and {times.shape}.",
                code="live.shape",
            )
        good = (np.abs(values) < _STRONGEST_MPS2).all(axis=1) & np.isfinite(times)
        values, times = values[good], times[good]
        if not len(times):
            return []
        last_s = float(times[-1])
        return [self._predict(end_s, arrival - (last_s - end_s), arrival) for end_s in self._take_in(values, times)]

    def _take_in(self, values: NDArray[np.floating], times: TimeArray) -> Iterator[float]:
        """Append the samples; yields each time at which a prediction is due, with the ring standing there."""
        for piece_values, piece_times in self._pieces(values, times):
            at = 0
            while at < len(piece_times):
                if self._due_s is None:
                    self._due_s = float(piece_times[at]) + self._need_s
                stop = min(int(np.searchsorted(piece_times, self._due_s)) + 1, len(piece_times))
                self._ring.append(piece_values[at:stop], piece_times[at:stop])
                newest = float(piece_times[stop - 1])
                if newest >= self._due_s:
                    yield newest
                    self._due_s += self.hop_s * (math.floor((newest - self._due_s) / self.hop_s) + 1)
                at = stop

    def _pieces(
        self, values: NDArray[np.floating], times: TimeArray
    ) -> Iterator[tuple[NDArray[np.floating], TimeArray]]:
        """Runs of samples without a gap; starts anew before each run that follows one."""
        newest = self._ring.newest_s
        before = np.concatenate([[times[0] if newest is None else newest], times[:-1]])
        cuts = np.flatnonzero(np.abs(times - before) > self._sensor.max_gap_s)
        for start, stop in zip([0, *cuts], [*cuts, len(times)], strict=True):
            if start in cuts:
                self.reset()
            newest = self._ring.newest_s
            floor = np.maximum.accumulate(np.concatenate([[-np.inf if newest is None else newest], times[start:stop]]))
            fresh = times[start:stop] > floor[:-1]
            yield values[start:stop][fresh], times[start:stop][fresh]

    def _predict(self, end_s: float, taken_s: float, arrival_s: float) -> Prediction:
        values, times = self._ring.since(end_s - self._keep_s)
        window = prepare(values, times, self._sensor)
        logits = self.bundle.student.logits(window[None])[0]
        probabilities = softmax(logits, self.bundle.calibration.temperature)
        step_s = 0.0 if self._predicted_s is None else end_s - self._predicted_s
        label, confidence, smooth = self._smoother.update(probabilities, step_s)
        self._predicted_s = end_s
        return Prediction(taken_s, label, confidence, smooth, 1000 * (now_s() - arrival_s), end_s)
