"""Another program that sends an LSL stream: a process of its own, on this computer only."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

_NUMBER = itertools.count()


class LslSender:
    """Sends a wrist that rests until it is stopped.

    Args:
        rate_hz: samples a second.
        chunk: samples sent at once.
        labels: channel names; empty to say none.
        units: their units, as many; empty to say none.
        text: send a stream of text instead.

    Attributes:
        name: of the stream, like no other.
    """

    def __init__(
        self,
        *,
        rate_hz: float = 50.0,
        chunk: int = 2,
        labels: tuple[str, ...] = ("x", "y", "z"),
        units: tuple[str, ...] = ("m/s^2",) * 3,
        channels: int = 3,
        name: str = "",
        text: bool = False,
    ) -> None:
        self.name = name or f"sender-{os.getpid()}-{next(_NUMBER)}"
        facts = {"rate_hz": rate_hz, "chunk": chunk, "labels": labels, "units": units, "channels": channels}
        self._facts = {**facts, "name": self.name, "text": text}
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> LslSender:
        """Start the program; skips the test where liblsl cannot be loaded."""
        try:
            import pylsl  # noqa: F401
        except (ImportError, RuntimeError, OSError) as error:
            pytest.skip(f"LSL cannot be loaded here: {error}")
        command = [sys.executable, str(Path(__file__).resolve()), json.dumps(self._facts)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._child.stdout is not None
        assert self._child.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *exception: object) -> None:
        """The program ends: at once, as if it had crashed."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _send(facts: dict) -> None:
    import pylsl

    session = os.environ["PSKD_LSL_SESSION"]
    pylsl.set_config_content(
        "[ports]\nIPv6 = disable\n[multicast]\nResolveScope = machine\nListenAddress = 127.0.0.1\n"
        f"[lab]\nSessionID = {session}\n[log]\nlevel = -3\n"
    )
    kind = pylsl.cf_string if facts["text"] else pylsl.cf_float32
    info = pylsl.StreamInfo(facts["name"], "Mocap", facts["channels"], facts["rate_hz"], kind, facts["name"])
    if facts["labels"]:
        info.set_channel_labels(facts["labels"])
    if facts["units"]:
        info.set_channel_units(facts["units"])
    outlet = pylsl.StreamOutlet(info)
    print("ready", flush=True)
    number, start_s = 0, pylsl.local_clock()
    while True:
        number += facts["chunk"]
        due_s = start_s + number / (facts["rate_hz"] or 50.0)
        time.sleep(max(due_s - pylsl.local_clock(), 0))
        if facts["text"]:
            outlet.push_sample(["hello"] * facts["channels"])
        else:
            row = ([0.31, -0.97, 9.74] * facts["channels"])[: facts["channels"]]
            outlet.push_chunk([row] * facts["chunk"], due_s)


if __name__ == "__main__":
    _send(json.loads(sys.argv[1]))
