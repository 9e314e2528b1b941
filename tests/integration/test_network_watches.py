"""Phones over loopback, for real: connect, stream what was sent, fall silent, break, come back."""

from __future__ import annotations

import json
import socket
import threading
import time

import numpy as np
import pytest
from click.testing import CliRunner
from heard import until, watch
from virtual.phones import (
    ACCELEROMETER,
    SensorServerPhone,
    free_port,
    logger_phone,
    post,
    pushed_body,
    resting,
    udp_phone,
)

from pskd.cli.devices import command
from pskd.devices import engine as engine_room
from pskd.devices.drivers import sensorserver
from pskd.devices.engine import DeviceEngine
from pskd.errors import PskdError, WrongUse
from pskd.types import LinkState


def test_a_served_watch_gives_every_sample_with_its_own_clock(engine: DeviceEngine) -> None:
    with SensorServerPhone(rate_hz=100.0) as phone:
        handle, heard = watch(engine, f"ws:127.0.0.1:{phone.port}")
        assert handle.capabilities.streams[0].rate_hz == pytest.approx(100.0, rel=0.02)
        until(lambda: len(heard.blocks) > 100)
        handle.close()
    device_s = np.concatenate([block.device_s for block in heard.blocks if block.device_s is not None])
    np.testing.assert_allclose(np.diff(device_s), 0.01, atol=1e-6)
    known = np.array([resting(number) for number in range(400)], np.float32)
    where = int(np.flatnonzero(np.isclose(known[:, 0], heard.blocks[0].values[0, 0], atol=1e-5))[0])
    sent = known[where : where + len(heard.blocks)]
    np.testing.assert_allclose(np.concatenate([block.values for block in heard.blocks])[: len(sent)], sent, atol=1e-5)


def test_an_address_copied_from_the_app_works(engine: DeviceEngine) -> None:
    with SensorServerPhone() as phone:
        copied = f"ws://127.0.0.1:{phone.port}/sensor/connect?type={ACCELEROMETER}"
        handle, heard = watch(engine, copied)
        until(lambda: heard.blocks)
        handle.close()


def test_a_phone_that_goes_and_comes_back_streams_again_without_a_sample_twice(
    engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_room, "BACK_OFF_S", (0.2,))
    with SensorServerPhone() as phone:
        handle, heard = watch(engine, f"ws:127.0.0.1:{phone.port}?rate=50")
        until(lambda: len(heard.blocks) > 5)
        phone.drop()
        until(lambda: LinkState.LOST in heard.links)
        count = len(heard.blocks)
        until(lambda: len(heard.blocks) > count + 5)
        handle.close()
    text = next(text for state, text in heard.states if state is LinkState.LOST)
    assert text.startswith("The connection to the phone broke.")
    device_s = np.concatenate([block.device_s for block in heard.blocks if block.device_s is not None])
    assert (np.diff(device_s) > 0).all()


def test_a_silent_phone_is_stalled_then_connected_anew(engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_room, "BACK_OFF_S", (0.1,))
    monkeypatch.setattr(engine_room, "STALL_S", 0.5)
    monkeypatch.setattr(sensorserver, "SILENT_S", 1.0)
    with SensorServerPhone() as phone:
        handle, heard = watch(engine, f"ws:127.0.0.1:{phone.port}?rate=50")
        until(lambda: len(heard.blocks) > 5)
        phone.paused.set()
        until(lambda: any("sends nothing" in text for _, text in heard.states))
        phone.paused.clear()
        count = len(heard.blocks)
        until(lambda: len(heard.blocks) > count)
        handle.close()
    assert heard.links.index(LinkState.STALLED) < heard.links.index(LinkState.LOST)


def test_what_the_phone_should_not_send_is_counted(engine: DeviceEngine) -> None:
    with SensorServerPhone() as phone:
        handle, heard = watch(engine, f"ws:127.0.0.1:{phone.port}?rate=50")
        until(lambda: heard.blocks)
        phone.extra += ["", "[]", '{"values":[1],"timestamp":1}', b"\xff\x00", '{"values":[1e99,0,0],"timestamp":1}']
        until(lambda: handle._driver.malformed == 5)
        count = len(heard.blocks)
        until(lambda: len(heard.blocks) > count)
        handle.close()
    assert LinkState.LOST not in heard.links


