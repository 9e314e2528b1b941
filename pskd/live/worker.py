"""The live process: blocks come in, predictions go out.

Commands: ``open {bundle, rate_hz, hop_s}``, ``block {values, device_s, arrival_s}``, ``reset {rate_hz}``,
``ping {number}``, ``close``. Events: ``ready``, ``waiting {missing_s}``, ``prediction``, ``pong {number}``,
``error {code, message, hint}``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pskd.errors import PskdError, WrongUse
from pskd.export.bundle import find_bundle, read_bundle
from pskd.live.pipeline import HOP_S, LivePipeline
from pskd.live.stamps import BlockClock
from pskd.live.wire import pack_prediction, unpack_block
from pskd.workers.child import Channel

_WAITING_STEP_S = 0.25


class _Session:
    """One opened bundle and its stream."""

    def __init__(self, channel: Channel, command: dict[str, Any]) -> None:
        bundle = read_bundle(find_bundle(Path(str(command.get("bundle", "")))))
        bundle.student.warm_up()
        self._channel = channel
        self._pipeline = LivePipeline(bundle, hop_s=_number(command, "hop_s", HOP_S))
        self._clock = BlockClock(_number(command, "rate_hz", 0.0))
        self._told_s: float | None = None
        sensor = self._pipeline.bundle.sensor
        channel.send(
            "ready",
            classes=self._pipeline.bundle.classes,
            name=self._pipeline.bundle.manifest.name,
            rate_hz=sensor.rate_hz,
            window_s=sensor.window_s,
            hop_s=self._pipeline.hop_s,
            unsure_below=self._pipeline.bundle.calibration.unsure_below,
        )
        self._tell_waiting()

    def block(self, command: dict[str, Any]) -> None:
        values, device_s, arrival_s = unpack_block(command)
        times = self._clock.times(len(values), arrival_s, device_s)
        for prediction in self._pipeline.push(values, times, arrival_s):
            self._channel.send("prediction", **pack_prediction(prediction, arrival_s))
        self._tell_waiting()

    def reset(self, command: dict[str, Any]) -> None:
        self._pipeline.reset()
        self._clock = BlockClock(_number(command, "rate_hz", 0.0))
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        """Say when waiting begins or ends, and about how it goes on."""
        missing = self._pipeline.waiting_s
        if (
            self._told_s is None
            or (missing == 0) != (self._told_s == 0)
            or abs(missing - self._told_s) >= _WAITING_STEP_S
        ):
            self._told_s = missing
            self._channel.send("waiting", missing_s=missing)


def _number(command: dict[str, Any], name: str, default: float) -> float:
    value = command.get(name, default)
    if not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise WrongUse(f"{name}: {value!r} is not a number that makes sense.", code="live.options")
    return float(value)


def run(channel: Channel) -> None:
    """Serve the parent until it closes the line. A command that fails is answered by ``error`` and changes nothing."""
    session: _Session | None = None
    while (command := channel.commands.get()) is not None:
        try:
            match command["event"]:
                case "open":
                    session = None
                    session = _Session(channel, command)
                case "block" if session is not None:
                    session.block(command)
                case "reset" if session is not None:
                    session.reset(command)
                case "ping":
                    channel.send("pong", number=command.get("number"))
                case "close":
                    return
        except PskdError as error:
            channel.send("error", code=error.code, message=error.message, hint=error.hint)
