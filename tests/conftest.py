"""What every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pskd.devices.engine import DeviceEngine

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

# LSL streams of tests that run beside these, and of anybody else on this computer, are not seen.
os.environ["PSKD_LSL_SESSION"] = f"tests-{os.getpid()}"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings and films; tests that need it skip where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real recordings (shared/data beside the checkout) are not on this machine")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or changes the settings of the person who runs it."""
    monkeypatch.setenv("PSKD_CONFIG", str(tmp_path_factory.mktemp("settings")))


@pytest.fixture
def engine() -> Iterator[DeviceEngine]:
    """A device engine of the test's own."""
    with DeviceEngine() as engine:
        yield engine
