"""Looks for Bluetooth watches that are near, off the window's thread."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject, Signal

from app.bridge.session import Session, explained
from app.bridge.sources import Choice

SECONDS = 6.0


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
            self._session.run(self._near, self._heard, self._broke)

    @staticmethod
    def _near() -> list[Choice]:
        return near()

    def _heard(self, choices: list[Choice]) -> None:
        self.looking = False
        self.found.emit(choices)

    def _broke(self, error: Exception) -> None:
        self.looking = False
        self.failed.emit(*explained(error))


def near() -> list[Choice]:
    """The watches that are near and that a driver fits; takes some seconds.

    Raises:
        PskdError: Bluetooth cannot be used.
    """
    from pskd.devices.ble.scan import scan

    choices = []
    for one in asyncio.run(scan(SECONDS)):
        facts = [one.driver, f"{one.rssi} dBm", *([f"battery {one.battery} %"] if one.battery is not None else [])]
        choices.append(Choice(one.uri, one.name or one.address, "bluetooth", "  ·  ".join(facts)))
    return choices
