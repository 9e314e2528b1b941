"""Confidence that means what it says: temperature scaling, and the confidence below which an answer is unsure.

Everything here is fitted on clips held out of the **training** subjects, never on the clips that the report judges.
"""

from __future__ import annotations

from typing import cast

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pskd.errors import PskdError

F64 = NDArray[np.float64]

TEMPERATURE_BOUNDS = (0.05, 20.0)
BINS = 15
_TINY = 1e-12


class Calibration(msgspec.Struct, kw_only=True):
    """How logits become a confidence.

    Attributes:
        temperature: the logits are divided by it before the softmax.
        unsure_below: an answer with less confidence is ``unsure``; 0 rejects nothing.
        keep: share of the right answers that the threshold was meant to keep.
        n: clips that it was fitted on; 0 where it was not fitted.
        fitted_on: in words, which clips these were.
        ece_before: expected calibration error on those clips at temperature 1.
        ece_after: the same at the fitted temperature.
    """

    temperature: float = 1.0
    unsure_below: float = 0.0
    keep: float = 0.95
    n: int = 0
    fitted_on: str = "not fitted"
    ece_before: float | None = None
    ece_after: float | None = None


def softmax(logits: ArrayLike, temperature: float = 1.0) -> F64:
    """Probabilities of ``(..., K)`` logits divided by the temperature."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    exponents = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return cast(F64, exponents / exponents.sum(axis=-1, keepdims=True))


def probabilities_of(values: ArrayLike, temperature: float = 1.0) -> F64:
    """Calibrated probabilities of ``(N, K)`` logits, or of rows that are probabilities already."""
    array = np.asarray(values, dtype=np.float64)
    if array.size and (array >= 0).all() and np.allclose(array.sum(axis=-1), 1.0, atol=1e-4):
        array = np.log(np.maximum(array, _TINY))
    return softmax(array, temperature)


def negative_log_likelihood(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Mean of ``-log p(truth)`` in nats."""
    truth = np.asarray(labels)
    chosen = np.asarray(probabilities, dtype=np.float64)[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(chosen, _TINY)).mean())


def expected_calibration_error(probabilities: ArrayLike, labels: ArrayLike, bins: int = BINS) -> float:
    """Mean distance between confidence and accuracy over bins of equal width, weighted by clips (Guo et al. 2017).

    Args:
        probabilities: ``(N, K)``.
        labels: ``(N,)`` the truth.
        bins: how many bins between 0 and 1.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == np.asarray(labels)
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    counts = np.bincount(which, minlength=bins)
    gaps = np.abs(np.bincount(which, confidence, bins) - np.bincount(which, right.astype(float), bins))
    return float(gaps.sum() / max(counts.sum(), 1))


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """The temperature with the least negative log-likelihood (temperature scaling, Guo et al., ICML 2017).

    Args:
        logits: ``(N, K)`` of held-out training clips.
        labels: ``(N,)`` their truth.

    Returns:
        Between 0.05 and 20; 1 where every answer was right, for then the likelihood only asks for ever more confidence
        and a few clips cannot vouch for that.

    Raises:
        PskdError: no clip, or logits that are not finite.
    """
    from scipy.optimize import minimize_scalar

    values, truth = _pair(logits, labels)
    if (values.argmax(axis=1) == truth).all():
        return 1.0
    low, high = np.log(TEMPERATURE_BOUNDS)
    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(softmax(values, float(np.exp(log_t))), truth),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-4},
    )
    return float(np.clip(np.exp(found.x), *TEMPERATURE_BOUNDS))


def fit_unsure_threshold(probabilities: ArrayLike, labels: ArrayLike, *, keep: float = 0.95) -> float:
    """The highest confidence threshold that still keeps ``keep`` of the right answers.

    Args:
        probabilities: ``(N, K)`` calibrated, of held-out training clips.
        labels: ``(N,)`` their truth.
        keep: share of the right answers to keep, over 0 and up to 1.

    Returns:
        The confidence of the weakest right answer that is kept; 0 where no answer was right.

    Raises:
        PskdError: no clip, values that are not finite, or a share out of range.
    """
    values, truth = _pair(probabilities, labels)
    if not 0 < keep <= 1:
        raise PskdError(
            f"The share of right answers to keep is {keep}, not over 0 and up to 1.", code="calibration.keep"
        )
    confidence = np.sort(values.max(axis=1)[values.argmax(axis=1) == truth])
    if len(confidence) == 0:
        return 0.0
    dropped = int(np.floor((1.0 - keep) * len(confidence) + 1e-9))
    return float(confidence[dropped])


def fit(logits: ArrayLike, labels: ArrayLike, *, fitted_on: str, keep: float = 0.95) -> Calibration:
    """Temperature and threshold together.

    Args:
        logits: ``(N, K)`` of held-out training clips.
        labels: ``(N,)`` their truth.
        fitted_on: in words, which clips these are; printed in the report and the card.
        keep: share of the right answers to keep.

    Raises:
        PskdError: see :func:`fit_temperature` and :func:`fit_unsure_threshold`.
    """
    values, truth = _pair(logits, labels)
    temperature = fit_temperature(values, truth)
    calibrated = softmax(values, temperature)
    return Calibration(
        temperature=temperature,
        unsure_below=fit_unsure_threshold(calibrated, truth, keep=keep),
        keep=keep,
        n=len(truth),
        fitted_on=fitted_on,
        ece_before=expected_calibration_error(softmax(values), truth),
        ece_after=expected_calibration_error(calibrated, truth),
    )


def _pair(values: ArrayLike, labels: ArrayLike) -> tuple[F64, NDArray[np.int64]]:
    array, truth = np.asarray(values, dtype=np.float64), np.asarray(labels)
    if array.ndim != 2 or truth.shape != array.shape[:1] or len(truth) == 0:
        raise PskdError(
            f"Calibration needs (N, K) values and (N,) labels, got {array.shape} and {truth.shape}.",
            code="calibration.input",
        )
    if not np.isfinite(array).all() or truth.min() < 0 or truth.max() >= array.shape[1]:
        raise PskdError("Calibration met values that are not finite, or an unknown label.", code="calibration.input")
    return array, truth.astype(np.int64)