def test_no_phone_and_no_sensor_are_said_plainly(engine: DeviceEngine) -> None:
    handle, _ = watch(engine, f"ws:127.0.0.1:{free_port()}?find_s=0.2")
    with pytest.raises(PskdError, match="No SensorServer answers at 127"):
        handle.wait_ready(5)
    with SensorServerPhone(sensors=(ACCELEROMETER,)) as phone:
        handle, _ = watch(engine, f"ws:127.0.0.1:{phone.port}?gyroscope=1")
        with pytest.raises(PskdError, match="no such sensor"):
            handle.wait_ready(5)
    with pytest.raises(WrongUse, match="no acceleration"):
        watch(engine, "ws:127.0.0.1?type=android.sensor.light")


def test_a_port_that_is_no_websocket_is_said(engine: DeviceEngine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        handle, _ = watch(engine, f"ws:127.0.0.1:{mute.getsockname()[1]}?find_s=0.3")
        with pytest.raises(PskdError, match="No SensorServer answers"):
            handle.wait_ready(8)


def test_an_answer_cannot_send_it_elsewhere(engine: DeviceEngine) -> None:
    with SensorServerPhone() as other, socket.create_server(("127.0.0.1", 0)) as here:
        port = here.getsockname()[1]
        answer = f"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:{other.port}/sensor/connect\r\n\r\n".encode()

        def redirect() -> None:
            guest, _ = here.accept()
            with guest:
                guest.recv(4096)
                guest.sendall(answer)

        thread = threading.Thread(target=redirect)
        thread.start()
        handle, _ = watch(engine, f"ws:127.0.0.1:{port}?find_s=0.3")
        with pytest.raises(PskdError, match="No SensorServer answers"):
            handle.wait_ready(8)
        thread.join()
        assert other.sent == 0


def test_batches_that_come_twice_or_late_give_each_sample_once(engine: DeviceEngine) -> None:
    port = free_port()
    handle, heard = watch(engine, f"http:{port}")
    until(lambda: "Waiting" in handle.state_text)
    bodies = [json.dumps(pushed_body(range(n, n + 60))).encode() for n in range(0, 360, 60)]
    for number in (0, 0, 1, 2, 2, 4, 3, 5):
        assert post(port, bodies[number])[0] == 200
        if number == 0:
            until(lambda: handle.state is LinkState.STREAMING)
    until(lambda: sum(len(block.values) for block in heard.blocks) >= 240)
    handle.close()
    device_s = np.concatenate([block.device_s for block in heard.blocks if block.device_s is not None])
    assert (np.diff(device_s) > 0).all()
    assert len(device_s) in (240, 300)  # the second copy of the first batch may have come while it was measured


def test_a_phone_whose_clock_is_set_back_begins_anew(engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_room, "BACK_OFF_S", (0.1,))
    port = free_port()
    handle, heard = watch(engine, f"http:{port}")
    until(lambda: "Waiting" in handle.state_text)
    for number in range(2):
        post(port, json.dumps(pushed_body(range(number * 60, number * 60 + 60))).encode())
        until(lambda: handle.state is LinkState.STREAMING)
    until(lambda: heard.blocks)
    post(port, json.dumps(pushed_body(range(60), start_s=1.6e9)).encode())
    until(lambda: any("set back" in text for _, text in heard.states))
    with logger_phone(port):
        count = len(heard.blocks)
        until(lambda: len(heard.blocks) > count)
        handle.close()


def test_lines_need_their_token(engine: DeviceEngine) -> None:
    port = free_port()
    handle, heard = watch(engine, f"udp:{port}?token=12345678&rate=50")
    with udp_phone(port):
        time.sleep(0.3)
        assert handle.state is LinkState.SCANNING
        assert handle._driver.gate.refused > 0
    with udp_phone(port, head="token=12345678\n"):
        until(lambda: heard.blocks)
        handle.close()


def test_hostile_datagrams_do_no_harm(engine: DeviceEngine) -> None:
    port = free_port()
    handle, heard = watch(engine, f"udp:{port}?rate=50")
    with udp_phone(port), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        until(lambda: heard.blocks)
        for datagram in (b"", b"\xff" * 2000, b"[" * 9000, b"1,2", b"nan,nan,nan,nan", b"1e308,1,1,1", b"{" * 500):
            stranger.sendto(datagram, ("127.0.0.1", port))
        count = len(heard.blocks)
        until(lambda: len(heard.blocks) > count + 5)
        handle.close()
    assert LinkState.LOST not in heard.links


def test_the_command_line_streams_a_phone_and_hides_the_token() -> None:
    port = free_port()
    with udp_phone(port, head="token=12345678\n"):
        done = CliRunner().invoke(command, ["stream", f"udp:{port}?token=12345678", "--seconds", "1", "--json"])
    facts = json.loads(done.stdout)
    assert facts["uri"] == f"udp:{port}?token=***"
    assert facts["gaps"] == 0
    assert abs(facts["rate_hz"] - 50) < 5
    assert "12345678" not in done.output
