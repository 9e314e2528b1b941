"""Pictures of the window and a virtual Bluetooth watch: found, streaming, silent, lost, back; then one on each wrist.

    python -m benchmarks.watch_pictures docs/pictures [light|dark]

The real window, the real engine and bleak's public classes over a virtual controller; no radio is involved. The two
watches of the last pictures are simulated.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from virtual.air import Air
from virtual.sensors import Bangle, Companion, InfiniTime, Polar

from app import pump, run
from app.bridge import watch_memory
from app.bridge.session import Session
from app.pages.find_watch import FindWatchSheet
from app.window import MainWindow

WAIT_S = 60.0
SETTLE_S = 0.6
FULL_S = 4.0
NAME = "Anna's watch"
SIZE = (1280, 820)


class Show:
    """One sequence of pictures.

    Args:
        window: already shown.
        out: where the pictures go.
        look: ``light`` or ``dark``; the pictures of the dark one say so in their names.
    """

    def __init__(self, window: MainWindow, out: Path, look: str) -> None:
        self._window, self._out = window, out
        self._tail = "_dark" if look == "dark" else ""
        self._page: Any = window.page("record")
        self._states = [""]
        self._page.bridge.link_changed.connect(self._heard)

    def take(self) -> None:
        """All of them."""
        self._find()
        self._follow()
        self._both()

    def _heard(self, source: str, state: str, sentence: str) -> None:
        if source == "watch":
            self._states.append(state)

    def _save(self, name: str) -> None:
        pump.picture(self._window, self._out / f"watch_{name}{self._tail}.png")

    def _await(self, state: str, name: str, wait_s: float = SETTLE_S) -> None:
        pump.until(lambda: self._states[-1] == state, WAIT_S, f"the watch to be {state}")
        pump.wait(wait_s)
        self._save(name)

    def _find(self) -> None:
        """The list of what is near, with one that was used before."""
        addresses = [f"F0:CA:FE:00:00:0{number}" for number in range(1, 4)]
        watch_memory.remember(self._window.session, f"ble:polar/{addresses[0]}", "Ben's Polar")
        kinds = zip((Polar, InfiniTime, Bangle), addresses, strict=True)
        with Air(*(kind(address) for kind, address in kinds)).around():
            sheet = FindWatchSheet(self._window, self._window.session, lambda uri: None)
            pump.until(sheet.again.isEnabled, WAIT_S, "the look around")
            pump.wait(SETTLE_S)
            self._save("1_find")
            sheet.close_sheet()
            self._window.setFocus()  # no focus ring in the pictures that follow

    def _follow(self) -> None:
        """One watch on the Record page: it streams, falls silent, is lost, and comes back."""
        watch = Companion()
        uri = f"ble:companion/{watch.address}"
        watch_memory.remember(self._window.session, uri, NAME)
        with Air(watch).around():
            self._window.turn_to("record", camera="", watch=uri)
            self._await("streaming", "2_streaming", FULL_S)
            watch.silent = True
            self._await("stalled", "3_silent", 0.2)
            engine = self._page.bridge._engine
            engine.submit(watch.leave()).result(5)
            self._await("lost", "4_lost")
            watch.silent = False
            engine.submit(watch.come_back()).result(5)
            self._await("streaming", "5_back", FULL_S)
            self._page.bridge.close()
            pump.until(lambda: not self._page.bridge.is_open, WAIT_S, "the watch to be let go of")

    def _both(self) -> None:
        """A simulated watch on each wrist, and the device panel."""
        page = self._page
        page.setup.use(camera="sim:", watch="sim:")
        page.setup.watches.use(1, "sim:")
        pump.until(lambda: page.bridge.is_open and page.bridge.seen() is not None, WAIT_S, "two watches and a camera")
        pump.wait(2 * FULL_S)
        self._save("6_both")
        sheet = page.show_devices()
        pump.wait(FULL_S)
        self._save("7_panel")
        sheet.close_sheet()


def main() -> None:
    """Take all pictures into the folder that is named."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    look = sys.argv[2] if len(sys.argv) > 2 else "light"
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as settings:
        os.environ["PSKD_CONFIG"] = settings
        run.application()
        window = run.open_window(Session(), "home", look)
        window.resize(*SIZE)
        Show(window, out, look).take()
        window.setProperty("closing", True)
        window.close()


if __name__ == "__main__":
    main()
