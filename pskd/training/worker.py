"""The train child: carries out a plan and sends the run's events; can be stopped at any batch."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec

from pskd.errors import PskdError, WrongUse
from pskd.events import Event
from pskd.training import plan as plans
from pskd.training.plan import Plan
from pskd.workers.child import Channel


def run(channel: Channel) -> None:
    """Wait for ``start`` and train; commands:

    ``start`` with ``run`` (folder) and either ``plan`` (the plan as an object) or ``resume`` true; ``stop`` ends early
    with what there is; ``cancel`` leaves at once. Both keep the folder. The parent's end cancels, too.
    """
    wish = _Wish()
    channel.intercept(wish.hear)
    command = channel.commands.get()
    while command is not None and command["event"] != "start":
        command = channel.commands.get()
    if command is None:
        return

    from pskd.training.run import train

    folder, plan, resume = _request(command)
    train(plan, folder, lambda event: _forward(channel, event), lambda: wish.said(channel.parent_gone), resume=resume)


class _Wish:
    """What the parent last asked for; heard on the reading thread, so that a long batch does not delay it."""

    def __init__(self) -> None:
        self._said = ""

    def hear(self, command: Event) -> bool:
        if command["event"] in ("stop", "cancel"):
            self._said = str(command["event"])
            return True
        return False

    def said(self, parent_gone: threading.Event) -> str:
        return "cancel" if parent_gone.is_set() else self._said


def _request(command: dict[str, Any]) -> tuple[Path, Plan, bool]:
    folder = command.get("run")
    if not isinstance(folder, str) or not folder:
        raise WrongUse("start: run must name a folder.", code="train.start")
    if command.get("resume"):
        return Path(folder), plans.load(Path(folder)), True
    try:
        return Path(folder), msgspec.convert(command.get("plan"), Plan), False
    except msgspec.ValidationError as error:
        raise PskdError(f"The plan cannot be read: {error}.", code="plan.bad") from error


def _forward(channel: Channel, event: Event) -> None:
    channel.send(event["event"], **{name: value for name, value in event.items() if name != "event"})
