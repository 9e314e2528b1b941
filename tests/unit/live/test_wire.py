from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd import events
from pskd.errors import PskdError
from pskd.live.wire import pack_block, pack_prediction, unpack_block, unpack_prediction
from pskd.types import Prediction, SampleBlock


def over_the_line(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    event = events.decode(events.encode(kind, **fields))
    assert event is not None
    return event


@settings(deadline=None)
@given(st.integers(0, 40), st.booleans(), st.integers(0, 1000))
def test_a_block_arrives_bit_by_bit_as_it_was_sent(count: int, device: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(size=(count, 3)).astype(np.float32)
    block = SampleBlock("watch", 12.345, values, random.random(count) if device else None)
    found, device_s, arrival_s = unpack_block(over_the_line("block", pack_block(block)))
    assert found.tobytes() == values.tobytes() and arrival_s == 12.345
    assert (device_s is None) == (not device)
    assert device_s is None or block.device_s is None or device_s.tolist() == block.device_s.tolist()


def test_a_prediction_arrives_as_it_was_sent_with_the_way_counted() -> None:
    sent = Prediction(1.0, "walk", 0.75, np.array([0.75, 0.25], dtype=np.float32), 2.0, 7.0)
    found = unpack_prediction(over_the_line("prediction", pack_prediction(sent, arrival_s=1.0)), received_s=1.5)
    assert (found.t_s, found.label, found.confidence, found.signal_s) == (1.0, "walk", 0.75, 7.0)
    assert found.probabilities.tolist() == [0.75, 0.25]
    assert found.latency_ms == pytest.approx(500.0)


GOOD = over_the_line("block", pack_block(SampleBlock("watch", 1.0, np.zeros((2, 3), np.float32), np.zeros(2))))


@pytest.mark.parametrize(
    "change",
    [
        {"values": None}, {"values": "!!"}, {"values": "AAAA"}, {"values": 3}, {"device_s": "AAAA"},
        {"device_s": [1, 2]}, {"arrival_s": "late"}, {"arrival_s": None}, {"device_s": ""},
    ],
)  # fmt: skip
def test_a_damaged_block_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(PskdError):
        unpack_block({**GOOD, **change})


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["t_s", "label", "confidence", "probabilities", "arrival_s"]), st.text()))
def test_a_damaged_prediction_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(PskdError):
        unpack_prediction(dict(fields), 0.0)
