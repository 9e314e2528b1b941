"""Smooth curves: periodic ones through keyframes, and noise that is a pure function of where one looks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pskd.types import TimeArray

Keyframes = tuple[tuple[float, float], ...]
Hashes = NDArray[np.uint64]

GRID = 256
MOST_HARMONICS = 40


def fourier(keyframes: Keyframes, blur_s: float, period_s: float) -> NDArray[np.complex128]:
    """The Fourier coefficients of a periodic curve through keyframes, blurred by a Gaussian.

    The curve is then smooth in all derivatives, so a second derivative of it is a believable acceleration.

    Args:
        keyframes: pairs of phase (0 up to 1) and value, in order of phase; joined by straight lines before the blur.
        blur_s: standard deviation of the Gaussian.
        period_s: length of one cycle.

    Returns:
        ``(MOST_HARMONICS + 1,)``, the zeroth being the mean; :func:`evaluate` reads them.
    """
    phases, values = (np.array(column, dtype=float) for column in zip(*keyframes, strict=True))
    grid = np.arange(GRID) / GRID
    curve = np.interp(grid, phases, values, period=1.0)
    coefficients = np.fft.rfft(curve)[: MOST_HARMONICS + 1] / GRID
    coefficients[1:] *= 2.0
    harmonics = np.arange(MOST_HARMONICS + 1)
    return coefficients * np.exp(-2.0 * (np.pi * harmonics * blur_s / period_s) ** 2)


def evaluate(coefficients: NDArray[np.complex128], phase: TimeArray) -> TimeArray:
    """Read curves at phases.

    Args:
        coefficients: ``(H, C)``, one column a curve, as :func:`fourier` gives them.
        phase: ``(T,)`` in cycles; whole numbers are the same place.

    Returns:
        ``(T, C)``.
    """
    angle = 2.0 * np.pi * np.mod(phase, 1.0)[:, None] * np.arange(len(coefficients))
    return np.cos(angle) @ coefficients.real - np.sin(angle) @ coefficients.imag


def smoothstep(x: TimeArray) -> TimeArray:
    """From 0 (x <= 0) to 1 (x >= 1) with two continuous derivatives."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * x * (x * (6.0 * x - 15.0) + 10.0)


def mix(*parts: NDArray[np.int64] | Hashes | int) -> Hashes:
    """A well-mixed 64-bit hash of integers (broadcast together); the finaliser is that of SplitMix64."""
    result = np.zeros(1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            array = np.asarray(part)
            word = array if array.dtype == np.uint64 else array.astype(np.int64).view(np.uint64)
            result = (result ^ word) + np.uint64(0x9E3779B97F4A7C15)
            result = (result ^ (result >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            result = (result ^ (result >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            result = result ^ (result >> np.uint64(31))
    return result


def uniform(hashes: Hashes) -> TimeArray:
    """Hashes as numbers from 0 (included) to 1 (left out)."""
    return (hashes >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(*parts: NDArray[np.int64] | Hashes | int) -> TimeArray:
    """Standard normal numbers, the same for the same integers (Box and Muller 1958)."""
    first, second = uniform(mix(*parts, 1)), uniform(mix(*parts, 2))
    return np.sqrt(-2.0 * np.log1p(-first)) * np.cos(2.0 * np.pi * second)


def bits(times_s: TimeArray) -> Hashes:
    """Times as integers to hash: the same time gives the same noise in every process."""
    return np.ascontiguousarray(times_s, dtype=np.float64).view(np.uint64)


def value_noise(x: TimeArray, seed: int, channels: int) -> TimeArray:
    """Noise from -1 to 1 that changes over about one unit of ``x``, with two continuous derivatives.

    Args:
        x: ``(T,)`` where to look.
        seed: which noise.
        channels: how many independent ones.

    Returns:
        ``(T, channels)``.
    """
    knot = np.floor(x)
    weight = smoothstep(x - knot)[:, None]
    whole = knot.astype(np.int64)[:, None]
    channel = np.arange(channels, dtype=np.int64)[None, :]
    before, after = (2.0 * uniform(mix(seed, channel, whole + step)) - 1.0 for step in (0, 1))
    return before + weight * (after - before)
