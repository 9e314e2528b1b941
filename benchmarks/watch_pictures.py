"""Pictures of the window and a virtual Bluetooth watch: found, streaming, silent, lost, back.

    python -m benchmarks.watch_pictures docs/pictures

The real window, the real engine and bleak's public classes over a virtual controller; no radio is involved.
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
from app.bridge.session import Session
from app.pages.find_watch import FindWatchSheet
from app.window import MainWindow

WAIT_S = 60.0
SETTLE_S = 0.6
FULL_S = 4.0


def find(window: MainWindow, out: Path) -> None:
    """The list of what is near."""
    addresses = (f"F0:CA:FE:00:00:0{number}" for number in range(1, 4))
    with Air(*(kind(address) for kind, address in zip((Polar, InfiniTime, Bangle), addresses, strict=True))).around():
        sheet = FindWatchSheet(window, window.session, lambda uri: None)
        pump.until(sheet.again.isEnabled, WAIT_S, "the look around")
        pump.wait(SETTLE_S)
        pump.picture(window, out / "watch_1_find.png")
        sheet.close_sheet()
        window.setFocus()  # no focus ring in the pictures that follow


def follow(window: MainWindow, out: Path) -> None:
    """One watch on the Record page: it streams, falls silent, is lost, and comes back."""
    watch, states = Companion(), [""]
    page: Any = window.page("record")
    page.bridge.link_changed.connect(lambda source, state, text: states.append(state) if source == "watch" else None)

    def picture(state: str, name: str, wait_s: float = SETTLE_S) -> None:
        pump.until(lambda: states[-1] == state, WAIT_S, f"the watch to be {state}")
        pump.wait(wait_s)
        pump.picture(window, out / f"{name}.png")

    with Air(watch).around():
        window.turn_to("record", camera="", watch=f"ble:companion/{watch.address}")
        picture("streaming", "watch_2_streaming", FULL_S)
        watch.silent = True
        picture("stalled", "watch_3_silent", 0.2)
        page.bridge._engine.submit(watch.leave()).result(5)
        picture("lost", "watch_4_lost")
        watch.silent = False
        page.bridge._engine.submit(watch.come_back()).result(5)
        picture("streaming", "watch_5_back", FULL_S)
        window.setProperty("closing", True)
        window.close()


def main() -> None:
    """Take all pictures into the folder that is named."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as settings:
        os.environ["PSKD_CONFIG"] = settings
        run.application()
        window = run.open_window(Session(), "home", sys.argv[2] if len(sys.argv) > 2 else "light")
        find(window, out)
        follow(window, out)


if __name__ == "__main__":
    main()
