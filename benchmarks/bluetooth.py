"""Watches over a virtual Bluetooth controller: breaks in a row, the way back, loss at 100 Hz, and fuzzed packets.

    python benchmarks/bluetooth.py [--drops 200] [--returns 20] [--seconds 60] [--fuzz 100000]

No radio is involved: what the air and an operating system's Bluetooth add is not in these numbers. Between two
breaks the pause before a new try is shortened to 0.05 s; for the way back it is as shipped. Targets: nothing twice,
memory flat within 5 MiB, no task left; back within 5 s at the median; no sample lost, the stamp within 10 ms at the
99th percentile; fuzzed packets only counted.

The virtual sensors share this process and its interpreter lock with the busy thread, so the lateness at 100 Hz is
mostly theirs; only the loss says something of the driver. The stamp's error needs the sensors in another process.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from virtual.air import Air
from virtual.sensors import Companion

from pskd.clock import now_s
from pskd.devices import engine as engine_module
from pskd.devices.engine import DeviceEngine
from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import MAX_PACKET, Wish
from pskd.types import LinkState, SampleBlock

WARM_UP = 20
MIB = 2**20


class Fast(Companion):
    """100 Hz, a packet a sample."""

    rate_hz = 100.0
    packet = 1


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait.

    Raises:
        TimeoutError: it did not come true.
    """
    end_s = now_s() + seconds
    while not true():
        if now_s() > end_s:
            raise TimeoutError
        time.sleep(0.002)


def breaks(count: int) -> dict[str, str]:
    """Forced breaks in a row: samples that came twice, memory, tasks."""
    sensor, device_s, states = Companion(), [], []
    pauses, engine_module.BACK_OFF_S = engine_module.BACK_OFF_S, (0.05,)

    def keep(block: SampleBlock) -> None:
        assert block.device_s is not None
        device_s.extend(block.device_s.tolist())

    memory: list[float] = []
    tasks: list[int] = []
    with Air(sensor).around(), DeviceEngine() as engine:
        handle = engine.open("ble:companion", keep, lambda state, text: states.append(state))
        for number in range(count + 1):
            known = len(device_s)
            until(lambda known=known: len(device_s) > known)
            if number == count:
                break
            engine.submit(sensor.drop()).result(5)
            until(lambda: states[-1] is not LinkState.STREAMING)
            gc.collect()
            memory.append(psutil.Process().memory_info().rss / MIB)
            tasks.append(engine.submit(_tasks()).result(5))
        handle.close()
    engine_module.BACK_OFF_S = pauses
    stamps = np.array(device_s)
    late = memory[min(WARM_UP, len(memory) - 1) :]
    return {
        "samples": str(len(stamps)),
        "came twice": str(len(stamps) - len(np.unique(stamps))),
        "memory, last against first": f"{late[-1] - late[0]:+.2f} MiB (after {WARM_UP} breaks)",
        "tasks, last against first": f"{tasks[-1] - tasks[0]:+d}",
    }


async def _tasks() -> int:
    return len(asyncio.all_tasks())


def returns(count: int) -> dict[str, str]:
    """From being in range again to the first sample, the pauses as shipped."""
    sensor, blocks = Companion(), []
    random = np.random.default_rng(0)
    took = []
    with Air(sensor).around(), DeviceEngine() as engine:
        handle = engine.open("ble:companion", blocks.append, lambda state, text: None)
        until(lambda: blocks)
        for _ in range(count):
            engine.submit(sensor.leave()).result(5)
            time.sleep(float(random.uniform(0.5, 4.0)))
            known, begun_s = len(blocks), now_s()
            engine.submit(sensor.come_back()).result(5)
            until(lambda known=known: len(blocks) > known)
            took.append(now_s() - begun_s)
        handle.close()
    return {"median": f"{np.median(took):.2f} s", "longest": f"{max(took):.2f} s"}


def two_at_100_hz(seconds: float) -> dict[str, str]:
    """Two watches beside a thread that is busy 60 of every 100 ms: loss, and how late a stamp is."""
    sensors = [Fast("F0:CA:FE:00:00:01"), Fast("F0:CA:FE:00:00:02")]
    blocks: tuple[list[SampleBlock], list[SampleBlock]] = ([], [])
    with Air(*sensors).around(), DeviceEngine() as engine:
        handles = [engine.open("ble:companion?rate=100", mine.append, lambda state, text: None) for mine in blocks]
        until(lambda: all(blocks))
        end_s = now_s() + seconds
        while now_s() < end_s:
            busy_s = now_s() + 0.06
            while now_s() < busy_s:
                pass
            time.sleep(0.04)
        for handle in handles:
            handle.close()
    lost, late_ms = 0, []
    for mine in blocks:
        numbers = np.array([block.sequence for block in mine])
        lost += int((np.diff(numbers) - 1).sum())
        # The virtual watch has no drift: its clock is this computer's, but for the microseconds' wrap.
        delay = np.array([block.arrival_s - float(block.device_s[-1]) for block in mine if block.device_s is not None])
        late_ms += (1000 * (delay - delay.min())).tolist()
    p50, p99 = np.percentile(late_ms, [50, 99])
    return {
        "samples": str(sum(map(len, blocks))),
        "lost": str(lost),
        "late, the sensors' own lag included, p50 / p99 / most": f"{p50:.1f} / {p99:.1f} / {max(late_ms):.1f} ms",
    }


def fuzz(count: int) -> dict[str, str]:
    """Noise through every decoder; anything but samples or a count would raise here."""
    random = np.random.default_rng(0)
    found = {}
    for name in PROTOCOLS:
        wish = Wish(options=(("characteristic", "2c1e"),) if name == "generic" else ())
        protocol, values = PROTOCOLS.get(name)(wish), 0
        begun_s = now_s()
        for length in random.integers(0, 40, count).tolist():
            packet = random.bytes(length if length < 39 else int(random.integers(0, MAX_PACKET)))
            for samples in protocol.receive(protocol.notify[-1], packet):
                values += len(samples.values)
                assert np.isfinite(samples.values).all()
        found[name] = (
            f"{protocol.malformed} malformed, {values} samples, {1e6 * (now_s() - begun_s) / count:.1f} us each"
        )
    return found


def main() -> None:
    """Run what was asked for; 0 leaves a part out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drops", type=int, default=200)
    parser.add_argument("--returns", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--fuzz", type=int, default=100_000)
    asked = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    parts: list[tuple[str, Callable[[], dict[str, str]], float]] = [
        (f"{asked.drops} breaks in a row", lambda: breaks(asked.drops), asked.drops),
        (f"{asked.returns} times away and back", lambda: returns(asked.returns), asked.returns),
        (f"two watches at 100 Hz, {asked.seconds:g} s, busy", lambda: two_at_100_hz(asked.seconds), asked.seconds),
        (f"{asked.fuzz} fuzzed packets a decoder", lambda: fuzz(asked.fuzz), asked.fuzz),
    ]
    console = Console()
    for title, part, size in parts:
        if size:
            table = Table("", "", title=title, title_justify="left", show_header=False)
            for row in part().items():
                table.add_row(*row)
            console.print(table)
    console.print(f"load of the machine: {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")


if __name__ == "__main__":
    main()
