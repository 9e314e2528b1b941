"""The webcam without one: what it says, and how it behaves on a stand-in stream that ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pskd.clock import now_s
from pskd.errors import PskdError, WrongUse
from pskd.uri import DeviceUri
from pskd.vision.base import CameraLost
from pskd.vision.cameras.webcam import Webcam
from pskd.vision.listing import linux_webcams


class FilmInTheCamera(Webcam):
    """A webcam whose driver plays a film: when it ends, the camera sends nothing any more."""

    film: Path

    def _check_present(self) -> None:
        pass

    def _new_capture(self) -> Any:
        return self._cv2.VideoCapture(str(self.film))


@pytest.mark.parametrize(("option", "latency_s"), [("", 1.5 / 20), ("?latency_ms=30", 0.03)])
def test_stamps_are_the_grab_less_the_latency_and_the_end_is_a_lost_camera(
    make_film: Callable[..., Path], option: str, latency_s: float
) -> None:
    camera = FilmInTheCamera(DeviceUri.parse(f"webcam:0{option}"))
    camera.film = make_film(frames=5)
    facts = camera.open()
    assert (facts.width, facts.height, facts.live, facts.simulated) == (64, 48, True, False)
    assert facts.latency_s == pytest.approx(latency_s)
    assert camera.glimpse is not None
    for number in range(4):
        before_s = now_s()
        shot = camera.grab()
        assert shot is not None
        assert shot.number == number
        assert before_s - latency_s <= shot.grab_s <= now_s() - latency_s
    with pytest.raises(CameraLost):
        camera.grab()
    camera.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only V4L2 says when a picture arrived")
def test_a_driver_that_says_when_the_picture_arrived_is_believed(make_film: Callable[..., Path]) -> None:
    class Stamped(FilmInTheCamera):
        """Its driver says 20 ms ago, as V4L2 does."""

        def _new_capture(self) -> Any:
            inner = super()._new_capture()

            class Driver:
                def get(self, key: int) -> float:
                    is_stamp = key == camera._cv2.CAP_PROP_POS_MSEC
                    return (now_s() - 0.02) * 1000 if is_stamp else float(inner.get(key))

                def __getattr__(self, name: str) -> Any:
                    return getattr(inner, name)

            return Driver()

    camera = Stamped(DeviceUri.parse("webcam:0"))
    camera.film = make_film(frames=5)
    assert camera.open().latency_s == pytest.approx(0.02 + 0.5 / 20, abs=0.01)
    camera.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells beforehand which cameras there are")
def test_a_camera_that_is_not_there_is_said_so() -> None:
    with pytest.raises(PskdError, match="no camera 987 on this computer"):
        Webcam(DeviceUri.parse("webcam:987")).open()


@pytest.mark.parametrize("uri", ["webcam:front", "webcam:-1", "webcam:0?width=1", "webcam:0?zoom=2", "webcam:12345"])
def test_a_wrong_uri_is_refused(uri: str) -> None:
    with pytest.raises(WrongUse):
        Webcam(DeviceUri.parse(uri))


def test_the_list_has_names_and_leaves_out_metadata_nodes(tmp_path: Path) -> None:
    for node, index, name in (
        ("video0", "0", "Front"),
        ("video1", "1", "Front"),
        ("video10", "0", "Desk"),
        ("video2", "", ""),
    ):
        (tmp_path / node).mkdir()
        if name:
            (tmp_path / node / "index").write_text(f"{index}\n")
            (tmp_path / node / "name").write_text(f"{name}\n")
    assert linux_webcams(tmp_path) == [
        {"uri": "webcam:0", "name": "Front"},
        {"uri": "webcam:2", "name": "video2"},
        {"uri": "webcam:10", "name": "Desk"},
    ]
