"""One place for one shot."""

from __future__ import annotations

import threading

import numpy as np

from pskd.vision.base import Shot
from pskd.vision.slot import Slot


def shot(number: int) -> Shot:
    return Shot(float(number), number, np.zeros((1, 1, 3), np.uint8))


def taken(slot: Slot) -> int | None:
    found = slot.take(0.01)
    return None if found is None else found.number


def test_a_live_slot_keeps_only_the_newest() -> None:
    slot = Slot(live=True)
    for number in range(3):
        slot.put(shot(number))
    assert taken(slot) == 2
    assert taken(slot) is None


def test_a_waiting_slot_loses_nothing() -> None:
    slot = Slot(live=False)
    giver = threading.Thread(target=lambda: [slot.put(shot(number)) for number in range(50)] and slot.close())
    giver.start()
    found = []
    while not slot.closed:
        if (newest := slot.take(1.0)) is not None:
            found.append(newest.number)
    giver.join()
    assert found == list(range(50))


def test_closing_frees_both_sides() -> None:
    slot = Slot(live=False)
    slot.put(shot(0))
    giver = threading.Thread(target=lambda: slot.put(shot(1)))
    giver.start()
    slot.close()
    giver.join(5.0)
    assert not giver.is_alive()
    assert taken(slot) is not None
    assert slot.take(60.0) is None
    assert slot.closed
