"""Films made for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pskd.vision import opencv

STEP = 8  # grey levels between one picture and the next

MakeFilm = Callable[..., Path]


def number_in(picture: np.ndarray) -> int:
    """Which picture of a made film this is: its grey level tells."""
    return round(float(picture.mean()) / STEP)


@pytest.fixture
def make_film(tmp_path: Path) -> MakeFilm:
    """A film whose picture ``n`` is grey of level ``n * STEP``."""

    def make(
        name: str = "film.avi", *, frames: int = 20, rate_hz: float = 20.0, size: tuple[int, int] = (64, 48)
    ) -> Path:
        cv2, path = opencv.load(), tmp_path / name
        kind = "MJPG" if path.suffix == ".avi" else "mp4v"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*kind), rate_hz, size)
        for number in range(frames):
            writer.write(np.full((size[1], size[0], 3), number * STEP, np.uint8))
        writer.release()
        return path

    return make
