"""One connection to one device: connect, ask, subscribe, set up, look after, leave."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from pskd.clock import now_s
from pskd.devices.base import own_failure
from pskd.devices.ble.radio import Radio, Seen
from pskd.devices.ble.trouble import explain, no_service
from pskd.devices.protocols.base import Ask, Has, Malformed, Protocol, Read, Step, Steps, Write
from pskd.errors import PskdError
from pskd.sync.clockfit import Ping

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

log = logging.getLogger(__name__)

CONNECT_S = 20.0
PROBE_S = 2.0
HELD_S = 5.0
TEARDOWN_S = 0.8
LEAVE_S = 0.8
DISCONNECT_S = 10.0
SMALLEST_ROOM = 20
_WRITES = frozenset({"write", "write-without-response"})

OnPacket = Callable[[str, bytes, float], None]


class Link:
    """A connection that is used once; the next one is a new object with a new client.

    Args:
        radio: the loop's.
        seen: the device, fresh from a scan.
        protocol: what it speaks.
        on_packet: characteristic, bytes and arrival (monotonic clock) of each notification.
        connect_s: how long connecting may take.

    Attributes:
        name: how to call the device in a sentence.
        dropped: set when the connection is gone.
    """

    def __init__(
        self, radio: Radio, seen: Seen, protocol: Protocol, on_packet: OnPacket, connect_s: float = CONNECT_S
    ) -> None:
        self.name = seen.name or seen.address
        self.dropped = asyncio.Event()
        self._radio = radio
        self._seen = seen
        self._protocol = protocol
        self._on_packet = on_packet
        self._connect_s = connect_s
        self._client: BleakClient | None = None
        self._subscribed: set[str] = set()
        self._asked: tuple[Ask, asyncio.Future[tuple[bytes, float]]] | None = None
        self._closed = False

    @property
    def tells_battery(self) -> bool:
        """True where the device has a battery value to read."""
        found = self._find(self._protocol.battery)
        return found is not None and "read" in found.properties

    async def open(self) -> None:
        """Connect, check the service, and read the facts. On failure nothing stays open.

        Raises:
            PskdError: with what to do.
        """
        from bleak import BleakClient

        self._radio.held.add(self._seen.address)
        try:
            self._client = BleakClient(self._seen.device, self._on_disconnect, timeout=self._connect_s)
            async with self._radio.connecting:
                await self._while_there(self._client.connect())
            if self._protocol.service and self._client.services.get_service(self._protocol.service) is None:
                raise no_service(self.name)
            await self._while_there(self._carry_out(self._protocol.facts()))
        except (Exception, asyncio.CancelledError) as error:
            broke = self.dropped.is_set()  # closing sets it, too
            await self.close()
            raise self._explain(own_failure(error), broke) from error

    async def begin(self) -> None:
        """Subscribe, then set up.

        Raises:
            PskdError: the device refused or is gone.
        """
        try:
            for characteristic in self._protocol.subscriptions():
                await self._while_there(self._subscribe(characteristic))
            await self._while_there(self._carry_out(self._protocol.setup(self._room())))
        except (Exception, asyncio.CancelledError) as error:
            raise self._explain(own_failure(error), self.dropped.is_set()) from error

    async def probe(self) -> bytes | None:
        """Read the cheap characteristic; None where the device has none.

        Raises:
            PskdError: no answer: the connection is dead, whatever the system says.
        """
        found = self._find(self._protocol.probe)
        if found is None or "read" not in found.properties:
            return None
        try:
            async with asyncio.timeout(PROBE_S):
                return bytes(await self._connected().read_gatt_char(found))
        except Exception as error:
            text = f"{self.name} stopped answering."
            raise PskdError(text, code="ble.silent", hint="It is looked for again.") from error

    async def ping(self, token: int) -> Ping | None:
        """Ask for the device's clock; None where it has none to tell, or not yet.

        Raises:
            PskdError: no answer.
        """
        question = self._protocol.ping(token)
        if question is None:
            return None
        sent_s = now_s()
        answer, heard_s = await self._question(question)
        try:
            device_s = self._protocol.pong(answer)
        except Malformed as error:
            raise PskdError(f"{self.name} answered a ping with something else.", code="ble.no-answer") from error
        return None if device_s is None else Ping(sent_s=sent_s, heard_s=heard_s, device_s=device_s)

    async def battery(self) -> int | None:
        """Charge in percent; None where the device does not tell."""
        found = self._find(self._protocol.battery)
        if found is None or "read" not in found.properties:
            return None
        try:
            async with asyncio.timeout(PROBE_S):
                return self._protocol.percent(bytes(await self._connected().read_gatt_char(found)))
        except Exception as error:
            log.info("%s does not tell its battery: %s", self.name, error)
            return None

    async def close(self) -> None:
        """Stop commands, then disconnect; returns within two seconds, and what takes longer goes on behind.

        The device stays held until it is disconnected, so nobody connects to it twice.
        """
        if self._closed:
            return
        self._closed = True
        try:
            await self._say_stop()
        finally:  # also where this is cut off
            leaving = asyncio.ensure_future(self._leave())
        await asyncio.wait({leaving}, timeout=LEAVE_S)

    async def _say_stop(self) -> None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(TEARDOWN_S):
                if self._subscribed and not self.dropped.is_set():
                    for step in self._protocol.teardown():
                        await self._write(step)

    async def _leave(self) -> None:
        try:
            if self._client is not None:
                async with asyncio.timeout(DISCONNECT_S):
                    await self._client.disconnect()
        except Exception as error:
            log.warning("%s was not disconnected cleanly: %s", self.name, error)
        finally:
            self._radio.held.discard(self._seen.address)

    async def _while_there(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work; where the connection breaks meanwhile, do not wait for answers that will never come."""
        doing, dropping = asyncio.ensure_future(work), asyncio.ensure_future(self.dropped.wait())
        try:
            await asyncio.wait({doing, dropping}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                raise self._broke()
            await doing
        finally:
            for task in (doing, dropping):
                task.cancel()
            await asyncio.gather(doing, dropping, return_exceptions=True)

    def _broke(self) -> PskdError:
        return PskdError(f"The connection to {self.name} broke.", code="ble.lost", hint="Move closer.")

    async def _carry_out(self, steps: Steps) -> None:
        try:
            step = next(steps)
            while True:
                step = steps.send(await self._do(step))
        except StopIteration:
            return

    async def _do(self, step: Step) -> bytes:
        if isinstance(step, Read):
            found = self._find(step.characteristic)
            if found is None and step.optional:
                return b""
            return bytes(await self._connected().read_gatt_char(found or step.characteristic))
        if isinstance(step, Has):
            return b"\x01" if self._find(step.characteristic) is not None else b""
        if isinstance(step, Ask):
            return (await self._question(step))[0]
        await self._go_ahead()
        await self._write(step)
        return b""

    async def _question(self, step: Ask) -> tuple[bytes, float]:
        """The answer, and when it came."""
        await self._subscribe(step.answer)
        answer: asyncio.Future[tuple[bytes, float]] = asyncio.get_running_loop().create_future()
        self._asked = step, answer
        try:
            async with asyncio.timeout(step.timeout_s):
                await self._write(Write(step.characteristic, step.data))
                return await answer
        except TimeoutError as error:
            text = f"{self.name} did not answer what it was asked."
            raise PskdError(text, code="ble.no-answer", hint=self._protocol.hint) from error
        finally:
            self._asked = None
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # looked at, so that nobody complains of it later

    async def _go_ahead(self) -> None:
        """Wait while the device asks for a pause."""
        end_s = now_s() + HELD_S
        while self._protocol.held and now_s() < end_s:
            await asyncio.sleep(0.01)

    async def _subscribe(self, characteristic: str) -> None:
        if characteristic in self._subscribed:
            return

        def heard(_: object, data: bytearray) -> None:
            arrival_s = now_s()
            self._hear(characteristic, bytes(data), arrival_s)

        await self._connected().start_notify(characteristic, heard)
        self._subscribed.add(characteristic)

    def _hear(self, characteristic: str, packet: bytes, arrival_s: float) -> None:
        if self._closed:
            return
        if self._asked is not None:
            step, answer = self._asked
            if characteristic == step.answer and packet.startswith(step.begins) and not answer.done():
                answer.set_result((packet, arrival_s))
                return
        self._on_packet(characteristic, packet, arrival_s)

    async def _write(self, step: Write) -> None:
        found = self._find(step.characteristic, step.service)
        response = step.response and (found is None or "write" in found.properties)
        await self._connected().write_gatt_char(found or step.characteristic, step.data, response=response)

    def _room(self) -> int:
        """The most bytes in one write to any characteristic of the service."""
        service = self._connected().services.get_service(self._protocol.service) if self._protocol.service else None
        writable = [one for one in service.characteristics if _WRITES & set(one.properties)] if service else []
        return max(min((one.max_write_without_response_size for one in writable), default=0), SMALLEST_ROOM)

    def _find(self, characteristic: str, among: str = "") -> BleakGATTCharacteristic | None:
        """A characteristic of the service ``among`` or the protocol's own, else the first one of that UUID."""
        if self._client is None or self.dropped.is_set():
            return None
        wanted = among or self._protocol.service
        service = self._client.services.get_service(wanted) if wanted else None
        found = service.get_characteristic(characteristic) if service else None
        return found or next(
            (c for c in self._client.services.characteristics.values() if c.uuid == characteristic), None
        )

    def _connected(self) -> BleakClient:
        if self._client is None or self.dropped.is_set():
            raise PskdError(f"The connection to {self.name} is gone.", code="ble.lost", hint="It is looked for again.")
        return self._client

    def _explain(self, error: Exception, broke: bool) -> PskdError:
        if broke and not isinstance(error, PskdError):
            return self._broke()
        return explain(error, self.name)

    def _on_disconnect(self, _: object) -> None:
        self.dropped.set()
        if self._asked is not None and not self._asked[1].done():
            self._asked[1].set_exception(self._broke())
