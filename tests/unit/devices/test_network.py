"""What phones send, byte by byte: published examples, wrong units, hostile input."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.devices.network import lines, sensorserver
from pskd.devices.network.rate import RateMeter
from pskd.devices.network.readings import Order, measured_rate, samples
from pskd.devices.network.request import MAX_BODY, Refused, answer, read_head
from pskd.devices.network.sensorlogger import SensorLogger
from pskd.devices.protocols.base import Malformed, Samples
from pskd.errors import PskdError, WrongUse
from pskd.types import StreamKind

G = 9.80665


def body(*readings: tuple[str, float, dict[str, float] | list[float]], device: str = "d") -> bytes:
    payload = [{"name": name, "time": time_s * 1e9, "values": values} for name, time_s, values in readings]
    return json.dumps({"messageId": 0, "sessionId": "s", "deviceId": device, "payload": payload}).encode()


def wrist(x: float, y: float, z: float, moved: float = 0.0) -> dict[str, float]:
    return {
        "gravityX": x, "gravityY": y, "gravityZ": z,
        "accelerationX": moved, "accelerationY": 0.0, "accelerationZ": 0.0,
        "rotationRateX": math.pi, "rotationRateY": 0.0, "rotationRateZ": -math.pi,
    }  # fmt: skip


class TestSensorServer:
    def test_the_published_example_is_read(self) -> None:
        text = '{"accuracy": 2, "timestamp": 3925657519043709, "values": [0.31892395,-0.97802734,10.049896]}'
        found = sensorserver.decode(text)
        assert found.kind is StreamKind.ACCELEROMETER
        np.testing.assert_allclose(found.values, [[0.31892395, -0.97802734, 10.049896]], rtol=1e-6)
        assert found.device_s is not None
        assert found.device_s[0] == pytest.approx(3925657.519043709, abs=1e-6)

    def test_turning_comes_in_degrees(self) -> None:
        found = sensorserver.decode('{"values":[3.14159265,0,-1],"timestamp":1,"type":"android.sensor.gyroscope"}')
        assert found.kind is StreamKind.GYROSCOPE
        np.testing.assert_allclose(found.values, [[180.0, 0.0, -57.29578]], rtol=1e-5)

    @pytest.mark.parametrize(
        ("path", "host", "port"),
        [
            ("192.168.0.102", "192.168.0.102", 8080),
            ("192.168.0.102:9000", "192.168.0.102", 9000),
            ("//192.168.0.102:8081/sensor/connect", "192.168.0.102", 8081),
            ("[fe80::1]:9000", "fe80::1", 9000),
        ],
    )
    def test_an_address_is_read_as_the_app_shows_it(self, path: str, host: str, port: int) -> None:
        assert sensorserver.address(path) == (host, port)

    @pytest.mark.parametrize("path", ["", ":80", "host:port", "host:99999", "a@b", "host/other", "//", "[fe80"])
    def test_what_is_no_address_is_refused(self, path: str) -> None:
        with pytest.raises(WrongUse, match="names no phone"):
            sensorserver.address(path)

    def test_two_sensors_are_asked_for_in_one_connection(self) -> None:
        one = sensorserver.url("fe80::1", 80, (sensorserver.ACCELEROMETER,))
        assert one == "ws://[fe80::1]:80/sensor/connect?type=android.sensor.accelerometer"
        two = sensorserver.url("h", 80, (sensorserver.ACCELEROMETER, sensorserver.GYROSCOPE))
        assert two.startswith("ws://h:80/sensors/connect?types=%5B%22android.sensor.accelerometer%22%2C%22")


class TestSensorLogger:
    def test_a_wrist_in_g_is_brought_to_our_unit_and_signs(self) -> None:
        acceleration, turning = SensorLogger(gyroscope=True).decode(
            body(("wrist motion", 1.0, wrist(0.0, 0.0, -1.0, 0.5)), ("battery", 1.0, {"batteryLevel": 0.5}))
        )
        np.testing.assert_allclose(acceleration.values, [[-0.5 * G, 0.0, G]], rtol=1e-6)
        np.testing.assert_allclose(turning.values, [[180.0, 0.0, -180.0]], rtol=1e-6)

    def test_standardised_units_stay_as_they_are(self) -> None:
        (found,) = SensorLogger().decode(body(("wrist motion", 1.0, wrist(0.0, 0.0, G, 1.0))))
        np.testing.assert_allclose(found.values, [[1.0, 0.0, G]], rtol=1e-6)

    def test_gravity_is_put_back_where_it_comes_apart(self) -> None:
        (found,) = SensorLogger().decode(
            body(("accelerometer", 1.0, {"x": 1, "y": 0, "z": 0}), ("gravity", 1.0, {"x": 0, "y": 0, "z": G}))
        )
        np.testing.assert_allclose(found.values, [[1.0, 0.0, G]], rtol=1e-6)

    def test_the_best_sensor_is_kept_once_it_was_chosen(self) -> None:
        logger = SensorLogger()
        logger.decode(body(("totalacceleration", 1.0, {"x": 0, "y": 0, "z": G})))
        assert logger.decode(body(("wrist motion", 2.0, wrist(0, 0, 1)))) == []

    def test_readings_in_any_order_come_out_from_old_to_new(self) -> None:
        (found,) = SensorLogger().decode(
            body(*[("TotalAcceleration", t, {"x": t, "y": 0, "z": G}) for t in (3.0, 1.0, 2.0, 2.0)])
        )
        assert found.device_s is not None
        np.testing.assert_allclose(found.device_s, [1.0, 2.0, 3.0])
        np.testing.assert_allclose(found.values[:, 0], [1.0, 2.0, 3.0])

    def test_values_may_be_a_list(self) -> None:
        (found,) = SensorLogger().decode(body(("totalacceleration", 1.0, [0.0, 0.0, G])))
        assert found.values.shape == (1, 3)

    def test_a_test_message_without_samples_is_fine(self) -> None:
        assert SensorLogger().decode(b"{}") == []
        assert SensorLogger().decode(body(("location", 1.0, {"latitude": 1.0}))) == []

    @pytest.mark.parametrize(
        "bad",
        [
            b"", b"[]", b"null", b"{", b"\xff", b'{"payload": 3}', b'{"payload":[{"name":"wristmotion"}]}',
            b"[" * 100_000,
            body(("totalacceleration", 1.0, {"x": 1.0, "y": 2.0})),
            body(("totalacceleration", 1.0, [1.0, 2.0])),
            body(("totalacceleration", 1.0, {"x": 1e300, "y": 0.0, "z": 0.0})),
            body(("totalacceleration", -1.0, {"x": 0.0, "y": 0.0, "z": 9.0})),
            b'{"payload":[{"name":"totalacceleration","time":1,"values":{"x":true,"y":"a","z":null}}]}',
            b'{"payload":[{"name":"totalacceleration","time":1,"values":{"x":1' + b"0" * 400 + b',"y":0,"z":0}}]}',
        ],
    )  # fmt: skip
    def test_what_it_does_not_send_is_malformed(self, bad: bytes) -> None:
        with pytest.raises(Malformed):
            SensorLogger().decode(bad)

    def test_an_unknown_sensor_or_unit_is_named(self) -> None:
        with pytest.raises(WrongUse, match="nose"):
            SensorLogger("nose")
        with pytest.raises(WrongUse, match="furlong"):
            SensorLogger(unit="furlong")


class TestLines:
    @pytest.mark.parametrize(
        ("text", "time_s", "turns"),
        [
            ("12.5,1,2,3", 12.5, False),
            ("1518819953744,1,2,3,0.1,0.2,0.3,7,7,7", 1518819953.744, True),
            ("1700000000000000000,1,2,3", 1.7e9, False),
            ("103.2, 3, 1, 2, 3, 4, 0.1,0.2,0.3, 5, 9,9,9", 103.2, True),
            ('{"time": 12.5, "x": 1, "y": 2, "z": 3}', 12.5, False),
            ('{"time": 12.5, "accelerometer": [1,2,3], "gyroscope": [0.1,0.2,0.3], "other": {}}', 12.5, True),
        ],
    )
    def test_the_formats_are_told_apart(self, text: str, time_s: float, turns: bool) -> None:
        found = lines.read(text.encode()).samples(1.0, gyroscope=True)
        np.testing.assert_allclose(found[0].values, [[1.0, 2.0, 3.0]])
        assert found[0].device_s is not None
        assert found[0].device_s[0] == pytest.approx(time_s)
        assert [one.kind for one in found[1:]] == [StreamKind.GYROSCOPE] * turns

    def test_without_a_time_there_is_no_device_time(self) -> None:
        (found,) = lines.read(b"1,2,3\n4,5,6").samples(9.0, gyroscope=False)
        assert found.device_s is None
        np.testing.assert_allclose(found.values, [[9, 18, 27], [36, 45, 54]])

    def test_a_clock_that_does_not_count_from_1970_can_be_said(self) -> None:
        found = lines.read(b"3925657519043709,1,2,3", 1e-9)
        assert found.acceleration[0][0] == pytest.approx(3925657.519)

    def test_the_token_is_the_first_line_or_in_the_object(self) -> None:
        assert lines.read(b"token=secret one\n1,2,3").token == "secret one"
        assert lines.read(b'{"token":"secret","x":1,"y":2,"z":3}').token == "secret"
        assert lines.read(b"1,2,3").token == ""

    @pytest.mark.parametrize(
        "bad",
        [b"a,b,c", b"1,2", b"\xff\xfe", b"{", b'{"time":"x"}', b"-1,1,2,3",
         b"1e40,1,2,3", b"1,2,nan", b"0," * 99, b"{}",
         b"x" * 70_000, b"1,inf,2,3"],
    )  # fmt: skip
    def test_anything_else_is_malformed(self, bad: bytes) -> None:
        with pytest.raises(Malformed):
            if not lines.read(bad).samples(1.0, gyroscope=True):
                raise Malformed("nothing")


class TestRequest:
    def head(self, *fields: str, first: str = "POST /data?token=abc HTTP/1.1") -> bytes:
        return "\r\n".join([first, "Host: x", *fields]).encode()

    def test_what_a_phone_sends_is_read(self) -> None:
        head = read_head(self.head("Content-Length: 12", "Expect: 100-Continue"))
        assert (head.length, head.token, head.keep, head.expects, head.from_page) == (12, "abc", True, True, False)
        assert read_head(self.head("content-length:0", "Authorization: Bearer  xyz")).token == "xyz"
        assert read_head(self.head("content-length:0", "Authorization: plain")).token == "plain"
        assert not read_head(self.head("content-length:0", "Connection: close")).keep
        assert read_head(self.head("content-length:0", "Origin: http://evil")).from_page

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ([], 411),
            (["Transfer-Encoding: chunked", "Content-Length: 3"], 411),
            (["Content-Length: -3"], 400),
            (["Content-Length: ٣"], 400),
            (["Content-Length: " + "9" * 40], 400),
            (["Content-Length: 3", "Content-Length: 4"], 400),
            ([f"Content-Length: {MAX_BODY + 1}"], 413),
            (["no colon"], 400),
            ([" folded: x"], 400),
        ],
    )
    def test_a_head_that_cannot_be_taken_is_refused(self, fields: list[str], status: int) -> None:
        with pytest.raises(Refused) as refused:
            read_head(self.head(*fields))
        assert refused.value.status == status

    @pytest.mark.parametrize(("first", "status"), [("GET / HTTP/1.1", 405), ("POST /", 400), ("", 400)])
    def test_other_requests_are_refused(self, first: str, status: int) -> None:
        with pytest.raises(Refused) as refused:
            read_head(self.head("Content-Length: 3", first=first))
        assert refused.value.status == status

    def test_an_answer_is_whole(self) -> None:
        assert answer(200, "OK", b"{}", keep=True).endswith(b"Content-Length: 2\r\nConnection: keep-alive\r\n\r\n{}")


DECODERS: dict[str, Callable[[bytes], object]] = {
    "sensorserver": sensorserver.decode,
    "sensorlogger": lambda data: SensorLogger(gyroscope=True).decode(data),
    "lines": lambda data: lines.read(data).samples(1.0, gyroscope=True),
}
NEAR = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["payload", "name", "time", "values", "timestamp", "type", "x", "y", "z", "gravityX"]),
            inner,
        )
    ),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode())


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=60)
@given(data=st.binary(max_size=200) | NEAR | st.text("0123456789,.-e\n{}token=", max_size=80).map(str.encode))
def test_no_decoder_raises_anything_but_malformed(name: str, data: bytes) -> None:
    try:
        DECODERS[name](data)
    except Malformed:
        pass


@settings(max_examples=60)
@given(head=st.binary(max_size=300) | st.text("POST /? HTTP/1.1\r\nContent-Length: 09:", max_size=120).map(str.encode))
def test_no_head_raises_anything_but_refused(head: bytes) -> None:
    try:
        read_head(head)
    except Refused as refused:
        assert 400 <= refused.status < 500


class TestOrder:
    def packet(self, *times_s: float) -> Samples:
        return samples(StreamKind.ACCELEROMETER, [(t, 0.0, 0.0, G) for t in times_s])

    def test_what_comes_twice_is_left_out(self) -> None:
        order = Order()
        assert order.newer(self.packet(1, 2, 3)) is not None
        assert order.newer(self.packet(1, 2, 3)) is None
        again = order.newer(self.packet(2, 3, 4))
        assert again is not None
        assert again.device_s is not None
        assert again.device_s.tolist() == [4.0]
        assert order.repeated == 5

    def test_a_clock_that_was_set_back_ends_the_connection(self) -> None:
        order = Order()
        order.newer(self.packet(1000))
        with pytest.raises(PskdError, match="set back"):
            order.newer(self.packet(10))


class TestRate:
    def test_a_rate_is_told_from_the_device_clock_whatever_the_batches(self) -> None:
        meter = RateMeter()
        times = np.arange(60) / 52.0
        meter.add(samples(StreamKind.ACCELEROMETER, [(t, 0.0, 0.0, G) for t in times]), 100.0)
        assert meter.ready
        assert meter.rate_hz == 52.0

    def test_without_a_device_clock_arrivals_tell_it(self) -> None:
        meter = RateMeter()
        for number in range(101):
            assert not meter.ready
            meter.add(samples(StreamKind.ACCELEROMETER, [(math.nan, 0.0, 0.0, G)]), number / 49.0)
            if meter.ready:
                break
        assert meter.ready
        assert meter.rate_hz == pytest.approx(49.0, abs=0.1)

    def test_gaps_do_not_change_the_rate(self) -> None:
        times = [*np.arange(50) / 50.0, *(9.0 + np.arange(50) / 50.0)]
        assert measured_rate(times) == 50.0
        assert measured_rate([1.0]) == 0.0
