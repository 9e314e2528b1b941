"""The other side of ``bluetooth.py``: a bus with a BlueZ of ours and two watches behind it, in a process of its own.

Started by the bench. Commands come as JSON lines on stdin and are answered on stdout; it ends when stdin does.
"""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from dbus_fast import Message, Variant
from virtual.air import Air
from virtual.bluez import Bluez, Refused, private_bus
from virtual.sensors import Companion

from pskd.clock import now_s

ADDRESSES = ("F0:CA:FE:00:00:01", "F0:CA:FE:00:00:02")
EDGE_S = 1.5
STAMP = slice(4, 8)


class Stamped(Companion):
    """100 Hz, a packet a sample."""

    rate_hz = 100.0
    packet = 1
    form = 1

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.sent = deque(maxlen=1)  # type: ignore[assignment]
        self.turned = deque(maxlen=1)  # type: ignore[assignment]
        self.count = 0

    def _measure(self, number: int) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
        nothing = np.zeros((1, 3), np.float32)
        return number, nothing, nothing, np.zeros(1)

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        """The packet's number once more as the sample, so that content and head must agree."""
        self.count += 1
        return struct.pack("<BBHIH3h", 1, 0, number % 65536, 0, 10000, number % 1000, 0, 1000)


class Edge(Bluez):
    """A BlueZ whose watches can be at the edge of range: heard, and connecting fails after a while.

    It writes the moment at which it gives a sample to the bus into the sample's packet: the truth for its stamp.

    Attributes:
        at_edge: they are.
    """

    at_edge = False

    def _set(self, path: str, interface: str, **properties: Variant) -> None:
        value = properties.get("Value")
        if value is not None and len(value.value) == 16 and value.value[0] == 1:
            packet = bytearray(value.value)
            packet[STAMP] = struct.pack("<I", round(now_s() * 1e6) % 2**32)
            properties["Value"] = Variant("ay", bytes(packet))
        super()._set(path, interface, **properties)

    async def _Connect(self, message: Message) -> None:
        if self.at_edge:
            await asyncio.sleep(EDGE_S)
            raise Refused("org.bluez.Error.Failed", "le-connection-abort-by-local")
        await super()._Connect(message)


class Sensors:
    """The process as the bench sees it.

    Attributes:
        bus: address of the bus.
    """

    def __init__(self, watches: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(watches)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.bus = str(self._read()["bus"])

    def ask(self, what: str) -> dict[str, Any]:
        """``drop``, ``edge``, ``leave``, ``back`` (all watches) or ``count``; what it answered."""
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def main() -> None:
    """Serve until stdin ends."""
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    watches = [Stamped(address) for address in ADDRESSES[: int(sys.argv[1])]]
    with tempfile.TemporaryDirectory() as folder, private_bus(Path(folder)) as bus:
        bluez = Edge(bus, Air(*watches))
        print(json.dumps({"bus": bus}), flush=True)
        for line in sys.stdin:
            print(json.dumps(_carry_out(line.strip(), bluez, watches)), flush=True)
        bluez.kill()


def _carry_out(what: str, bluez: Edge, watches: list[Stamped]) -> dict[str, Any]:
    if what == "edge":
        bluez.at_edge = True
        for watch in watches:
            bluez.do(watch.drop())
    elif what == "drop":
        for watch in watches:
            bluez.do(watch.drop())
    elif what == "leave":
        for watch in watches:
            bluez.do(watch.leave())
    elif what == "back":
        bluez.at_edge = False
        for watch in watches:
            bluez.do(watch.come_back())
    return {
        "sent": [watch.count for watch in watches],
        "connections": [watch.connections for watch in watches],
        "now_s": now_s(),
    }


if __name__ == "__main__":
    main()
