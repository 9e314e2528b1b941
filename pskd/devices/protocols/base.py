"""What a protocol is: facts, a set-up told step by step, and a decoder that only counts what it cannot read.

A protocol never touches a radio. It says what it wants (:data:`Steps`), somebody carries it out
(:mod:`pskd.devices.ble.link`, or a test), and every packet goes through :meth:`Protocol.receive`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pskd.errors import PskdError, WrongUse
from pskd.types import GRAVITY_MPS2, FloatArray, StreamKind, TimeArray

BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"

# Beyond these a float32 is no measurement but a broken packet (500 g, 28 turns a second).
PLAUSIBLE_MPS2 = 5000.0
PLAUSIBLE_DPS = 10_000.0
MAX_PACKET = 517


class Malformed(Exception):
    """A packet that this protocol does not have; it is counted, shown, and never fatal."""


@dataclass(frozen=True, slots=True)
class Write:
    """Write ``data``; the answer is empty bytes. ``service`` tells apart characteristics that share a UUID."""

    characteristic: str
    data: bytes
    response: bool = True
    service: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """Read a value; the answer is the value. Where ``optional``, a missing characteristic answers empty bytes."""

    characteristic: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Write ``data`` and wait for a notification on ``answer`` that begins with ``begins``; the answer is that."""

    characteristic: str
    data: bytes
    answer: str
    begins: bytes = b""
    timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Has:
    """Whether the device has a characteristic; the answer is empty bytes where it has not."""

    characteristic: str


Step = Write | Read | Ask | Has
Steps = Generator[Step, bytes, None]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The samples of one packet.

    Attributes:
        values: ``(T, 3)`` float32, m/s^2 or deg/s, oldest first.
        kind: accelerometer or gyroscope.
        device_s: ``(T,)`` float64, the device's own clock in seconds, increasing over the connection, or None.
        sequence: the packet's number where the device counts packets, unwrapped.
    """

    values: FloatArray
    kind: StreamKind = StreamKind.ACCELEROMETER
    device_s: TimeArray | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for in the address.

    Attributes:
        rate_hz: sample rate; 0 for the protocol's own choice.
        options: the address's other options, for protocols that have any.
        gyroscope: the second stream is wanted where there is one.
    """

    rate_hz: float = 0.0
    options: tuple[tuple[str, str], ...] = ()
    gyroscope: bool = True


