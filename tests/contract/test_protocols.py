"""Every Bluetooth protocol through one suite. A new one adds a line to ``VECTORS`` and nothing else."""

from __future__ import annotations

import base64
import struct
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from virtual.fuzz import fuzz

from pskd.devices.protocols import PROTOCOLS, best_match
from pskd.devices.protocols.base import Ask, Has, Protocol, Read, Wish, Write
from pskd.errors import PskdError
from pskd.types import GRAVITY_MPS2, StreamKind

HEX = bytes.fromhex
G = GRAVITY_MPS2


class Vector(NamedTuple):
    """Packets, and what is in them: acceleration in g, and the device's seconds of the last sample where it has any.

    ``turning`` are packets of the gyroscope, where it has packets of its own.
    """

    packets: list[bytes]
    acceleration_g: list[tuple[float, float, float]]
    last_s: float | None = None
    turning: list[bytes] = []  # noqa: RUF012 - a default that nobody changes


def _polar(kind: int, body: str) -> bytes:
    return b"\x02" + (2_000_000_000).to_bytes(8, "little") + bytes((kind,)) + HEX(body)


def _turn(kind: int, body: str) -> bytes:
    return b"\x05" + (2_000_000_000).to_bytes(8, "little") + bytes((kind,)) + HEX(body)


def _line(number: int, stamp_ms: int, *counts: int) -> bytes:
    return b"A" + base64.b64encode(struct.pack("<HI12h", number, stamp_ms, *counts)) + b"\r\n"


def _six_axes(number: int, stamp_ms: int, acceleration: list[int], turning: list[int]) -> bytes:
    head = struct.pack("<HI24h", number, stamp_ms, *acceleration, *turning)
    return b"A" + base64.b64encode(head) + b"\r\n"


_BANGLE = _line(7, 123456, 0, 0, 4000, 40, 80, 3960, -4000, 0, 0, 0, 2000, 0)
_FOUR = [(0, 0, 1), (0.01, 0.02, 0.99), (-1, 0, 0), (0, 0.5, 0)]

# From the makers' own tests and manuals where they publish packets (Polar, MetaWear, WitMotion), else by their layout.
VECTORS: dict[str, list[Vector]] = {
    "adafruit": [Vector([struct.pack("<3f", 0, -G, G)], [(0, -1, 1)], turning=[struct.pack("<3f", 0, 1, -1)])],
    "arduino": [
        Vector([struct.pack("<3f", 0, -0.5, 1)], [(0, -0.5, 1)], turning=[struct.pack("<3f", 9, 0, -90)]),
    ],
    "bangle": [
        Vector([b">\x13\r\n" + _BANGLE[:9], b"\x11" + _BANGLE[9:]], _FOUR, 123.456),
        Vector([b"=undefined\r\n", _BANGLE], _FOUR, 123.456),
    ],
    "companion": [
        Vector([struct.pack("<BBHIH6h", 1, 0, 65535, 2_000_000, 20000, 0, 0, 1000, 500, 0, -1000)],
               [(0, 0, 1), (0.5, 0, -1)], 2.0,
               [struct.pack("<BBHIH6h", 1, 4, 0, 2_040_000, 20000, 0, 0, 1000, 16, -32, 0)]),
    ],
    "generic": [Vector([struct.pack("<3h", 0, -500, 1000)], [(0, -0.5, 1)])],
    "infinitime": [Vector([struct.pack("<3h", 1024, -512, 0)], [(1, -0.5, 0)])],
    "metawear": [
        Vector([HEX("030416c494a22ad0")], [(-3.744, -5.838, -2.990)], turning=[HEX("13053e43ff7f0080")]),
        Vector([HEX("030562b7530de9fd16d04d0e57028affa1050a01")],
               [(-4.539, 0.833, -0.131), (-2.995, 0.894, 0.146), (-0.029, 0.352, 0.065)],
               turning=[HEX("13070915ad2608de8a1a0d2665e48d20ac2773ec")]),
    ],
    "microbit": [Vector([struct.pack("<3h", 0, -1024, 16)], [(0, -1.024, 0.016)])],
    "movesense": [
        Vector([b"\x02\x63" + struct.pack("<I6f", 1000, 0, 0, G, G, 0, 0)], [(0, 0, 1), (1, 0, 0)], 1 + 1 / 52,
               [b"\x02\x64" + struct.pack("<I6f", 1000, 0, 0, 5, 5, 0, 0)]),
    ],
    "osd": [Vector([struct.pack("<9h", 0, 0, 1000, 0, 500, 0, -1000, 0, 0)], [(0, 0, 1), (0, 0.5, 0), (-1, 0, 0)])],
    "polar": [
        Vector([_polar(0x01, "F7FFFFFFE703F8FFFEFFE503")], [(-0.009, -0.001, 0.999), (-0.008, -0.002, 0.997)], 2.0,
               [_turn(0x80, "EAFF08000D000301DF00")]),
        Vector([_polar(0x81, "F1FF1400F00306017B0F08")], [(-0.015, 0.020, 1.008), (-0.020, 0.017, 1.008)], 2.0,
               [_turn(0x81, "0000803F000000C000004040")]),
        Vector([_polar(0x00, "01FF7F")], [(0.001, -0.001, 0.127)], 2.0),
        Vector([_polar(0x02, "E80300 18FCFF 000000")], [(1, -1, 0)], 2.0),
    ],
    "puck": [
        Vector([_line(0, 500, 0, 0, 8192, 0, 8192, 0, 8192, 0, 0, -4096, 0, 0)],
               [(0, 0, 1), (0, 1, 0), (1, 0, 0), (-0.5, 0, 0)], 0.5),
        Vector([_six_axes(1, 600, [0, 0, 8192] * 4, [134, 0, -134] * 4)], [(0, 0, 1)] * 4, 0.6,
               [_six_axes(2, 700, [0, 0, 8192] * 4, [134, 0, -134] * 4)]),
    ],
    "sensortag": [Vector([struct.pack("<9h", 0, 0, 0, 4096, 0, -4096, 0, 0, 0)], [(1, 0, -1)])],
    "sensortag2541": [Vector([struct.pack("<3b", 64, 0, -32)], [(1, 0, -0.5)])],
    "thingy52": [Vector([struct.pack("<9h", 1024, 0, -1024, 32, 0, 0, 0, 0, 0)], [(1, 0, -1)])],
    "witmotion": [
        Vector([b"\x00" + HEX("556135ff59ff0a"), HEX("08000000000000b9fc00000000")], [(-0.0991, -0.0815, 1.0049)]),
    ],
}  # fmt: skip


