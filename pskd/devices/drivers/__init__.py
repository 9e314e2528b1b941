"""All watch drivers, by URI scheme. A new one is a module in this package that registers its class."""

from __future__ import annotations

from pskd.devices.base import DeviceUri, Driver
from pskd.registry import Registry

DRIVERS: Registry[type[Driver]] = Registry("watch driver", "pskd.devices.drivers")


def make(text: str) -> Driver:
    """The driver for a URI, not yet prepared.

    Raises:
        WrongUse: no URI, no such driver, or an option that it does not know.
    """
    uri = DeviceUri.parse(text)
    return DRIVERS.get(uri.scheme)(uri)
