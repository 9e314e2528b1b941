"""What single protocols do beyond the contract: clocks that wrap, losses seen, set-ups answered."""

from __future__ import annotations

import base64
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pskd.devices.protocols.base import Ask, Has, Malformed, Protocol, Read, Wish, Write
from pskd.devices.protocols.companion import SAMPLE, Companion
from pskd.devices.protocols.counters import Timeline, Unwrapped
from pskd.devices.protocols.espruino import FROM_DEVICE, Bangle, Puck
from pskd.devices.protocols.generic import Generic
from pskd.devices.protocols.metawear import BMI270, MetaWear
from pskd.devices.protocols.movesense import Movesense
from pskd.devices.protocols.osd import OpenSeizureDetector
from pskd.devices.protocols.polar import CONTROL, DATA, Polar
from pskd.devices.protocols.polar_frames import delta
from pskd.devices.protocols.witmotion import DATA as WIT_DATA
from pskd.devices.protocols.witmotion import WitMotion
from pskd.errors import PskdError, WrongUse
from pskd.types import StreamKind

HEX = bytes.fromhex
# The body of a compressed frame from the tests of Polar's SDK: a first sample and 56 differences.
POLAR_BODY = HEX(
    "7107F06A9E8D0A38BE5CBEBA2F96B3EE4BE5ADFB42B9EBBE4CFEBA2F92BFEE4BE4B1FB12B9ECBD3C3EBB2F8FD3DE4BE3B5F7D2B8EDBD307E7B2F"
    "8BE3CE8BE2BAF7A2B8EEBC20BE7B2F88F3CECBE1BDEF52F8EFBC18FE3B2F8403BFCBE0C2EF32B8F0BB044EBC2E8113AF0BE0C6EFF2F7F1B9FC7D"
    "BC2E7D279F4BDFCAEBC2F7F2B8ECCD7C2E7B378F4BDECEE392F7F3B8E00DFD2D774B7FCBDDD2DF6237F5B7D44DBD2D745B6FCBDCD7D73237F6B5"
    "C88D7D2D716B4F4BDCDCD3F236F7B4BCDDFD2C6F7B3F4BDBE0CFD236F8B2B02DBE2C6C8F1FCBDAE3C7A276F9"
)


def talk(protocol: Protocol, answers: dict[bytes, bytes], room: int = 20) -> list[bytes]:
    """Carry out facts and set-up; what was written, in order. Answers are found by what was asked or read."""
    written = []
    for steps in (protocol.facts(), protocol.setup(room)):
        step = next(steps, None)
        while step is not None:
            asked = step.characteristic.encode() if isinstance(step, Read | Has) else step.data
            if isinstance(step, Write | Ask):
                written.append(step.data)
            try:
                step = steps.send(b"" if isinstance(step, Write) else answers[asked])
            except StopIteration:
                step = None
    return written


def polar_frame(stamp_s: float, *samples: tuple[int, int, int]) -> bytes:
    body = b"".join(struct.pack("<3h", *sample) for sample in samples)
    return b"\x02" + round(stamp_s * 1e9).to_bytes(8, "little") + b"\x01" + body


def test_polar_compressed_frames_of_the_makers_test() -> None:
    counts = delta(POLAR_BODY)
    assert len(counts) == 57
    assert tuple(counts[0]) == (1905, 27376, -29282)
    assert tuple(counts[1]) == (1905 + 190, 27376 - 105, -29282 - 85)