def make(name: str) -> Protocol:
    options = (("characteristic", "2c1e"), ("per", "1000")) if name == "generic" else ()
    return PROTOCOLS.get(name)(Wish(options=options))


def sound(name: str) -> list[bytes]:
    """All packets of a driver that are as they should be."""
    return [packet for vector in VECTORS[name] for packet in (*vector.packets, *vector.turning)]


def feed(protocol: Protocol, packets: list[bytes], characteristic: str = "") -> list:
    characteristic = characteristic or protocol.notify[-1]
    return [samples for packet in packets for samples in protocol.receive(characteristic, packet)]


def expects_turning(protocol: Protocol, vector: Vector) -> bool:
    """Where acceleration and turning share packets they are in all of them, else in those of their own."""
    return protocol.gyroscope and (bool(vector.turning) or not any(one.turning for one in VECTORS[name_of(protocol)]))


def name_of(protocol: Protocol) -> str:
    return next(name for name in PROTOCOLS if PROTOCOLS.get(name) is type(protocol))


@pytest.fixture(params=list(PROTOCOLS))
def name(request: pytest.FixtureRequest) -> str:
    assert request.param in VECTORS, f"give tests/contract/test_protocols.py a packet of {request.param}"
    return request.param


def test_published_packets_are_read(name: str) -> None:
    for vector in VECTORS[name]:
        protocol = make(name)
        found = feed(protocol, vector.packets)
        acceleration = [samples for samples in found if samples.kind is StreamKind.ACCELEROMETER]
        values = np.concatenate([samples.values for samples in acceleration])
        np.testing.assert_allclose(values / G, vector.acceleration_g, atol=1e-3)
        assert {samples.kind for samples in found} >= {StreamKind.ACCELEROMETER}
        found += feed(protocol, vector.turning, protocol.turning)
        assert any(samples.kind is StreamKind.GYROSCOPE for samples in found) == expects_turning(protocol, vector)
        if vector.last_s is None:
            assert not protocol.device_time
        else:
            assert acceleration[-1].device_s[-1] == pytest.approx(vector.last_s, abs=1e-9)


def test_a_packet_cut_off_is_counted_or_waited_for(name: str) -> None:
    packet = VECTORS[name][0].packets[-1]
    for length in range(len(packet)):
        protocol = make(name)
        found = feed(protocol, [packet[:length]])
        whole = feed(make(name), [packet])
        assert sum(len(samples.values) for samples in found) <= sum(len(samples.values) for samples in whole)


