"""A real run on a tiny library, small enough for a test: one epoch a rung, by the train child itself."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec

from pskd.training.presets import make_plan
from pskd.workers.parent import Child


def tiny_plan(library: Path) -> Any:
    """A plan of one epoch a rung with the smallest student."""
    plan = make_plan(str(library), "cross-subject", student="nano")
    rungs = tuple(msgspec.structs.replace(rung, epochs=1) for rung in plan.rungs)
    return msgspec.structs.replace(plan, rungs=rungs, preset="custom", calibration_epochs=1)


def train(library: Path, run: Path) -> None:
    """Train and wait for the end."""
    heard: list[dict[str, Any]] = []
    over = threading.Event()

    def hear(event: dict[str, Any]) -> None:
        heard.append(event)
        if event["event"] == "exit":
            over.set()

    child = Child("train", hear)
    child.send("start", run=str(run), plan=msgspec.to_builtins(tiny_plan(library)))
    assert over.wait(240)
    child.close()
    assert (run / "bundle" / "bundle.json").is_file(), heard[-1]
