"""What an importer is: it knows a data set's file names, and turns one trial's files into streams.

It never writes: :mod:`pskd.library.importing` unpacks the source, asks the importer, and writes the takes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from pskd.errors import BadFile
from pskd.types import GRAVITY_MPS2, FloatArray, StreamInfo, TimeArray

# The median of |a| over a trial, in g. Real trials reach from 0.51 to 2.31 g (Berkeley MHAD, jumping jacks); a file
# in the wrong unit is off by 9.8 or by a thousand.
LOWEST_G, HIGHEST_G = 0.3, 4.0
FEWEST_SAMPLES = 2


@dataclass(frozen=True)
class Trial:
    """One trial of a data set before it is read.

    Attributes:
        source: its name in the data set, such as ``a7_s5_t2``; one trial is imported once.
        subject: subject's name in the library.
        session: session's name in the library.
        label: class name.
        number: number of the repetition, from 1; 0 where the data set has none.
        files: its files by role.
        attributes: facts for the take's manifest.
    """

    source: str
    subject: str
    session: str
    label: str
    number: int
    files: Mapping[str, Path]
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class TrialStream:
    """One stream of a trial.

    Attributes:
        info: its constant facts.
        times_s: ``(N,)`` float64 from the trial's start, not decreasing.
        values: ``(N, C)`` float32; for pose ``(N, V, 3)`` metres, NaN where unseen.
        visibility: for pose ``(N, V)`` float32, 0 to 1, or None.
    """

    info: StreamInfo
    times_s: TimeArray
    values: FloatArray
    visibility: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class TrialData:
    """A trial that has been read.

    Attributes:
        streams: at least one.
        utc: wall time of its start in ISO 8601, empty where the data set does not say.
    """

    streams: tuple[TrialStream, ...]
    utc: str = ""

    @property
    def duration_s(self) -> float:
        """To the last sample of any stream."""
        return max(float(stream.times_s[-1]) for stream in self.streams)


class Importer(ABC):
    """One data set. A subclass is registered in :data:`pskd.library.formats.IMPORTERS`.

    Attributes:
        name: as it is typed, such as ``utd-mhad``.
        title: as people know it.
        expects: what a source looks like, for messages.
        reference: who published it, to be cited.
        classes: class names in the data set's order.
        max_file_bytes: no file of this data set is larger.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    expects: ClassVar[str]
    reference: ClassVar[str]
    classes: ClassVar[tuple[str, ...]]
    max_file_bytes: ClassVar[int] = 16 * 2**20

    @abstractmethod
    def wants(self, name: str) -> bool:
        """True for a file that the importer reads, by its path within the source (forward slashes)."""

    @abstractmethod
    def trials(self, files: Mapping[str, Path]) -> list[Trial]:
        """The trials in a source, in a fixed order.

        Args:
            files: the wanted files, by their path within the source.

        Raises:
            BadFile: two files claim to be the same trial.
        """

    @abstractmethod
    def read(self, trial: Trial) -> TrialData:
        """Read one trial.

        Raises:
            BadFile: one of its files is damaged or not what it should be.
        """


def check_times(path: Path, times_s: TimeArray) -> TimeArray:
    """Times that are finite and in order.

    Raises:
        BadFile: they are not, or there are fewer than two.
    """
    if len(times_s) < FEWEST_SAMPLES:
        raise BadFile(path, f"it holds {len(times_s)} samples", code="trial.short")
    if not np.isfinite(times_s).all() or (np.diff(times_s) < 0).any():
        raise BadFile(path, "its times are not in order", code="trial.times")
    return times_s


def acceleration_from_g(path: Path, values_g: np.ndarray) -> FloatArray:
    """Acceleration ``(N, 3)`` in g, checked, as m/s^2 in float32.

    Raises:
        BadFile: too short, with values that are not numbers, or so large or small that the unit must be another.
    """
    if len(values_g) < FEWEST_SAMPLES:
        raise BadFile(path, f"it holds {len(values_g)} samples", code="trial.short")
    if not np.isfinite(values_g).all():
        raise BadFile(path, "some of its values are not numbers", code="trial.nan")
    typical = float(np.median(np.linalg.norm(values_g, axis=1)))
    if not LOWEST_G <= typical <= HIGHEST_G:
        raise BadFile(
            path,
            f"its acceleration is typically {typical:.3g} g, so it is in another unit than this data set's",
            code="trial.unit",
            hint=f"A person's wrist stays near 1 g ({LOWEST_G} to {HIGHEST_G} g is accepted).",
        )
    return (values_g * GRAVITY_MPS2).astype(np.float32)