def test_a_packet_far_too_long_is_counted(name: str) -> None:
    protocol = make(name)
    assert feed(protocol, [bytes(600)]) == []
    assert protocol.malformed == 1


def _packets(name: str) -> st.SearchStrategy[bytes]:
    """Noise, and sound packets with a few bytes changed, cut or added."""
    sound_ones = st.sampled_from(sound(name))
    change = st.tuples(sound_ones, st.lists(st.tuples(st.integers(0, 63), st.integers(0, 255)), max_size=4))

    def changed(pair: tuple[bytes, list[tuple[int, int]]]) -> bytes:
        packet = bytearray(pair[0])
        for place, value in pair[1]:
            packet[place % len(packet)] = value
        return bytes(packet)

    cut = st.tuples(sound_ones, st.integers(0, 64)).map(lambda pair: pair[0][: pair[1]])
    return st.one_of(
        st.binary(max_size=64), change.map(changed), cut, st.tuples(sound_ones, st.binary(max_size=8)).map(b"".join)
    )


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_comes_is_read_or_counted(name: str, data: st.DataObject) -> None:
    protocol = make(name)
    last: dict[StreamKind, float] = {}
    for packet in data.draw(st.lists(_packets(name), max_size=8)):
        for characteristic in protocol.subscriptions():
            for samples in protocol.receive(characteristic, packet):
                assert samples.values.dtype == np.float32
                assert samples.values.ndim == 2
                assert samples.values.shape[1] == 3
                assert len(samples.values)
                assert np.isfinite(samples.values).all()
                if samples.device_s is not None:
                    assert samples.device_s.dtype == np.float64
                    assert samples.device_s.shape == (len(samples.values),)
                    times = np.append(last.get(samples.kind, -np.inf), samples.device_s)
                    assert (np.diff(times) > 0).all()
                    last[samples.kind] = float(times[-1])
    assert protocol.malformed >= 0
    assert protocol.lost >= 0


def test_thousands_of_broken_packets_are_read_or_counted(name: str) -> None:
    tally = fuzz(lambda: make(name), sound(name), 4000, seed=5)
    assert tally.packets == 4000
    assert 0 < tally.malformed < 4000
    assert tally.values > 0


def test_a_packet_that_comes_twice_counts_once_where_the_device_has_a_clock(name: str) -> None:
    protocol = make(name)
    packets = VECTORS[name][-1].packets
    once = len(feed(protocol, packets))
    again = len(feed(protocol, packets))
    assert again == (0 if protocol.device_time else once)
    assert protocol.repeated == (1 if protocol.device_time else 0)


def test_the_set_up_only_touches_named_characteristics_and_survives_any_answer(name: str) -> None:
    for answer in (b"", b"\0" * 20, b"\xff" * 20, b"\x0f\xff\xff", b"\xf0\x01\x02\x00\x00\x00\x01\x34\x00"):
        protocol = make(name)
        for steps in (protocol.facts(), protocol.setup(20)):
            try:
                step = next(steps)
                while True:
                    assert isinstance(step, Write | Read | Ask | Has)
                    assert len(step.characteristic) == 36
                    if isinstance(step, Write):
                        assert len(step.data) <= 20
                    step = steps.send(answer)
            except StopIteration:
                continue
            except PskdError as error:
                assert error.hint
                break
    assert all(isinstance(step, Write) and step.data for step in make(name).teardown())


def test_facts_are_there_for_people(name: str) -> None:
    kind = PROTOCOLS.get(name)
    assert kind.title
    assert kind.source
    assert kind.rates_hz
    assert kind.hint.endswith(".")
    protocol = make(name)
    assert all(
        len(uuid) == 36 and uuid == uuid.lower() for uuid in (*protocol.notify, protocol.probe, protocol.battery)
    )
    if kind.names:
        assert best_match(f"{kind.names[0]} 1234", (kind.service,))[0] == name
    if kind.service and name not in ("bangle", "puck"):
        assert best_match("", (kind.service,)) == (name, 90)


def test_a_rate_that_it_does_not_have_is_refused_with_those_it_has(name: str) -> None:
    if name in ("generic", "arduino", "companion"):
        pytest.skip("takes any rate")
    with pytest.raises(PskdError, match="It can: "):
        PROTOCOLS.get(name)(Wish(rate_hz=7.3))
