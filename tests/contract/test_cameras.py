"""Every camera source keeps the same promises. A new one needs a line in ``URIS`` (and nothing else)."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from pskd import skeleton
from pskd.clock import now_s
from pskd.errors import PskdError
from pskd.uri import DeviceUri
from pskd.vision.base import Camera, CameraFacts, Shot
from pskd.vision.cameras import CAMERAS
from pskd.vision.cameras.webcam import list_webcams

URIS = {"sim": "sim:squat", "video": "video:{films}/pose_1.mp4", "webcam": "webcam:0"}


@pytest.fixture(params=sorted(URIS))
def uri(request: pytest.FixtureRequest) -> DeviceUri:
    scheme = str(request.param)
    if scheme == "webcam" and not list_webcams():
        pytest.skip("this computer has no camera")
    films = request.getfixturevalue("shared_data") / "videos" if scheme == "video" else ""
    return DeviceUri.parse(URIS[scheme].format(films=films))


@pytest.fixture
def camera(uri: DeviceUri) -> Iterator[tuple[Camera, CameraFacts]]:
    source = CAMERAS.get(uri.scheme)(uri)
    facts = source.open()
    yield source, facts
    source.close()


def take(source: Camera, count: int) -> list[Shot]:
    shots = [source.grab() for _ in range(count)]
    assert None not in shots
    return [shot for shot in shots if shot is not None]


def test_every_registered_camera_is_tested() -> None:
    assert CAMERAS.names() == sorted(URIS)


def test_facts_are_plausible(camera: tuple[Camera, CameraFacts]) -> None:
    _, facts = camera
    assert facts.width >= 16 and facts.height >= 16
    assert 0.1 <= facts.rate_hz <= 1000
    assert skeleton.layout(facts.layout).joints
    assert not (facts.own_pose and not facts.simulated)


def test_pictures_are_rgb_of_the_told_size(camera: tuple[Camera, CameraFacts]) -> None:
    source, facts = camera
    for shot in take(source, 3):
        assert shot.picture.shape == (facts.height, facts.width, 3)
        assert shot.picture.dtype == np.uint8


def test_stamps_and_numbers_strictly_increase_and_are_never_ahead(camera: tuple[Camera, CameraFacts]) -> None:
    source, _ = camera
    shots = []
    for _ in range(8):
        shots += take(source, 1)
        assert shots[-1].grab_s <= now_s()
    assert (np.diff([shot.grab_s for shot in shots]) > 0).all()
    assert (np.diff([shot.number for shot in shots]) > 0).all()
    assert shots[0].number >= 0


def test_own_landmarks_fit_the_layout(camera: tuple[Camera, CameraFacts]) -> None:
    source, facts = camera
    joints = len(skeleton.layout(facts.layout).joints)
    for shot in take(source, 2):
        assert (shot.pose is not None) == facts.own_pose
        if shot.pose is not None:
            assert shot.pose.world_m.shape == (joints, 3)
            assert shot.pose.image.shape == (joints, 2)
            assert shot.pose.visibility.shape == (joints,)


def test_an_interrupted_camera_returns_within_a_second(camera: tuple[Camera, CameraFacts]) -> None:
    source, _ = camera
    take(source, 1)
    ended = threading.Event()

    def grab_until_interrupted() -> None:
        while source.grab() is not None:
            pass
        ended.set()

    thread = threading.Thread(target=grab_until_interrupted, daemon=True)
    thread.start()
    source.interrupt()
    assert ended.wait(1.0)
    thread.join()


def test_unknown_hints_are_ignored_and_closing_twice_is_fine(camera: tuple[Camera, CameraFacts]) -> None:
    source, _ = camera
    source.command("no such command", {"label": None})
    source.command("perform", {"label": "wave", "t_s": now_s()})
    source.close()
    source.close()


def test_unknown_options_are_refused(uri: DeviceUri) -> None:
    with pytest.raises(PskdError):
        CAMERAS.get(uri.scheme)(DeviceUri(uri.scheme, uri.path, {"nonsense": "1"}))


def test_finding_the_cameras_loads_neither_opencv_nor_mediapipe() -> None:
    code = "import sys; from pskd.vision.cameras import CAMERAS; CAMERAS.names(); "
    code += "print({'cv2', 'mediapipe'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
