"""Phones that serve or push their sensors, for real, over this computer's loopback."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import numpy as np
from websockets.asyncio.server import ServerConnection, serve

ACCELEROMETER = "android.sensor.accelerometer"
GYROSCOPE = "android.sensor.gyroscope"
BOOT_S = 3_900_000.0


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resting(number: int) -> list[float]:
    """A sample of a wrist that rests, m/s^2 with gravity."""
    wobble = np.random.default_rng(number).normal(0.0, 0.03, 3)
    return [0.31 + wobble[0], -0.97 + wobble[1], 9.74 + wobble[2]]


class SensorServerPhone:
    """The app SensorServer: serves the accelerometer and the gyroscope over WebSocket.

    Args:
        rate_hz: samples a second.
        sensors: those that the device has.
        port: where; any free one by default.
        stamps_sending: samples carry when they were sent, not when they were due.

    Attributes:
        port: where.
        sent: messages sent so far.
        paused: while set, nothing is sent though the connection stands.
    """

    def __init__(
        self,
        rate_hz: float = 50.0,
        sensors: tuple[str, ...] = (ACCELEROMETER, GYROSCOPE),
        *,
        port: int = 0,
        stamps_sending: bool = False,
    ) -> None:
        self.port = port or free_port()
        self.rate_hz = rate_hz
        self.sensors = sensors
        self._stamps_sending = stamps_sending
        self.sent = 0
        self.paused = threading.Event()
        self.extra: list[str | bytes] = []
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._end: asyncio.Event | None = None
        self._guests: set[ServerConnection] = set()

    def __enter__(self) -> SensorServerPhone:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve(ready)))
        self._thread.start()
        assert ready.wait(5)
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
        self._loop.close()

    def stop(self) -> None:
        """The server is stopped in the app."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(lambda: self._end and self._end.set())
            self._thread.join(5)
            self._thread = None

    def drop(self) -> None:
        """The radio is gone: connections end without a word."""
        self._loop.call_soon_threadsafe(lambda: [guest.transport.abort() for guest in self._guests])

    async def _serve(self, ready: threading.Event) -> None:
        self._end = asyncio.Event()
        async with serve(self._welcome, "127.0.0.1", self.port, compression=None):
            ready.set()
            await self._end.wait()
            for guest in list(self._guests):
                await guest.close(4004, "Server stopped")

    async def _welcome(self, guest: ServerConnection) -> None:
        request = guest.request
        assert request is not None
        where, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
        several = where == "/sensors/connect"
        if where not in ("/sensor/connect", "/sensors/connect"):
            await guest.close(4002, "unsupported request")
            return
        types = json.loads(query["types"][0]) if several else query.get("type", [])
        if not set(types) <= set(self.sensors):
            await guest.close(4001, "Sensor not found")
            return
        self._guests.add(guest)
        with contextlib.suppress(Exception):
            await self._stream(guest, types, several)
        self._guests.discard(guest)

    async def _stream(self, guest: ServerConnection, types: list[str], several: bool) -> None:
        start_s, number = time.perf_counter(), 0
        while True:
            await asyncio.sleep(max(start_s + number / self.rate_hz - time.perf_counter(), 0))
            for kind in types:
                if not self.paused.is_set():
                    await guest.send(self._message(kind, start_s + number / self.rate_hz, number, several))
                    self.sent += 1
            while self.extra:
                await guest.send(self.extra.pop())
            number += 1

    def _message(self, kind: str, t_s: float, number: int, several: bool) -> str:
        t_s = time.perf_counter() if self._stamps_sending else t_s
        values = [0.1, -0.2, 0.5] if kind == GYROSCOPE else resting(number)
        content = {"values": values, "timestamp": int((BOOT_S + t_s) * 1e9), "accuracy": 3}
        return json.dumps({**content, "type": kind} if several else content)


class Pusher:
    """Something that sends to a port, again and again, whether anybody listens or not.

    Args:
        send: given the number of the first sample and how many there are, sends them.
        rate_hz: samples a second.
        batch: samples sent at once.
    """

    def __init__(self, send: Callable[[int, int], None], rate_hz: float = 50.0, batch: int = 10) -> None:
        self._send, self._rate_hz, self._batch = send, rate_hz, batch
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Pusher:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._end.set()
        self._thread.join(5)

    def _run(self) -> None:
        start_s, number = time.perf_counter(), 0
        while not self._end.wait(max(start_s + (number + self._batch) / self._rate_hz - time.perf_counter(), 0)):
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._send(number, self._batch)
            number += self._batch


def pushed_body(numbers: range, rate_hz: float = 50.0, device: str = "phone", start_s: float = 1.7e9) -> dict:
    """A body of Sensor Logger with a wrist's motion, units standardised."""
    payload = [
        {
            "name": "wrist motion",
            "time": round((start_s + number / rate_hz) * 1e9),
            "values": {
                **dict(zip(("accelerationX", "accelerationY", "accelerationZ"), (0.01, 0.02, 0.0), strict=True)),
                **dict(zip(("gravityX", "gravityY", "gravityZ"), resting(number), strict=True)),
                **dict(zip(("rotationRateX", "rotationRateY", "rotationRateZ"), (0.1, -0.2, 0.5), strict=True)),
            },
        }
        for number in numbers
    ]
    return {"messageId": numbers.start, "sessionId": "one", "deviceId": device, "payload": payload}


def post(port: int, body: bytes, headers: dict[str, str] | None = None, path: str = "/data") -> tuple[int, dict]:
    """One POST; status and answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def logger_phone(port: int, rate_hz: float = 50.0) -> Pusher:
    """The app Sensor Logger with HTTP Push, five batches a second."""

    def send(first: int, count: int) -> None:
        post(port, json.dumps(pushed_body(range(first, first + count), rate_hz)).encode())

    return Pusher(send, rate_hz)


def udp_phone(port: int, rate_hz: float = 50.0, head: str = "") -> Pusher:
    """An app that sends a line a sample, seconds since 1970 first."""

    def send(first: int, count: int) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for number in range(first, first + count):
                cells = [1.7e9 + number / rate_hz, *resting(number)]
                out.sendto((head + ",".join(f"{cell:.6f}" for cell in cells)).encode(), ("127.0.0.1", port))

    return Pusher(send, rate_hz, batch=1)
