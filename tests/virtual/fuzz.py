"""Packets that no device sends, through a decoder: noise, and sound packets that were changed, cut or joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pskd.devices.protocols.base import MAX_PACKET, Protocol, Samples
from pskd.types import StreamKind

CONNECTION = 500  # packets to one decoder before the next connection
_BATCH = 5000


@dataclass
class Tally:
    """What came of the packets."""

    packets: int = 0
    malformed: int = 0
    repeated: int = 0
    values: int = 0


def fuzz(make: Callable[[], Protocol], sound: list[bytes], count: int, seed: int = 0) -> Tally:
    """Feed ``count`` packets, on each characteristic that is subscribed to in turn; a new decoder now and then.

    Raises:
        AssertionError: what came out is no measurement, or time stood still. Whatever else the decoder raises.
    """
    tally, place = Tally(), 0
    for packets in _batches(sound, count, np.random.default_rng(seed)):
        for packet in packets:
            if place % CONNECTION == 0:
                protocol, last = make(), dict.fromkeys(StreamKind, -np.inf)
                characteristics = protocol.subscriptions()
            for samples in protocol.receive(characteristics[place % len(characteristics)], packet):
                _check(samples, last)
                tally.values += len(samples.values)
            place += 1
            if place % CONNECTION == 0 or place == count:
                tally.malformed += protocol.malformed
                tally.repeated += protocol.repeated
    tally.packets = place
    return tally


def _check(samples: Samples, last: dict[StreamKind, float]) -> None:
    values = samples.values
    assert values.dtype == np.float32
    assert values.ndim == 2
    assert values.shape[1] == 3
    assert len(values)
    assert np.isfinite(values).all()
    if samples.device_s is not None:
        assert samples.device_s.shape == (len(values),)
        assert samples.device_s[0] > last[samples.kind]
        assert (np.diff(samples.device_s) > 0).all()
        last[samples.kind] = float(samples.device_s[-1])


def _batches(sound: list[bytes], count: int, dice: np.random.Generator) -> Iterator[list[bytes]]:
    while count > 0:
        size = min(count, _BATCH)
        yield [_packet(sound, row, noise) for row, noise in zip(*_dice(size, dice), strict=True)]
        count -= size


def _dice(size: int, dice: np.random.Generator) -> tuple[list[list[int]], list[bytes]]:
    """For each packet eight whole numbers, and noise: mostly short, now and then as long as packets get, or longer."""
    lengths = np.where(dice.random(size) < 0.97, dice.integers(0, 48, size), dice.integers(0, MAX_PACKET + 40, size))
    noise, ends = dice.bytes(int(lengths.sum())), np.cumsum(lengths)
    parts = [noise[end - length : end] for length, end in zip(lengths.tolist(), ends.tolist(), strict=True)]
    return dice.integers(0, 1 << 16, (size, 8)).tolist(), parts


def _packet(sound: list[bytes], row: list[int], noise: bytes) -> bytes:
    kind, which = row[0] % 8, sound[row[1] % len(sound)]
    if kind < 2:
        return noise
    if kind < 6:
        changed = bytearray(which)
        for turn in range(kind - 1):
            changed[row[2 + turn] % len(changed)] = row[6] >> turn & 0xFF
        return bytes(changed)
    return which[: row[2] % (len(which) + 1)] if kind == 6 else which + noise[: row[2] % 32]
