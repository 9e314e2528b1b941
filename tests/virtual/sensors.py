"""A virtual device for each driver, written from the protocol's description, not from the driver."""

from __future__ import annotations

import base64
import struct
from typing import Any, ClassVar

import numpy as np
from bumble.core import UUID
from bumble.gatt import Service

from pskd.clock import now_s
from pskd.types import GRAVITY_MPS2
from virtual.sensor import COMMAND, INDICATE, NOTIFY, READ, WRITE, Sensor, counts, int16


class InfiniTime(Sensor):
    name = "InfiniTime"
    service = "00030000-78fc-48fe-8e23-433b3a1942d0"
    data = "00030002-78fc-48fe-8e23-433b3a1942d0"
    rate_hz = 10.0

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return int16(counts(acceleration, 1024, -2048, 2047))


class Osd(Sensor):
    name = "Bangle OSD"
    service = advertise = "000085e9-0000-1000-8000-00805f9b34fb"
    data = "000085e9-0001-1000-8000-00805f9b34fb"
    rate_hz, packet = 25.0, 3
    form: ClassVar[int] = 3

    def characteristics(self) -> list:
        return [
            *super().characteristics(),
            self.value("000085e9-0002-1000-8000-00805f9b34fb", READ, lambda: b"\x4d"),
            self.value("000085e9-0005-1000-8000-00805f9b34fb", READ, lambda: bytes([self.form])),
        ]

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return int16(counts(acceleration, 1000))


