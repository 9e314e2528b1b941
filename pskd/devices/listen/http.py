"""A small HTTP server on the engine's loop: bodies by POST, one short answer each. Strangers are kept short."""

from __future__ import annotations

import asyncio
import contextlib
import http
from collections.abc import Callable

import msgspec

from pskd.clock import now_s
from pskd.devices.listen.gate import Gate, Place
from pskd.devices.network.request import MAX_HEAD, Head, Refused, answer, read_head

MAX_CONNECTIONS = 16
MAX_FROM_ONE = 6
HEAD_S = 30.0
BODY_S = 15.0
CLOSE_S = 1.0
SEATING_TURNS = 3
# A wrong token costs its sender this long, so that guessing is slow.
WRONG_S = 0.5

# A body, who sent it, when it arrived; returns how many samples it held.
OnBody = Callable[[bytes, str, float], int]


class HttpListener:
    """Takes bodies at one place.

    Args:
        place: where.
        gate: who may send.
        on_body: each body; raises :class:`Refused` for one that it does not take.
    """

    def __init__(self, place: Place, gate: Gate, on_body: OnBody) -> None:
        self._place, self._gate, self._on_body = place, gate, on_body
        self._server: asyncio.Server | None = None
        self._guests: dict[asyncio.Task[None], str] = {}

    async def open(self) -> Place:
        """Start to listen; returns where, with the port that was free.

        Raises:
            OSError: the place is taken, or is none of this computer's.
        """
        place = self._place
        # Serving begins only once the server is kept: one that is cut off while it starts would go on listening unseen.
        self._server = await asyncio.start_server(
            self._serve, place.host, place.port, limit=MAX_HEAD, start_serving=False
        )
        await self._server.start_serving()
        return Place(self._place.host, self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and cut off who is connected."""
        server, self._server = self._server, None
        if server is None:
            return
        await _no_more_guests(server)
        server.close()
        guests = list(self._guests)
        for guest in guests:
            guest.cancel()
        await asyncio.gather(*guests, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), CLOSE_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guest = asyncio.current_task()
        assert guest is not None
        sender = self._guests[guest] = str((writer.get_extra_info("peername") or "?")[0])
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while self._welcome(sender) and await self._exchange(reader, writer, sender):
                    pass
        finally:
            del self._guests[guest]
            writer.close()

    def _welcome(self, sender: str) -> bool:
        """It still listens, and there are not too many connections; nobody alone can take them all."""
        few = len(self._guests) <= MAX_CONNECTIONS and list(self._guests.values()).count(sender) <= MAX_FROM_ONE
        return self._server is not None and few

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: str) -> bool:
        """One request and its answer; True where another may follow."""
        keep = False
        content: dict[str, int | str]
        try:
            head = await self._head(reader)
            self._check(head, sender)
            keep = head.keep
            if head.expects:
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            async with asyncio.timeout(BODY_S):
                body = await reader.readexactly(head.length)
            arrival_s = now_s()
            status, content = 200, {"samples": self._on_body(body, sender, arrival_s)}
        except Refused as refused:
            self._gate.complain(f"{sender} was refused: {refused.why}")
            if refused.status == http.HTTPStatus.UNAUTHORIZED:
                await asyncio.sleep(WRONG_S)
            status, content = refused.status, {"error": refused.why}
            keep = keep and status == http.HTTPStatus.CONFLICT
        writer.write(answer(status, http.HTTPStatus(status).phrase, msgspec.json.encode(content), keep=keep))
        async with asyncio.timeout(BODY_S):
            await writer.drain()
        return keep

    async def _head(self, reader: asyncio.StreamReader) -> Head:
        try:
            async with asyncio.timeout(HEAD_S):
                return read_head((await reader.readuntil(b"\r\n\r\n"))[:-4])
        except asyncio.LimitOverrunError as error:
            raise Refused(431, "The head of the request is too long.") from error

    def _check(self, head: Head, sender: str) -> None:
        if not self._gate.knows(head.token):
            raise Refused(401, "The token is wrong or missing.")
        if self._gate.open and head.from_page:  # any page that is open in a browser could send samples otherwise
            raise Refused(403, "Web pages may send only where a token is set.")


async def _no_more_guests(server: asyncio.Server) -> None:
    """Accept nobody from now on, and let those be seated who were: asyncio loses the socket of a guest who is
    still on the way in when the server closes (github.com/python/cpython/issues/109564)."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows' loop has no readers
        for listening in server.sockets:
            loop.remove_reader(listening.fileno())
    for _ in range(SEATING_TURNS):
        await asyncio.sleep(0)
