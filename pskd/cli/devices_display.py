"""The live view of ``pskd devices stream``: link, rate, age, gaps, and each axis as a line of blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from pskd.clock import now_s
from pskd.types import FloatArray, LinkState

if TYPE_CHECKING:
    from pskd.cli.devices import Watching

_BLOCKS = "▁▂▃▄▅▆▇█"
_STYLES = {
    LinkState.STREAMING: "green",
    LinkState.STALLED: "bold red",
    LinkState.LOST: "bold red",
}


class Screen:
    """Shows a watch on the terminal, ten times a second; nothing where nobody looks."""

    def __init__(self, *, shown: bool, console: Console | None = None) -> None:
        self._live = Live(console=console or Console(), refresh_per_second=10, transient=True) if shown else None

    def __enter__(self) -> Screen:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, watch: Watching) -> None:
        """The newest of everything."""
        if self._live is not None:
            self._live.update(render(watch))


def render(watch: Watching) -> Group:
    """The watch as it is shown."""
    battery = "" if watch.handle.battery is None else f"   battery {watch.handle.battery} %"
    lines = [Text(f"{watch.handle.state_text}{battery}", _STYLES.get(watch.handle.state, "yellow"))]
    for name, meter in list(watch.meters.items()):
        reading = meter.read(now_s())
        age = "-" if reading.age_s is None else f"{reading.age_s:.1f} s ago"
        simulated = " (simulated)" if meter.info.simulated else ""
        lines.append(
            Text(
                f"{name}{simulated}: {reading.recent_hz:.1f} of {reading.nominal_hz:g} Hz, {reading.samples} samples, "
                f"last {age}, {reading.gaps} gaps"
            )
        )
        values = meter.newest()
        for axis, channel in enumerate(meter.info.channels):
            last = f"{values[-1, axis]:+8.2f} {meter.info.unit}" if len(values) else ""
            lines.append(Text(f"  {channel} {sparkline(values[:, axis])} {last}", "cyan"))
    return Group(*lines)


def sparkline(values: FloatArray) -> str:
    """Values ``(T,)`` as blocks of eight heights, from the least to the greatest; a still signal lies in the middle."""
    if not len(values):
        return ""
    low, high = float(values.min()), float(values.max())
    middle, half = (low + high) / 2, max((high - low) / 2, 0.5)
    heights = np.clip(((values - middle) / half + 1) / 2 * len(_BLOCKS), 0, len(_BLOCKS) - 1).astype(int)
    return "".join(_BLOCKS[height] for height in heights)
