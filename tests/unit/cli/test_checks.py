"""The doctor's checks say what is wrong and what to do, and never fail themselves."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest
from click.testing import CliRunner

from pskd import assets
from pskd.cli import checks
from pskd.cli.doctor import command


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


def test_lsl_is_no_trouble_where_it_is_missing_and_says_what_it_would_need(monkeypatch):
    monkeypatch.setattr(checks, "_version", lambda name: None)
    assert checks.lsl().ok and "not installed" in checks.lsl().found and "pip install" in checks.lsl().todo
    monkeypatch.setattr(checks, "_version", lambda name: "1.18.6")
    assert checks.lsl().found == "pylsl 1.18.6"


def test_the_network_line_says_where_others_reach_this_computer(monkeypatch):
    there = {"lo": ["127.0.0.1"], "eth0": ["192.0.2.7", "169.254.1.1"], "bad": []}
    made = {name: [SimpleNamespace(family=socket.AF_INET, address=ip) for ip in ips] for name, ips in there.items()}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: made)
    assert checks.network().found.endswith("this computer is 192.0.2.7")
    monkeypatch.setattr(psutil, "net_if_addrs", dict)
    assert checks.network().ok and "only programs on it" in checks.network().found
    monkeypatch.setattr(checks, "_version", lambda name: None)
    assert not checks.network().ok and "websockets" in checks.network().todo


def test_the_doctor_prints_its_checks_as_json():
    done = CliRunner().invoke(command, ["--json"], catch_exceptions=False)
    facts = json.loads(done.stdout)
    assert done.exit_code == 0
    assert facts["ok"] == all(check["ok"] for check in facts["checks"])
    names = [check["name"] for check in facts["checks"]]
    assert {"network", "lsl", "bluetooth"} <= set(names) and len(names) == len(set(names))
    assert all(check.keys() == {"name", "ok", "found", "todo"} for check in facts["checks"])
