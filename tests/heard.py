"""What an opened watch said, and waiting for something to be so."""

from __future__ import annotations

import time
from collections.abc import Callable

from pskd.clock import now_s
from pskd.devices.engine import DeviceEngine, DeviceHandle
from pskd.types import LinkState, SampleBlock


def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something is true."""
    end_s = now_s() + seconds
    while not true():
        assert now_s() < end_s, "it did not happen in time"
        time.sleep(0.01)


class Heard:
    """The blocks and states of one watch."""

    def __init__(self) -> None:
        self.blocks: list[SampleBlock] = []
        self.states: list[tuple[LinkState, str]] = []

    @property
    def links(self) -> list[LinkState]:
        """The states without their sentences."""
        return [state for state, _ in self.states]

    @property
    def texts(self) -> list[str]:
        """The sentences."""
        return [text for _, text in self.states]

    @property
    def last(self) -> LinkState:
        """How the link stands."""
        return self.links[-1] if self.states else LinkState.IDLE

    def state(self, state: LinkState, text: str) -> None:
        """Hear of a state."""
        self.states.append((state, text))

    def more(self, count: int) -> None:
        """Wait for more blocks."""
        wanted = len(self.blocks) + count
        until(lambda: len(self.blocks) >= wanted)


def watch(engine: DeviceEngine, uri: str) -> tuple[DeviceHandle, Heard]:
    """Open a watch and listen."""
    heard = Heard()
    return engine.open(uri, heard.blocks.append, heard.state), heard
