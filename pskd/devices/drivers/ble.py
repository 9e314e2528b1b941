"""``ble:[DRIVER/]ADDRESS[?rate=&name=&...]``: a real watch or sensor over Bluetooth Low Energy."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from pskd.clock import now_s
from pskd.devices.base import (
    Capabilities,
    DeviceUri,
    Driver,
    Sink,
    check_options,
    pause,
    stream_info,
    stream_name,
    unless,
)
from pskd.devices.ble.link import CONNECT_S, Link
from pskd.devices.ble.radio import Seen, radio
from pskd.devices.ble.rawlog import RawLog
from pskd.devices.ble.trouble import not_found
from pskd.devices.drivers import DRIVERS
from pskd.devices.protocols import PROTOCOLS
from pskd.devices.protocols.base import Protocol, Samples, Wish
from pskd.errors import PskdError, WrongUse
from pskd.types import LinkState, SampleBlock, StreamKind

log = logging.getLogger(__name__)

OWN_OPTIONS = frozenset({"name", "rate", "find_s", "raw", "gyroscope"})
FIND_S = 20.0
TRIES = 3
LOOK_S = 0.1
STILL_S = 1.0
PATIENCE_S = 2.0
PATIENCE_PACKETS = 5
BATTERY_S = 60.0
# A known watch that can be reached connects within seconds; one that has just gone keeps nobody waiting for long.
QUICK_S = 6.0
PING_S = 2.0
UNANSWERED = 3
# Heard anew after so much silence, or so much louder: it came nearer, so there is no use in waiting longer.
AWAY_S = 1.5
LOUDER_DB = 8


@DRIVERS.register("ble")
class BleWatch(Driver):
    """Finds the device, connects, and streams; after a break it looks until the device is back.

    ``ble:polar/A0:9E:1A:01:02:03``, ``ble:A0:9E:1A:01:02:03`` (the driver by what it advertises) or ``ble:polar`` (the
    first one that is near). Options: ``rate`` (Hz), ``gyroscope`` (0: not even where there is one), ``name`` (of the
    stream), ``find_s`` (how long to look at first), ``raw`` (a file to which each packet is added as it came), and
    those of the protocol.
    """

    def __init__(self, uri: DeviceUri) -> None:
        super().__init__(uri)
        self._driver, self.address = _split(uri.path)
        kinds = [PROTOCOLS.get(name) for name in ([self._driver] if self._driver else PROTOCOLS)]
        check_options(uri, OWN_OPTIONS.union(*(kind.options for kind in kinds)))
        if not (self._driver or self.address):
            raise WrongUse("Say which watch.", code="device.uri", hint="pskd devices lists those that are near.")
        own = tuple((key, value) for key, value in uri.options.items() if key not in OWN_OPTIONS)
        turning = bool(uri.number("gyroscope", 1, low=0, high=1))
        self._wish = Wish(uri.number("rate", 0.0, low=0.1, high=5000), own, turning)
        self._find_s = uri.number("find_s", FIND_S, low=0.1, high=3600)
        self._name = uri.options.get("name", "watch")
        self._raw = Path(uri.options["raw"]) if "raw" in uri.options else None
        self.protocol: Protocol | None = PROTOCOLS.get(self._driver)(self._wish) if self._driver else None
        self._link: Link | None = None
        self._log: RawLog | None = None
        self._sink: Sink | None = None
        self._known = self._tells_battery = False
        self._failed = 0
        self._packet_s = 0.0
        self._samples_in_packet = 1

    async def prepare(self) -> Capabilities:
        """Find and connect. The first time for ``find_s`` and three tries; later until it is back.

        Raises:
            PskdError: not found, refused, or no Bluetooth, with what to do.
        """
        for left in reversed(range(1 if self._known else TRIES)):
            seen = await self._find()
            self.announce(LinkState.CONNECTING, f"Connecting to {seen.name or seen.address}.")
            self.protocol = PROTOCOLS.get(self._driver or seen.driver)(self._wish)
            link = Link(radio(), seen, self.protocol, self._on_packet, self._connect_s())
            try:
                await link.open()
            except PskdError as error:
                self._failed += 1
                if left == 0 or error.code in ("ble.no-service", "ble.unpaired", "device.unusable", "device.rate"):
                    raise
                continue
            self._link, self._known, self._tells_battery = link, True, link.tells_battery
            self._failed = 0
            break
        return self._capabilities()

    async def linger(self, stop: asyncio.Event, seconds: float) -> bool:
        """Wait before another try, and listen meanwhile: a watch that comes near again is not kept waiting."""
        back = asyncio.Event()
        heard_s, loudest = now_s(), None

        def listen(seen: Seen) -> None:
            nonlocal heard_s, loudest
            if not self._is_it(seen):
                return
            if now_s() - heard_s > AWAY_S or (loudest is not None and seen.rssi >= loudest + LOUDER_DB):
                back.set()
            heard_s, loudest = now_s(), seen.rssi if loudest is None else max(loudest, seen.rssi)

        try:
            async with radio().scanning(listen):
                await unless(stop, _at_most(seconds, back.wait()))
        except PskdError as error:  # no Bluetooth at this moment; the next try says so
            log.info("nothing is heard while waiting: %s", error)
            return await pause(stop, seconds)
        return stop.is_set()

    async def run(self, sink: Sink, stop: asyncio.Event) -> None:
        """Set up and stream until ``stop``.

        Raises:
            PskdError: the connection broke, or the device fell silent.
        """
        link, self._link = self._link, None
        assert link is not None
        pinging = asyncio.ensure_future(self._compare_clocks(link, sink))
        try:
            self._log = RawLog(self._raw) if self._raw is not None else None
            if not await unless(stop, link.begin()):
                self._packet_s, self._sink = now_s(), sink
                sink.state(LinkState.STREAMING, f"Connected to {link.name}.")
                await unless(stop, self._attend(link, sink))
            sink.state(LinkState.IDLE, f"{link.name} is disconnected.")
        finally:
            self._sink = None
            pinging.cancel()
            await asyncio.gather(pinging, return_exceptions=True)
            await link.close()
            packets, self._log = self._log, None  # the next connection hears packets before it opens its own
            if packets is not None:
                packets.close()

    async def _find(self) -> Seen:
        """The device, not held by anybody; how long it is looked for depends on whether it was there before."""
        air = radio()
        nameless = False

        def fits(seen: Seen) -> bool:
            nonlocal nameless
            if seen.address in air.held or not self._is_it(seen):
                return False
            nameless = nameless or not seen.driver
            return bool(self._driver or seen.driver)

        end_s = now_s() + (float("inf") if self._known else self._find_s)
        while (left_s := end_s - now_s()) > 0:
            seen = await air.find(fits, left_s)
            if seen is not None and seen.address not in air.held:  # another may have been quicker
                return seen
        raise self._missing(nameless)

    def _is_it(self, seen: Seen) -> bool:
        if self.address:
            return seen.address.upper() == self.address
        return PROTOCOLS.get(self._driver).match(seen.name, seen.services) > 0

    def _connect_s(self) -> float:
        return min(QUICK_S * 2**self._failed, CONNECT_S) if self._known else CONNECT_S

    def _missing(self, nameless: bool) -> PskdError:
        wanted = self.address or f"A {PROTOCOLS.get(self._driver).title}"
        if self.address in {address.upper() for address in radio().held}:
            return PskdError(
                f"{wanted} is already in use by this program.", code="ble.held", hint="Close it there first."
            )
        if nameless:
            return PskdError(
                f"{wanted} does not say what it is.",
                code="ble.unknown",
                hint=f"Name its driver: ble:DRIVER/{self.address}. There are: {', '.join(PROTOCOLS)}.",
            )
        return not_found(wanted)

    def _capabilities(self) -> Capabilities:
        assert self.protocol is not None
        streams = [stream_info(self._name, StreamKind.ACCELEROMETER, self.protocol.rate_hz, self.uri)]
        if self.protocol.turns:
            streams.append(stream_info(self._name, StreamKind.GYROSCOPE, self.protocol.turning_hz, self.uri))
        return Capabilities(tuple(streams), battery=self._tells_battery, device_time=self.protocol.device_time)

    async def _attend(self, link: Link, sink: Sink) -> None:
        """Look after a streaming link until cancelled: a break, silence, the battery."""
        assert self.protocol is not None
        battery_s = probed_s = 0.0
        while True:
            asleep_s = now_s()
            await asyncio.sleep(LOOK_S)
            # A computer that did not let this loop run cannot say that the watch was silent meanwhile.
            late_s = max(now_s() - asleep_s - LOOK_S, 0.0)
            self._packet_s = min(self._packet_s + late_s, now_s())
            if link.dropped.is_set():
                raise PskdError(
                    f"The connection to {link.name} broke.", code="ble.lost", hint="It is looked for again."
                )
            if self.protocol.ended:
                raise PskdError(self.protocol.ended, code="ble.ended", hint=self.protocol.hint)
            quiet_s = now_s() - max(self._packet_s, probed_s)
            if quiet_s > self._patience_s():
                await self._probe(link, again=probed_s > self._packet_s)
                probed_s = now_s()
            if now_s() - battery_s > BATTERY_S:
                battery_s = now_s()
                percent = await link.battery()
                if percent is not None:
                    sink.battery(percent)

    async def _compare_clocks(self, link: Link, sink: Sink) -> None:
        """Ping a device that answers; one that does not is left alone after a few times."""
        assert self.protocol is not None
        token = unanswered = 0
        while self.protocol.ping(token) is not None and unanswered < UNANSWERED:
            await asyncio.sleep(PING_S)
            token += 1
            try:
                ping = await link.ping(token) if self._sink is not None else None
            except Exception as error:
                log.info("%s does not answer a ping: %s", link.name, error)
                unanswered += 1
                continue
            unanswered = 0
            if ping is not None:
                sink.ping(ping)
                if self._log is not None:
                    self._log.add_ping(ping)

    async def _probe(self, link: Link, *, again: bool) -> None:
        """In silence: is the device there, and should it have spoken?"""
        assert self.protocol is not None
        begun_s = now_s()
        try:
            value = await link.probe()
        except PskdError:
            if self._packet_s > begun_s:  # it speaks, and only the answer was late
                return
            raise
        if self.protocol.changes_only:
            if value is not None:
                self._on_packet(self.protocol.probe, value, now_s())
        elif again:
            text = f"{link.name} is connected but sends nothing."
            raise PskdError(text, code="ble.silent", hint=self.protocol.hint)

    def _patience_s(self) -> float:
        assert self.protocol is not None
        if self.protocol.changes_only:
            return STILL_S
        rate_hz = self.protocol.rate_hz
        return max(PATIENCE_S, PATIENCE_PACKETS * self._samples_in_packet / rate_hz if rate_hz > 0 else 0.0)

    def _on_packet(self, characteristic: str, packet: bytes, arrival_s: float) -> None:
        """On the loop, at once: what came is kept, read and passed on. Before the set-up is done it is only read."""
        if self._log is not None:
            self._log.add(arrival_s, characteristic, packet)
        assert self.protocol is not None
        found = self.protocol.receive(characteristic, packet)
        if self._sink is None:
            return
        for samples in found:
            self._packet_s = arrival_s
            self._samples_in_packet = len(samples.values)
            self._sink.block(self._block(samples, arrival_s))

    def _block(self, samples: Samples, arrival_s: float) -> SampleBlock:
        name = stream_name(self._name, samples.kind)
        return SampleBlock(name, arrival_s, samples.values, samples.device_s, samples.sequence)


def _split(path: str) -> tuple[str, str]:
    """Driver and address of ``DRIVER/ADDRESS``, ``DRIVER`` or ``ADDRESS``; what is missing is empty."""
    driver, slash, address = path.partition("/")
    if slash or driver in PROTOCOLS.names():
        return driver, address.upper()
    return "", path.upper()


async def _at_most(seconds: float, work: Coroutine[Any, Any, Any]) -> None:
    """Do the work, but for ``seconds`` at most."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(work, seconds)
