"""Watches over Bluetooth without a radio: loss, stamps, the way back, breaks in a row, the clock.

    python benchmarks/bluetooth.py [--minutes 30] [--returns 40] [--drops 200] [--fits 200] [--json FILE]

The watches, their controller and a BlueZ of ours are another process; here run the engine, bleak's own Linux back end
and a Qt window whose thread is busy 60 of every 100 ms. Both processes share the monotonic clock, so the moment at
which that BlueZ gives a packet to the bus, which the packet carries, is the truth for the stamp of its arrival. What
the air and a real daemon add is not in these numbers. Targets: nothing lost, stamps within 10 ms at the 99th
percentile; back within 5 s at the median, the pauses as shipped; after 200 breaks nothing twice, memory flat within
5 MiB, no task left; the clock within 6 ms after 60 s and 2 ms after 10 min (simulated arrivals). Fuzzed packets:
``fuzz_decoders.py``.

A machine with other work wakes every process late. So one more process only sleeps and looks at the clock; seconds in
which that one was never 3 ms late count as quiet, and the stamps of the quiet seconds are told beside those of all.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "*=false")

from bluetooth_clock import clocks
from bluetooth_control import Control
from bluetooth_sensors import Sensors
from bluetooth_window import BusyWindow

from pskd.clock import now_s
from pskd.devices import engine as engine_module
from pskd.devices.engine import DeviceEngine, DeviceHandle
from pskd.types import LinkState, SampleBlock

MIB = 2**20
WARM_UP = 20
WRAP_US = 2**32
QUIET_MS = 3.0
Found = dict[str, str]


class Heard:
    """What came of one watch, in a few bytes a packet."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.arrival_s: list[float] = []
        self.begins: list[int] = []
        self.late_ms: list[float] = []
        self.text = ""

    def block(self, block: SampleBlock) -> None:
        """On the engine's thread."""
        assert block.sequence is not None
        assert block.device_s is not None
        late_us = block.arrival_s * 1e6 - block.device_s[-1] * 1e6
        self.late_ms.append(((late_us + WRAP_US / 2) % WRAP_US - WRAP_US / 2) * 1e-3)
        self.arrival_s.append(block.arrival_s)
        self.numbers.append(block.sequence)

    def told(self, state: LinkState, text: str) -> None:
        """On the engine's thread."""
        if state is LinkState.STREAMING and not text.startswith("Data"):
            self.begins.append(len(self.numbers))  # numbers count from the start of a connection
        self.text = f"{state}: {text}"


@contextmanager
def watched(watches: int) -> Iterator[tuple[Sensors, DeviceEngine, list[DeviceHandle], list[Heard], BusyWindow]]:
    """Sensors, engine, opened watches and what they said, beside a busy window."""
    sensors = Sensors(watches)
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = sensors.bus
    window, heard = BusyWindow(), [Heard() for _ in range(watches)]
    with DeviceEngine() as engine:
        handles = [engine.open("ble:companion?rate=100", one.block, one.told) for one in heard]
        try:
            window.until(lambda: all(one.numbers for one in heard))
        except TimeoutError:
            raise SystemExit(f"No data: {[one.text for one in heard]}") from None
        yield sensors, engine, handles, heard, window
        for handle in handles:
            handle.close()
    sensors.close()


def _lost(one: Heard) -> int:
    parts = np.split(np.array(one.numbers), one.begins)
    return sum(int((np.diff(part) - 1).sum()) for part in parts if len(part))


def _twice(one: Heard) -> int:
    sent_us = np.round(np.array(one.arrival_s) * 1e6 - np.array(one.late_ms) * 1e3)
    return len(sent_us) - len(np.unique(sent_us))


def two_at_100_hz(minutes: float) -> Found:
    """Two watches at 100 Hz: loss, and how late a stamp is."""
    with watched(2) as (sensors, _, handles, heard, window):
        control = Control()
        begun_s, used_s = now_s(), time.process_time()
        loads: list[float] = []
        for _ in range(max(round(minutes * 6), 1)):
            window.run(min(10.0, minutes * 60))
            loads.append(psutil.getloadavg()[0])
        took_s, used_s = now_s() - begun_s, time.process_time() - used_s
        worst_ms = control.stop()
        for handle in handles:
            handle.close()
        connections = sensors.ask("count")["connections"]
    late_ms = np.concatenate([one.late_ms for one in heard])
    seconds = np.concatenate([one.arrival_s for one in heard]).astype(int)
    quiet = np.isin(seconds, [second for second, late in worst_ms.items() if late < QUIET_MS])
    return {
        "samples": f"{len(late_ms)} in {took_s / 60:.1f} min",
        "lost within connections, twice": f"{sum(map(_lost, heard))}, {sum(map(_twice, heard))}",
        "connections (1 each: no break)": str(connections),
        "stamp after sending, all: p50 / p95 / p99 / p99.9 / most": _spread(late_ms),
        f"in quiet seconds ({100 * quiet.mean():.0f} % of the samples)": _spread(late_ms[quiet]),
        "the machine: worst wake of a second, median / p99": "{:.1f} / {:.1f} ms".format(
            *np.percentile(list(worst_ms.values()), [50, 99])
        ),
        "least (a stamp is never early)": f"{late_ms.min():.2f} ms",
        "window's thread busy": f"{100 * window.busy_share():.0f} % of the time",
        "this process": f"{100 * used_s / took_s:.0f} % of a core",
        "load, mean": f"{np.mean(loads):.1f} on {psutil.cpu_count()} cores",
    }


