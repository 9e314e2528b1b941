"""Windows: pieces of equal length inside clips, as indices, so that no sample is copied before it is needed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from pskd.errors import WrongUse

Windows = NDArray[np.int64]


def cut_windows(lengths: Sequence[int], samples: int, stride: int, *, keep_short: bool = True) -> Windows:
    """The windows of clips.

    Args:
        lengths: samples of each clip.
        samples: samples of a window.
        stride: samples from one window's start to the next one's.
        keep_short: a clip shorter than a window gives one window of its own length (to be padded) instead of none.

    Returns:
        ``(W, 3)`` int64 rows ``clip, start, stop`` with ``0 <= start < stop <= lengths[clip]``, clip by clip. What is
        left behind the last whole stride of a clip is covered by one more window that ends with the clip.

    Raises:
        WrongUse: a window or stride of no samples.
    """
    if samples < 1 or stride < 1:
        raise WrongUse(f"A window of {samples} samples every {stride} cannot be cut.", code="windows.size")
    rows = [
        (clip, start, min(start + samples, length))
        for clip, length in enumerate(lengths)
        for start in _starts(length, samples, stride, keep_short)
    ]
    return np.array(rows, np.int64).reshape(-1, 3)


def windows_of(windows: Windows, clips: Collection[int]) -> Windows:
    """The windows that lie in the given clips, such as one side of a split."""
    return windows[np.isin(windows[:, 0], np.fromiter(clips, np.int64, len(clips)))]


def _starts(length: int, samples: int, stride: int, keep_short: bool) -> list[int]:
    if length < samples:
        return [0] if keep_short and length > 0 else []
    starts = list(range(0, length - samples + 1, stride))
    if starts[-1] + samples < length:
        starts.append(length - samples)
    return starts
