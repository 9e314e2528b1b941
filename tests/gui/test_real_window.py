"""A real X window: the program as a person starts it, on a screen of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from pskd.demo import sample


@pytest.fixture
def screen() -> Iterator[str]:
    """The name of an X screen that nobody else uses."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    told, tells = os.pipe()
    command = ["Xvfb", "-displayfd", str(tells), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[tells], stderr=subprocess.DEVNULL) as server:
        os.close(tells)
        with os.fdopen(told) as line:
            yield f":{line.readline().strip()}"
        server.terminate()


def test_every_page_opens_on_a_real_screen(screen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "PEOPLE", sample.PEOPLE[:1])
    monkeypatch.setattr(sample, "CLASSES", ("squat", "clap"))
    library = sample.ensure(tmp_path / "library").path
    environment = {key: value for key, value in os.environ.items() if key != "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [sys.executable, "-m", "app", "--library", str(library), "--screenshots", str(tmp_path / "pictures")],
        env={**environment, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    for page in ("home", "record", "library", "train", "live", "settings"):
        for theme in ("light", "dark"):
            picture = QImage(str(tmp_path / "pictures" / f"{page}_{theme}.png"))
            assert picture.width() >= 900, f"{page}_{theme}"
            ground = picture.pixelColor(picture.width() - 4, picture.height() // 2).lightness()
            assert (ground > 200) == (theme == "light"), f"{page}_{theme} has the other theme's ground"