class Polar(Sensor):
    """A Verity Sense: compressed frames, a gyroscope, and no start where packets are small."""

    name = "Polar Sense 1234ABCD"
    service = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
    data = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
    control: ClassVar[str] = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
    rate_hz, packet = 52.0, 13
    started = False
    per_count_g: ClassVar[float] = 2.44e-4
    per_count_dps: ClassVar[float] = 0.07
    offer: ClassVar[bytes] = bytes.fromhex("0001 3400 0101 1000 0201 0800 0401 03")
    offer_turning: ClassVar[bytes] = bytes.fromhex("0001 3400 0101 1000 0201 D007 0401 03")
    features: ClassVar[bytes] = b"\x0f\x24" + bytes(15)
    raw: ClassVar[bool] = False
    turns = False

    def characteristics(self) -> list:
        features = self.features
        return [
            self.value(self.control, READ | WRITE | INDICATE, lambda: features),
            self.value(self.data, NOTIFY),
        ]

    def written(self, uuid: str, value: bytes) -> None:
        status, more, turning = 0, b"", value[1] == 5
        if value[0] == 1:
            more = self.offer_turning if turning else self.offer
        elif value[0] == 2:
            status = 10 if self.connection.att_mtu < 232 else 6 if (self.turns if turning else self.streaming) else 0
            if not status:
                scale = self.per_count_dps if turning else self.per_count_g
                more = b"" if self.raw else b"\x05\x01" + struct.pack("<f", scale)
        if value[0] in (2, 3) and not status:
            if turning:
                self.turns = value[0] == 2
            else:
                self.streaming = value[0] == 2
        self.say(self.control, bytes((0xF0, value[0], value[1], status)) + (b"" if status else b"\0" + more))

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        head = b"\x02" + int(device_s[-1] * 1e9).to_bytes(8, "little")
        if self.raw:
            return head + b"\x01" + int16(counts(acceleration, 1000))
        return head + b"\x80" + self.compressed(counts(acceleration, 1 / self.per_count_g))

    def also(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> tuple[str, bytes] | None:
        if not self.turns:
            return None
        head = b"\x05" + int(device_s[-1] * 1e9).to_bytes(8, "little") + b"\x80"
        return self.data, head + self.compressed(np.round(turning / self.per_count_dps))

    @staticmethod
    def compressed(values: Any) -> bytes:
        whole = values.astype(int)
        steps = np.diff(whole, axis=0).ravel().tolist()
        bits = max(step.bit_length() + 1 for step in [*steps, *(-step for step in steps), 1])
        packed = sum((step & ((1 << bits) - 1)) << (place * bits) for place, step in enumerate(steps))
        block = bytes((bits, len(whole) - 1)) + packed.to_bytes(-(-len(steps) * bits // 8), "little")
        return int16(whole[:1]) + block


class PolarH10(Polar):
    name = "Polar H10 5678"
    rate_hz = 50.0
    packet = 18
    raw = True
    features = b"\x0f\x05" + bytes(15)
    offer = bytes.fromhex("0004 1900 3200 6400 C800 0101 1000 0203 0200 0400 0800")


class Bangle(Sensor):
    """Runs no JavaScript: once the whole script has come, it sends what the script would."""

    name = "Bangle.js 1f2e"
    service = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
    data = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
    rate_hz, packet = 25.0, 4
    started = False
    per_g: ClassVar[int] = 4000

    def characteristics(self) -> list:
        return [self.value("6e400002-b5a3-f393-e0a9-e50e24dcca9e", WRITE | COMMAND), self.value(self.data, NOTIFY)]

    def written(self, uuid: str, value: bytes) -> None:
        text = b"".join(self.writes)
        if len(self.writes) == 2:  # its buffer is full for a moment
            self.spawn(self.notify(b"\x13"))
            asyncio_later(self, b"\x11")
        if text.endswith(b"reset();\n"):
            self.streaming = False
            self.writes.clear()
        elif text.endswith(b"})()\n"):
            self.streaming = True

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        head = struct.pack("<HI", number % 65536, round(device_s[-1] * 1000) % 2**32)
        body = int16(counts(acceleration, self.per_g)) + self.turning(turning)
        return b"A" + base64.b64encode(head + body) + b"\r\n"

    def turning(self, turning: Any) -> bytes:
        return b""

    def parts(self, packet: bytes) -> list[bytes]:
        return [packet[place : place + 20] for place in range(0, len(packet), 20)]


def asyncio_later(sensor: Sensor, packet: bytes) -> None:
    """Say something a moment later."""
    import asyncio

    async def later() -> None:
        await asyncio.sleep(0.05)
        await sensor.notify(packet)

    sensor.spawn(later())


class Puck(Bangle):
    name = "Puck.js a1b2"
    rate_hz = 52.0
    per_g = 8192

    def turning(self, turning: Any) -> bytes:
        return int16(np.round(np.clip(turning, -244, 244) * 134)) if b"d.gyro" in b"".join(self.writes) else b""


class MicroBit(Sensor):
    name = "BBC micro:bit [zavug]"
    service = "e95d0753-251d-470a-a062-fa1922dfa9a8"
    data = "e95dca4b-251d-470a-a062-fa1922dfa9a8"

    def characteristics(self) -> list:
        return [*super().characteristics(), self.value("e95dfb24-251d-470a-a062-fa1922dfa9a8", READ | WRITE)]

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return int16(counts(acceleration, 1000))


class Movesense(Sensor):
    name = "Movesense 2111300"
    service = "34802252-7185-4d5d-b431-630e7050e8f0"
    data = "34800002-7185-4d5d-b431-630e7050e8f0"
    rate_hz, packet = 52.0, 4
    started = False
    reference = turning_reference = 0

    def characteristics(self) -> list:
        return [self.value("34800001-7185-4d5d-b431-630e7050e8f0", WRITE), self.value(self.data, NOTIFY)]

    def written(self, uuid: str, value: bytes) -> None:
        if value[0] == 1 and value[2:] == b"/Meas/Acc/52\0":
            self.reference, self.streaming = value[1], True
        elif value[0] == 1 and value[2:] == b"/Meas/Gyro/52\0":
            self.turning_reference = value[1]
        elif value[0] == 2 and value[1] == self.reference:
            self.streaming = False
        elif value[0] == 2:
            self.turning_reference = 0
        self.spawn(self.notify(bytes((1, value[1])) + struct.pack("<H", 200)))

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return self.packed(self.reference, device_s, acceleration)

    def also(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> tuple[str, bytes] | None:
        if not self.turning_reference:
            return None
        return self.data, self.packed(self.turning_reference, device_s, turning)

    @staticmethod
    def packed(reference: int, device_s: Any, values: Any) -> bytes:
        stamp = struct.pack("<I", round(device_s[0] * 1000) % 2**32)
        return bytes((2, reference)) + stamp + values.astype("<f4").tobytes()


class MetaWear(Sensor):
    name = "MetaWear"
    service = advertise = "326a9000-85cb-9195-d9dd-464cfbbae75a"
    data = "326a9006-85cb-9195-d9dd-464cfbbae75a"
    started = turns = False

    def characteristics(self) -> list:
        command = self.value("326a9001-85cb-9195-d9dd-464cfbbae75a", WRITE | COMMAND)
        return [command, self.value(self.data, NOTIFY)]

    def written(self, uuid: str, value: bytes) -> None:
        if value == b"\x03\x80":
            self.spawn(self.notify(b"\x03\x80\x01\x00"))
        if value == b"\x13\x80":
            self.spawn(self.notify(b"\x13\x80\x00\x01"))
        if value in (b"\x13\x01\x01", b"\x13\x01\x00"):
            self.turns = value[2] == 1
        if value in (b"\x03\x01\x01", b"\x03\x01\x00"):
            self.streaming = value[2] == 1

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return b"\x03\x04" + int16(counts(acceleration, 4096))

    def also(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> tuple[str, bytes] | None:
        return (self.data, b"\x13\x05" + int16(np.round(turning * 16.4))) if self.turns else None


class WitMotion(Sensor):
    name = "WT901BLE68"
    service = "0000ffe5-0000-1000-8000-00805f9a34fb"
    data = "0000ffe4-0000-1000-8000-00805f9a34fb"
    packet = 2

    def characteristics(self) -> list:
        return [self.value(self.data, NOTIFY), self.value("0000ffe9-0000-1000-8000-00805f9a34fb", COMMAND)]

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        rows = zip(counts(acceleration, 2048), turning / 2000 * 32768, strict=True)
        return b"".join(b"\x55\x61" + int16(*row, np.zeros(3)) for row in rows)


class Thingy(Sensor):
    name = "Thingy"
    service = "ef680400-9b35-4933-9b10-52ffa9740042"
    data = "ef680406-9b35-4933-9b10-52ffa9740042"

    def characteristics(self) -> list:
        config = struct.pack("<4HB", 100, 500, 500, 50, 1)
        return [
            self.value(self.data, NOTIFY),
            self.value("ef680401-9b35-4933-9b10-52ffa9740042", READ | WRITE, lambda: config),
        ]

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return int16(counts(acceleration, 1024), turning * 32, np.zeros((1, 3)))


class SensorTag(Sensor):
    name = "CC2650 SensorTag"
    service = "f000aa80-0451-4000-b000-000000000000"
    data = "f000aa81-0451-4000-b000-000000000000"
    rate_hz = 10.0
    started = False

    def characteristics(self) -> list:
        return [
            *super().characteristics(),
            self.value("f000aa82-0451-4000-b000-000000000000", READ | WRITE),
            self.value("f000aa83-0451-4000-b000-000000000000", READ | WRITE),
        ]

    def written(self, uuid: str, value: bytes) -> None:
        if "aa82" in uuid:
            self.streaming = value == b"\x3f\x02"

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return int16(turning / 250 * 32768, counts(acceleration, 4096), np.zeros((1, 3)))


class OldSensorTag(Sensor):
    name = "SensorTag"
    service = "f000aa10-0451-4000-b000-000000000000"
    data = "f000aa11-0451-4000-b000-000000000000"
    rate_hz = 10.0

    def characteristics(self) -> list:
        return [
            *super().characteristics(),
            self.value("f000aa12-0451-4000-b000-000000000000", READ | WRITE),
            self.value("f000aa13-0451-4000-b000-000000000000", READ | WRITE),
        ]

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return counts(acceleration, 64, -128, 127).astype("i1").tobytes()


class Journal(Sensor):
    name = "BLESense-1A2B"
    service = "555a0002-0000-467a-9538-01f0652c74e8"
    data = "555a0002-0011-467a-9538-01f0652c74e8"
    turning: ClassVar[str] = "555a0002-0012-467a-9538-01f0652c74e8"

    def characteristics(self) -> list:
        return [self.value(self.data, NOTIFY), self.value(self.turning, NOTIFY)]

    def also(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> tuple[str, bytes] | None:
        return self.turning, turning.astype("<f4").tobytes()

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return (acceleration / GRAVITY_MPS2).astype("<f4").tobytes()


class Clue(Sensor):
    """Its gyroscope is a service of its own, with a period of its own."""

    name = "CLUE"
    turning: ClassVar[str] = "adaf0401-c332-42a8-93bd-25e905756cb8"
    service = "adaf0200-c332-42a8-93bd-25e905756cb8"
    data = "adaf0201-c332-42a8-93bd-25e905756cb8"

    def characteristics(self) -> list:
        return [*super().characteristics(), self.value("adaf0001-c332-42a8-93bd-25e905756cb8", READ | WRITE)]

    def more_services(self) -> list[Service]:
        period = self.value("adaf0001-c332-42a8-93bd-25e905756cb8", READ | WRITE)
        gyroscope = self.value(self.turning, READ | NOTIFY, lambda: bytes(12))
        return [Service(UUID("adaf0400-c332-42a8-93bd-25e905756cb8"), [gyroscope, period])]

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return acceleration.astype("<f4").tobytes()

    def also(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> tuple[str, bytes] | None:
        return self.turning, np.deg2rad(turning).astype("<f4").tobytes()


class Companion(Sensor):
    """A watch with a gyroscope, unless ``form`` says otherwise."""

    name = "Watch"
    form: ClassVar[int] = 2
    service = advertise = "5ff60000-b1e9-4b34-99d7-987499f5c42f"
    data = "5ff60002-b1e9-4b34-99d7-987499f5c42f"
    packet = 5
    started = False

    def characteristics(self) -> list:
        info = struct.pack("<BBHHBB", 1, self.form, 5000, 8000, 1, 0) + b"virtual"
        return [
            self.value("5ff60001-b1e9-4b34-99d7-987499f5c42f", READ, lambda: info),
            self.value(self.data, NOTIFY),
            self.value("5ff60003-b1e9-4b34-99d7-987499f5c42f", WRITE | NOTIFY),
        ]

    def written(self, uuid: str, value: bytes) -> None:
        if value[0] == 0x10:
            clock_us = round((self.watch.offset_s + now_s() * (1 + self.watch.drift_ppm * 1e-6)) * 1e6)
            pong = value + struct.pack("<Q", clock_us + (7 << 32))
            control = self.values["5ff60003-b1e9-4b34-99d7-987499f5c42f"]
            self.spawn(self.device.notify_subscriber(self.connection, control, pong))
        else:
            self.streaming = value[0] == 1

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        stamp_us = round(device_s[-1] * 1e6) % 2**32
        six = self.form == 2
        body = int16(counts(acceleration, 1000), *([np.round(turning * 16)] if six else []))
        return struct.pack("<BBHIH", 1, 4 * six, number % 65536, stamp_us, 20000) + body


class Sketch(Sensor):
    """Somebody's own: int16 in hundredths of m/s^2."""

    name = "my sketch"
    service = "12345678-1234-5678-1234-56789abcdef0"
    data = "12345678-1234-5678-1234-56789abcdef1"

    def encode(self, number: int, acceleration: Any, turning: Any, device_s: Any) -> bytes:
        return int16(np.round(acceleration * 100))


# driver -> its virtual device, and options for the address
SENSORS: dict[str, tuple[type[Sensor], str]] = {
    "adafruit": (Clue, ""),
    "arduino": (Journal, "rate=50"),
    "bangle": (Bangle, ""),
    "companion": (Companion, ""),
    "generic": (Sketch, f"service={Sketch.service}&characteristic={Sketch.data}&per=100&unit=m/s2"),
    "infinitime": (InfiniTime, ""),
    "metawear": (MetaWear, ""),
    "microbit": (MicroBit, ""),
    "movesense": (Movesense, ""),
    "osd": (Osd, ""),
    "polar": (Polar, ""),
    "puck": (Puck, ""),
    "sensortag": (SensorTag, ""),
    "sensortag2541": (OldSensorTag, ""),
    "thingy52": (Thingy, ""),
    "witmotion": (WitMotion, ""),
}
