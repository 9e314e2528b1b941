"""A film as a camera: every picture, its own times, its own pace."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pskd.clock import now_s
from pskd.errors import WrongUse
from pskd.uri import DeviceUri
from pskd.vision.base import Camera, Resume, Shot
from pskd.vision.cameras.video import Video

STEP = 8


def number_in(shot: Shot) -> int:
    return round(float(shot.picture.mean()) / STEP)


def opened(path: Path, query: str = "speed=0", resume: Resume | None = None) -> Video:
    camera = Video(DeviceUri.parse(f"video:{path}?{query}"))
    camera.open(resume)
    return camera


def shots(camera: Camera, most: int = 10_000) -> list[Shot]:
    found: list[Shot] = []
    while len(found) < most and (shot := camera.grab()) is not None:
        found.append(shot)
    camera.close()
    return found


@pytest.mark.parametrize("name", ["film.avi", "film.mp4"])
def test_every_picture_comes_once_in_order(make_film: Callable[..., Path], name: str) -> None:
    found = shots(opened(make_film(name)))
    assert [shot.number for shot in found] == list(range(20))
    assert [number_in(shot) for shot in found] == list(range(20))


def test_stamps_are_the_films_own_times(make_film: Callable[..., Path]) -> None:
    camera = opened(make_film(rate_hz=12.5))
    found = shots(camera)
    assert camera.origin_s is not None
    assert np.allclose([shot.grab_s - camera.origin_s for shot in found], np.arange(20) / 12.5, atol=1e-6)


def test_a_film_at_its_true_rate_is_never_early_and_takes_its_time(make_film: Callable[..., Path]) -> None:
    camera = opened(make_film(frames=10), "speed=1")
    while (shot := camera.grab()) is not None:
        assert now_s() >= shot.grab_s
    assert camera.origin_s is not None
    assert now_s() - camera.origin_s >= 9 / 20
    camera.close()


def test_stamps_of_a_faster_film_are_closer_together(make_film: Callable[..., Path]) -> None:
    found = shots(opened(make_film(), "speed=4"))
    assert found[-1].grab_s - found[0].grab_s == pytest.approx(found[-1].number / 80, abs=1e-6)


def test_a_late_taker_misses_pictures_instead_of_lagging(make_film: Callable[..., Path]) -> None:
    camera = opened(make_film(), "speed=1")
    first = camera.grab()
    threading.Event().wait(0.3)
    second = camera.grab()
    camera.close()
    assert first is not None and second is not None
    assert second.number - first.number > 3
    assert number_in(second) == second.number


def test_a_repeated_film_goes_on_in_time_and_number(make_film: Callable[..., Path]) -> None:
    found = shots(opened(make_film(), "speed=0&loop=1"), most=50)
    assert [shot.number for shot in found] == list(range(50))
    assert [number_in(shot) for shot in found] == [number % 20 for number in range(50)]
    assert np.allclose(np.diff([shot.grab_s for shot in found]), 1 / 20, atol=1e-6)


def test_a_film_resumes_after_the_last_picture_that_was_seen(make_film: Callable[..., Path]) -> None:
    path = make_film()
    found = shots(opened(path, resume=Resume(origin_s=100.0, grab_s=100.0 + 7 / 20)))
    assert found[0].number == 8
    assert found[0].grab_s == pytest.approx(100.4)


def test_a_long_film_resumes_where_it_would_be_now(make_film: Callable[..., Path]) -> None:
    path = make_film(frames=31, rate_hz=1.0)
    origin_s = now_s() - 20.3
    camera = opened(path, "speed=1", Resume(origin_s, origin_s + 3))
    shot = camera.grab()
    camera.close()
    assert shot is not None
    assert shot.number == number_in(shot) == round(shot.grab_s - origin_s)
    assert 20 <= shot.number <= 21


def test_a_waiting_camera_can_be_interrupted(make_film: Callable[..., Path]) -> None:
    camera = opened(make_film(rate_hz=1.0), "speed=0.1")
    camera.grab()
    threading.Timer(0.1, camera.interrupt).start()
    assert camera.grab() is None
    camera.close()
    camera.close()


@pytest.mark.parametrize("uri", ["video:", "video:x?speed=-1", "video:x?loop=often", "video:x?lop=1"])
def test_a_wrong_uri_is_refused(uri: str) -> None:
    with pytest.raises(WrongUse):
        Video(DeviceUri.parse(uri))


def test_real_films_say_their_size_and_rate(shared_data: Path) -> None:
    facts = Video(DeviceUri.parse(f"video:{shared_data}/utd-rgb/a7_s5_t2_color.avi")).open()
    assert (facts.width, facts.height, facts.rate_hz) == (640, 480, 15.0)
    facts = Video(DeviceUri.parse(f"video:{shared_data}/videos/pose_squats.mp4")).open()
    assert (facts.width, facts.height, facts.rate_hz) == (720, 1280, 5.0)


def test_damaged_pictures_are_passed_over_and_told(shared_data: Path, tmp_path: Path) -> None:
    content = bytearray((shared_data / "utd-rgb" / "a7_s5_t2_color.avi").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = random.Random(1).randbytes(2000)
    path = tmp_path / "film.avi"
    path.write_bytes(content)
    film = Video(DeviceUri.parse(f"video:{path}?speed=0"))
    film.open()
    numbers = [shot.number for shot in iter(film.grab, None)]
    film.close()
    assert 40 <= len(numbers) < 46
    assert numbers[-1] == 45
    assert film.fault.startswith("The film film.avi is damaged: ")


def test_a_file_name_with_a_question_mark_is_not_taken_apart(make_film: Callable[..., Path]) -> None:
    path = make_film().rename(make_film().parent / "film?x=1.avi")
    assert Video(DeviceUri.parse(f"video:{path}")).path == path
    assert Video(DeviceUri.parse(f"video:{path}?speed=0")).path == path
    assert DeviceUri.parse(f"video:{path}-other?speed=0").options == {"speed": "0"}