@given(st.lists(st.tuples(*[st.integers(-2000, 2000)] * 3), min_size=1, max_size=40), st.integers(13, 20))
def test_polar_compression_is_undone(samples: list[tuple[int, int, int]], bits: int) -> None:
    differences = np.diff(np.array(samples), axis=0).ravel()
    packed = sum((int(value) & ((1 << bits) - 1)) << (place * bits) for place, value in enumerate(differences))
    body = struct.pack("<3h", *samples[0])
    if len(differences):
        body += bytes((bits, len(samples) - 1)) + packed.to_bytes(-(-len(differences) * bits // 8), "little")
    np.testing.assert_array_equal(delta(body), samples)


VERITY = {
    CONTROL.encode(): b"\x0f\x04" + bytes(15),
    HEX("0102"): HEX("F001020000 0001 3400 0101 1000 0201 0800 0401 03"),
    HEX("0202 0001 3400 0101 1000 0201 0800 0401 03"): HEX("F002020000 0501") + struct.pack("<f", 2.44e-4),
}


def test_polar_starts_with_what_the_sensor_offered() -> None:
    sensor = Polar()
    written = talk(sensor, VERITY)
    assert written[-1] == HEX("0202000134000101100002010800040103")
    assert sensor.rate_hz == 52
    assert sensor.factor == pytest.approx(2.44e-4)


def test_polar_takes_the_rate_that_was_asked_for() -> None:
    sensor = Polar(Wish(rate_hz=100))
    start = HEX("0202 0001 6400 0101 1000 0201 0800")
    answers = {
        CONTROL.encode(): b"\x0f\x05",
        HEX("0102"): HEX("F001020000 0004 1900 3200 6400 C800 0101 1000 0203 0200 0400 0800"),
        start: HEX("F002020000"),
    }
    assert talk(sensor, answers)[-1] == start
    assert sensor.rate_hz == 100


@pytest.mark.parametrize(("status", "text"), [(10, "too small"), (13, "charger"), (99, "status 99")])
def test_polar_refusals_are_explained(status: int, text: str) -> None:
    start = HEX("0202000134000101100002010800040103")
    with pytest.raises(PskdError, match=text):
        talk(Polar(), {**VERITY, start: bytes((0xF0, 2, 2, status))})


def test_polar_is_stopped_and_started_where_it_still_streams() -> None:
    start = HEX("0202000134000101100002010800040103")
    answers = {**VERITY, start: HEX("F0020206"), HEX("0302"): HEX("F0030200")}
    with pytest.raises(PskdError, match="status 6"):
        talk(Polar(), answers)


def test_a_lost_polar_frame_is_a_gap_in_its_clock_and_counted() -> None:
    sensor = Polar()
    period = 1 / 52
    for number in (1, 2, 4):
        found = sensor.receive(DATA, polar_frame(100 + 3 * number * period, *[(0, 0, 1000)] * 3))
    assert sensor.lost == 3
    assert found[0].device_s[0] == pytest.approx(100 + 10 * period)


def test_polar_says_when_it_stopped_by_itself() -> None:
    sensor = Polar()
    assert sensor.receive(CONTROL, b"\x01\x02") == []
    assert sensor.ended


def test_polar_starts_its_gyroscope_where_it_offers_one() -> None:
    sensor = Polar()
    start = HEX("0205 0001 3400 0101 1000 0201 D007 0401 03")
    answers = {
        **VERITY,
        CONTROL.encode(): b"\x0f\x24" + bytes(15),
        HEX("0105"): HEX("F001050000 0001 3400 0101 1000 0204 FA00 F401 E803 D007 0401 03"),
        start: HEX("F002050000 0501") + struct.pack("<f", 0.07),
    }
    assert talk(sensor, answers)[-1] == start
    assert sensor.turning_hz == 52
    assert [write.data for write in sensor.teardown()] == [HEX("0302"), HEX("0305")]
    stamp = struct.pack("<Q", 5_000_000_000)
    found = sensor.receive(DATA, b"\x05" + stamp + b"\x80" + HEX("EAFF08000D000301DF00"))[0]
    assert found.kind is StreamKind.GYROSCOPE
    np.testing.assert_allclose(found.values, np.array([[-22, 8, 13], [-23, 11, 16]]) * 0.07, rtol=1e-6)
    assert found.device_s[-1] == pytest.approx(5.0)


def test_polar_gyroscope_frames_of_bit_patterns() -> None:
    sensor = Polar()
    values = np.array([[1.5, -2.25, 300.0], [-1.5, 2.25, -300.0]], "<f4")
    steps = np.diff(values.view("<u4").astype(np.int64), axis=0).ravel()
    packed = sum((int(step) & (2**32 - 1)) << (32 * place) for place, step in enumerate(steps))
    body = values[:1].tobytes() + bytes((32, 1)) + packed.to_bytes(12, "little")
    found = sensor.receive(DATA, b"\x05" + struct.pack("<Q", 10**9) + b"\x81" + body)[0]
    np.testing.assert_array_equal(found.values, values)


@pytest.mark.parametrize("answer", ["F0010501", "F001050000", "F0010500000001"])
def test_a_polar_sensor_that_will_not_give_its_gyroscope_gives_its_accelerometer(answer: str) -> None:
    sensor = Polar()
    talk(sensor, {**VERITY, CONTROL.encode(): b"\x0f\x24" + bytes(15), HEX("0105"): HEX(answer)})
    assert not sensor.turns
    assert [write.data for write in sensor.teardown()] == [HEX("0302")]


def test_a_polar_gyroscope_that_refuses_to_start_leaves_the_accelerometer_alone() -> None:
    sensor = Polar()
    answers = {
        **VERITY,
        CONTROL.encode(): b"\x0f\x24" + bytes(15),
        HEX("0105"): HEX("F001050000 0001 3400"),
        HEX("0205 0001 3400"): HEX("F002050C"),
    }
    talk(sensor, answers)
    assert not sensor.turns


def test_metawear_asks_which_chip_and_packs_fast_streams() -> None:
    board = MetaWear(Wish(rate_hz=100))
    answers = {b"\x03\x80": bytes((3, 0x80, BMI270, 0)), b"\x13\x80": HEX("1380")}
    written = talk(board, answers)
    assert written[2:] == [HEX("0303A802"), HEX("030501"), HEX("03020100"), HEX("030101")]
    assert [write.data for write in board.teardown()] == [HEX("030100"), HEX("03020001"), HEX("030500")]
    assert not board.turns
    slow = MetaWear(Wish(gyroscope=False))
    assert talk(slow, {b"\x03\x80": HEX("038001")})[1:3] == [HEX("03032708"), HEX("030401")]


def test_metawear_starts_its_gyroscope_beside_the_accelerometer() -> None:
    board = MetaWear()
    written = talk(board, {b"\x03\x80": HEX("038001"), b"\x13\x80": HEX("13800001")})
    assert written[6:] == [HEX("13032700"), HEX("130501"), HEX("13020100"), HEX("130101")]
    assert [write.data for write in board.teardown()][:3] == [HEX("130100"), HEX("13020001"), HEX("130500")]
    # the maker's test packet, which is at 500 deg/s there and at 2000 here
    turning = board.receive("", HEX("13053e43ff7f0080"))[0]
    assert turning.kind is StreamKind.GYROSCOPE
    np.testing.assert_allclose(turning.values[0] / 4, [262.409, 499.497, -499.512], atol=0.01)
    packed = board.receive("", HEX("13070915ad2608de8a1a0d2665e48d20ac2773ec"))[0]
    np.testing.assert_allclose(packed.values[0] / 2, [164.177, 301.860, -265.122], atol=0.01)


def test_movesense_subscribes_by_path_and_wraps() -> None:
    sensor = Movesense()
    assert talk(sensor, {}) == [b"\x01\x63/Meas/Acc/52\x00", b"\x01\x64/Meas/Gyro/52\x00"]
    assert [write.data for write in sensor.teardown()] == [b"\x02\x63", b"\x02\x64"]
    assert talk(Movesense(Wish(gyroscope=False)), {}) == [b"\x01\x63/Meas/Acc/52\x00"]
    packet = b"\x02\x63" + struct.pack("<I3f", 0xFFFFFFF0, 0, 0, 9.8)
    later = b"\x02\x63" + struct.pack("<I3f", 4, 0, 0, 9.8)
    first, second = sensor.receive("", packet)[0], sensor.receive("", later)[0]
    assert second.device_s[0] - first.device_s[0] == pytest.approx(0.020)


def test_movesense_gyroscope_has_a_clock_of_its_own_that_wraps_with_the_other() -> None:
    sensor = Movesense()

    def packet(reference: int, stamp_ms: int) -> bytes:
        return bytes((2, reference)) + struct.pack("<I3f", stamp_ms % 2**32, 1, 2, 3)

    found = [sensor.receive("", packet(*one))[0] for one in ((99, 2**32 - 5), (100, 2**32 - 6), (99, 15), (100, 14))]
    times = [samples.device_s[0] for samples in found]
    np.testing.assert_allclose(np.array(times) - times[0], [0, -0.001, 0.020, 0.019], atol=1e-6)
    assert [samples.kind for samples in found[:2]] == [StreamKind.ACCELEROMETER, StreamKind.GYROSCOPE]
    assert sensor.repeated == 0


@pytest.mark.parametrize(("reference", "ended"), [(99, "status 404"), (100, "")])
def test_a_movesense_that_refuses_its_accelerometer_says_so_and_one_without_gyroscope_goes_on(
    reference: int, ended: str
) -> None:
    sensor = Movesense()
    assert sensor.receive("", bytes((1, reference)) + struct.pack("<H", 404)) == []
    assert (ended in sensor.ended) if ended else not sensor.ended
    assert sensor.malformed == 0


def test_a_bangle_gets_its_script_in_pieces_and_its_loss_is_seen() -> None:
    watch = Bangle()
    pieces = talk(watch, {}, room=17)
    assert all(len(piece) <= 17 for piece in pieces)
    text = b"".join(pieces)
    assert text.startswith(b"\x03\x10(function(){")
    assert text.endswith(b"})()\n")
    assert text.count(b"\n") == 1
    assert all(text.count(a) == text.count(b) for a, b in (b"()", b"{}") for a, b in [(bytes((a,)), bytes((b,)))])
    watch.receive(FROM_DEVICE, b"\x13")
    assert watch.held
    watch.receive(FROM_DEVICE, b"\x11")
    assert not watch.held


@pytest.mark.parametrize(("wanted", "size"), [(True, 54), (False, 30)])
def test_a_puck_sends_its_gyroscope_where_it_is_wanted(wanted: bool, size: int) -> None:
    puck = Puck(Wish(gyroscope=wanted))
    script = b"".join(talk(puck, {}, room=17))
    assert f"ArrayBuffer({size})".encode() in script
    assert (b"d.gyro" in script) is wanted
    assert all(script.count(a) == script.count(b) for a, b in (b"()", b"{}") for a, b in [(bytes((a,)), bytes((b,)))])
    counts = [0, 0, 8192] * 4 + [134, -1340, 0] * 4
    line = b"A" + base64.b64encode(struct.pack("<HI24h", 0, 100, *counts)) + b"\r\n"
    found = puck.receive(FROM_DEVICE, line)
    assert [samples.kind for samples in found] == [StreamKind.ACCELEROMETER, StreamKind.GYROSCOPE][: 1 + wanted]
    if wanted:
        np.testing.assert_allclose(found[1].values, [[1, -10, 0]] * 4)
        np.testing.assert_array_equal(found[1].device_s, found[0].device_s)


def test_an_endless_line_is_dropped() -> None:
    watch = Bangle()
    for _ in range(10):
        watch.receive(FROM_DEVICE, b"x" * 100)
    assert watch.malformed >= 1


def test_the_companion_counts_lost_and_repeated_packets_over_its_wraps() -> None:
    watch = Companion()

    def packet(number: int, stamp_us: int) -> bytes:
        return struct.pack("<BBHIH6h", 1, 1, number % 65536, stamp_us % 2**32, 20000, 0, 0, 1000, 0, 0, 1000)

    start = 2**32 - 30_000
    times = []
    for number, stamp in ((65534, start), (65535, start + 40_000), (65535, start + 40_000), (65538, start + 160_000)):
        times += [samples.device_s for samples in watch.receive(SAMPLE, packet(number, stamp))]
    assert np.diff(np.concatenate(times)) == pytest.approx([0.02, 0.02, 0.02, 0.10, 0.02])
    assert (watch.lost, watch.repeated, watch.malformed, watch.clipped) == (2, 1, 0, 3)


def test_the_companions_clock_is_compared_with_its_packets() -> None:
    watch = Companion()
    question = watch.ping(5)
    assert question.data == b"\x10\x05\0\0\0"
    assert watch.pong(question.data + struct.pack("<Q", 1)) is None  # no packet yet to compare with
    stamp_us = 2**32 - 1000
    watch.receive(SAMPLE, struct.pack("<BBHIH3h", 1, 0, 0, stamp_us, 0, 0, 0, 1000))
    later = watch.pong(question.data + struct.pack("<Q", (9 << 32) + 4000))
    assert later == pytest.approx((stamp_us + 5000) * 1e-6)
    with pytest.raises(Malformed):
        watch.pong(question.data)


def test_a_watch_without_axes_is_refused() -> None:
    fmt = "000085e9-0005-1000-8000-00805f9b34fb"
    with pytest.raises(PskdError, match="3D"):
        talk(OpenSeizureDetector(), {fmt.encode(): b"\x01"})
    talk(OpenSeizureDetector(), {fmt.encode(): b"\x03"})


def test_witmotion_frames_are_found_again_after_noise() -> None:
    sensor = WitMotion()
    frame = b"\x55\x61" + struct.pack("<9h", 0, 0, 2048, 0, 0, 16384, 0, 0, 0)
    found = sensor.receive(WIT_DATA, frame + b"\x00\x01" + frame[:5])
    found += sensor.receive(WIT_DATA, frame[5:] + frame)
    values = np.concatenate([samples.values for samples in found[::2]])
    np.testing.assert_allclose(values, [[0, 0, 9.80665]] * 3, atol=1e-4)
    np.testing.assert_allclose(found[1].values, [[0, 0, 1000.0]])
    assert sensor.malformed == 1


@pytest.mark.parametrize(
    ("options", "packet", "expected_g"),
    [
        ({"layout": "int8", "per": "64"}, struct.pack("<3b", 64, 0, -64), [1, 0, -1]),
        ({"layout": "int16be", "per": "1000"}, struct.pack(">3h", 0, 0, 1000), [0, 0, 1]),
        ({"layout": "float32", "unit": "m/s2", "skip": "2"}, b"ab" + struct.pack("<3f", 0, 0, 9.80665), [0, 0, 1]),
    ],
)
def test_the_generic_protocol_follows_its_address(options: dict[str, str], packet: bytes, expected_g: list) -> None:
    sensor = Generic(Wish(options=(("characteristic", "2c1e"), *options.items())))
    found = sensor.receive(sensor.notify[0], packet)
    np.testing.assert_allclose(found[0].values[0] / 9.80665, expected_g, atol=1e-6)


@pytest.mark.parametrize(
    "options", [{}, {"characteristic": "zz"}, {"layout": "int3"}, {"per": "0"}, {"unit": "stones"}, {"skip": "x"}]
)
def test_the_generic_protocol_refuses_what_makes_no_sense(options: dict[str, str]) -> None:
    known = {"characteristic": "2c1e"} if options and "characteristic" not in options else {}
    with pytest.raises(WrongUse):
        Generic(Wish(options=tuple({**known, **options}.items())))


@given(st.integers(2, 16), st.integers(0, 2**20), st.lists(st.integers(1, 3), max_size=50))
def test_a_counter_that_wraps_goes_on(bits: int, start: int, steps: list[int]) -> None:
    counter, full = Unwrapped(bits), 1 << bits
    value = start
    first = counter.accept(value % full)
    for step in steps:
        step = min(step, full // 2 - 1)
        value += step
        assert counter.step(value % full) == step
        assert counter.accept(value % full) - first == value - start


@given(st.lists(st.tuples(st.floats(-10, 1e9), st.integers(1, 50)), max_size=30), st.booleans())
def test_times_always_increase(packets: list[tuple[float, int]], ending: bool) -> None:
    line = Timeline(52.0)
    last = -np.inf
    for stamp_s, count in packets:
        times = (line.ending if ending else line.starting)(stamp_s, count)
        if times is not None:
            assert len(times) == count
            assert times[0] > last
            assert (np.diff(times) > 0).all()
            last = times[-1]
