"""A UDP socket on the engine's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pskd.clock import now_s
from pskd.devices.listen.gate import Place

# A datagram, who sent it, when it arrived.
OnDatagram = Callable[[bytes, str, float], None]


class UdpListener(asyncio.DatagramProtocol):
    """Takes datagrams at one place.

    Args:
        place: where.
        on_datagram: each one; must not raise.
    """

    def __init__(self, place: Place, on_datagram: OnDatagram) -> None:
        self._place, self._on_datagram = place, on_datagram
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> Place:
        """Start to listen; returns where, with the port that was free.

        Raises:
            OSError: the place is taken, or is none of this computer's.
        """
        loop = asyncio.get_running_loop()
        address = (self._place.host, self._place.port)
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=address)
        return Place(self._place.host, self._transport.get_extra_info("sockname")[1])

    async def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One datagram, stamped at once."""
        arrival_s = now_s()
        self._on_datagram(data, str(addr[0]), arrival_s)
