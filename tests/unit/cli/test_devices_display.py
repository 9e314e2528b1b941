from __future__ import annotations

import io
import time

import numpy as np
from rich.console import Console

from pskd.cli.devices import Watching
from pskd.cli.devices_display import Screen, sparkline


def test_a_line_rises_with_its_values() -> None:
    assert sparkline(np.arange(8, dtype=np.float32)) == "▁▂▃▄▅▆▇█"
    assert sparkline(np.zeros(3, np.float32)) == "▅▅▅"
    assert sparkline(np.zeros(0, np.float32)) == ""


def test_the_screen_shows_the_link_the_rate_and_three_axes() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    watch = Watching("sim:walk?seed=2")
    watch.start()
    time.sleep(0.5)
    with Screen(shown=True, console=console) as screen:
        screen.show(watch)
    facts = watch.stop()
    text = console.file.getvalue()
    assert "watch (simulated):" in text
    assert "of 50 Hz" in text
    assert "battery 86 %" in text
    assert facts["samples"] > 0


def test_where_nobody_looks_nothing_is_shown() -> None:
    console = Console(file=io.StringIO())
    with Screen(shown=False, console=console) as screen:
        assert screen._live is None
    assert console.file.getvalue() == ""
