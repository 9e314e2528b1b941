"""Packets as they came, beside the decoded samples, so that decoding and clock fits can be done again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pskd.errors import WrongUse
from pskd.sync.clockfit import Ping


class RawLog:
    """Adds one JSON line a packet: ``{"t_s": arrival, "characteristic": uuid, "hex": bytes}``.

    What the device answered when it was asked for its clock is ``{"sent_s", "heard_s", "device_s"}``.

    Raises:
        WrongUse: the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("ab")
        except OSError as error:
            raise WrongUse(
                f"Cannot write packets to {path}: {(error.strerror or str(error)).lower()}.",
                code="ble.raw",
                hint="Name another file with raw=PATH.",
            ) from error

    def add(self, arrival_s: float, characteristic: str, packet: bytes) -> None:
        """Add one packet."""
        line = {"t_s": arrival_s, "characteristic": characteristic, "hex": packet.hex()}
        self._file.write(msgspec.json.encode(line) + b"\n")

    def add_ping(self, ping: Ping) -> None:
        """Add one comparison of clocks."""
        self._file.write(msgspec.json.encode(ping) + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
