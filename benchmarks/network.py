"""Watches without Bluetooth, over loopback: loss, how late a stamp is, breaks in a row.

    python benchmarks/network.py [--seconds 20] [--drops 200]

The phone, or the program that sends LSL, is another process; both share the monotonic clock, so the moment of sending
is known here (for LSL the moment when a sample was due, which is a little before). What a real phone and a real network
add is not in these numbers. Targets: nothing lost or twice; after 200 breaks no sample twice, memory flat within
5 MiB, no task left.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
os.environ.setdefault("PSKD_LSL_SESSION", f"bench-{os.getpid()}")

from virtual.lsl_sender import LslSender
from virtual.phones import BOOT_S, SensorServerPhone, free_port, logger_phone, udp_phone

from pskd.clock import now_s
from pskd.devices import engine as engine_module
from pskd.devices.engine import DeviceEngine
from pskd.types import SampleBlock

RATE_HZ = 100.0
MIB = 2**20
WARM_UP = 20
Found = dict[str, str]


class Heard:
    """What came of one watch."""

    def __init__(self) -> None:
        self.times_s: list[float] = []
        self.late_s: list[float] = []

    def block(self, block: SampleBlock) -> None:
        """On the engine's thread."""
        assert block.device_s is not None
        self.times_s += block.device_s.tolist()
        self.late_s.append(block.arrival_s - float(block.device_s[-1]))


@contextmanager
def sender(kind: str, port: int) -> Iterator[None]:
    """A phone in a process of its own."""
    child = subprocess.Popen([sys.executable, __file__, "--send", kind, "--port", str(port)], stdin=subprocess.PIPE)
    try:
        yield
    finally:
        child.communicate()


def send(kind: str, port: int) -> None:
    """Be the phone until the input ends."""
    phone = {
        "ws": lambda: SensorServerPhone(RATE_HZ, port=port),
        "ws-sent": lambda: SensorServerPhone(RATE_HZ, port=port, stamps_sending=True),
        "http": lambda: logger_phone(port, RATE_HZ),
        "udp": lambda: udp_phone(port, RATE_HZ),
    }[kind]()
    with phone:
        sys.stdin.read()


def streams(kind: str, watches: int, seconds: float) -> Found:
    """How much is lost of ``watches`` at once, and how late a stamp is."""
    heard = _listen(kind, kind, watches, seconds)
    steps = np.concatenate([np.diff(one.times_s) for one in heard])
    lost = int(np.round(np.maximum(steps * RATE_HZ - 1, 0)).sum())
    found = {
        "samples": str(sum(len(one.times_s) for one in heard)),
        "lost, twice": f"{lost}, {int((steps <= 0).sum())}",
    }
    if kind == "ws":
        heard = _listen("ws", "ws-sent", watches, seconds)
    if kind in ("ws", "lsl"):
        late_ms = np.concatenate([one.late_s for one in heard]) * 1e3 + (BOOT_S * 1e3 if kind == "ws" else 0.0)
        found["sent to stamp, ms: p50 / p95 / p99 / most"] = " / ".join(
            f"{value:.2f}" for value in np.percentile(late_ms, [50, 95, 99, 100])
        )
    return found


def _listen(kind: str, sends: str, watches: int, seconds: float) -> list[Heard]:
    heard = [Heard() for _ in range(watches)]
    with ExitStack() as running, DeviceEngine() as engine:
        handles = [engine.open(_uri(kind, sends, running), one.block, lambda state, text: None) for one in heard]
        for handle in handles:
            handle.wait_ready(30)
        time.sleep(seconds)
        for handle in handles:
            handle.close()
    return heard


def _uri(kind: str, sends: str, running: ExitStack) -> str:
    """Start a sender; where it is reached."""
    if kind == "lsl":
        return f"lsl:{running.enter_context(LslSender(rate_hz=RATE_HZ, chunk=1)).name}"
    port = free_port()
    running.enter_context(sender(sends, port))
    return f"{kind}:{'127.0.0.1:' if kind == 'ws' else ''}{port}?rate={RATE_HZ:g}"


def breaks(drops: int) -> Found:
    """SensorServer's connection cut ``drops`` times in a row, with hardly a pause."""
    engine_module.BACK_OFF_S = (0.02,)
    heard, process = Heard(), psutil.Process()
    before = 0
    with SensorServerPhone(RATE_HZ) as phone, DeviceEngine() as engine:
        handle = engine.open(f"ws:127.0.0.1:{phone.port}?rate=100", heard.block, lambda state, text: None)
        begun_s = now_s()
        for number in range(WARM_UP + drops):
            count, end_s = len(heard.times_s), now_s() + 20
            while len(heard.times_s) < count + 2 and now_s() < end_s:
                time.sleep(0.002)
            if number == WARM_UP:
                gc.collect()
                before = process.memory_info().rss
            phone.drop()
        took_s = now_s() - begun_s
        gc.collect()
        grown = (process.memory_info().rss - before) / MIB
        handle.close()
        time.sleep(0.5)
        left = engine.submit(_tasks()).result(5)
    return {
        "breaks": f"{drops} in {took_s:.0f} s",
        "samples, twice": f"{len(heard.times_s)}, {int((np.diff(heard.times_s) <= 0).sum())}",
        "memory": f"{grown:+.2f} MiB",
        "tasks left": str(left),
    }


async def _tasks() -> int:
    return len(asyncio.all_tasks()) - 1


def main() -> None:
    """Run all and print a table each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--drops", type=int, default=200)
    parser.add_argument("--send", choices=["ws", "ws-sent", "http", "udp"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.send:
        send(arguments.send, arguments.port)
        return
    found = {
        f"two {kind} at {RATE_HZ:g} Hz": streams(kind, 2, arguments.seconds) for kind in ("ws", "http", "udp", "lsl")
    }
    found["ws, breaks in a row"] = breaks(arguments.drops)
    for title, facts in found.items():
        table = Table("what", "measured", title=f"{title} (load {psutil.getloadavg()[0]:.1f})")
        for name, value in facts.items():
            table.add_row(name, value)
        Console().print(table)


if __name__ == "__main__":
    main()
