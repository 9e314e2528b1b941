"""The door keeper: where it listens, whom it lets in, and how it treats strangers. All on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import logging
import socket

import pytest
from heard import until
from virtual.phones import free_port, post, pushed_body

from pskd.devices.engine import DeviceEngine, DeviceHandle
from pskd.devices.listen import gate, http
from pskd.devices.listen.gate import Gate, Place
from pskd.devices.listen.http import HttpListener
from pskd.errors import PskdError, WrongUse
from pskd.types import SampleBlock
from pskd.uri import shown

SECRET = "correct horse"
BODY = json.dumps(pushed_body(range(60))).encode()


@pytest.mark.parametrize(
    ("path", "host", "port", "local"),
    [
        ("8000", "127.0.0.1", 8000, True),
        ("localhost:8000", "127.0.0.1", 8000, True),
        ("0.0.0.0:8000", "0.0.0.0", 8000, False),
        ("[::1]:8000", "::1", 8000, True),
        ("//192.168.1.5:8000/", "192.168.1.5", 8000, False),
    ],
)
def test_a_place_is_this_computer_only_unless_said_otherwise(path: str, host: str, port: int, local: bool) -> None:
    place = Place.parse("http", path)
    assert (place.host, place.port, place.local) == (host, port, local)


def test_all_addresses_are_shown_as_one_that_can_be_typed() -> None:
    assert Place("127.0.0.1", 80).typed() == "127.0.0.1:80"
    host, _, port = Place("0.0.0.0", 80).typed().rpartition(":")
    assert ipaddress.ip_address(host).version == 4
    assert port == "80"


@pytest.mark.parametrize("path", ["", "host", "example.org:80", "1.2.3.4", "99999", "-1", "1.2.3.4.5:80", "٣"])
def test_what_is_no_place_is_refused(path: str) -> None:
    with pytest.raises(WrongUse, match="no place"):
        Place.parse("http", path)


@pytest.mark.parametrize("scheme", ["http", "udp"])
@pytest.mark.parametrize("options", ["", "?token=short"])
def test_others_are_only_let_in_with_a_token(scheme: str, options: str) -> None:
    with DeviceEngine() as engine, pytest.raises(WrongUse, match="token"):
        engine.open(f"{scheme}:0.0.0.0:8000{options}", lambda block: None, lambda state, text: None)


def test_a_token_is_neither_shown_nor_stored() -> None:
    assert shown("http:0.0.0.0:8000?token=secret&name=a") == "http:0.0.0.0:8000?token=***&name=a"
    assert shown("sim:squat?seed=3") == "sim:squat?seed=3"


def test_a_second_sender_waits_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Gate(Place("127.0.0.1", 1), "")
    assert door.admit("one")
    assert not door.admit("two")
    monkeypatch.setattr(gate, "ABSENT_S", 0.0)
    with pytest.raises(PskdError, match="Another phone"):
        door.admit("two")
    assert door.admit("two")


def test_complaints_are_counted_but_do_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    door = Gate(Place("127.0.0.1", 1), "")
    with caplog.at_level(logging.WARNING):
        for _ in range(100):
            door.complain("refused.")
    assert door.refused == 100
    assert len(caplog.records) == 1


class Opened:
    """A listening device and what came from it."""

    def __init__(self, engine: DeviceEngine, options: str = "") -> None:
        self.port = free_port()
        self.blocks: list[SampleBlock] = []
        self.texts: list[str] = []
        self.handle: DeviceHandle = engine.open(
            f"http:{self.port}{options}", self.blocks.append, lambda state, text: self.texts.append(text)
        )
        until(lambda: "Waiting" in self.handle.state_text)


def test_a_wrong_token_is_refused_and_a_right_one_taken_in_both_places(
    engine: DeviceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "WRONG_S", 0.05)
    opened = Opened(engine, f"?token={SECRET}")
    assert post(opened.port, BODY)[0] == 401
    assert post(opened.port, BODY, {"Authorization": "Bearer wrong"})[0] == 401
    assert post(opened.port, BODY, path="/?token=correct")[0] == 401
    assert post(opened.port, BODY, {"Authorization": f"Bearer {SECRET}"}) == (200, {"samples": 60})
    assert post(opened.port, BODY, path="/?token=correct%20horse") == (200, {"samples": 60})
    assert opened.handle.capabilities.streams[0].rate_hz == pytest.approx(50.0)
    assert SECRET not in opened.handle.capabilities.streams[0].source


def test_the_name_that_a_phone_gives_itself_is_fit_to_be_shown(engine: DeviceEngine) -> None:
    opened = Opened(engine)
    assert post(opened.port, json.dumps(pushed_body(range(60), device="\x1b[2J" + "x" * 10_000)).encode())[0] == 200
    until(lambda: any("first samples" in text for text in opened.texts))
    (said,) = [text for text in opened.texts if "first samples" in text]
    assert said == f"The first samples came from [2J{'x' * 37}."


def test_web_pages_may_not_send_where_there_is_no_token(engine: DeviceEngine) -> None:
    opened = Opened(engine)
    assert post(opened.port, BODY, {"Origin": "http://example.org"})[0] == 403


def test_another_phone_is_told_that_one_sends_already(engine: DeviceEngine) -> None:
    opened = Opened(engine)
    assert post(opened.port, BODY)[0] == 200
    status, said = post(opened.port, json.dumps(pushed_body(range(60), device="other")).encode())
    assert (status, said["error"]) == (409, "Another phone sends already.")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"405"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nnot", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}", b"100"),
        (b"POST / HTTP/1.1\r\nContent-Length: 30\r\n\r\nonly this", b""),
        (b"", b""),
    ],
)
def test_strangers_get_a_short_answer_and_do_no_harm(engine: DeviceEngine, sent: bytes, status: bytes) -> None:
    opened = Opened(engine)
    with socket.create_connection(("127.0.0.1", opened.port), 5) as stranger:
        stranger.sendall(sent)
        stranger.shutdown(socket.SHUT_WR)
        answer = b""
        while len(answer) < 12 and (more := stranger.recv(100)):
            answer += more
    assert answer[9:12] == status
    assert post(opened.port, BODY)[0] == 200


def test_connections_are_kept_open_for_the_next_batch(engine: DeviceEngine) -> None:
    opened = Opened(engine)
    request = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
    with socket.create_connection(("127.0.0.1", opened.port), 5) as phone:
        for _ in range(3):
            phone.sendall(request)
            assert phone.recv(1000).startswith(b"HTTP/1.1 200")


def test_too_many_connections_are_closed_at_once(engine: DeviceEngine) -> None:
    opened = Opened(engine)
    guests = [socket.create_connection(("127.0.0.1", opened.port), 5) for _ in range(http.MAX_FROM_ONE + 1)]
    guests[-1].settimeout(5)
    assert guests[-1].recv(10) == b""
    opened.handle.close()
    for guest in guests:
        guest.close()


def test_a_port_that_is_taken_is_said(engine: DeviceEngine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        handle = engine.open(f"http:{port}", lambda block: None, lambda state, text: None)
        with pytest.raises(PskdError, match="Cannot listen"):
            handle.wait_ready(5)


def test_nobody_sending_is_said(engine: DeviceEngine) -> None:
    handle = engine.open(f"udp:{free_port()}?wait_s=0.2", lambda block: None, lambda state, text: None)
    with pytest.raises(PskdError, match=r"No samples came to udp://127\.0\.0\.1"):
        handle.wait_ready(5)


def test_the_port_is_free_again_after_closing(engine: DeviceEngine) -> None:
    opened = Opened(engine)
    opened.handle.close()
    with socket.create_server(("127.0.0.1", opened.port)):
        pass


@pytest.mark.parametrize("turns", range(8))
def test_a_server_that_is_cut_off_while_it_opens_lets_go_of_its_port(turns: int) -> None:
    place = Place("127.0.0.1", free_port())

    async def cut_off() -> None:
        listener = HttpListener(place, Gate(place, ""), lambda body, sender, arrival_s: 0)
        opening = asyncio.ensure_future(listener.open())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await listener.close()
        again = HttpListener(place, Gate(place, ""), lambda body, sender, arrival_s: 0)
        await again.open()
        await again.close()

    asyncio.run(cut_off())


@pytest.mark.parametrize("turns", range(6))
def test_a_guest_who_comes_while_the_server_closes_is_sent_away(turns: int) -> None:
    async def come_late() -> bytes:
        place = Place("127.0.0.1", 0)
        listener = HttpListener(place, Gate(place, ""), lambda body, sender, arrival_s: 0)
        place = await listener.open()
        with socket.create_connection((place.host, place.port), timeout=5) as guest:
            for _ in range(turns):
                await asyncio.sleep(0)
            await listener.close()
            with contextlib.suppress(ConnectionResetError):
                return await asyncio.to_thread(guest.recv, 1)
        return b""

    assert asyncio.run(come_late()) == b""
