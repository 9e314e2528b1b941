"""The issue's own show: a film and the very same trial's accelerometer, recorded in the window."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pyxdf
from pytestqt.qtbot import QtBot

from app.bridge.session import Session
from app.window import MainWindow
from pskd.library.library import Library
from pskd.recording.reader import read_take

LONG_MS = 60_000
TRIAL = "a7_s5_t2"


def test_a_film_and_its_accelerometer_become_a_take_that_pyxdf_opens(
    qtbot: QtBot, window: MainWindow, session: Session, opened: Library, shared_data: Path, tmp_path: Path
) -> None:
    with tarfile.open(shared_data / "utd-mhad-inertial-skeleton.tar.gz") as archive:
        member = next(m for m in archive if m.name.endswith(f"{TRIAL}_inertial.mat"))
        (tmp_path / "inertial.mat").write_bytes(archive.extractfile(member).read())  # type: ignore[union-attr]
    film = shared_data / "utd-rgb" / f"{TRIAL}_color.avi"
    session.change(camera=f"video:{film}", watch=f"replay:{tmp_path / 'inertial.mat'}", pose_model="lite")
    window.turn_to("record")
    page: Any = window.pages["record"]
    qtbot.waitUntil(lambda: page.bridge.is_open, timeout=LONG_MS)
    page.setup.label.setCurrentText("tennis swing")
    with qtbot.waitSignal(page.bridge.ended, timeout=LONG_MS) as ended:  # it ends with the film
        page.start()
    result = ended.args[0]
    take = read_take(result.folder)
    pose, watch = take.streams["pose"], take.streams["watch"]
    assert len(pose.values) > 30
    assert np.isfinite(pose.values).all(axis=(1, 2)).mean() > 0.8
    assert len(watch.values) > 100
    assert abs(float(np.median(np.linalg.norm(watch.values, axis=1))) - 9.8) < 4
    streams, _ = pyxdf.load_xdf(str(result.folder / "raw.xdf"))
    assert {stream["info"]["name"][0] for stream in streams} >= {"watch", "pose", "markers"}
    assert not window.banners.banners
