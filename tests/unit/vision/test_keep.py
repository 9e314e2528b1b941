"""A film that is kept beside a take."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

import numpy as np
import pytest

from pskd.vision import film, opencv
from pskd.vision.base import Shot
from pskd.vision.keep import FilmKeeper

START_S = 50.0


def shot(number: int, grab_s: float) -> Shot:
    """A grey picture."""
    return Shot(grab_s, number, np.full((48, 64, 3), 8 * number % 256, np.uint8))


def kept(folder: Path, count: int = 20) -> dict[str, object]:
    """Keep some pictures; the first two were taken before the take."""
    keeper = FilmKeeper(folder, START_S, 20.0)
    for number in range(count):
        keeper.put(shot(number, START_S + (number - 2) * 0.05))
    return keeper.close()


def test_the_film_has_every_picture_of_the_take_and_says_when_each_was_taken(tmp_path: Path) -> None:
    assert kept(tmp_path) == {"film": "film.avi", "frames": 18, "dropped": 0, "problem": ""}
    film.check(tmp_path / "film.avi")
    capture = opencv.load().VideoCapture(str(tmp_path / "film.avi"))
    greys = []
    while (read := capture.read())[0]:
        greys.append(round(float(read[1].mean()) / 8))
    assert greys == list(range(2, 20))
    rows = list(csv.DictReader((tmp_path / "film_times.csv").read_text().splitlines()))
    assert [int(row["number"]) for row in rows] == list(range(2, 20))
    assert float(rows[3]["t_s"]) == pytest.approx(0.15)


def test_a_second_film_of_a_take_does_not_write_over_the_first(tmp_path: Path) -> None:
    kept(tmp_path)
    before = (tmp_path / "film.avi").read_bytes()
    assert kept(tmp_path)["film"] == "film-2.avi"
    assert (tmp_path / "film.avi").read_bytes() == before
    assert (tmp_path / "film-2_times.csv").is_file()


def test_a_folder_that_is_gone_is_a_problem_in_words_and_stops_nobody(tmp_path: Path) -> None:
    told = kept(tmp_path / "nowhere", count=300)
    assert told["frames"] == 0
    assert "nowhere" in str(told["problem"])


def test_without_a_picture_there_is_no_film(tmp_path: Path) -> None:
    assert kept(tmp_path, count=0)["frames"] == 0
    assert not (tmp_path / "film.avi").exists()


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (np.zeros((96, 128, 3), np.uint8), "another size"),  # a camera that was plugged in again may do that
        (np.zeros((48, 64, 3), np.int64), "could not be written"),  # OpenCV refuses it with an error of its own
    ],
)
def test_pictures_that_cannot_go_into_the_film_end_it_in_words_and_hold_nobody_up(
    tmp_path: Path, second: np.ndarray, why: str
) -> None:
    keeper = FilmKeeper(tmp_path, START_S, 20.0)
    for number in range(3):
        keeper.put(shot(number, START_S + number))
    for number in range(3, 200):
        keeper.put(Shot(START_S + number, number, second))
    told: list[dict[str, object]] = []
    closing = threading.Thread(target=lambda: told.append(keeper.close()), daemon=True)
    closing.start()
    closing.join(20.0)
    assert told[0]["frames"] == 3
    assert why in str(told[0]["problem"])
