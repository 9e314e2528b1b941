"""The virtual Polar sensors before a client of other people's making, so that ours and they are not wrong together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from bleak import BleakScanner
from virtual.air import Air
from virtual.sensors import Polar, PolarH10

from pskd.devices.protocols.polar import DATA
from pskd.devices.protocols.polar import Polar as Driver
from pskd.types import GRAVITY_MPS2, StreamKind

polar_python = pytest.importorskip("polar_python")
constants = pytest.importorskip("polar_python.constants")

FRAMES = 3
SINCE_2000_NS = 946_684_800_000_000_000


async def with_client(sensor: Polar, use: Callable[[Any], Awaitable[None]]) -> None:
    with Air(sensor).around():
        device = await BleakScanner.find_device_by_filter(lambda one, _: (one.name or "").startswith("Polar"), 5)
        async with polar_python.PolarDevice(device) as client:
            await use(client)


async def enough(frames: list) -> None:
    async with asyncio.timeout(10):
        while len(frames) < FRAMES:
            await asyncio.sleep(0.01)


def at(sent: list[np.ndarray], first: np.ndarray) -> int:
    """Where the first frame that was heard is among those sent."""
    return int(np.argmin([np.abs(values - first).max() for values in sent]))


def test_a_verity_sense_is_understood_down_to_its_counts() -> None:
    sensor, acceleration, turning = Polar(), [], []

    async def use(client: Any) -> None:
        kinds = constants.PmdMeasurementType
        assert await client.get_available_features() == [kinds.ACC, kinds.GYRO]
        settings = await client.request_stream_settings(kinds.GYRO)
        offered = {int(one.type): list(one.values) for one in settings.settings}
        assert offered == {0: [52], 1: [16], 2: [2000], 4: [3]}
        await client.start_acc_stream(acceleration.append, 52, 16, 8, 3)
        await client.start_gyro_stream(turning.append, 52, 16, 2000, 3)
        await enough(acceleration)
        await enough(turning)
        await client.stop_gyro_stream()
        await client.stop_acc_stream()

    asyncio.run(with_client(sensor, use))
    sent_mg = [values / GRAVITY_MPS2 * 1000 for values in sensor.sent]
    first = at(sent_mg, np.array(acceleration[0].data))
    for frame, values in zip(acceleration, sent_mg[first:], strict=False):
        np.testing.assert_allclose(frame.data, values, atol=1.2)  # it cuts off fractions of a milli-g
    first = at(sensor.turned, np.array(turning[0].data))
    for frame, values in zip(turning, sensor.turned[first:], strict=False):
        np.testing.assert_allclose(frame.data, values, atol=0.036)
    stamps_s = np.diff([frame.timestamp for frame in acceleration]) * 1e-9
    np.testing.assert_allclose(stamps_s, 13 / 52, atol=1e-6)
    assert not sensor.streaming
    assert not sensor.turns


def test_a_chest_strap_is_understood_without_a_gyroscope() -> None:
    sensor, frames = PolarH10(), []

    async def use(client: Any) -> None:
        assert constants.PmdMeasurementType.GYRO not in await client.get_available_features()
        await client.start_acc_stream(frames.append, 50, 16, 8)
        await enough(frames)
        await client.stop_acc_stream()

    asyncio.run(with_client(sensor, use))
    sent_mg = [np.round(values / GRAVITY_MPS2 * 1000) for values in sensor.sent]
    first = at(sent_mg, np.array(frames[0].data))
    for frame, values in zip(frames, sent_mg[first:], strict=False):
        np.testing.assert_array_equal(frame.data, values)


@pytest.mark.parametrize("kind", [2, 5])
def test_both_decoders_read_the_same_frame_alike(kind: int) -> None:
    parse = pytest.importorskip("polar_python.parsers").parse_polar_data
    sensor, ours = Polar(), Driver()
    samples = np.cumsum(np.random.default_rng(kind).integers(-300, 300, (20, 3)), axis=0)
    stamp_ns = 820_000_000_123_456_789
    frame = bytes((kind,)) + stamp_ns.to_bytes(8, "little") + b"\x80" + sensor.compressed(samples)
    theirs = parse(bytearray(frame), lambda measurement: 1.0)
    mine = ours.receive(DATA, frame)[0]
    assert mine.kind is (StreamKind.ACCELEROMETER if kind == 2 else StreamKind.GYROSCOPE)
    per_unit = 1000 / GRAVITY_MPS2 if kind == 2 else 1.0
    np.testing.assert_allclose(mine.values * per_unit, theirs.data, rtol=1e-5, atol=1e-3)
    assert mine.device_s[-1] == pytest.approx((theirs.timestamp - SINCE_2000_NS) * 1e-9, abs=1e-6)
