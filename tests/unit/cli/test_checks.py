"""The doctor's checks say what is wrong and what to do, and never fail themselves."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from pskd import assets
from pskd.cli import checks


@pytest.fixture
def own_assets(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    for name in ("SHA256SUMS", "pose_landmarker_lite.task", "pose_landmarker_full.task"):
        shutil.copy(assets.path("models", name), tmp_path / "models" / name)
    (tmp_path / "README.md").touch()
    monkeypatch.setattr(assets, "folder", lambda: tmp_path)
    return tmp_path


def test_whole_models_are_right(own_assets):
    assert checks.models().ok


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_changed_or_missing_model_is_named(own_assets, damage):
    model = own_assets / "models" / "pose_landmarker_lite.task"
    model.unlink() if damage == "missing" else model.write_bytes(model.read_bytes()[:-1] + b"x")
    found = checks.models()
    assert not found.ok and "pose_landmarker_lite.task" in found.found and "full" not in found.found and found.todo


def test_a_check_that_cannot_look_says_so(own_assets):
    (own_assets / "models" / "SHA256SUMS").unlink()
    found = next(check for check in checks.all_checks() if check.name == "models")
    assert not found.ok and "could not be looked at" in found.found


def test_missing_packages_come_with_the_command(monkeypatch):
    real = checks._version
    monkeypatch.setattr(checks, "_version", lambda name: None if name == "bleak" else real(name))
    found = checks.packages()
    assert not found.ok and found.todo == "Run: pip install bleak"


def test_without_a_screen_the_command_line_is_offered(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    if sys.platform == "linux":
        assert not checks.screen().ok and "command line" in checks.screen().todo


def test_looking_loads_nothing_heavy():
    code = (
        "import sys; from pskd.cli.checks import all_checks; all_checks(); "
        "print([m for m in ('torch', 'cv2', 'mediapipe', 'PySide6', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
