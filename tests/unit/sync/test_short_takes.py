"""A take of a moment: too little to lay camera and watch over each other, and no reason to fail."""

from __future__ import annotations

import numpy as np
import pytest

from pskd.sync.gesture import fit_gesture


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("length_s", [0.5, 1.0, 1.5, 2.0, 3.0])
def test_it_fits_or_says_none_but_never_fails(length_s: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames, samples = np.arange(0, length_s, 1 / 15), np.arange(0, length_s, 1 / 50)
    wrist = np.cumsum(rng.normal(0, 0.02, (len(frames), 3)), axis=0)
    fit = fit_gesture(samples, rng.normal(0, 3.0, (len(samples), 3)).astype(np.float32), frames, wrist)
    assert fit is None or np.isfinite(fit.offset_s)
