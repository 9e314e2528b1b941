"""Looks for Bluetooth watches that are near and for LSL streams of this computer, off the window's thread."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.bridge.session import Session, explained
from app.bridge.sources import Choice
from pskd.errors import PskdError

log = logging.getLogger(__name__)

SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class NearWatch(Choice):
    """A Bluetooth watch that was heard.

    Attributes:
        rssi: signal in dBm; None where it is not known.
        battery: charge in percent, where it is advertised.
    """

    rssi: int | None = None
    battery: int | None = None


class WatchSearch(QObject):
    """One look around at a time.

    Signals:
        found: a list of :class:`app.bridge.sources.Choice`, the best and nearest first.
        failed: message and hint.
    """

    found = Signal(object)
    failed = Signal(str, str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.looking = False

    def look(self) -> None:
        """Listen for some seconds; ``found`` or ``failed`` tells."""
        if not self.looking:
            self.looking = True
            self._session.run(near, self._heard, self._broke)

    def _heard(self, choices: list[Choice]) -> None:
        self.looking = False
        self.found.emit(choices)

    def _broke(self, error: Exception) -> None:
        self.looking = False
        self.failed.emit(*explained(error))


def check_address(uri: str) -> None:
    """Refuse an address that no watch can have, without opening anything.

    Raises:
        PskdError: why it makes no sense.
    """
    from pskd.devices.drivers import make

    make(uri)


def near() -> list[Choice]:
    """The watches that are near and that a driver fits, then the LSL streams; takes some seconds.

    Raises:
        PskdError: Bluetooth cannot be used, and there is no LSL stream.
    """
    streams = _streams()
    try:
        return [*_bluetooth(), *streams]
    except PskdError:
        if streams:
            return streams
        raise


def _bluetooth() -> list[NearWatch]:
    from pskd.devices.ble.scan import scan
    from pskd.devices.protocols import PROTOCOLS

    return [
        NearWatch(
            one.uri,
            one.name or one.address,
            "bluetooth",
            f"{PROTOCOLS.get(one.driver).title}  ·  match {one.score} %",
            one.rssi,
            one.battery,
        )
        for one in asyncio.run(scan(SECONDS))
    ]


def _streams() -> list[Choice]:
    """The LSL streams of this computer, where LSL is installed and works."""
    from pskd.devices.lsl import library, streams

    if not library.installed():
        return []
    try:
        found = streams.find()
    except PskdError as error:
        log.info("no LSL streams: %s", error)
        return []
    return [
        Choice(one.uri, one.name, "live", f"LSL  ·  {one.type}  ·  {one.rate_hz:g} Hz  ·  {one.host}")
        for one in found
        if one.uri
    ]
