"""What a model's answers on held-out clips are worth: accuracy with its interval, F1, confusion, calibration."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pskd.errors import PskdError
from pskd.evaluation.calibration import expected_calibration_error, negative_log_likelihood, probabilities_of

IntArray = NDArray[np.int64]
INTERVAL = 0.95


class ClassScore(msgspec.Struct):
    """One class of one model.

    Attributes:
        label: the class.
        precision: of the clips that were called so, the share that truly were; 0 where none was called so.
        recall: of the true clips, the share that was found; 0 where there is no true clip.
        f1: harmonic mean of both.
        support: true clips.
    """

    label: str
    precision: float
    recall: float
    f1: float
    support: int


class ModelScore(msgspec.Struct, kw_only=True):
    """One model on one set of clips that it was not trained on.

    Attributes:
        accuracy: share of right answers, 0 to 1.
        interval: 95 % Wilson interval of the accuracy. It treats clips as independent, which clips of one subject are
            not quite, so the truth is a little wider.
        macro_f1: mean F1 over the classes that occur in the truth or in the answers.
        balanced_accuracy: mean recall over the classes that occur in the truth.
        n: clips judged.
        parameters: weights of the model.
        confusion: ``K x K`` counts; row = truth, column = answer.
        per_class: one entry a class, in class order.
        ece: expected calibration error of the calibrated probabilities, 15 bins of equal width.
        nll: mean negative log-likelihood of the truth, in nats.
        temperature: what the logits were divided by.
        by_subject: accuracy of each subject.
        clips_by_subject: clips of each subject.
    """

    accuracy: float
    macro_f1: float
    balanced_accuracy: float
    n: int
    parameters: int
    confusion: list[list[int]]
    per_class: list[ClassScore]
    ece: float
    nll: float
    interval: tuple[float, float]
    temperature: float = 1.0
    by_subject: dict[str, float] = {}
    clips_by_subject: dict[str, int] = {}


def score(
    labels: ArrayLike,
    logits: ArrayLike,
    classes: Sequence[str],
    *,
    parameters: int = 0,
    temperature: float = 1.0,
    subjects: Sequence[str] | None = None,
) -> ModelScore:
    """Judge a model's answers.

    Args:
        labels: ``(N,)`` the true class of each clip, 0 to K - 1.
        logits: ``(N, K)`` logits; rows that are not negative and sum to one are taken as probabilities.
        classes: the K class names.
        parameters: weights of the model, for the report.
        temperature: fitted elsewhere, never on these clips.
        subjects: ``(N,)`` who performed each clip.

    Raises:
        PskdError: no clip, shapes that do not fit, a label out of range, or logits that are not finite.
    """
    truth, raw = _checked(labels, logits, classes)
    if subjects is not None and len(subjects) != len(truth):
        raise _wrong(f"there are {len(truth)} clips and {len(subjects)} subjects")
    probabilities = probabilities_of(raw, temperature)
    answers = probabilities.argmax(axis=1)
    right = answers == truth
    confusion, per_class = _by_class(truth, answers, classes)
    seen = [c for i, c in enumerate(per_class) if c.support or sum(row[i] for row in confusion)]
    by_subject = _by_subject(right, subjects)
    return ModelScore(
        accuracy=float(right.mean()),
        interval=wilson_interval(int(right.sum()), len(right)),
        macro_f1=float(np.mean([c.f1 for c in seen])),
        balanced_accuracy=float(np.mean([c.recall for c in per_class if c.support])),
        n=len(truth),
        parameters=parameters,
        confusion=confusion,
        per_class=per_class,
        ece=expected_calibration_error(probabilities, truth),
        nll=negative_log_likelihood(probabilities, truth),
        temperature=temperature,
        by_subject={who: float(np.mean(hits)) for who, hits in by_subject.items()},
        clips_by_subject={who: len(hits) for who, hits in by_subject.items()},
    )


def on_classes(score: ModelScore, classes: Sequence[str], chosen: Sequence[str]) -> tuple[float, int]:
    """Accuracy on the clips whose true class is among some classes, and how many clips those are.

    The model still chose among all classes.

    Args:
        score: of a model.
        classes: all, in the order of its confusion matrix.
        chosen: some of them.
    """
    rows = [place for place, name in enumerate(classes) if name in set(chosen)]
    right, total = sum(score.confusion[row][row] for row in rows), sum(sum(score.confusion[row]) for row in rows)
    return right / total if total else 0.0, total


def wilson_interval(right: int, n: int, level: float = INTERVAL) -> tuple[float, float]:
    """The interval of a share of ``right`` out of ``n`` (Wilson 1927); sensible near 0 and 1 too.

    Raises:
        PskdError: ``n`` is not positive or ``right`` is not between 0 and ``n``.
    """
    from scipy.stats import binomtest

    if n < 1 or not 0 <= right <= n:
        raise _wrong(f"{right} right out of {n}")
    interval = binomtest(right, n).proportion_ci(confidence_level=level, method="wilson")
    return float(interval.low), float(interval.high)


def _by_class(truth: IntArray, answers: IntArray, classes: Sequence[str]) -> tuple[list[list[int]], list[ClassScore]]:
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    numbers = list(range(len(classes)))
    confusion = confusion_matrix(truth, answers, labels=numbers)
    columns = precision_recall_fscore_support(truth, answers, labels=numbers, zero_division=0.0)
    rows = zip(classes, *columns, strict=True)
    per_class = [ClassScore(label, float(p), float(r), float(f), int(s)) for label, p, r, f, s in rows]
    return confusion.tolist(), per_class


def _by_subject(right: NDArray[np.bool_], subjects: Sequence[str] | None) -> dict[str, list[bool]]:
    found: dict[str, list[bool]] = {}
    for who, hit in zip(subjects or (), right, strict=False):
        found.setdefault(str(who), []).append(bool(hit))
    return dict(sorted(found.items()))


def _checked(labels: ArrayLike, logits: ArrayLike, classes: Sequence[str]) -> tuple[IntArray, NDArray[np.float64]]:
    truth = np.asarray(labels)
    raw = np.asarray(logits, dtype=np.float64)
    if truth.ndim != 1 or len(truth) == 0:
        raise _wrong(f"labels must be (N,) with at least one clip, got {truth.shape}")
    if raw.shape != (len(truth), len(classes)) or len(classes) < 2:
        raise _wrong(f"logits must be ({len(truth)}, {len(classes)}) over two classes or more, got {raw.shape}")
    if not np.issubdtype(truth.dtype, np.integer) or truth.min() < 0 or truth.max() >= len(classes):
        raise _wrong(f"labels must be whole numbers from 0 to {len(classes) - 1}")
    if not np.isfinite(raw).all():
        raise _wrong("some logits are not finite")
    return truth.astype(np.int64), raw


def _wrong(why: str) -> PskdError:
    return PskdError(f"The answers cannot be judged: {why}.", code="evaluation.input")