def _spread(late_ms: np.ndarray) -> str:
    if not len(late_ms):
        return "none"
    return " / ".join(f"{value:.2f}" for value in np.percentile(late_ms, [50, 95, 99, 99.9, 100])) + " ms"


def returns(count: int) -> Found:
    """From being in range again to the first sample: at the edge for a while, gone for a while, back."""
    dice = np.random.default_rng(0)
    took_s = []
    with watched(1) as (sensors, _, _, (heard,), window):
        for number in range(count):
            if number % 2:
                sensors.ask("edge")
                window.run(float(dice.uniform(0.5, 8.0)))
            sensors.ask("leave")
            window.run(float(dice.uniform(0.5, 8.0)))
            known, begun_s = len(heard.numbers), now_s()
            sensors.ask("back")
            window.until(lambda known=known: len(heard.numbers) > known)
            took_s.append(now_s() - begun_s)
            window.run(0.5)
    at_edge, clean = took_s[1::2], took_s[0::2]
    return {
        "all, median / p95 / longest": " / ".join(f"{took:.2f}" for took in np.percentile(took_s, [50, 95, 100]))
        + " s",
        "gone at once, median": f"{np.median(clean):.2f} s of {len(clean)}",
        "at the edge first (connecting fails), median": f"{np.median(at_edge):.2f} s of {len(at_edge)}",
    }


def breaks(count: int) -> Found:
    """Forced breaks in a row: samples that came twice, memory, tasks."""
    pauses, engine_module.BACK_OFF_S = engine_module.BACK_OFF_S, (0.05,)
    memory: list[float] = []
    tasks: list[int] = []
    with watched(1) as (sensors, engine, _, (heard,), window):
        for _ in range(count):
            before = sensors.ask("drop")["connections"]
            window.until(lambda before=before: sensors.ask("count")["connections"] > before)
            known = len(heard.numbers)
            window.until(lambda known=known: len(heard.numbers) > known + 20)
            gc.collect()
            memory.append(psutil.Process().memory_info().rss / MIB)
            tasks.append(engine.submit(_tasks()).result(5))
        connections = sensors.ask("count")["connections"][0]
    engine_module.BACK_OFF_S = pauses
    first = memory[min(WARM_UP, len(memory) - 1)]
    return {
        "connections": str(connections),
        "samples": str(len(heard.numbers)),
        "came twice or late": str(int((np.diff(heard.numbers) <= 0).sum())),
        "memory, last against first": f"{memory[-1] - first:+.2f} MiB (after {WARM_UP} breaks)",
        "tasks, last against first": f"{tasks[-1] - tasks[0]:+d} of {tasks[0]}",
    }


async def _tasks() -> int:
    return len(asyncio.all_tasks())


def main() -> None:
    """Run what was asked for; 0 leaves a part out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--returns", type=int, default=40)
    parser.add_argument("--drops", type=int, default=200)
    parser.add_argument("--fits", type=int, default=200)
    parser.add_argument("--json", type=Path, help="where the figures go, too")
    asked = parser.parse_args()
    parts: list[tuple[str, Callable[[], Found], float]] = [
        (f"the clock, {asked.fits} runs", lambda: clocks(asked.fits), asked.fits),
        (f"{asked.drops} breaks in a row", lambda: breaks(asked.drops), asked.drops),
        (f"{asked.returns} times away and back", lambda: returns(asked.returns), asked.returns),
        (f"two watches at 100 Hz, {asked.minutes:g} min", lambda: two_at_100_hz(asked.minutes), asked.minutes),
    ]
    console, found = Console(), {}
    for title, part, size in parts:
        if size:
            found[title] = part()
            table = Table("", "", title=title, title_justify="left", show_header=False)
            for row in found[title].items():
                table.add_row(*row)
            console.print(table)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
