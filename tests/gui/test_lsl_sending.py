"""What Record receives reaches other programs by the Lab Streaming Layer, where that is switched on."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pytestqt.qtbot import QtBot
from windowed import LONG_MS, record_page

from app.bridge.session import Session
from app.window import MainWindow

try:
    import pylsl  # noqa: F401
except (ImportError, RuntimeError, OSError) as error:
    pytest.skip(f"LSL cannot be loaded here: {error}", allow_module_level=True)

# Another program: reads 20 samples of an outlet, or says that there is none.
READER = """
import sys
from pskd.devices.lsl import library
lsl = library.load()
found = lsl.resolve_byprop("name", sys.argv[1], 1, float(sys.argv[2]))
print(len(lsl.StreamInlet(found[0], recover=False).pull_chunk(10, 20, min_samples=20)[0]) if found else "none")
"""


def heard(qtbot: QtBot, name: str, wait_s: float) -> str:
    """What another program gets of an outlet."""
    reader = subprocess.Popen([sys.executable, "-c", READER, name, str(wait_s)], stdout=subprocess.PIPE, text=True)
    qtbot.waitUntil(lambda: reader.poll() is not None, timeout=LONG_MS)
    return reader.communicate()[0].strip()


@pytest.mark.parametrize(("on", "said"), [(True, "20"), (False, "none")])
def test_the_switch_decides_whether_others_hear_the_watch(
    qtbot: QtBot, window: MainWindow, session: Session, on: bool, said: str
) -> None:
    page = record_page(qtbot, window, session, camera="", watch="sim:", lsl=on)
    assert heard(qtbot, "pskd-watch", 20 if on else 1) == said
    page.bridge.shut()
    assert page.bridge._sending._outlets is None
