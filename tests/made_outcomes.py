"""Outcomes of study jobs that no study made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.study.jobs import JobFacts
from benchmarks.study.outcomes import Outcome
from pskd.evaluation.answers import Answers, ClipAnswer


def made_outcome(
    seed: int, clips: Sequence[ClipAnswer] = (), *, recipe: str = "r", key: str = "", **fields: Any
) -> Outcome:
    """The outcome of one job of the protocol ``p``."""
    values: dict[str, Any] = {
        "facts": JobFacts(recipe=recipe, protocol="p", seed=seed, key=key or f"{recipe}-{seed}", wrist=["wave"]),
        "accuracy": 0.5, "macro_f1": 0.4, "teachers": {}, "weights": 1000, "seconds": 1.0, "train_clips": 6,
        "test_clips": len(clips), "classes": 3, "answers": Answers(clips=list(clips)),
    }  # fmt: skip
    return Outcome(**{**values, **fields})