class Protocol(ABC):
    """One device's protocol. An object lives for one connection, because decoders remember.

    Class attributes are the facts: ``title``, ``source`` (where the protocol is described), ``service`` that must be
    there, ``notify`` (characteristics to subscribe to, in order), ``names`` (beginnings of advertised names),
    ``rates_hz`` (those it can do, the usual one first), ``clock`` and ``loss`` (in words, for people), ``battery``
    and ``probe`` (characteristics that are cheap to read), ``changes_only`` (silence may mean stillness: then the
    probe's value is itself a sample), ``gyroscope`` (devices of this kind may have one), ``turning`` (its own
    characteristic, where it has one), ``options`` (of the address), ``hint`` (why it might be silent).

    Attributes:
        rate_hz: nominal rate of this connection.
        turns: this very device has a gyroscope and it is wanted; :meth:`facts` may take it back.
        malformed: packets that could not be read.
        lost: packets or samples that are known to be missing.
        repeated: packets that came twice or late and were left out.
        ended: why the device itself stopped its stream; empty while it goes on.
        held: the device asks for a pause in what is written to it.
    """

    title: ClassVar[str]
    source: ClassVar[str]
    service: ClassVar[str]
    notify: ClassVar[tuple[str, ...]]
    names: ClassVar[tuple[str, ...]] = ()
    rates_hz: ClassVar[tuple[float, ...]]
    clock: ClassVar[str] = "none"
    loss: ClassVar[str] = "cannot be seen"
    battery: ClassVar[str] = BATTERY_LEVEL
    probe: ClassVar[str] = BATTERY_LEVEL
    changes_only: ClassVar[bool] = False
    gyroscope: ClassVar[bool] = False
    turning: ClassVar[str] = ""
    options: ClassVar[frozenset[str]] = frozenset()
    hint: ClassVar[str] = "Wake it and bring it near."

    def __init__(self, wish: Wish | None = None) -> None:
        self.wish = wish or Wish()
        self.rate_hz = self.choose_rate()
        self.turns = self.gyroscope and self.wish.gyroscope
        self.malformed = 0
        self.lost = 0
        self.repeated = 0
        self.ended = ""
        self.held = False

    @classmethod
    def match(cls, name: str, services: tuple[str, ...]) -> int:
        """How well an advertisement fits: 100 by service and name, 90 by service, 60 by name, 0 not at all."""
        by_name = any(name.lower().startswith(start.lower()) for start in cls.names)
        by_service = bool(cls.service) and cls.service in services
        return 100 if by_name and by_service else 90 if by_service else 60 if by_name else 0

    @property
    def device_time(self) -> bool:
        """True where samples carry the device's own clock."""
        return self.clock != "none"

    @property
    def turning_hz(self) -> float:
        """Nominal rate of the gyroscope."""
        return self.rate_hz

    def subscriptions(self) -> tuple[str, ...]:
        """Which characteristics to subscribe to, in order; to be asked after :meth:`facts`."""
        return (*self.notify, self.turning) if self.turning and self.turns else self.notify

    def choose_rate(self) -> float:
        """The rate to ask for.

        Raises:
            WrongUse: the device cannot do the one that was asked for.
        """
        if not self.wish.rate_hz:
            return self.rates_hz[0]
        if self.wish.rate_hz in self.rates_hz:
            return self.wish.rate_hz
        raise self.no_rate(self.rates_hz)

    def no_rate(self, rates_hz: tuple[float, ...]) -> WrongUse:
        """The error for a rate that this device does not have."""
        can = ", ".join(f"{rate:g}" for rate in sorted(rates_hz))
        return WrongUse(
            f"{self.title} cannot send at {self.wish.rate_hz:g} Hz.", code="device.rate", hint=f"It can: {can}."
        )

    def facts(self) -> Steps:
        """What has to be read before the streams are known; may set ``rate_hz``."""
        yield from ()

    def setup(self, room: int) -> Steps:
        """What is written after subscribing, so that it streams; ``room`` is the most bytes in one write.

        Raises:
            PskdError: the device refuses, with what to do.
        """
        yield from ()

    def teardown(self) -> tuple[Write, ...]:
        """What is written before leaving, so that the device does not stream into the void."""
        return ()

    def percent(self, value: bytes) -> int | None:
        """The battery characteristic's value as percent, or None."""
        return value[0] if len(value) >= 1 and value[0] <= 100 else None

    def ping(self, token: int) -> Ask | None:
        """A question that the device answers at once with its own clock; None where it has none.

        Args:
            token: any u32, other each time.
        """
        return None

    def pong(self, answer: bytes) -> float | None:
        """The device's clock in seconds, on the line of the samples' ``device_s``; None where that is not known yet.

        Raises:
            Malformed: that is no answer.
        """
        return None

    @abstractmethod
    def decode(self, characteristic: str, packet: bytes) -> list[Samples]:
        """One packet to samples; nothing where it carries none.

        Raises:
            Malformed: never anything else, whatever the bytes are.
        """

    def receive(self, characteristic: str, packet: bytes) -> list[Samples]:
        """:meth:`decode`, with malformed packets counted instead of raised, and without turning nobody wants."""
        try:
            if len(packet) > MAX_PACKET:
                raise Malformed(f"{len(packet)} bytes")
            found = self.decode(characteristic, packet)
        except Malformed:
            self.malformed += 1
            return []
        return [samples for samples in found if self.turns or samples.kind is not StreamKind.GYROSCOPE]


def check_length(packet: bytes, wanted: int) -> None:
    """Refuse a packet of any other length.

    Raises:
        Malformed: it has another.
    """
    if len(packet) != wanted:
        raise Malformed(f"{len(packet)} bytes, not {wanted}")


def integers(body: bytes, kind: str, columns: int = 3) -> NDArray[np.float64]:
    """Little-endian integers as ``(T, columns)`` float64; ``kind`` is a numpy type such as ``<i2``.

    Raises:
        Malformed: nothing, or not a whole number of rows.
    """
    width = np.dtype(kind).itemsize * columns
    if not body or len(body) % width:
        raise Malformed(f"{len(body)} bytes do not make rows of {width}")
    return np.frombuffer(body, kind).reshape(-1, columns).astype(np.float64)


def floats(body: bytes, unit: float, limit: float = PLAUSIBLE_MPS2) -> FloatArray:
    """Little-endian float32 triplets as ``(T, 3)``, times ``unit``: m/s^2, or deg/s with its own ``limit``.

    Raises:
        Malformed: not whole triplets, not finite, or beyond ``limit``.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        values = integers(body, "<f4") * unit
        sound = bool((np.abs(values) < limit).all())
    if not sound:
        raise Malformed("no plausible measurement")
    return values.astype(np.float32)


def from_g(values: NDArray[np.float64], per_g: float) -> FloatArray:
    """Counts to m/s^2, float32; ``per_g`` counts are 1 g."""
    return (values * (GRAVITY_MPS2 / per_g)).astype(np.float32)


def unusable(message: str, hint: str) -> PskdError:
    """The error for a device that answers, but cannot be used as it is."""
    return PskdError(message, code="device.unusable", hint=hint)
