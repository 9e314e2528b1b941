"""What Record sends to the Lab Streaming Layer too: everything where that is switched on, otherwise nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pskd.recording.outlets import LslOutlets
    from pskd.types import Marker, PoseFrame, SampleBlock, StreamInfo


def installed() -> bool:
    """The Lab Streaming Layer can be used here; nothing is loaded."""
    from pskd.devices.lsl import library

    return library.installed()


class Sending:
    """Outlets that are there or not. Every method may be called on any thread."""

    def __init__(self) -> None:
        self._outlets: LslOutlets | None = None

    def open(self, infos: Iterable[StreamInfo]) -> None:
        """Send these streams from now on, on this computer.

        Raises:
            PskdError: LSL cannot be used, with what to do.
        """
        from pskd.recording.outlets import LslOutlets

        self.close()
        outlets = LslOutlets()
        outlets.add(infos)
        self._outlets = outlets

    def add(self, infos: Iterable[StreamInfo]) -> None:
        """Send streams too that are known only now."""
        if self._outlets is not None:
            self._outlets.add(infos)

    def block(self, block: SampleBlock) -> None:
        """One packet of a watch."""
        outlets = self._outlets
        if outlets is not None:
            outlets.block(block)

    def frame(self, frame: PoseFrame) -> None:
        """One picture's landmarks."""
        outlets = self._outlets
        if outlets is not None:
            outlets.frame(frame)

    def marker(self, marker: Marker) -> None:
        """One marker."""
        outlets = self._outlets
        if outlets is not None:
            outlets.marker(marker)

    def close(self) -> None:
        """Take the outlets away."""
        outlets, self._outlets = self._outlets, None
        if outlets is not None:
            outlets.close()
