"""Fits a classifier of aeon's and predicts: ``python aeon_script.py KIND SEED IN.npz OUT.npz``.

It runs in an environment of its own, because aeon's compiler keeps numpy older than the program's; so it imports
nothing of the program.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def build(kind: str, seed: int) -> Any:
    """The classifier with its authors' settings."""
    from aeon.classification.convolution_based import (  # type: ignore[import-not-found]  # of another environment
        MiniRocketClassifier,
        MultiRocketHydraClassifier,
    )

    return {"minirocket": MiniRocketClassifier, "multirocket-hydra": MultiRocketHydraClassifier}[kind](
        random_state=seed
    )


def main() -> None:
    """Read ``train (N, C, T)``, ``labels (N,)`` and ``test (M, C, T)``; write ``answers (M,)``."""
    kind, seed, source, target = sys.argv[1:]
    with np.load(source, allow_pickle=False) as given:
        train, labels, test = (given[name] for name in ("train", "labels", "test"))
    model = build(kind, int(seed))
    model.fit(train.astype(np.float64), labels)
    np.savez(target, answers=np.asarray(model.predict(test.astype(np.float64)), dtype=np.int64))


if __name__ == "__main__":
    main()
