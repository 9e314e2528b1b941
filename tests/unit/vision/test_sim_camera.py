"""The simulated camera shows the performer of the same options, at the same time, in any process."""

from __future__ import annotations

import numpy as np
import pytest

from pskd.clock import now_s
from pskd.errors import WrongUse
from pskd.performer import Performance
from pskd.uri import DeviceUri
from pskd.vision.cameras.sim import Sim


def test_its_landmarks_are_the_performers_at_the_stamp() -> None:
    camera = Sim(DeviceUri.parse("sim:squat?seed=3"))
    camera.open()
    shot = camera.grab()
    assert shot is not None and shot.pose is not None
    seen = Performance("squat", {"seed": "3"}).landmarks(np.array([shot.grab_s]), 640 / 480)
    assert np.array_equal(shot.pose.world_m, seen.world_m[0])
    assert shot.picture.shape == (480, 640, 3)


def test_two_cameras_of_one_uri_share_a_grid_of_moments() -> None:
    stamps = []
    for _ in range(2):
        camera = Sim(DeviceUri.parse("sim:wave?fps=50"))
        camera.open()
        shots = [camera.grab() for _ in range(3)]
        stamps += [shot.grab_s * 50 for shot in shots if shot is not None]
    assert np.allclose(stamps, np.round(stamps), atol=1e-3)


def test_it_does_what_it_is_told() -> None:
    camera = Sim(DeviceUri.parse("sim:?noise=0"))
    camera.open()
    told = Performance("", {"noise": "0"})
    told.perform("squat", 0.0)
    camera.command("perform", {"label": "squat", "t_s": 0.0})
    camera.command("perform", {"label": 3})
    camera.command("dance", {})
    shot = camera.grab()
    assert shot is not None and shot.pose is not None
    assert np.array_equal(shot.pose.world_m, told.landmarks(np.array([shot.grab_s]), 4 / 3).world_m[0])


def test_late_moments_are_left_out() -> None:
    camera = Sim(DeviceUri.parse("sim:squat?fps=240&width=64&height=64"))
    camera.open()
    for _ in range(5):
        shot = camera.grab()
        assert shot is not None
        assert 0 <= now_s() - shot.grab_s < 0.5


@pytest.mark.parametrize("uri", ["sim:squat?fps=0", "sim:squat?colour=red", "sim:squat?seed=x"])
def test_a_wrong_uri_is_refused(uri: str) -> None:
    with pytest.raises(WrongUse):
        Sim(DeviceUri.parse(uri))
