"""The product calls nobody: recording, training and recognising send no packet beyond loopback and look no name up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


def may_not_be_sealed() -> str:
    """Why this machine cannot run the test; empty where it can."""
    if sys.platform != "linux":
        return "network namespaces are a matter of Linux"
    for tool in ("unshare", "ip", "mount"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    tried = subprocess.run(["unshare", "-rnm", "true"], capture_output=True, text=True)
    return f"this account may not make network namespaces ({tried.stderr.strip()})" if tried.returncode else ""


def test_record_train_and_live_reach_for_nobody(tmp_path: Path) -> None:
    reason = may_not_be_sealed()
    if reason:
        pytest.skip(reason)
    paths = os.pathsep.join([str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        ["unshare", "-rnm", sys.executable, TESTS / "virtual" / "sealed.py", tmp_path],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["heard"] == []
    assert "lookup of control.example.invalid" in told["control"], (
        "the listener missed a lookup that was made on purpose"
    )
    assert "198.51.100.7 port 443" in told["control"], "the listener missed a connection that was made on purpose"
    assert len(told["takes"]) == 1
